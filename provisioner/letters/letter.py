"""Which letters are there, and how far did one get?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from provisioner.procedures.procedure import Procedure
from provisioner.requests.filed import FiledRequest
from provisioner.requests.request import LineState


class LetterKind(StrEnum):
    """What a letter tells of; each line's end is told by exactly one (law 10)."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    FAILED = "failed"


class LetterState(StrEnum):
    """A letter's life: drafted until a person gives it out, due, filed with its sha256, sent once a server took it."""

    DRAFTED = "drafted"
    DUE = "due"
    FILED = "filed"
    SENT = "sent"


#: which end of a line each letter tells
TOLD_BY: dict[LetterKind, LineState] = {
    LetterKind.DELIVERED: LineState.DELIVERED,
    LetterKind.REFUSED: LineState.REJECTED,
    LetterKind.FAILED: LineState.FAILED,
}
#: where a procedure's own data name no document
_DOCUMENTS: dict[LetterKind, str] = {
    LetterKind.DELIVERED: "notification_letter",
    LetterKind.REFUSED: "reply_letter",
    LetterKind.FAILED: "reply_letter",
}


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One letter of a request. `document` is the procedure's word, 'reply_letter'; `lines` the ids of those it tells.

    `serial` is the office's own count of the year, None for a draft and where a person gave the number; `number` is ''
    until the paper is set, and provisional until signed. `written_at` is the moment of the act it reports: the paper's
    date. `pdf_sha256` is of the filed paper; `attempts`, `next_try_at` and `why` of sending that did not work yet.
    """

    id: str
    request_id: str
    kind: LetterKind
    document: str
    lines: tuple[str, ...]
    state: LetterState
    serial: int | None
    number: str
    written_at: datetime
    pdf_sha256: str | None
    filed_at: datetime | None
    sent_at: datetime | None
    attempts: int
    next_try_at: datetime | None
    why: str

    @property
    def is_stuck(self) -> bool:
        """Tell whether it was tried and is not sent yet."""
        return self.attempts > 0 and self.state is not LetterState.SENT


def untold(request: FiledRequest, kind: LetterKind, told: frozenset[str]) -> tuple[str, ...]:
    """Return the ids of the request's lines that ended so and that no letter tells yet, in their order."""
    return tuple(line.id for line in request.lines if line.state is TOLD_BY[kind] and line.id not in told)


def document_of(procedure: Procedure, kind: LetterKind) -> str:
    """Return the procedure's document that tells such an end: 'followup_letter_to_opd'."""
    return procedure.runs.letters.get(kind.value, _DOCUMENTS[kind])
