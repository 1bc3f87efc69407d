"""How did one part end, task by task?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from provisioner.plans.change import Change


class PartOutcome(StrEnum):
    """`unknown`: we lost sight of it; the Resume test decides, nothing is retried blindly."""

    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class TaskResult:
    """One task's own answer. `outcome` 'changed' | 'same' | 'failed' | 'foreign' | 'cancelled'.

    `changes` those it applied.
    """

    task: str
    outcome: str
    changes: tuple[Change, ...]
    message: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class PartResult:
    """The whole part. `leaks` names places where a secret was found in what the run wrote: law 8 fails the run then."""

    outcome: PartOutcome
    tasks: tuple[TaskResult, ...]
    message: str
    leaks: tuple[str, ...] = ()
