"""What does an office of many years hold? A database filled to any size, and servers in processes of their own."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import queue
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from provisioner.people.person import Person
from tests.house import PEOPLE, EngineHouse

COPIED = ("requests", "request_versions", "request_persons", "lines", "line_wishes", "steps_done")
#: what differs in a copy, by column; n is its number
ANEW = {
    "id": "'bench_' || n",
    "request_id": "'bench_' || n",
    "line_id": "'bench_' || n",
    "number": "'2020-' || printf('%07d', n)",
    "submitted_at": "strftime('%Y-%m-%d %H:%M:%S', '2020-01-01', '+' || (n * 20) || ' minutes') || '.000000'",
}
#: a line's number counts within its request, a step's within nothing
KEPT_AS_IT_IS = {"lines": {"number"}, "steps_done": {"number"}}
READY_SECONDS = 60.0
Call = tuple[str, str, bytes]  # method, path, body


@dataclass(frozen=True, kw_only=True)
class Served:
    """A server of ours on loopback, and the token with which it is asked."""

    port: int
    token: str

    def seconds(self, calls: Sequence[Call], clients: int) -> float:
        """Make all calls by so many clients at once, each on one connection; RuntimeError where one is refused."""
        waiting: queue.SimpleQueue[Call] = queue.SimpleQueue()
        for call in calls:
            waiting.put(call)
        faults: list[str] = []
        threads = [threading.Thread(target=self._client, args=(waiting, faults)) for _ in range(clients)]
        begun = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if faults:
            raise RuntimeError(faults[0])
        return time.perf_counter() - begun

    def rate(self, calls: Sequence[Call], clients: int) -> float:
        """Calls a second."""
        return len(calls) / self.seconds(calls, clients)

    def _client(self, waiting: queue.SimpleQueue[Call], faults: list[str]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        with contextlib.suppress(queue.Empty), contextlib.closing(connection):
            while not faults:
                method, path, body = waiting.get_nowait()
                connection.request(method, path, body or None, headers)
                answer = connection.getresponse()
                said = answer.read()
                if answer.status >= 300:
                    faults.append(f"{method} {path}: {answer.status} {said[:300]!r}")


def opened(folder: Path, requests: int = 0, audit: int = 0) -> EngineHouse:
    """Open an office in `folder` and fill it; what is copied is the example's request, each an id of its own."""
    house = EngineHouse(folder)
    house.open()
    filed = house.desk.submit(PEOPLE["opd"], house.example(), "application/yaml")
    with contextlib.closing(sqlite3.connect(folder / "gerbang.db", isolation_level=None)) as raw:
        raw.execute("PRAGMA synchronous=OFF")
        raw.execute("BEGIN")
        line_id = filed.lines[0].id
        for table in COPIED:
            copy_rows(raw, table, filed.id, line_id, requests)
        chain(raw, audit, max(1, requests))
        raw.execute("COMMIT")
        raw.execute("ANALYZE")
    return house


def copy_rows(raw: sqlite3.Connection, table: str, request_id: str, line_id: str, count: int) -> None:
    """Write `count` copies of the rows of one request."""
    columns = [row[1] for row in raw.execute(f"PRAGMA table_info({table})")]
    kept = KEPT_AS_IT_IS.get(table, set())
    # A step's id is the database's own.
    columns = [name for name in columns if not (table == "steps_done" and name == "id")]
    values = ", ".join(ANEW[name] if name in ANEW and name not in kept else name for name in columns)
    owner = {"requests": "id", "line_wishes": "line_id"}.get(table, "request_id")
    mine = line_id if owner == "line_id" else request_id
    raw.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) "  # noqa: S608 - our own tables and columns
        f"SELECT {values} FROM {table}, (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ?) "
        f"SELECT n FROM c) WHERE {owner} = ? AND ? > 0",
        (count, mine, count),
    )


def chain(raw: sqlite3.Connection, count: int, subjects: int) -> None:
    """Write `count` rows of audit, whole but for their digests: nobody verifies this chain."""
    (law,) = raw.execute("SELECT sql FROM sqlite_master WHERE name = 'audit_chain'").fetchone()
    raw.execute("DROP TRIGGER audit_chain")
    raw.execute(
        "INSERT INTO audit (sequence, event, actor, recorder, subject, data, at, previous, digest) "
        "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < :count) "
        "SELECT (SELECT max(sequence) FROM audit) + n, 'step:step:do', 'person_' || (n % 40), NULL, "
        "'bench_' || (n % :subjects), '{\"step\":\"register\"}', '2026-11-23T02:00:00.000000+00:00', "
        "printf('%064x', n), printf('%064x', n + 1) FROM c WHERE :count > 0",
        {"count": count, "subjects": subjects},
    )
    raw.execute(law)


def token_of(house: EngineHouse, person: Person) -> str:
    """Give a person an API token that is fresh by the machine's own clock."""
    token = f"gerbang_{int(time.time()):x}_bench{person.id}"
    house.desk.issue_token(person, hashlib.sha256(token.encode()).hexdigest(), "bench")
    return token


@contextmanager
def gate(folder: Path, token: str) -> Iterator[Served]:
    """The gate as `gerbang gate` starts it, its log in a file as in an office."""
    port = free_port()
    settings = {
        "GERBANG_DATABASE_URL": f"sqlite:///{folder / 'gerbang.db'}",
        "GERBANG_STATE_DIRECTORY": str(folder),
        "GERBANG_GATE_PORT": str(port),
        "GERBANG_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    with server(["-m", "provisioner.cli", "gate"], settings, folder / "gate.log", port):
        yield Served(port=port, token=token)


@contextmanager
def bare(folder: Path) -> Iterator[Served]:
    """The floor: bench/bare.py on the same database."""
    port = free_port()
    with server(["-m", "bench.bare", str(folder), str(port)], {}, folder / "bare.log", port):
        yield Served(port=port, token="")


@contextmanager
def server(words: list[str], settings: dict[str, str], log: Path, port: int) -> Iterator[None]:
    """Start it, wait until it listens, and end it."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, *words], env={**os.environ, **settings}, stdout=output, stderr=output, cwd=Path.cwd()
        )
    try:
        until = time.monotonic() + READY_SECONDS
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{words} does not listen: {log.read_text()[-1500:]}")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    """A port that nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


def body_of(**fields: object) -> bytes:
    """A JSON body."""
    return json.dumps(fields).encode()
