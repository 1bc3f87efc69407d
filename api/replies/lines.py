"""How are the lines of one request told over HTTP, side by side?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.replies.base import Reply
from api.replies.plans import DecisionReply, ReasonReply
from provisioner.desk.lines import LinesView, LineView
from provisioner.requests.reading import Kinds
from provisioner.requests.side_by_side import Asked, Group, side_by_side


class LineRow(Reply):
    """One line: what it asks, how its plan stands, what was said of it, how far its run got.

    `told_apart` is what tells it from the others, in words: {'Sub domain': 'kelurahan1', 'Ruang simpan': '5 GB'}.
    `digest` is '' where there is no plan to approve; `outcome` says what approving it is called: 'approved', or
    'adjusted' where a proposal stands, whose fields `adjusted` names.
    """

    line_id: str
    number: int
    kind: str
    verb: str
    state: str
    item_id: str | None
    wish: Mapping[str, Any]
    told_apart: Mapping[str, str]
    plan_id: str | None
    plan_state: str | None
    digest: str
    looked_at: datetime | None
    reasons: tuple[ReasonReply, ...]
    outcome: str
    adjusted: tuple[str, ...]
    decision: DecisionReply | None
    run_id: str | None
    run_state: str | None

    @classmethod
    def of(cls, one: LineView, told_apart: Mapping[str, str]) -> LineRow:
        """Tell a line of the table."""
        plan, line = one.plan, one.line
        return cls(
            line_id=line.id,
            number=line.number,
            kind=line.kind,
            verb=line.verb,
            state=line.state,
            item_id=line.item_id,
            wish=line.wish,
            told_apart=told_apart,
            plan_id=line.plan_id,
            plan_state=plan.state if plan else None,
            digest=one.digest,
            looked_at=plan.looked_at if plan else None,
            reasons=tuple(ReasonReply(**vars(reason)) for reason in plan.reasons) if plan else (),
            outcome=one.outcome,
            adjusted=one.adjustment.differing if one.adjustment else (),
            decision=DecisionReply.of(one.decision) if one.decision else None,
            run_id=line.run_id,
            run_state=one.run.state if one.run else None,
        )


class LinesReply(Reply):
    """All lines of a request. `sha256` names the table: it is another once the digest of any line is."""

    request_id: str
    number: str
    version: int
    step: str
    lines: tuple[LineRow, ...]
    ended: int
    may_decide: bool
    why_not: str
    sha256: str

    @classmethod
    def of(cls, view: LinesView, kinds: Kinds) -> LinesReply:
        """Tell the table as one person sees it."""
        apart = {
            row.number: dict(zip(group.columns, row.cells, strict=True))
            for group in groups_of(view, kinds)
            for row in group.rows
        }
        return cls(
            request_id=view.request.id,
            number=view.request.number,
            version=view.request.version,
            step=view.request.step,
            lines=tuple(LineRow.of(one, apart.get(one.line.number, {})) for one in view.lines),
            ended=view.ended,
            may_decide=not view.why_not,
            why_not=view.why_not,
            sha256=view.sha256,
        )


def groups_of(view: LinesView, kinds: Kinds, *, as_asked: bool = False) -> tuple[Group, ...]:
    """Lay the lines side by side as they count now, a proposal in place of what was asked unless `as_asked`."""
    names = view.request.names_by_line()
    lines = [
        Asked(
            number=one.line.number,
            kind=one.line.kind,
            verb=one.line.verb,
            item=one.line.item_id,
            wish=one.adjustment.asked if as_asked and one.adjustment else one.line.wish,
            technical=names.get(one.line.number, ""),
        )
        for one in view.lines
    ]
    return side_by_side(lines, kinds)


class DecisionsReply(Reply):
    """What was decided in one act."""

    decisions: tuple[DecisionReply, ...]
