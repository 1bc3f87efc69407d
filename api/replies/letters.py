"""How is a letter told over HTTP?"""

from __future__ import annotations

from datetime import datetime

from api.replies.base import Reply
from provisioner.desk.letters import LetterView


class LetterReply(Reply):
    """One letter: which end it tells of which lines, how far it got, its number (provisional until signed).

    `pdf_sha256` is of the filed paper; `has_paper`: it can be opened. `attempts` and `next_try_at` of a mail that did
    not go yet, `why` to the providing office alone.
    """

    id: str
    request_id: str
    kind: str
    document: str
    label: str
    lines: tuple[str, ...]
    state: str
    number: str
    written_at: datetime
    filed_at: datetime | None
    sent_at: datetime | None
    pdf_sha256: str | None
    has_paper: bool
    attempts: int
    next_try_at: datetime | None
    why: str

    @classmethod
    def of(cls, view: LetterView) -> LetterReply:
        """Tell a letter as the person may see it."""
        letter = view.letter
        return cls(
            id=letter.id,
            request_id=letter.request_id,
            kind=letter.kind,
            document=letter.document,
            label=view.label,
            lines=letter.lines,
            state=letter.state,
            number=letter.number,
            written_at=letter.written_at,
            filed_at=letter.filed_at,
            sent_at=letter.sent_at,
            pdf_sha256=letter.pdf_sha256,
            has_paper=view.has_paper,
            attempts=letter.attempts,
            next_try_at=letter.next_try_at,
            why=view.why,
        )


class LetterList(Reply):
    """A request's letters, the oldest first."""

    letters: tuple[LetterReply, ...]
