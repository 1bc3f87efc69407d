"""Does work go on after a crash, queued in the very transaction that made it necessary? On both databases."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
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


def test_eight_runs_on_two_hosts_are_never_two_on_one_and_both_hosts_are_busy(
    url: str, house: House, tmp_path: Path
) -> None:
    """The queue is cut by target host, one run at a time each; queued by eight at once, as eight who decide do."""
    (database, queue), log = house, tmp_path / "log"

    def decide(number: int) -> None:
        with database.transaction() as uow:
            queue.carry_out(uow, f"run_{number}", f"web{1 + number % 2}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(decide, range(8)))
    worker = Process(url, "exe_one", log)
    lines = list[str]()
    for number in range(8):
        lines = _wait_for(log, f"carry_out run_{number} exe_one ends")
    worker.kill()
    at_work: dict[str, set[str]] = {"web1": set(), "web2": set()}
    most: set[tuple[int, int]] = set()
    for line in lines:
        _, run, _, what = line.split()
        on_host = at_work[f"web{1 + int(run[-1]) % 2}"]
        (on_host.add if what == "begins" else on_host.remove)(run)
        most.add((len(at_work["web1"]), len(at_work["web2"])))
    assert len(lines) == 16
    assert max(max(pair) for pair in most) == 1
    assert (1, 1) in most


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
