"""Does the scheduled look leave one point of usage a period, and none where a host is silent?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from provisioner.errors import Unreachable
from provisioner.items.usage import Keeping, Period
from provisioner.jobs.queue import Queue
from provisioner.store import last_looks, usage
from provisioner.workflow.watch import Watches, watch
from tests.house import PEOPLE, EngineHouse

USED, DATABASE = "storage_used_bytes", "database_used_bytes"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[EngineHouse]:
    """An open office."""
    house = EngineHouse(tmp_path)
    house.open()
    yield house
    house.close()


def stand(house: EngineHouse) -> str:
    """Let one site stand; return the item's id."""
    run_id = house.to_run()
    assert house.carry_out(run_id) == "done"
    return house.desk.run(PEOPLE["kabid"], run_id).run.item_id


def measured(house: EngineHouse, item_id: str, **amounts: int) -> None:
    for measure, amount in amounts.items():
        house.world.measure(f"web1/{item_id}:{measure}", amount)


def series(house: EngineHouse, item_id: str) -> dict[str, list[int]]:
    """Values by measure, the oldest first."""
    with house.database.reading() as uow:
        points = usage.page(uow, item_id, limit=100)
    return {name: [p.value for p in reversed(points) if p.measure == name] for name in {p.measure for p in points}}


def test_two_collections_add_two_points_and_no_more_a_period(house: EngineHouse) -> None:
    item_id = stand(house)
    measured(house, item_id, storage_used_bytes=100, database_used_bytes=7)
    watch(house.hands, "hosting")
    assert series(house, item_id) == {USED: [100], DATABASE: [7]}
    measured(house, item_id, storage_used_bytes=150)
    watch(house.hands, "hosting")
    assert series(house, item_id) == {USED: [150], DATABASE: [7]}, "the last within the day"
    house.clock.move(days=1)
    watch(house.hands, "hosting")
    watch(house.hands, "hosting")
    assert series(house, item_id) == {USED: [150, 150], DATABASE: [7, 7]}


def test_an_office_may_want_a_point_a_minute(house: EngineHouse) -> None:
    item_id, hands = stand(house), replace(house.hands, usage=Keeping(period=Period.MINUTE))
    for amount in (1, 2, 3):
        measured(house, item_id, storage_used_bytes=amount)
        watch(hands, "hosting")
        house.clock.move(minutes=1)
    assert series(house, item_id) == {USED: [1, 2, 3]}


def test_what_is_older_than_the_office_keeps_is_forgotten(house: EngineHouse) -> None:
    item_id, hands = stand(house), replace(house.hands, usage=Keeping(days=10))
    for amount in (1, 2):
        measured(house, item_id, storage_used_bytes=amount)
        watch(hands, "hosting")
        house.clock.move(days=9)
    watch(hands, "hosting")
    assert series(house, item_id) == {USED: [2, 2]}


def test_a_host_that_is_silent_leaves_no_point(house: EngineHouse) -> None:
    """Nobody knows what is used then; a zero would be a lie."""
    item_id = stand(house)
    measured(house, item_id, storage_used_bytes=100)
    watch(house.hands, "hosting")
    house.clock.move(days=1)
    house.world.silence("web1")
    with pytest.raises(Unreachable):
        watch(house.hands, "hosting")
    assert series(house, item_id) == {USED: [100]}


def test_what_the_look_calls_an_item_is_the_kinds_own_word(house: EngineHouse) -> None:
    """An account's measures stand under its account's name, not under the item's id."""
    item_id = stand(house)
    named = replace(house.hands.kinds["hosting"], target=lambda choices: f"{choices['host']}/budi.disdik")
    house.world.measure("web1/budi.disdik:storage_used_bytes", 42)
    watch(replace(house.hands, kinds={"hosting": named}), "hosting")
    assert series(house, item_id) == {USED: [42]}
    with house.database.reading() as uow:
        assert last_looks.of(uow, ["web1/budi.disdik"])["web1/budi.disdik"].measures == {USED: 42}


def test_a_look_is_due_once_a_day_and_after_a_silence_again_within_the_hour(house: EngineHouse) -> None:
    """What was asked for and failed is asked for again; what was looked at is not, however often a worker starts."""
    asked: list[str] = []
    only = {"hosting": house.hands.kinds["hosting"]}
    hands = replace(house.hands, queue=cast("Queue", Asked(asked)), kinds=only)
    watches = Watches(hands, timedelta(hours=24))

    def asks(**later: float) -> int:
        house.clock.move(**later)
        before = len(asked)
        watches.ask()
        return len(asked) - before

    assert (asks(), asks(minutes=2), asks(minutes=30)) == (1, 0, 0)
    assert asks(minutes=30) == 1, "nobody looked yet: the first look failed"
    watch(house.hands, "hosting")
    assert (asks(hours=2), asks(hours=20), asks(hours=3), asks(minutes=5)) == (0, 0, 1, 0)
    watch(house.hands, "hosting")
    watches = Watches(hands, timedelta(hours=24))
    assert asks(minutes=2) == 0, "a worker that starts again"
    assert set(asked) == {"hosting"}


class Asked:
    """A queue that notes which looks were asked for."""

    def __init__(self, kinds: list[str]) -> None:
        self._kinds = kinds

    def watch(self, _uow: object, kind: str) -> None:
        self._kinds.append(kind)
