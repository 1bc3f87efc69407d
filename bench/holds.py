"""What does holding a scarce thing cost over HTTP against one INSERT, for one client and for sixteen?"""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
import tempfile
from pathlib import Path

from bench.office import Call, bare, body_of, opened
from bench.row import Row, higher_is_better

ROUNDS, CALLS, GOAL = 7, 80, 0.4
LINES = 5_000


def measure() -> list[Row]:
    """Both routes stand in one bare server on one database; the hold is store.holds.take in a transaction of ours."""
    with tempfile.TemporaryDirectory(prefix="gerbang-bench-") as named:
        folder = Path(named)
        opened(folder, requests=LINES).close()
        with contextlib.closing(sqlite3.connect(folder / "gerbang.db")) as raw:
            raw.execute("CREATE TABLE bench_names (name TEXT PRIMARY KEY, line TEXT NOT NULL)")
            raw.commit()
        numbers = itertools.count()
        with bare(folder) as server:
            rows = []
            for clients in (1, 16):
                server.seconds([*calls("/hold", numbers), *calls("/insert", numbers)], clients)
                rates = [
                    (server.rate(calls("/hold", numbers), clients), server.rate(calls("/insert", numbers), clients))
                    for _ in range(ROUNDS)
                ]
                ours, floor = [mine for mine, _ in rates], [one for _, one in rates]
                rows.append(higher_is_better(f"hold-vs-bare-insert-{clients}", ours, floor, GOAL))
    print("  a hold: the rows of its line read, a savepoint, a unique index; the floor: one INSERT")
    return rows


def calls(path: str, numbers: itertools.count[int]) -> list[Call]:
    """Names that nobody has yet, for lines in turn."""
    found = [next(numbers) for _ in range(CALLS)]
    return [("POST", path, body_of(name=f"n{n}.kota.lab", line=f"bench_{1 + n % LINES}")) for n in found]
