"""What came in, and when? Every call as one row, and the clock that a test may put forward."""

import time
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Written:
    """One call in the journal: when, what, by whom, how it was answered; never a password."""

    at: float
    method: str
    target: str
    user: str
    status: int
    ocs_code: int | None


@dataclass(kw_only=True)
class Clock:
    """The time, and what a test put it forward by."""

    ahead_seconds: float = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_seconds
