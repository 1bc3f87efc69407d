"""Do transactions, migrations and instants keep what they promise?"""

import importlib
import os
import pkgutil
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from provisioner.errors import Unavailable
from provisioner.store import executors, people, tables
from provisioner.store.database import Database
from provisioner.store.tables.columns import METADATA
from provisioner.store.tables.evidence import EXECUTORS
from tests.postgres import Cluster
from tests.storage.world import NOW

OpenDatabase = Callable[[str], Database]
ROOT = Path(__file__).resolve().parents[2]


def test_migrations_lead_from_nothing_to_exactly_our_tables(empty_url: str, open_database: OpenDatabase) -> None:
    for module in pkgutil.iter_modules(tables.__path__):
        importlib.import_module(f"{tables.__name__}.{module.name}")  # METADATA knows the tables of what was imported
    database = open_database(empty_url)
    database.migrate()
    database.migrate()
    database.check()
    with database.engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"target_metadata": METADATA, "compare_type": True})
        assert compare_metadata(context, METADATA) == []
        found = set(sa.inspect(connection).get_table_names())
    assert found == {*METADATA.tables, "alembic_version"}


def test_gate_and_worker_may_migrate_at_once(empty_url: str) -> None:
    program = f"from provisioner.store.database import Database; Database({empty_url!r}).migrate()"
    both = [subprocess.Popen([sys.executable, "-c", program], cwd=ROOT) for _ in range(3)]
    assert [process.wait() for process in both] == [0, 0, 0]


def test_the_schema_has_every_check_that_the_tables_declare(database: Database) -> None:
    declared = {
        (table.name, constraint.name)
        for table in METADATA.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, sa.CheckConstraint)
    }
    with database.engine.begin() as connection:
        inspector = sa.inspect(connection)
        found = {(name, check["name"]) for name in METADATA.tables for check in inspector.get_check_constraints(name)}
    assert found == declared


def test_an_unmigrated_database_is_unavailable(empty_url: str, open_database: OpenDatabase) -> None:
    with pytest.raises(Unavailable, match="belum dibuat"):
        open_database(empty_url).check()


def test_another_versions_schema_is_unavailable(own_database: Database) -> None:
    with own_database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Unavailable, match="9999"):
        own_database.check()


def test_a_database_that_is_not_there_is_unavailable(open_database: OpenDatabase, tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        open_database(f"postgresql+psycopg://nobody@/none?host={tmp_path}").check()


def test_a_locked_database_is_unavailable_after_its_time(
    url: str, open_database: OpenDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provisioner.store.database._BUSY_SECONDS", 0.2)
    first, second = open_database(url), open_database(url)
    with first.transaction(), pytest.raises(Unavailable, match="sibuk"), second.transaction():
        pass


def test_an_exception_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(KeyError), database.transaction() as uow:  # noqa: PT012
        people.add_opd(uow, "DISDIK", "Dinas Pendidikan")
        raise KeyError
    with database.reading() as uow:
        assert people.opds(uow) == {}


def test_a_process_killed_in_mid_transaction_leaves_nothing_behind(url: str, open_database: OpenDatabase) -> None:
    program = f"""
import sys, time
from provisioner.store import people
from provisioner.store.database import Database
with Database({url!r}).transaction() as uow:
    people.add_opd(uow, "DISDIK", "Dinas Pendidikan")
    print("written", flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        os.kill(process.pid, signal.SIGKILL)
    database = open_database(url)
    with database.transaction() as uow:
        assert people.opds(uow) == {}
        people.add_opd(uow, "DINKES", "Dinas Kesehatan")
    with database.reading() as uow:
        assert people.opds(uow) == {"DINKES": "Dinas Kesehatan"}


def test_on_postgresql_who_falls_asleep_in_mid_transaction_does_not_hold_up_the_others(
    postgres_cluster: Cluster, open_database: OpenDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that was stopped there, or whose host is gone; SQLite is for a trial with one (ADR 0010)."""
    monkeypatch.setattr("provisioner.store.database._IDLE_SECONDS", 1)
    url = postgres_cluster.create_database()
    asleep, awake = open_database(url), open_database(url)
    awake.migrate()

    def write_twice_and_sleep_in_between() -> None:
        with asleep.transaction() as uow:
            people.add_opd(uow, "DISDIK", "Dinas Pendidikan")
            with awake.transaction() as another:  # waits until the other is sent away
                people.add_opd(another, "DINKES", "Dinas Kesehatan")
            people.add_opd(uow, "SATPOL", "Satuan Polisi")

    with pytest.raises(Unavailable):
        write_twice_and_sleep_in_between()
    with asleep.transaction() as uow:
        assert people.opds(uow) == {"DINKES": "Dinas Kesehatan"}


def test_reading_cannot_write(database: Database) -> None:
    with pytest.raises(sa.exc.DBAPIError), database.reading() as uow:
        executors.beat(uow, "worker-1", NOW)
    with database.transaction() as uow:
        executors.beat(uow, "worker-1", NOW)


def test_reading_sees_one_moment_while_others_write(database: Database) -> None:
    with database.reading() as reader:
        assert people.opds(reader) == {}
        with database.transaction() as writer:
            people.add_opd(writer, "DISDIK", "Dinas Pendidikan")
        assert people.opds(reader) == {}
    with database.reading() as reader:
        assert people.opds(reader) == {"DISDIK": "Dinas Pendidikan"}


def test_an_instant_comes_back_in_utc_to_the_microsecond(database: Database) -> None:
    makassar = datetime(2026, 11, 23, 10, 0, 0, 7, tzinfo=timezone(timedelta(hours=8)))
    with database.transaction() as uow:
        executors.beat(uow, "worker-1", makassar)
        found = uow.connection.execute(sa.select(EXECUTORS.c.beat_at)).scalar_one()
    assert found == datetime(2026, 11, 23, 2, 0, 0, 7, tzinfo=UTC)
    assert found.tzinfo is UTC


def test_a_naive_datetime_is_refused(database: Database) -> None:
    with pytest.raises(sa.exc.StatementError, match="naive"), database.transaction() as uow:
        executors.beat(uow, "worker-1", NOW.replace(tzinfo=None))


def test_sqlite_is_set_for_crashes_and_company(migrated_file: Path, open_database: OpenDatabase) -> None:
    with open_database(f"sqlite:///{migrated_file}").transaction() as uow:
        found = {
            name: uow.connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 10000,
        "secure_delete": 1,
    }
