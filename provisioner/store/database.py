"""How is a transaction opened, on SQLite and on PostgreSQL alike?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from threading import Lock
from typing import Any, Self

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from provisioner.errors import Unavailable
from provisioner.sending import Sending
from provisioner.store import sendings
from provisioner.store.refusals import explained
from provisioner.unit_of_work import UnitOfWork

_BUSY_SECONDS = 10
# Whoever falls asleep in a transaction that writes, a stopped worker or one whose host is gone, holds up all others.
_IDLE_SECONDS = 20
_MODE = "gerbang_begin"
_MIGRATIONS = Path(__file__).resolve().parent / "migrations"
# One number for the whole database: the audit chain has one order, so writers stand in one line, as they do on SQLite.
_ONE_WRITER = 7_236_101
_ONE_MIGRATION = 7_236_102


class Database:
    """The database behind `url`: 'sqlite:////path/gerbang.db' or 'postgresql+psycopg://user@/name?host=/run/postgresql'.

    `engine` is SQLAlchemy's; worker and gate hand it to jobs without opening it.
    """

    def __init__(self, url: str) -> None:
        """Prepare the pool; nothing is opened before it is asked for."""
        self.engine = _sqlite(url) if sa.make_url(url).get_backend_name() == "sqlite" else _postgresql(url)
        self._line = Lock() if self.engine.dialect.name == "sqlite" else None
        self._sending: Sending | None = None

    def for_sending(self, sending: Sending) -> Self:
        """Return the same database for one sending: its first transaction that writes is the act, under its key."""
        database = copy(self)
        database._sending = sending  # noqa: SLF001 - our own copy
        return database

    @contextmanager
    def transaction(self) -> Iterator[UnitOfWork]:
        """Open a transaction that writes: committed at the end, rolled back on any exception.

        Refused, NotAllowed where a law of the database says no at the commit; Unavailable where it is busy or gone, or
        (PostgreSQL) where nothing was asked of it for 20 s in mid-transaction: then it is rolled back, for the others.
        Repeated, before anything, where this database is for a sending whose act was done.
        """
        sending = self._sending if self._sending is not None and self._sending.counts_once else None
        with explained(), self._in_line(), self.engine.connect() as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                waiting = f"set_config('lock_timeout', '{_BUSY_SECONDS}s', true)"
                idle = f"set_config('idle_in_transaction_session_timeout', '{_IDLE_SECONDS}s', true)"
                connection.exec_driver_sql(f"SELECT {waiting}, {idle}, pg_advisory_xact_lock({_ONE_WRITER})")
            if sending is not None:
                sendings.begin(UnitOfWork(connection), sending)
            yield UnitOfWork(connection)
        if sending is not None:
            sending.is_done = True

    @contextmanager
    def reading(self) -> Iterator[UnitOfWork]:
        """Open a transaction that sees one moment and cannot write; it stands in nobody's way."""
        with explained(), self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                with connection.begin():
                    yield UnitOfWork(connection)
                return
            connection.execution_options(**{_MODE: "BEGIN DEFERRED"})
            with connection.begin():
                connection.exec_driver_sql("PRAGMA query_only=ON")
                try:
                    yield UnitOfWork(connection)
                finally:
                    connection.exec_driver_sql("PRAGMA query_only=OFF")

    @contextmanager
    def _in_line(self) -> Iterator[None]:
        """Let this process's writers wait for each other here: SQLite's own waiting sleeps longer after each try."""
        if self._line is None:
            yield
            return
        if not self._line.acquire(timeout=_BUSY_SECONDS):
            raise Unavailable("basis data sibuk atau tidak menjawab", "basis data", "Coba lagi sebentar lagi.")
        try:
            yield
        finally:
            self._line.release()

    def migrate(self) -> None:
        """Bring the schema to this version; two that start at once do it one after the other."""
        with explained(), self.engine.connect() as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ONE_MIGRATION})")
            command.upgrade(_alembic(connection), "head")

    def check(self) -> None:
        """Raise Unavailable unless the database answers and its schema is this version's."""
        wanted = ScriptDirectory.from_config(_alembic()).get_current_head()
        with self.reading() as uow:
            if not sa.inspect(uow.connection).has_table("alembic_version"):
                raise Unavailable("skema basis data belum dibuat", "basis data", "Jalankan `gerbang migrate`.")
            found = uow.connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        if found != wanted:
            raise Unavailable(f"skema basis data {found}, yang dibutuhkan {wanted}", "basis data", "Jalankan migrasi.")

    def dispose(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _alembic(connection: sa.Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _sqlite(url: str) -> sa.Engine:
    file = sa.make_url(url).database
    if file:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    connect = {"timeout": _BUSY_SECONDS, "check_same_thread": False}
    engine = sa.create_engine(url, connect_args=connect, pool_size=20, max_overflow=40)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # Python's sqlite3 would open transactions by itself, late and not IMMEDIATE.
    connection.isolation_level = None
    for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {setting}").close()


def _begin_sqlite(connection: sa.Connection) -> None:
    # A transaction that reads first and writes later would be refused without waiting (SQLITE_BUSY_SNAPSHOT).
    connection.exec_driver_sql(connection.get_execution_options().get(_MODE, "BEGIN IMMEDIATE"))


def _postgresql(url: str) -> sa.Engine:
    return sa.create_engine(url, pool_size=10, max_overflow=20, pool_pre_ping=True)
