"""Which letters does a request have, and which still wait to be set or sent?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from provisioner.audit_events import AuditEvent
from provisioner.digests import Value, digest_of_bytes
from provisioner.letters.letter import Letter, LetterKind, LetterState, document_of, untold
from provisioner.names import draw_id
from provisioner.store import audit, procedures, requests
from provisioner.store.asking import changed_one, only
from provisioner.store.tables.letters import LETTER_NUMBERS, LETTER_PAPERS, LETTERS
from provisioner.unit_of_work import UnitOfWork

_WAITING = (LetterState.DUE.value, LetterState.FILED.value)


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What may be erased of a letter: the official's `reason` that it quotes, and the paper itself once it is set."""

    reason: str
    pdf: bytes | None


def write(
    uow: UnitOfWork,
    request_id: str,
    kind: LetterKind,
    *,
    now: datetime,
    draft: bool = False,
    reason: str = "",
    number: str | None = None,
) -> str | None:
    """Write the letter that the act of this very transaction makes due, with its row in the chain; return its id.

    It tells every line that ended so and that no letter tells yet; None where there is none. Unless it is a draft, it
    gets `number`, or the office's next of the year of `now`, in the zone it is handed in.
    """
    request = requests.request(uow, request_id)
    told = frozenset(line for letter in of_request(uow, request_id) for line in letter.lines)
    lines = untold(request, kind, told)
    if not lines:
        return None
    letter_id, document = draw_id("let"), document_of(procedures.of_request(uow, request_id), kind)
    row = {
        "id": letter_id,
        "request_id": request_id,
        "kind": kind.value,
        "document": document,
        "lines": [*lines],
        "state": (LetterState.DRAFTED if draft else LetterState.DUE).value,
        "serial": None if draft or number else _next_serial(uow, now.year),
        "number": number or "",
        "written_at": now,
        "attempts": 0,
        "why": "",
    }
    uow.connection.execute(sa.insert(LETTERS).values(row))
    uow.connection.execute(sa.insert(LETTER_PAPERS).values(letter_id=letter_id, reason=reason))
    data: dict[str, Value] = {"request": request_id, "kind": kind.value, "document": document, "lines": [*lines]}
    audit.append(uow, AuditEvent.LETTER_WRITE, actor="worker", subject=letter_id, data=data, at=now)
    return letter_id


def give_out(uow: UnitOfWork, request_id: str, *, now: datetime, number: str | None = None) -> str | None:
    """Make the request's draft due, dated now, under `number` or the office's next; written here if nobody drafted it.

    Return its id, None where nothing delivered is untold.
    """
    drafted = [letter for letter in of_request(uow, request_id) if letter.state is LetterState.DRAFTED]
    if not drafted:
        return write(uow, request_id, LetterKind.DELIVERED, now=now, number=number)
    letter = drafted[0]
    values = {
        "attempts": 0,
        "why": "",
        "next_try_at": None,
        "state": LetterState.DUE.value,
        "serial": None if number else _next_serial(uow, now.year),
        "number": number or "",
        "written_at": now,
    }
    _change(uow, letter.id, **values)
    _keep_pdf(uow, letter.id, None)
    data: dict[str, Value] = {"state": LetterState.DUE.value, "lines": [*letter.lines]}
    audit.append(uow, AuditEvent.LETTER_WRITE, actor="worker", subject=letter.id, data=data, at=now)
    return letter.id


def keep_draft(uow: UnitOfWork, letter: Letter, pdf: bytes) -> None:
    """Keep a draft's paper, as long as it is still that draft; it is no evidence of anything."""
    if of_id(uow, letter.id).state is LetterState.DRAFTED:
        _keep_pdf(uow, letter.id, pdf)


def file(uow: UnitOfWork, letter: Letter, pdf: bytes, number: str, now: datetime) -> None:
    """File the paper: its sha256 goes into the chain, and neither changes any more. A second filing changes nothing."""
    if of_id(uow, letter.id).state is not LetterState.DUE:
        return
    sha256 = digest_of_bytes(pdf)
    _keep_pdf(uow, letter.id, pdf)
    filed = {"state": LetterState.FILED.value, "number": number, "pdf_sha256": sha256, "filed_at": now}
    _change(uow, letter.id, **filed, attempts=0, why="", next_try_at=None)
    data: dict[str, Value] = {"sha256": sha256, "number": number, "document": letter.document}
    audit.append(uow, AuditEvent.LETTER_FILE, actor="worker", subject=letter.id, data=data, at=now)


