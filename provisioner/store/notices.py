"""Whom is what to be told, and who may be written to again?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from provisioner.audit_events import AuditEvent
from provisioner.letters.notice import ONE_HOUR, Notice, NoticeMail, Topic
from provisioner.names import draw_id
from provisioner.store import audit
from provisioner.store.asking import changed_one, only
from provisioner.store.tables.notices import NOTICE_MAILS, NOTICES
from provisioner.unit_of_work import UnitOfWork


def add(uow: UnitOfWork, notice: Notice) -> bool:
    """Note that a person is to be told; False where that was noted before: each thing is told once."""
    insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[uow.connection.dialect.name]
    statement = insert(NOTICES).values({**vars(notice), "topic": notice.topic.value})
    return bool(uow.connection.execute(statement.on_conflict_do_nothing()).rowcount)


def is_noted(uow: UnitOfWork, notice: Notice) -> bool:
    """Tell whether that was noted, told or not."""
    return uow.connection.execute(sa.select(NOTICES.c.since).where(_is(notice))).one_or_none() is not None


def untold(uow: UnitOfWork, person_id: str) -> tuple[Notice, ...]:
    """Return what the person has not been told in any mail, the oldest first."""
    return _notices(uow, (NOTICES.c.person_id == person_id) & NOTICES.c.mail_id.is_(None))


def told_in(uow: UnitOfWork, mail_id: str) -> tuple[Notice, ...]:
    """Return what that mail tells, the oldest first."""
    return _notices(uow, NOTICES.c.mail_id == mail_id)


def drop(uow: UnitOfWork, notices: Iterable[Notice]) -> None:
    """Forget what is no longer so before it was told."""
    for notice in notices:
        uow.connection.execute(sa.delete(NOTICES).where(_is(notice), NOTICES.c.mail_id.is_(None)))


def unsent(uow: UnitOfWork, person_id: str) -> NoticeMail | None:
    """Return the person's mail that no server has taken yet; there is at most one."""
    query = sa.select(NOTICE_MAILS).where(NOTICE_MAILS.c.person_id == person_id, NOTICE_MAILS.c.sent_at.is_(None))
    row = uow.connection.execute(query).one_or_none()
    return None if row is None else NoticeMail(**row._mapping)


def may_write(uow: UnitOfWork, person_id: str, now: datetime) -> bool:
    """Tell whether an hour has passed since the person's last mail, and none is on its way."""
    query = sa.select(sa.func.count()).where(NOTICE_MAILS.c.person_id == person_id, _recent(now))
    return int(uow.connection.execute(query).scalar_one()) == 0


def write(uow: UnitOfWork, person_id: str, notices: Sequence[Notice], now: datetime) -> NoticeMail:
    """Write one mail that tells the person of these."""
    mail_id = draw_id("not")
    row = {"id": mail_id, "person_id": person_id, "written_at": now, "attempts": 0, "why": ""}
    uow.connection.execute(sa.insert(NOTICE_MAILS).values(row))
    subjects = [notice.subject for notice in notices]
    for notice in notices:
        uow.connection.execute(sa.update(NOTICES).where(_is(notice)).values(mail_id=mail_id))
    audit.append(
        uow,
        AuditEvent.NOTICE_WRITE,
        actor="worker",
        subject=mail_id,
        data={"person": person_id, "of": subjects},
        at=now,
    )
    return NoticeMail(**only(uow, sa.select(NOTICE_MAILS).where(NOTICE_MAILS.c.id == mail_id), mail_id)._mapping)


def mark_sent(uow: UnitOfWork, mail_id: str, message_id: str, now: datetime) -> None:
    """Mark that a server took the mail; the first word counts."""
    taken = sa.update(NOTICE_MAILS).where(NOTICE_MAILS.c.id == mail_id, NOTICE_MAILS.c.sent_at.is_(None))
    if uow.connection.execute(taken.values(sent_at=now, next_try_at=None, why="")).rowcount:
        data = {"message_id": message_id}
        audit.append(uow, AuditEvent.NOTICE_SEND, actor="worker", subject=mail_id, data=data, at=now)


def postpone(uow: UnitOfWork, mail_id: str, why: str, next_try_at: datetime) -> None:
    """Note that it did not go, why, and when it is tried again."""
    values = {"attempts": NOTICE_MAILS.c.attempts + 1, "why": why, "next_try_at": next_try_at}
    changed_one(uow, sa.update(NOTICE_MAILS).where(NOTICE_MAILS.c.id == mail_id).values(values), mail_id)


def to_write_to(uow: UnitOfWork, now: datetime) -> tuple[str, ...]:
    """Return the persons who can be written to now: a mail's next try is due, or they are untold and may be."""
    due = NOTICE_MAILS.c.next_try_at.is_(None) | (NOTICE_MAILS.c.next_try_at <= now)
    waiting = sa.select(NOTICE_MAILS.c.person_id).where(NOTICE_MAILS.c.sent_at.is_(None), due)
    written = sa.select(NOTICE_MAILS.c.person_id).where(_recent(now))
    fresh = sa.select(NOTICES.c.person_id).where(NOTICES.c.mail_id.is_(None), NOTICES.c.person_id.not_in(written))
    found = uow.connection.execute(waiting.union(fresh)).scalars()
    return tuple(sorted(str(person_id) for person_id in found))


def _recent(now: datetime) -> sa.ColumnElement[bool]:
    return NOTICE_MAILS.c.sent_at.is_(None) | (NOTICE_MAILS.c.sent_at > now - ONE_HOUR)


def _is(notice: Notice) -> sa.ColumnElement[bool]:
    same_topic = (NOTICES.c.topic == notice.topic.value) & (NOTICES.c.subject == notice.subject)
    return (NOTICES.c.person_id == notice.person_id) & same_topic


def _notices(uow: UnitOfWork, condition: sa.ColumnElement[bool]) -> tuple[Notice, ...]:
    columns = (NOTICES.c.person_id, NOTICES.c.topic, NOTICES.c.subject, NOTICES.c.since)
    query = sa.select(*columns).where(condition).order_by(NOTICES.c.since, NOTICES.c.topic, NOTICES.c.subject)
    rows = uow.connection.execute(query)
    return tuple(Notice(**{**row._mapping, "topic": Topic(row.topic)}) for row in rows)
