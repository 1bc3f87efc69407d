"""Where does a test find a real PostgreSQL? In a cluster of its own under var/, gone with the test run.

It listens on a UNIX socket only, so that two checkouts never meet, and dies with the process that started it. As root
it refuses to run: then it runs as Debian's user `postgres`.
"""

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

VAR = Path(__file__).resolve().parent.parent / "var"
START_SECONDS = 20
#: A test's data need not survive a power cut; without these the storage suite takes three times as long.
QUICK = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
SMALL = ["-c", "listen_addresses=", "-c", "shared_buffers=32MB", "-c", "max_connections=60", "-c", "autovacuum=off"]


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A running server. `url("store")` is postgresql+psycopg://postgres@/store?host=/tmp/gerbang-pg-x1."""

    sockets: Path
    programs: Path
    user: list[str]
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, database: str, user: str = "postgres") -> str:
        """SQLAlchemy's URL of that database, by psycopg 3."""
        return f"postgresql+psycopg://{user}@/{database}?host={self.sockets}"

    def create_database(self) -> str:
        """Make an empty database that nobody else uses, and return its URL."""
        name = f"try{next(self.numbers)}"
        self.sql(f"CREATE DATABASE {name} TEMPLATE template0")
        return self.url(name)

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run one statement as superuser; rows come back as psql -At prints them."""
        psql = [
            f"{self.programs}/psql",
            "-X",
            "-At",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            f"{self.sockets}",
            "-U",
            "postgres",
        ]
        command = [*psql, "-d", database, "-c", statement]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def newest_programs() -> Path:
    """Debian keeps them apart by version: /usr/lib/postgresql/15/bin."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if not found:
        pytest.fail("PostgreSQL's server is missing: `make setup-tests` installs it.", pytrace=False)
    return found[-1].parent


def as_user() -> list[str]:
    """The words before a command so that it does not run as root, and so that it ends when we do."""
    if os.geteuid() != 0:
        return ["setpriv", "--pdeathsig", "INT"]
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig", "INT"]


def reachable(folder: Path) -> bool:
    """Whether user postgres may walk into it: a checkout below /root is closed to it."""
    return subprocess.run([*as_user(), "test", "-x", folder], check=False).returncode == 0


@contextlib.contextmanager
def data_folder() -> Iterator[Path]:
    """An empty folder under var/, or in /tmp where var/ is closed to user postgres; removed at the end."""
    VAR.mkdir(exist_ok=True)
    parent = VAR if reachable(VAR) else None
    folder = Path(tempfile.mkdtemp(prefix="postgres-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running_cluster() -> Iterator[Cluster]:
    """Make the files (0.4 s), start, yield, stop and remove."""
    with data_folder() as data, tempfile.TemporaryDirectory(prefix="gerbang-pg-") as sockets:
        cluster = Cluster(sockets=Path(sockets), programs=newest_programs(), user=as_user())
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            for folder in (data, cluster.sockets):
                os.chown(folder, owner.pw_uid, owner.pw_gid)
        initdb = [
            f"{cluster.programs}/initdb",
            "-D",
            str(data),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-N",
            "--locale=C.UTF-8",
        ]
        subprocess.run([*cluster.user, *initdb, "-E", "UTF8"], check=True, stdout=subprocess.DEVNULL, cwd="/")
        server = [f"{cluster.programs}/postgres", "-D", str(data), "-k", str(cluster.sockets), *SMALL, *QUICK]
        with (data / "log").open("wb") as log:
            process = subprocess.Popen([*cluster.user, *server], stdout=log, stderr=log, cwd="/")
        try:
            wait_until_ready(cluster, process, data / "log")
            yield cluster
        finally:
            process.send_signal(signal.SIGINT)  # a fast shutdown: sessions are ended
            process.wait(timeout=START_SECONDS)


def wait_until_ready(cluster: Cluster, process: subprocess.Popen[bytes], log: Path) -> None:
    """Ask pg_isready until it says yes; a server that ends or takes too long fails with its log."""
    asked = [f"{cluster.programs}/pg_isready", "-q", "-h", str(cluster.sockets)]
    for _ in range(START_SECONDS * 20):
        if subprocess.run(asked, check=False).returncode == 0:
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    pytest.fail(f"PostgreSQL did not start:\n{log.read_text()}", pytrace=False)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """One server for the whole test run."""
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture
def postgres_url(postgres_cluster: Cluster) -> str:
    """The URL of an empty database for this test alone."""
    return postgres_cluster.create_database()
