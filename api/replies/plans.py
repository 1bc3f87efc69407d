"""How is a plan told over HTTP, so that an approval can name exactly what was seen?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.replies.base import Reply
from api.replies.requests import LineReply
from provisioner.decisions.adjustment import Adjustment
from provisioner.decisions.decision import Decision
from provisioner.desk.plans import PlanView
from provisioner.plans.change import Change
from provisioner.plans.plan import Part, Plan


class ChangeReply(Reply):
    """One property goes from `before` to `after`; null is absent. `undo`: remove, restore or none."""

    system: str
    target: str
    property: str
    before: Any
    after: Any
    undo: str

    @classmethod
    def of(cls, change: Change) -> ChangeReply:
        """Tell a change."""
        return cls(
            system=change.system,
            target=change.target,
            property=change.property,
            before=change.before,
            after=change.after,
            undo=change.undo,
        )


class TaskReply(Reply):
    """One duty of a part."""

    name: str
    label: str
    changes: tuple[ChangeReply, ...]


class PartReply(Reply):
    """One playbook call: which play, limited to which host."""

    playbook: str
    play: str
    limit: str
    stage: str
    waits_for: str
    tasks: tuple[TaskReply, ...]

    @classmethod
    def of(cls, part: Part, labels: Mapping[str, str]) -> PartReply:
        """Tell a part, its tasks in people's words."""
        return cls(
            playbook=part.playbook,
            play=part.play,
            limit=part.limit,
            stage=part.stage,
            waits_for=part.waits_for,
            tasks=tuple(
                TaskReply(
                    name=task.name,
                    label=labels.get(task.name, task.name),
                    changes=tuple(ChangeReply.of(change) for change in task.changes),
                )
                for task in part.tasks
            ),
        )


class ReasonReply(Reply):
    """Why a wish is impossible, and what would make it possible."""

    code: str
    what: str
    mend: str


class HeldReply(Reply):
    """One scarce thing this line keeps: a single one has a key, a share of a sum an amount."""

    pool: str
    key: str
    amount: int
    label: str


class DecisionReply(Reply):
    """Who said what about which digest. `voided_at`: it counts no more."""

    id: str
    line_id: str
    decider_name: str
    position: str
    outcome: str
    digest: str
    reason: str
    decided_at: datetime
    expires_at: datetime
    voided_at: datetime | None

    @classmethod
    def of(cls, decision: Decision) -> DecisionReply:
        """Tell a decision."""
        return cls(
            id=decision.id,
            line_id=decision.line_id,
            decider_name=decision.decider_name,
            position=decision.position,
            outcome=decision.outcome,
            digest=decision.digest,
            reason=decision.reason,
            decided_at=decision.decided_at,
            expires_at=decision.expires_at,
            voided_at=decision.voided_at,
        )


class AdjustmentReply(Reply):
    """What would be granted instead of what was asked, both whole; `differing` names the fields that are not equal."""

    version: int
    asked: Mapping[str, Any]
    granted: Mapping[str, Any]
    differing: tuple[str, ...]
    proposer_name: str
    position: str
    reason: str
    proposed_at: datetime

    @classmethod
    def of(cls, adjustment: Adjustment) -> AdjustmentReply:
        """Tell a proposal."""
        return cls(
            version=adjustment.version,
            asked=adjustment.asked,
            granted=adjustment.granted,
            differing=adjustment.differing,
            proposer_name=adjustment.proposer_name,
            position=adjustment.position,
            reason=adjustment.reason,
            proposed_at=adjustment.proposed_at,
        )


class PlanReply(Reply):
    """A line's plan as this person sees it. `digest` is what an approval must name; null while there is no plan.

    While an `adjustment` stands the plan is of what it grants, and the outcome that grants it is `adjusted`.
    """

    id: str
    request_id: str
    request_number: str
    line: LineReply
    state: str
    digest: str | None
    asked_at: datetime
    looked_at: datetime | None
    choices: Mapping[str, Any]
    parts: tuple[PartReply, ...]
    page: Mapping[str, Any]
    reasons: tuple[ReasonReply, ...]
    moved: tuple[str, ...]
    held: tuple[HeldReply, ...]
    may_decide: bool
    why_not: str
    decisions: tuple[DecisionReply, ...]
    adjustment: AdjustmentReply | None

    @classmethod
    def of(cls, view: PlanView) -> PlanReply:
        """Tell what one person sees of a plan."""
        record, plan = view.record, view.record.plan
        return cls(
            id=record.id,
            request_id=view.request.id,
            request_number=view.request.number,
            line=LineReply.of(view.line, view.request),
            state=record.state,
            digest=plan.digest if plan else None,
            asked_at=record.asked_at,
            looked_at=record.looked_at,
            choices=plan.choices if plan else {},
            parts=_parts(plan, view.task_labels),
            page=plan.page if plan else {},
            reasons=tuple(ReasonReply(code=r.code, what=r.what, mend=r.mend) for r in record.reasons),
            moved=tuple(record.moved),
            held=tuple(HeldReply(pool=t.pool, key=t.key, amount=t.amount, label=t.label) for t in view.things),
            may_decide=view.may_decide,
            why_not=view.why_not,
            decisions=tuple(DecisionReply.of(decision) for decision in view.decisions),
            adjustment=AdjustmentReply.of(view.adjustment) if view.adjustment else None,
        )


def _parts(plan: Plan | None, labels: Mapping[str, str]) -> tuple[PartReply, ...]:
    return tuple(PartReply.of(part, labels) for part in plan.parts) if plan else ()
