"""How much of a bare route's speed has the gate, reading and writing, and where does the rest go?"""

from __future__ import annotations

import json
import logging
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from fastapi.testclient import TestClient

from api.app import create_app
from bench.office import Call, Served, bare, body_of, gate, opened, token_of
from bench.row import Row, higher_is_better
from bench.sampling import Sampler
from provisioner.settings import Settings
from tests.house import PEOPLE, EngineHouse

REQUESTS, ROUNDS, READS, WRITES, CLIENTS = 3000, 7, 120, 60, 4
GOAL = 0.6
LIST = "/api/v1/requests?limit=20"
PROFILED = 150


def measure() -> list[Row]:
    """Interleaved rounds against both servers on one database; then one more, in this process, under a profiler."""
    with tempfile.TemporaryDirectory(prefix="gerbang-bench-") as named:
        folder = Path(named)
        house = opened(folder, requests=REQUESTS)
        reader, writer = token_of(house, PEOPLE["kabid"]), token_of(house, PEOPLE["umum"])
        record(house, folder, reader, writer)
        numbers = iter(range(10, REQUESTS))
        with gate(folder, reader) as reading, gate(folder, writer) as writing, bare(folder) as floor:
            reads: list[Call] = [("GET", LIST, b"")] * READS
            for server in (reading, writing, floor):
                server.seconds(reads[:20], CLIENTS)
            rows = [compared("gate-read-vs-bare-route", reading, floor, lambda: reads)]
            rows.append(
                compared(
                    "gate-write-vs-bare-route", writing, floor, lambda: [write(next(numbers)) for _ in range(WRITES)]
                )
            )
        say_where_time_goes(house, reader, "read", lambda _: ("GET", LIST, b""))
        say_where_time_goes(house, writer, "write", lambda _: write(next(numbers)))
        house.close()
    return rows


def compared(name: str, ours: Served, floor: Served, calls: Callable[[], Sequence[Call]]) -> Row:
    """Rounds of both, one after the other."""
    rates = [(ours.rate(calls(), CLIENTS), floor.rate(calls(), CLIENTS)) for _ in range(ROUNDS)]
    return higher_is_better(name, [mine for mine, _ in rates], [bare for _, bare in rates], GOAL)


def write(number: int) -> Call:
    """Register one request: a step done, a row of audit, the request moved."""
    return "POST", f"/api/v1/requests/bench_{number}/steps/register", body_of(number=f"AG-{number}")


def record(house: EngineHouse, folder: Path, reader: str, writer: str) -> None:
    """Write down what the gate's two routes send, so that the floor sends the same."""
    with in_process(house) as client:
        read = sent_by(house, client, reader, ("GET", LIST, b""))
        written = sent_by(house, client, writer, write(1))
    (folder / "recorded.json").write_text(
        json.dumps({"read": read, "write": written, "request_id": "bench_1"}, default=str)
    )


def in_process(house: EngineHouse) -> TestClient:
    """The gate in this process, its log written to nobody."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    settings = Settings(public_url="http://127.0.0.1:8420")
    return TestClient(create_app(house.desk, settings), base_url="http://127.0.0.1:8420")


def call(client: TestClient, token: str, one: Call) -> None:
    """Make a call; RuntimeError where it is refused."""
    method, path, body = one
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    answer = client.request(method, path, content=body, headers=headers)
    if answer.status_code >= 300:
        raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:300]}")


def sent_by(house: EngineHouse, client: TestClient, token: str, one: Call) -> list[tuple[str, Any]]:
    """The statements of one call with their parameters; how a transaction begins is left out, the floor has its own."""
    sent: list[tuple[str, Any]] = []

    def note(*arguments: Any) -> None:
        if not arguments[2].startswith(("BEGIN", "PRAGMA")):
            sent.append((arguments[2], list(arguments[3])))

    sa.event.listen(house.database.engine, "before_cursor_execute", note)
    call(client, token, one)
    sa.event.remove(house.database.engine, "before_cursor_execute", note)
    return sent


def say_where_time_goes(house: EngineHouse, token: str, name: str, next_call: Callable[[int], Call]) -> None:
    """Print what a call costs in this process, what its statements take of it, and in whose code the rest is spent."""
    inside: list[float] = []
    begun: list[float] = []
    engine = house.database.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *_: begun.append(time.perf_counter()))
    sa.event.listen(engine, "after_cursor_execute", lambda *_: inside.append(time.perf_counter() - begun.pop()))
    with in_process(house) as client:
        call(client, token, next_call(0))
        inside.clear()
        sampler, started = Sampler(but=threading.get_ident()), time.perf_counter()
        sampler.start()
        for number in range(PROFILED):
            call(client, token, next_call(number))
        whole, shares = (time.perf_counter() - started) / PROFILED, sampler.shares()
    print(f"  {name}: {whole * 1000:.1f} ms a call, one after the other, the test client's own share included")
    print(f"    {len(inside) / PROFILED:.0f} statements take {sum(inside) / PROFILED * 1000:.1f} ms of it")
    print("    in whose code: " + ", ".join(f"{owner} {share:.0%}" for owner, share in shares))
