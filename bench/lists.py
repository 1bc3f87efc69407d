"""Do the main lists stay as fast as their index, with a hundred thousand requests and a million rows of audit?"""

from __future__ import annotations

import contextlib
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import sqlalchemy as sa

from bench.office import opened
from bench.row import Row, lower_is_better
from provisioner.store import audit, filed
from provisioner.unit_of_work import UnitOfWork
from tests.house import EXAMPLE, EngineHouse

SMALL, LARGE = (1_000, 10_000), (100_000, 1_000_000)
ROUNDS, LIMIT = 25, 50
#: in the middle of what was filled: ten years, twenty minutes apart
DEEP = (datetime(2021, 1, 1, tzinfo=UTC), "bench_x")
SHALLOW = (datetime(2020, 1, 8, tzinfo=UTC), "bench_x")
List = Callable[[UnitOfWork, bool], object]
LISTS: dict[str, List] = {
    "requests, newest": lambda uow, _: filed.page(uow, opds=None, limit=LIMIT),
    "requests, far back": lambda uow, large: filed.page(uow, opds=None, before=DEEP if large else SHALLOW, limit=LIMIT),
    "requests of one OPD": lambda uow, _: filed.page(uow, opds=frozenset({str(EXAMPLE["opd"])}), limit=LIMIT),
    "requests by number": lambda uow, _: filed.page(uow, opds=None, text="2020-00005", limit=LIMIT),
    "audit, newest": lambda uow, _: audit.page(uow, limit=LIMIT),
    "audit of a request": lambda uow, _: audit.page(uow, subjects=("bench_7",), limit=LIMIT),
    "audit of a person": lambda uow, _: audit.page(uow, persons=("person_7",), limit=LIMIT),
    "requests by a part of the name, none found": lambda uow, _: filed.page(
        uow, opds=None, text="tidak-ada", limit=LIMIT
    ),
}
#: a part of a name has no index: every version is read
WHOLE_TABLE = "requests by a part of the name, none found"


def measure() -> list[Row]:
    """One row for the lists that have an index, against their own statements by plain sqlite3; one for their growth."""
    with office(*SMALL) as small:
        before = {name: times(small, name, large=False) for name in LISTS}
    with office(*LARGE) as house, contextlib.closing(sqlite3.connect(house.folder / "gerbang.db")) as raw:
        ours = {name: times(house, name, large=True) for name in LISTS}
        floor = {name: seconds(plain(house, raw, name)) for name in LISTS}
    for name in LISTS:
        mine, bare, young = median(ours[name]), median(floor[name]), median(before[name])
        print(f"  {name:45} {mine * 1000:7.2f} ms, plain {bare * 1000:6.2f} ms, young office {young * 1000:6.2f} ms")
    indexed = [name for name in LISTS if name != WHOLE_TABLE]
    return [
        lower_is_better("list-vs-indexed-select", whole(ours, indexed), whole(floor, indexed), None),
        lower_is_better("list-growth-1e3-to-1e5", whole(ours, indexed), whole(before, indexed), 1.5),
        lower_is_better("list-by-name-growth-1e3-to-1e5", ours[WHOLE_TABLE], before[WHOLE_TABLE], None),
    ]


@contextmanager
def office(requests: int, rows: int) -> Iterator[EngineHouse]:
    """An office of that size."""
    with tempfile.TemporaryDirectory(prefix="gerbang-bench-") as named:
        house = opened(Path(named), requests=requests, audit=rows)
        try:
            yield house
        finally:
            house.close()


def times(house: EngineHouse, name: str, *, large: bool) -> list[float]:
    """Seconds of one list, as the desk asks for it."""

    def once() -> None:
        with house.database.reading() as uow:
            LISTS[name](uow, large)

    return seconds(once)


def plain(house: EngineHouse, raw: sqlite3.Connection, name: str) -> Callable[[], object]:
    """Return what sends the very statements of a list and takes their rows, without SQLAlchemy and without objects."""
    sent: list[tuple[str, Any]] = []

    def note(*arguments: Any) -> None:
        if not arguments[2].startswith(("BEGIN", "PRAGMA")):
            sent.append((arguments[2], arguments[3]))

    sa.event.listen(house.database.engine, "before_cursor_execute", note)
    with house.database.reading() as uow:
        LISTS[name](uow, True)
    sa.event.remove(house.database.engine, "before_cursor_execute", note)
    return lambda: [raw.execute(statement, parameters).fetchall() for statement, parameters in sent]


def seconds(act: Callable[[], object]) -> list[float]:
    """Do it some times; the first is not counted."""
    act()
    found = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        act()
        found.append(time.perf_counter() - begun)
    return found


def whole(found: dict[str, list[float]], names: list[str]) -> list[float]:
    """All these lists, one after the other, round by round."""
    return [sum(found[name][index] for name in names) for index in range(ROUNDS)]
