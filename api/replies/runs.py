"""How is a run told over HTTP, whole and event by event?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.replies.base import Reply
from api.replies.requests import LineReply
from provisioner.desk.runs import RunView, TaskView
from provisioner.runs.run import Event
from provisioner.verification.verdict import Verdict


class VerdictReply(Reply):
    """One trial's end: what was wanted, what was seen, whether it holds."""

    name: str
    label: str
    wanted: Mapping[str, Any]
    seen: Mapping[str, Any]
    holds: bool
    note: str

    @classmethod
    def of(cls, verdict: Verdict) -> VerdictReply:
        """Tell a verdict."""
        return cls(
            name=verdict.name,
            label=verdict.label,
            wanted=verdict.wanted,
            seen=verdict.seen,
            holds=verdict.holds,
            note=verdict.note,
        )


class RunTaskReply(Reply):
    """One duty of a run: how it stands, how long it took, how long it usually takes."""

    name: str
    label: str
    part: int
    state: str
    seconds: float | None
    usual_seconds: float | None
    message: str
    changes: int

    @classmethod
    def of(cls, task: TaskView) -> RunTaskReply:
        """Tell a duty; `state` waiting, changed, same, failed, foreign, cancelled or undone."""
        return cls(
            name=task.name,
            label=task.label,
            part=task.part,
            state=task.state,
            seconds=task.seconds,
            usual_seconds=task.usual_seconds,
            message=task.message,
            changes=len(task.changes),
        )


class RunReply(Reply):
    """A run as it stands. `why` says in Indonesian what ended it or is awaited."""

    id: str
    request_id: str
    request_number: str
    line: LineReply
    item_id: str
    state: str
    why: str
    host: str
    has_ended: bool
    queued_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    waiting_until: datetime | None
    cancel_asked: bool
    tasks: tuple[RunTaskReply, ...]
    verdicts: tuple[VerdictReply, ...]
    attention: tuple[str, ...]
    may_cancel: bool
    may_retry: bool

    @classmethod
    def of(cls, view: RunView) -> RunReply:
        """Tell what one person sees of a run."""
        run = view.run
        return cls(
            id=run.id,
            request_id=view.request.id,
            request_number=view.request.number,
            line=LineReply.of(view.line, view.request),
            item_id=run.item_id,
            state=run.state,
            why=run.why,
            host=run.host,
            has_ended=run.has_ended,
            queued_at=run.queued_at,
            started_at=run.started_at,
            ended_at=run.ended_at,
            waiting_until=run.waiting_until,
            cancel_asked=run.cancel_asked_by is not None,
            tasks=tuple(RunTaskReply.of(task) for task in view.tasks),
            verdicts=tuple(VerdictReply.of(verdict) for verdict in view.verdicts),
            attention=view.attention,
            may_cancel=view.may_cancel,
            may_retry=view.may_retry,
        )


class EventReply(Reply):
    """One live line: `kind` state, task, log or verdict; `sequence` counts up within the run."""

    sequence: int
    kind: str
    task: str
    text: str
    at: datetime

    @classmethod
    def of(cls, event: Event) -> EventReply:
        """Tell an event."""
        return cls(sequence=event.sequence, kind=event.kind, task=event.task, text=event.text, at=event.at)


class EventPage(Reply):
    """Events after a sequence number, without waiting for more."""

    events: tuple[EventReply, ...]
    state: str
    has_ended: bool
