"""How are the audit chain and what waits for a person told over HTTP?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.replies.base import Reply
from provisioner.desk.audit import HistoryRow
from provisioner.desk.gathering import Waiting
from provisioner.evidence.chain import AuditRow, ChainReport


class AuditRowReply(Reply):
    """One row of the chain, as it was digested."""

    sequence: int
    event: str
    actor: str
    recorder: str | None
    subject: str
    data: Mapping[str, Any]
    at: str
    previous: str
    digest: str

    @classmethod
    def of(cls, row: AuditRow) -> AuditRowReply:
        """Tell a row."""
        return cls(
            sequence=row.sequence,
            event=row.event,
            actor=row.actor,
            recorder=row.recorder,
            subject=row.subject,
            data=row.data,
            at=row.at,
            previous=row.previous,
            digest=row.digest,
        )


class AuditPage(Reply):
    """Rows after a sequence number; `next` is the `after` of the page that follows."""

    rows: tuple[AuditRowReply, ...]
    next: int | None


class HistoryRowReply(Reply):
    """A row with the names of who did it and who recorded it ('' where nobody else did)."""

    row: AuditRowReply
    actor_name: str
    recorder_name: str

    @classmethod
    def of(cls, found: HistoryRow) -> HistoryRowReply:
        """Tell a row with its names."""
        return cls(row=AuditRowReply.of(found.row), actor_name=found.actor, recorder_name=found.recorder)


class HistoryPage(Reply):
    """Rows that answer a search, newest first; `next` is the `before` of the page that follows."""

    rows: tuple[HistoryRowReply, ...]
    next: int | None


class ChainReply(Reply):
    """What verifying found: `broken` names the first broken place, '' where the chain is whole."""

    whole: bool
    rows: int
    head: str
    broken: str

    @classmethod
    def of(cls, report: ChainReport) -> ChainReply:
        """Tell a report."""
        return cls(whole=not report.broken, rows=report.rows, head=report.head, broken=report.broken)


class WaitingReply(Reply):
    """One act that waits: `act` step, decide, claim, receipt or mend; `subject` the request, line, item or run."""

    act: str
    what: str
    opd: str
    about: str
    request_id: str | None
    subject: str
    since: datetime

    @classmethod
    def of(cls, waiting: Waiting) -> WaitingReply:
        """Tell what waits."""
        return cls(
            act=waiting.act,
            what=waiting.what,
            opd=waiting.opd,
            about=waiting.about,
            request_id=waiting.request_id,
            subject=waiting.subject,
            since=waiting.since,
        )


class WaitingList(Reply):
    """All that waits for this person, the oldest first."""

    waiting: tuple[WaitingReply, ...]
