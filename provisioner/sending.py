"""Was this very form or call sent before? One sending, told apart from its copies; what the first was answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(kw_only=True)
class Sending:
    """One POST on its way in. The gate fills it once it knows who sends; the store writes it with the act.

    `key_sha256` of what the sender named it by, '' where it has no name: then each copy is an act of its own.
    `content_sha256` of all it says. `is_done` once the act is committed under this key.
    """

    person_id: str = ""
    key_sha256: str = ""
    content_sha256: str = ""
    sent_at: datetime = _NEVER
    is_done: bool = False

    @property
    def counts_once(self) -> bool:
        """Tell whether the act of it is still to be written under its key."""
        return bool(self.key_sha256) and not self.is_done


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the first was answered: (303, '/pelaksanaan/run_x') to a form, (201, JSON) to a call. Never a secret."""

    status: int
    location: str
    media_type: str
    body: bytes
