"""Who has come in, with which session or token?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from provisioner.errors import Refused
from provisioner.store.refusals import refusing
from provisioner.store.tables.people import LOGINS, SESSIONS, TOKENS
from provisioner.unit_of_work import UnitOfWork

_SESSION = sa.select(SESSIONS).where(SESSIONS.c.token_sha256 == sa.bindparam("token"))
_WHOSE_TOKEN = sa.select(TOKENS.c.person_id).where(
    TOKENS.c.token_sha256 == sa.bindparam("token"), TOKENS.c.expires_at > sa.bindparam("now")
)
IDLE = timedelta(minutes=30)
_TOUCHED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Login:
    """A local account with its argon2id hash; how often it was tried is counted in tries.py.

    `password_hash` '': no password yet, or none any more; nothing opens it but a code from the counter.
    """

    person_id: str
    username: str
    password_hash: str
    must_change: bool


@dataclass(frozen=True, kw_only=True)
class Session:
    """A session that counts now: it has neither expired nor lain idle."""

    person_id: str
    csrf: str
    opened_at: datetime
    expires_at: datetime


def set_login(uow: UnitOfWork, person_id: str, username: str, password_hash: str, must_change: bool) -> None:  # noqa: FBT001
    """Make the login, or give it a new password; Refused where the name is another person's."""
    values = {"password_hash": password_hash, "must_change": must_change}
    mine = sa.update(LOGINS).where(LOGINS.c.username == username, LOGINS.c.person_id == person_id)
    if uow.connection.execute(mine.values(values)).rowcount == 0:
        with refusing(uow, Refused(f"nama masuk '{username}' sudah dipakai", "masuk", "Pilih nama lain.")):
            uow.connection.execute(sa.insert(LOGINS).values(username=username, person_id=person_id, **values))


def login(uow: UnitOfWork, username: str) -> Login | None:
    """Return the login of that name, None where there is none."""
    row = uow.connection.execute(sa.select(LOGINS).where(LOGINS.c.username == username)).one_or_none()
    return None if row is None else Login(**row._mapping)


def logins_of(uow: UnitOfWork, person_id: str) -> tuple[Login, ...]:
    """Return every login of the person, by name."""
    query = sa.select(LOGINS).where(LOGINS.c.person_id == person_id).order_by(LOGINS.c.username)
    return tuple(Login(**row._mapping) for row in uow.connection.execute(query))


def open_session(
    uow: UnitOfWork, token_sha256: str, person_id: str, csrf: str, opened_at: datetime, expires_at: datetime
) -> None:
    """Keep a session under its token's sha256; the token itself is never kept."""
    values = {"token_sha256": token_sha256, "person_id": person_id, "csrf": csrf}
    times = {"opened_at": opened_at, "expires_at": expires_at, "seen_at": opened_at}
    uow.connection.execute(sa.insert(SESSIONS).values(**values, **times))


def session(uow: UnitOfWork, token_sha256: str, now: datetime) -> Session | None:
    """Return the session, None where it is unknown, has expired or lay idle for 30 minutes.

    It notes that it was seen, at most once a minute: hand in a transaction that writes, not `reading()`.
    """
    if _reads_only(uow):
        msg = "session() notes when it was seen: hand in Database.transaction(), not reading()"
        raise RuntimeError(msg)
    row = uow.connection.execute(_SESSION, {"token": token_sha256}).one_or_none()
    if row is None or now >= row.expires_at or now >= row.seen_at + IDLE:
        return None
    if now >= row.seen_at + _TOUCHED_EVERY:
        uow.connection.execute(sa.update(SESSIONS).where(SESSIONS.c.token_sha256 == token_sha256).values(seen_at=now))
    return Session(person_id=row.person_id, csrf=row.csrf, opened_at=row.opened_at, expires_at=row.expires_at)


def close_session(uow: UnitOfWork, token_sha256: str) -> None:
    """End the session; nothing happens where it has ended already."""
    uow.connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.token_sha256 == token_sha256))


def close_sessions_of(uow: UnitOfWork, person_id: str, *, but: str = "") -> None:
    """End every session of the person, after a change of rights or password; `but` the one that asks."""
    mine = (SESSIONS.c.person_id == person_id) & (SESSIONS.c.token_sha256 != but)
    uow.connection.execute(sa.delete(SESSIONS).where(mine))


def end_tokens_of(uow: UnitOfWork, person_id: str, *, but: str = "") -> None:
    """End every API token of the person, `but` the one that asks."""
    uow.connection.execute(sa.delete(TOKENS).where((TOKENS.c.person_id == person_id) & (TOKENS.c.token_sha256 != but)))


def add_token(
    uow: UnitOfWork, token_sha256: str, person_id: str, label: str, issued_at: datetime, expires_at: datetime
) -> None:
    """Keep an API token under its sha256."""
    values = {"token_sha256": token_sha256, "person_id": person_id, "label": label}
    uow.connection.execute(sa.insert(TOKENS).values(**values, issued_at=issued_at, expires_at=expires_at))


def person_of_token(uow: UnitOfWork, token_sha256: str, now: datetime) -> str | None:
    """Return whose unexpired token it is, None where it is nobody's."""
    found: Any = uow.connection.execute(_WHOSE_TOKEN, {"token": token_sha256, "now": now}).scalar()
    return None if found is None else str(found)


def _reads_only(uow: UnitOfWork) -> bool:
    connection = uow.connection
    if connection.dialect.name == "sqlite":
        return bool(connection.exec_driver_sql("PRAGMA query_only").scalar())
    return bool(connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "on")
