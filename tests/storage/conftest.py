"""On which databases is every storage test run? On SQLite and on a real PostgreSQL, migrated and otherwise empty."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from provisioner.store.database import Database
from provisioner.store.tables.columns import METADATA
from tests.postgres import Cluster, postgres_cluster
from tests.storage.world import World

__all__ = ["postgres_cluster"]


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with our schema, to be copied for each test."""
    file = tmp_path_factory.mktemp("store") / "migrated.db"
    database = Database(f"sqlite:///{file}")
    database.migrate()
    database.dispose()
    return file


@pytest.fixture(scope="session")
def migrated_template(postgres_cluster: Cluster) -> str:
    """A PostgreSQL database with our schema, to be cloned for a test that damages its schema."""
    postgres_cluster.sql("CREATE DATABASE migrated TEMPLATE template0")
    database = Database(postgres_cluster.url("migrated"))
    database.migrate()
    database.dispose()
    return "migrated"


@pytest.fixture(scope="session")
def emptied(postgres_cluster: Cluster, migrated_template: str) -> Iterator[Callable[[], str]]:
    """Empty the one PostgreSQL database that most tests share, and return its URL: a clone each would fill the disk."""
    postgres_cluster.sql(f"CREATE DATABASE shared TEMPLATE {migrated_template}")
    engine = sa.create_engine(postgres_cluster.url("shared"))
    # As a replica the server fires no trigger of ours, so that even what only grows can be emptied.
    deletes = [f"DELETE FROM {table}" for table in METADATA.tables]  # noqa: S608
    first = ["SET LOCAL lock_timeout = '20s'", "SET LOCAL session_replication_role = replica"]
    emptying = "; ".join([*first, *deletes])

    def empty() -> str:
        with engine.begin() as connection:
            connection.exec_driver_sql(emptying, execution_options={"no_parameters": True})
        return postgres_cluster.url("shared")

    yield empty
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """The name of the database system under this test."""
    return str(request.param)


@pytest.fixture
def url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a migrated database for this test alone."""
    if backend == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "gerbang.db")
        return f"sqlite:///{tmp_path}/gerbang.db"
    empty: Callable[[], str] = request.getfixturevalue("emptied")
    return empty()


@pytest.fixture
def own_database(
    backend: str, request: pytest.FixtureRequest, open_database: Callable[[str], Database]
) -> Iterator[Database]:
    """A migrated database whose schema the test may damage."""
    if backend == "sqlite":
        yield request.getfixturevalue("database")
        return
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    cluster.sql(f"CREATE DATABASE own TEMPLATE {request.getfixturevalue('migrated_template')}")
    database = open_database(cluster.url("own"))
    yield database
    database.dispose()
    cluster.sql("DROP DATABASE own")


@pytest.fixture
def empty_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without any schema."""
    if backend == "sqlite":
        return f"sqlite:///{tmp_path}/empty.db"
    cluster: Cluster = request.getfixturevalue("postgres_cluster")
    return cluster.create_database()


@pytest.fixture
def open_database() -> Iterator[Callable[[str], Database]]:
    """Open databases that are closed again at the test's end."""
    opened: list[Database] = []

    def open_one(url: str) -> Database:
        opened.append(Database(url))
        return opened[-1]

    yield open_one
    for database in opened:
        database.dispose()


@pytest.fixture
def database(url: str, open_database: Callable[[str], Database]) -> Database:
    """A migrated, empty database."""
    return open_database(url)


@pytest.fixture
def world(database: Database) -> World:
    """The same with two OPD, five persons and the procedure of hosting in it."""
    return World(database)
