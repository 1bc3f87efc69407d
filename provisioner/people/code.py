"""What is given at the counter to somebody who has no password, and for how long does it count?"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LIFETIME = timedelta(minutes=10)
MOST_FAILURES = 5
_SIGNS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # no I, L, O, 0, 1: copied from paper
_LENGTH = 8


class CodeState(StrEnum):
    """A code's life: one that is not open any more never opens again."""

    OPEN = "open"
    USED = "used"
    REPLACED = "replaced"
    LOCKED = "locked"


@dataclass(frozen=True, kw_only=True)
class Code:
    """A code that was given out: its argon2id hash, never itself. `letter`: the number of the surat tugas shown."""

    id: str
    username: str
    code_hash: str
    letter: str
    issued_by: str
    issued_at: datetime
    expires_at: datetime
    failed_count: int
    state: CodeState

    def counts_at(self, now: datetime) -> bool:
        """Tell whether a password may still be set with it."""
        return self.state is CodeState.OPEN and now < self.expires_at


def draw_code() -> str:
    """Draw a code, e.g. 'K7QM-2XWP': 39 bits, guessed five times at most within ten minutes."""
    signs = "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH))
    return f"{signs[:4]}-{signs[4:]}"


def read_code(typed: str) -> str:
    """Return the code as it was drawn, however it was typed: ' k7qm 2xwp' -> 'K7QM-2XWP'."""
    signs = "".join(sign for sign in typed.upper() if sign in _SIGNS)
    return f"{signs[:4]}-{signs[4:]}"
