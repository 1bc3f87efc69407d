"""How long until queued work begins, and until a browser hears of an event, against how often either is looked for?"""

from __future__ import annotations

import http.client
import random
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from api.routes.live import POLL_SECONDS
from bench.office import Served, gate, opened, token_of
from bench.row import Row, lower_is_better
from provisioner.jobs.executor import Executor
from provisioner.jobs.settings import CARRY_OUT, LOOK, TELL
from provisioner.settings import Settings
from provisioner.store import runs
from tests.house import PEOPLE, EngineHouse

QUEUED, EVENTS, PATIENCE_SECONDS = 30, 30, 20.0
#: a moment that comes just after a look waits for the next: no later than that is the goal
GOAL = 2.0


def measure() -> list[Row]:
    """Each moment falls at any time between two looks."""
    with tempfile.TemporaryDirectory(prefix="gerbang-bench-") as named:
        house = opened(Path(named))
        rows = [enqueue_to_start(house), event_to_browser(house, Path(named))]
        house.close()
    return rows


def enqueue_to_start(house: EngineHouse) -> Row:
    """From the commit of the transaction that queues to the first line of the handler."""
    begun: dict[str, float] = {}
    came = threading.Event()

    def note(subject: str) -> None:
        begun[subject] = time.perf_counter()
        came.set()

    poll_seconds = Settings().poll_seconds
    taker = Executor(house.url, house.database.engine, "exe_bench", {LOOK: note, CARRY_OUT: note, TELL: note})
    taker.launch(poll_seconds)
    found = []
    try:
        for number in range(QUEUED + 1):
            came.clear()
            with house.database.transaction() as uow:
                house.queue.advance(uow, f"bench{number}")
            queued = time.perf_counter()
            if not came.wait(PATIENCE_SECONDS):
                raise RuntimeError(f"job {number} did not begin within {PATIENCE_SECONDS:.0f} s")
            found.append(begun[f"bench{number}"] - queued)
            time.sleep(random.uniform(0, 2 * poll_seconds))  # noqa: S311 - a moment, no secret
    finally:
        taker.stop(5)
    return lower_is_better("enqueue-to-start", found[1:], [poll_seconds] * QUEUED, GOAL)


def event_to_browser(house: EngineHouse, folder: Path) -> Row:
    """From the commit of the worker's event to its frame at a client of the gate."""
    run_id = house.to_run(sub_domain="ujibench")
    with gate(folder, token_of(house, PEOPLE["kabid"])) as server:
        heard: dict[str, float] = {}
        threading.Thread(target=listen, args=(server, run_id, heard), daemon=True).start()
        time.sleep(1.0)
        found = [told(house, run_id, f"bench {number}", heard) for number in range(EVENTS + 1)]
    return lower_is_better("event-to-browser", found[1:], [POLL_SECONDS] * EVENTS, GOAL)


def told(house: EngineHouse, run_id: str, text: str, heard: dict[str, float]) -> float:
    """Write one event and wait until it was heard; the seconds between."""
    with house.database.transaction() as uow:
        runs.add_events(uow, run_id, [("line", "apache", text, datetime.now(UTC))])
    written = time.perf_counter()
    while text not in heard:
        if time.perf_counter() - written > PATIENCE_SECONDS:
            raise RuntimeError(f"{text} was not heard within {PATIENCE_SECONDS:.0f} s")
        time.sleep(0.001)
    time.sleep(random.uniform(0, 2 * POLL_SECONDS))  # noqa: S311 - a moment, no secret
    return heard[text] - written


def listen(server: Served, run_id: str, heard: dict[str, float]) -> None:
    """Be a browser: note when each event's text comes."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    headers = {"Authorization": f"Bearer {server.token}", "Accept": "text/event-stream"}
    connection.request("GET", f"/api/v1/runs/{run_id}/events", headers=headers)
    answer = connection.getresponse()
    if answer.status != 200:
        raise RuntimeError(f"the stream answers {answer.status}: {answer.read()[:200]!r}")
    while line := answer.readline():
        at = time.perf_counter()
        if b'"bench ' in line:
            heard["bench " + line.partition(b'"bench ')[2].partition(b'"')[0].decode()] = at
