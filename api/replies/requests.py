"""How is a request told over HTTP?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Literal

from api.replies.base import Reply
from provisioner.desk.requests import RequestView
from provisioner.procedures.procedure import Procedure, Step
from provisioner.procedures.step_done import StepDone
from provisioner.requests.filed import FiledRequest, Line


class LineReply(Reply):
    """One wished thing, and where its plan, run and item are.

    `technical`: who will work with it as the letter names them, null where the letter's technical person will.
    """

    id: str
    request_id: str
    number: int
    kind: str
    verb: str
    state: str
    wish: Mapping[str, Any]
    wish_version: int
    item_id: str | None
    plan_id: str | None
    run_id: str | None
    technical: Mapping[str, Any] | None

    @classmethod
    def of(cls, line: Line, request: FiledRequest) -> LineReply:
        """Tell a line of the request."""
        return cls(
            id=line.id,
            request_id=line.request_id,
            number=line.number,
            kind=line.kind,
            verb=line.verb,
            state=line.state,
            wish=line.wish,
            wish_version=line.wish_version,
            item_id=line.item_id,
            plan_id=line.plan_id,
            run_id=line.run_id,
            technical=request.technical_of_lines.get(line.number),
        )


class RequestReply(Reply):
    """A request as it stands: `number` is the receipt, '2026-0001'."""

    id: str
    number: str
    opd: str
    application_name: str
    state: str
    procedure: str
    step: str
    letter: Mapping[str, str]
    administrative: Mapping[str, Any]
    technical: Mapping[str, Any]
    version: int
    received_sha256: str
    submitted_at: datetime
    lines: tuple[LineReply, ...]

    @classmethod
    def of(cls, request: FiledRequest) -> RequestReply:
        """Tell a request."""
        return cls(
            id=request.id,
            number=request.number,
            opd=request.opd,
            application_name=request.application_name,
            state=request.state,
            procedure=request.procedure_id,
            step=request.step,
            letter=request.letter,
            administrative=request.administrative,
            technical=request.technical,
            version=request.version,
            received_sha256=request.received_sha256,
            submitted_at=request.submitted_at,
            lines=tuple(LineReply.of(line, request) for line in request.lines),
        )


class RequestPage(Reply):
    """One page of requests, newest first; `next` is the cursor of the page after it."""

    requests: tuple[RequestReply, ...]
    next: str | None


class MarkReply(Reply):
    """How one field compares with the letter: 'same', or 'differs' with what the letter says."""

    mark: str
    note: str


class StepReply(Reply):
    """One step of the procedure: done (by whom, as what, when), now, or to come."""

    id: str
    number: int
    activity: str
    actors: tuple[str, ...]
    right: str
    automatic: bool
    state: Literal["done", "now", "to_come"]
    outcomes: tuple[str, ...]
    actor_name: str | None = None
    position: str | None = None
    office: str | None = None
    outcome: str | None = None
    note: str | None = None
    number_given: str | None = None
    happened_at: datetime | None = None
    recorded_at: datetime | None = None
    recorder_name: str | None = None
    marks: Mapping[str, MarkReply] | None = None


class RequestDetail(Reply):
    """A request with its procedure's time line. `waits_for` says in Indonesian who is awaited."""

    request: RequestReply
    procedure_label: str
    steps: tuple[StepReply, ...]
    waits_for: str
    may_do: bool

    @classmethod
    def of(cls, view: RequestView) -> RequestDetail:
        """Tell what one person sees of a request."""
        return cls(
            request=RequestReply.of(view.request),
            procedure_label=view.procedure.label,
            steps=time_line(view.procedure, view.request.step, view.done, view.recorders),
            waits_for=view.waits_for,
            may_do=view.may_do,
        )


def time_line(
    procedure: Procedure, at_hand: str, done: Iterable[StepDone], recorders: Mapping[str, str]
) -> tuple[StepReply, ...]:
    """Lay the procedure's steps beside what was done; a step done twice shows the last time."""
    last = {entry.step: entry for entry in done}
    return tuple(_step(step, procedure, at_hand, last.get(step.id), recorders) for step in procedure.steps)


def _step(
    step: Step, procedure: Procedure, at_hand: str, done: StepDone | None, recorders: Mapping[str, str]
) -> StepReply:
    told = StepReply(
        id=step.id,
        number=step.number,
        activity=step.activity,
        actors=tuple(procedure.actor_labels[actor] for actor in step.actors),
        right=step.right,
        automatic=step.is_automatic,
        state="now" if step.id == at_hand else "done" if done else "to_come",
        outcomes=tuple(step.outcomes),
    )
    if done is None:
        return told
    return told.model_copy(
        update={
            "actor_name": done.actor_name,
            "position": done.position,
            "office": done.office,
            "outcome": done.outcome,
            "note": done.note,
            "number_given": done.number,
            "happened_at": done.happened_at,
            "recorded_at": done.recorded_at,
            "recorder_name": recorders.get(done.recorder_id or ""),
            "marks": done.marks and {where: MarkReply(**vars(mark)) for where, mark in done.marks.items()},
        }
    )
