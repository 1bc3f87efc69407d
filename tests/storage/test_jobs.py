"""Does work go on after a crash, queued in the very transaction that made it necessary? On both databases."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from provisioner.jobs.queue import Queue, migrate
from provisioner.store.database import Database

PATIENCE_SECONDS = 30
WORKER = """
import os, pathlib, sys, time
from provisioner.jobs.executor import Executor
from provisioner.store.database import Database

url, executor_id, log, slow = sys.argv[1:]
def note(name):
    def handler(subject):
        with open(log, "a") as file:
            file.write(f"{name} {subject} {executor_id} begins\\n")
        time.sleep(60 if subject == slow else 0.2)
        with open(log, "a") as file:
            file.write(f"{name} {subject} {executor_id} ends\\n")
    return handler
names = ("look", "carry_out", "tell", "letter", "notice")
executor = Executor(url, Database(url).engine, executor_id, {name: note(name) for name in names})
executor.launch(0.1)
executor.take_over(executor.pending_of_others())
print("ready", flush=True)
time.sleep(300)
"""


@pytest.fixture
def url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """An empty database with our schema and the queue's."""
    if backend == "sqlite":
        made = f"sqlite:///{tmp_path / 'jobs.db'}"
    else:
        made = request.getfixturevalue("postgres_cluster").create_database()
    database = Database(made)
    database.migrate()
    database.dispose()
    migrate(made)
    return made


@pytest.fixture
def house(url: str) -> Iterator[tuple[Database, Queue]]:
    """The gate's side: a database and its queue."""
    database = Database(url)
    queue = Queue(url, database.engine)
    yield database, queue
    queue.close()
    database.dispose()


House = tuple[Database, Queue]


class Process:
    """One worker process that notes what it begins and ends."""

    def __init__(self, url: str, executor_id: str, log: Path, slow: str = "") -> None:
        argv = [sys.executable, "-c", WORKER, url, executor_id, str(log), slow]
        self.process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def kill(self) -> None:
        """Kill -9."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


def _wait_for(log: Path, line: str) -> list[str]:
    begun, lines = time.monotonic(), list[str]()
    while time.monotonic() - begun < PATIENCE_SECONDS:
        lines = log.read_text().splitlines() if log.exists() else []
        if line in lines:
            return lines
        time.sleep(0.05)
    pytest.fail(f"no line {line!r} within {PATIENCE_SECONDS} s; there are {lines}")


def test_a_job_of_a_rolled_back_transaction_was_never_queued(url: str, house: House, tmp_path: Path) -> None:
    """Only what was committed is done."""
    (database, queue), log = house, tmp_path / "log"
    with pytest.raises(ZeroDivisionError), database.transaction() as uow:  # noqa: PT012  the fault comes after the act
        queue.look(uow, "plan_rolled_back")
        _ = 1 / 0
    with database.transaction() as uow:
        queue.look(uow, "plan_committed")
    worker = Process(url, "exe_one", log)
    lines = _wait_for(log, "look plan_committed exe_one ends")
    worker.kill()
    assert lines == ["look plan_committed exe_one begins", "look plan_committed exe_one ends"]


def test_a_killed_workers_job_is_taken_over_and_done_by_the_next(url: str, house: House, tmp_path: Path) -> None:
    """Kill -9 in the middle: the next process begins it again, whole; the handler is what makes that harmless."""
    (database, queue), log = house, tmp_path / "log"
    with database.transaction() as uow:
        queue.carry_out(uow, "run_a", "web1")
    first = Process(url, "exe_one", log, slow="run_a")
    _wait_for(log, "carry_out run_a exe_one begins")
    first.kill()
    second = Process(url, "exe_two", log)
    lines = _wait_for(log, "carry_out run_a exe_two ends")
    second.kill()
    assert lines == ["carry_out run_a exe_one begins", "carry_out run_a exe_two begins", "carry_out run_a exe_two ends"]


def test_two_runs_on_one_host_never_overlap_and_another_host_does_not_wait(
    url: str, house: House, tmp_path: Path
) -> None:
    """The queue is cut by target host, one run at a time each."""
    (database, queue), log = house, tmp_path / "log"
    with database.transaction() as uow:
        for number in range(3):
            queue.carry_out(uow, f"run_{number}", "web1")
        queue.carry_out(uow, "run_other", "web2")
    worker = Process(url, "exe_one", log)
    for number in range(3):
        _wait_for(log, f"carry_out run_{number} exe_one ends")
    lines = _wait_for(log, "carry_out run_other exe_one ends")
    worker.kill()
    on_web1 = [line.split()[3] for line in lines if "run_other" not in line]
    assert on_web1 == ["begins", "ends"] * 3


def test_two_jobs_of_one_letter_never_overlap_and_another_letter_does_not_wait(
    url: str, house: House, tmp_path: Path
) -> None:
    """Two at once would mail it twice; a mail server that does not answer holds up no other letter."""
    (database, queue), log = house, tmp_path / "log"
    with database.transaction() as uow:
        queue.letter(uow, "let_slow")
        for _ in range(2):
            queue.letter(uow, "let_one")
        queue.advance(uow, "req_1")
        queue.notice(uow, "per_1")
    worker = Process(url, "exe_one", log, slow="let_slow")
    for line in ("letter let_one exe_one ends", "tell req_1 exe_one ends"):
        _wait_for(log, line)
    lines = _wait_for(log, "notice per_1 exe_one ends")
    while sum("let_one exe_one ends" in line for line in lines) < 2:
        time.sleep(0.05)
        lines = log.read_text().splitlines()
    worker.kill()
    assert [line.split()[3] for line in lines if "let_one" in line] == ["begins", "ends"] * 2
    assert [line.split()[3] for line in lines if "let_slow" in line] == ["begins"]


def test_what_lies_in_the_queue_is_json_and_an_id(url: str, house: House) -> None:
    """No pickle in the database: whoever can write a row there must not run code in the worker."""
    database, queue = house
    with database.transaction() as uow:
        queue.look(uow, "plan_1")
        inputs = sa.Table("workflow_input", sa.MetaData(), autoload_with=uow.connection, schema=_schema(url))
        row = uow.connection.execute(sa.select(inputs)).one()._mapping
    kept = [value for value in row.values() if isinstance(value, str) and "plan_1" in value and value.startswith("{")]
    assert [json.loads(value) for value in kept] == [{"namedArgs": {}, "positionalArgs": ["plan_1"]}]


def _schema(url: str) -> str | None:
    return None if url.startswith("sqlite") else "dbos"
