"""How far did a run get, and where may it go from here?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from provisioner.plans.change import Change


class RunState(StrEnum):
    """design.md section 6."""

    QUEUED = "queued"
    LOOKING = "looking"
    APPLYING = "applying"
    VERIFYING = "verifying"
    DONE = "done"
    STALE = "stale"
    REFUSED = "refused"
    UNDOING = "undoing"
    FAILED = "failed"
    CANCELLED = "cancelled"
    NEEDS_ATTENTION = "needs_attention"
    WAITING_FOR_PERSON = "waiting_for_person"
    WAITING_UNTIL = "waiting_until"
    UNKNOWN = "unknown"


MOVES: Mapping[RunState, frozenset[RunState]] = {
    RunState.QUEUED: frozenset({RunState.LOOKING, RunState.CANCELLED, RunState.REFUSED}),
    RunState.LOOKING: frozenset(
        {RunState.APPLYING, RunState.STALE, RunState.REFUSED, RunState.CANCELLED, RunState.VERIFYING}
        | {RunState.UNDOING, RunState.NEEDS_ATTENTION, RunState.UNKNOWN, RunState.WAITING_UNTIL}
    ),
    RunState.APPLYING: frozenset(
        {RunState.VERIFYING, RunState.UNDOING, RunState.NEEDS_ATTENTION, RunState.UNKNOWN}
        | {RunState.WAITING_UNTIL, RunState.WAITING_FOR_PERSON, RunState.LOOKING}
        | {RunState.DONE}  # by a part that waited for the verdict
    ),
    RunState.VERIFYING: frozenset(
        {RunState.DONE, RunState.UNDOING, RunState.NEEDS_ATTENTION, RunState.UNKNOWN, RunState.APPLYING}
    ),
    RunState.UNDOING: frozenset({RunState.FAILED, RunState.CANCELLED, RunState.NEEDS_ATTENTION, RunState.UNKNOWN}),
    RunState.WAITING_UNTIL: frozenset({RunState.LOOKING, RunState.UNDOING}),
    RunState.WAITING_FOR_PERSON: frozenset({RunState.LOOKING, RunState.UNDOING}),
    RunState.UNKNOWN: frozenset({RunState.LOOKING, RunState.UNDOING, RunState.NEEDS_ATTENTION}),
    RunState.NEEDS_ATTENTION: frozenset({RunState.VERIFYING, RunState.FAILED, RunState.LOOKING}),
}
ENDED = frozenset({RunState.DONE, RunState.STALE, RunState.REFUSED, RunState.FAILED, RunState.CANCELLED})


@dataclass(frozen=True, kw_only=True)
class Run:
    """One carrying-out of one decision. `host` is the queue's partition.

    `why` says in Indonesian what ended it or is awaited. `look_again_at`: not taken up again before then.
    `undo_why`: once set, the run only ever goes back. `fence` counts who took it up: an older taker's word is void.
    """

    id: str
    line_id: str
    item_id: str
    plan_id: str
    decision_id: str
    host: str
    state: RunState
    why: str
    cancel_asked_by: str | None
    waiting_until: datetime | None
    queued_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    look_again_at: datetime | None = None
    undo_why: str | None = None
    fence: int = 0

    @property
    def has_ended(self) -> bool:
        """Tell whether nothing moves any more without a person."""
        return self.state in ENDED


@dataclass(frozen=True, kw_only=True)
class Intent:
    """What a part is about to do, committed before it does it. `way` 'make' or 'undo'.

    `neighbours`: fingerprint of every other tenant before the first act; `reach`: files as they were.
    """

    run_id: str
    part: int
    way: str
    changes: tuple[Change, ...]
    neighbours: Mapping[str, str]
    reach: Mapping[str, str]
    written_at: datetime


@dataclass(frozen=True, kw_only=True)
class Result:
    """How one task of a part ended. `outcome` 'changed' | 'same' | 'failed' | 'foreign' | 'cancelled'."""

    run_id: str
    part: int
    way: str
    task: str
    outcome: str
    changes: tuple[Change, ...]
    message: str
    seconds: float
    written_at: datetime


@dataclass(frozen=True, kw_only=True)
class Event:
    """One live line of a run, redacted. `kind` 'state' | 'task' | 'log' | 'verdict'."""

    sequence: int
    kind: str
    task: str
    text: str
    at: datetime