def mark_sent(uow: UnitOfWork, letter_id: str, message_id: str, now: datetime) -> None:
    """Mark that a mail server took the filed letter, with its row in the chain; the first word counts."""
    letter = of_id(uow, letter_id)
    if letter.state is LetterState.FILED:
        mark_handed_over(uow, letter_id, now)
        data: dict[str, Value] = {"message_id": message_id, "sha256": letter.pdf_sha256}
        audit.append(uow, AuditEvent.LETTER_SEND, actor="worker", subject=letter_id, data=data, at=now)


def mark_handed_over(uow: UnitOfWork, letter_id: str, now: datetime) -> None:
    """Mark that the letter is with whom it is for: nothing sends it any more. Who calls writes the chain's row."""
    _change(uow, letter_id, state=LetterState.SENT.value, sent_at=now, next_try_at=None, why="")


def postpone(uow: UnitOfWork, letter_id: str, why: str, next_try_at: datetime) -> None:
    """Note that it could not be set or sent just now, why, and when it is tried again."""
    values = {"attempts": LETTERS.c.attempts + 1, "why": why, "next_try_at": next_try_at}
    unsent = LETTERS.c.state != LetterState.SENT.value
    uow.connection.execute(sa.update(LETTERS).where(LETTERS.c.id == letter_id, unsent).values(values))


def of_id(uow: UnitOfWork, letter_id: str) -> Letter:
    """Return the letter; NotFound where there is none."""
    return _from_row(only(uow, sa.select(LETTERS).where(LETTERS.c.id == letter_id), f"surat {letter_id}"))


def of_request(uow: UnitOfWork, request_id: str) -> tuple[Letter, ...]:
    """Return the request's letters, the oldest first."""
    query = sa.select(LETTERS).where(LETTERS.c.request_id == request_id)
    return tuple(_from_row(row) for row in uow.connection.execute(query.order_by(LETTERS.c.written_at, LETTERS.c.id)))


def paper(uow: UnitOfWork, letter_id: str) -> Paper:
    """Return what may be erased of it; both empty once it is."""
    query = sa.select(LETTER_PAPERS).where(LETTER_PAPERS.c.letter_id == letter_id)
    row = uow.connection.execute(query).one_or_none()
    return Paper(reason="", pdf=None) if row is None else Paper(reason=row.reason, pdf=row.pdf)


def has_paper(uow: UnitOfWork, letter_id: str) -> bool:
    """Tell whether the letter is set, without reading the paper."""
    set_one = LETTER_PAPERS.c.pdf.is_not(None) & (LETTER_PAPERS.c.letter_id == letter_id)
    return uow.connection.execute(sa.select(LETTER_PAPERS.c.letter_id).where(set_one)).one_or_none() is not None


def to_try(uow: UnitOfWork, now: datetime) -> tuple[str, ...]:
    """Return the ids of letters, drafts too, that wait to be set or sent and are due to be tried, the oldest first."""
    due = LETTERS.c.next_try_at.is_(None) | (LETTERS.c.next_try_at <= now)
    unset = (LETTERS.c.state == LetterState.DRAFTED.value) & LETTER_PAPERS.c.pdf.is_(None)
    query = sa.select(LETTERS.c.id).join(LETTER_PAPERS, isouter=True).where(LETTERS.c.state.in_(_WAITING) | unset, due)
    return tuple(uow.connection.execute(query.order_by(LETTERS.c.written_at, LETTERS.c.id)).scalars())


def stuck(uow: UnitOfWork) -> tuple[Letter, ...]:
    """Return the letters that were tried and are not sent yet, the oldest first."""
    query = sa.select(LETTERS).where(LETTERS.c.state.in_(_WAITING), LETTERS.c.attempts > 0)
    return tuple(_from_row(row) for row in uow.connection.execute(query.order_by(LETTERS.c.written_at, LETTERS.c.id)))


def _next_serial(uow: UnitOfWork, year: int) -> int:
    insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[uow.connection.dialect.name]
    statement = insert(LETTER_NUMBERS).values(year=year, last=1)
    one_more = {"last": LETTER_NUMBERS.c.last + 1}
    statement = statement.on_conflict_do_update(index_elements=["year"], set_=one_more)
    return int(uow.connection.execute(statement.returning(LETTER_NUMBERS.c.last)).scalar_one())


def _change(uow: UnitOfWork, letter_id: str, **values: Any) -> None:
    changed_one(uow, sa.update(LETTERS).where(LETTERS.c.id == letter_id).values(values), f"surat {letter_id}")


def _keep_pdf(uow: UnitOfWork, letter_id: str, pdf: bytes | None) -> None:
    of_letter = sa.update(LETTER_PAPERS).where(LETTER_PAPERS.c.letter_id == letter_id)
    uow.connection.execute(of_letter.values(pdf=pdf))


def _from_row(row: Any) -> Letter:
    fields = {**row._mapping, "kind": LetterKind(row.kind), "state": LetterState(row.state), "lines": tuple(row.lines)}
    return Letter(**fields)
