"""Is what items used kept as series: one point a period, paged, summed by OPD, forgotten in time?"""

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from provisioner.items.item import ItemState
from provisioner.items.usage import Point, Total
from provisioner.store import items, usage
from provisioner.store.tables.usage import USAGE
from tests.storage.world import ITEM, NOW, World, item

DAY = timedelta(days=1)
GIB = 1024**3
OTHER, FOREIGN = "gaaaaaaaaa", "gbbbbbbbbb"
USED, DATABASE = "storage_used_bytes", "database_used_bytes"


def point(value: int, *, day: int = 0, **fields: Any) -> Point:
    """A point of the item's used storage on that day, measured an hour after the period began."""
    period = NOW + day * DAY
    given = {"item_id": ITEM, "measure": USED, "period": period, "at": period + timedelta(hours=1), "value": value}
    return Point(**{**given, **fields})


@pytest.fixture
def standing(world: World) -> World:
    """Two items of DISDIK, one of DINKES."""
    line_id = world.line()
    with world.database.transaction() as uow:
        for item_id, opd in ((ITEM, "DISDIK"), (OTHER, "DISDIK"), (FOREIGN, "DINKES")):
            items.add(uow, item(line_id, id=item_id, opd=opd))
    return world


def kept(world: World, *points: Point) -> None:
    with world.database.transaction() as uow:
        usage.keep(uow, points)


def test_of_two_collections_in_one_period_the_last_counts(standing: World) -> None:
    later = NOW + timedelta(hours=5)
    kept(standing, point(3), point(5 * GIB, measure=DATABASE))
    kept(standing, point(4, at=later))
    kept(standing)
    with standing.database.reading() as uow:
        assert usage.page(uow, ITEM) == (point(4, at=later), point(5 * GIB, measure=DATABASE))


def test_two_collections_in_two_periods_are_two_points_of_each_measure(standing: World) -> None:
    for day in (0, 1):
        kept(standing, point(day, day=day), point(9, day=day, measure=DATABASE))
    with standing.database.reading() as uow:
        assert usage.series(uow, ITEM, since=NOW) == {
            USED: (point(0), point(1, day=1)),
            DATABASE: (point(9, measure=DATABASE), point(9, day=1, measure=DATABASE)),
        }
        assert usage.series(uow, ITEM, since=NOW + timedelta(seconds=1)).keys() == {USED, DATABASE}
        assert usage.series(uow, ITEM, since=NOW + 2 * DAY) == {}
        assert usage.series(uow, OTHER, since=NOW) == {}


def test_a_series_is_read_page_by_page_without_a_gap_or_a_repetition(standing: World) -> None:
    whole = [point(day, day=day, measure=measure) for day in range(4) for measure in (DATABASE, USED)]
    kept(standing, *whole, point(1, item_id=OTHER))
    seen: list[Point] = []
    before: tuple[datetime, str] | None = None
    with standing.database.reading() as uow:
        while found := usage.page(uow, ITEM, before=before, limit=3):
            seen += found
            before = (found[-1].period, found[-1].measure)
    assert seen == whole[::-1]


def test_what_an_opd_used_is_summed_by_measure_and_nobody_elses_is_in_it(standing: World) -> None:
    kept(standing, point(3 * GIB), point(2 * GIB, day=1), point(7, measure="last_login_unix_seconds"))
    kept(standing, point(4 * GIB, item_id=OTHER), point(100 * GIB, item_id=FOREIGN))
    with standing.database.reading() as uow:
        assert usage.totals(uow, "DISDIK", since=NOW, but={"last_login_unix_seconds"}) == (
            Total(kind="hosting", measure=USED, period=NOW, value=7 * GIB, items=2),
            Total(kind="hosting", measure=USED, period=NOW + DAY, value=2 * GIB, items=1),
        )
        assert [one.value for one in usage.totals(uow, "DINKES", since=NOW)] == [100 * GIB]
        assert usage.totals(uow, "DINKES", since=NOW + DAY) == ()


def test_the_points_of_many_items_are_read_at_once_between_two_instants(standing: World) -> None:
    kept(standing, point(3), point(2, day=1), point(9, day=-9, item_id=OTHER), point(5, item_id=FOREIGN))
    with standing.database.reading() as uow:
        both = usage.of_items(uow, [ITEM, OTHER], since=None, until=None)
        assert both == {ITEM: (point(3), point(2, day=1)), OTHER: (point(9, day=-9, item_id=OTHER),)}
        assert usage.of_items(uow, [ITEM, OTHER], since=NOW, until=NOW + DAY) == {ITEM: (point(3),)}
        assert usage.of_items(uow, [], since=None, until=None) == {}


def test_what_each_opd_uses_now_counts_the_newest_point_of_each_item(standing: World) -> None:
    kept(standing, point(3), point(2, day=1), point(4, item_id=OTHER), point(9, day=-5, item_id=FOREIGN))
    mine = Total(kind="hosting", measure=USED, period=NOW + DAY, value=6, items=2)
    theirs = Total(kind="hosting", measure=USED, period=NOW - 5 * DAY, value=9, items=1)
    with standing.database.reading() as uow:
        assert usage.newest(uow, opds=None, since=NOW) == (("DISDIK", mine),)
        assert usage.newest(uow, opds=None, since=NOW - 9 * DAY) == (("DINKES", theirs), ("DISDIK", mine))
        assert usage.newest(uow, opds=frozenset({"DINKES"}), since=NOW - 9 * DAY) == (("DINKES", theirs),)
        assert usage.newest(uow, opds=frozenset(), since=NOW) == ()


def test_an_item_that_ended_uses_nothing_now_and_keeps_its_series(standing: World) -> None:
    kept(standing, point(3), point(4, item_id=OTHER), point(9, item_id=FOREIGN))
    with standing.database.transaction() as uow:
        items.change(uow, ITEM, state=ItemState.TERMINATED)
        items.change(uow, OTHER, state=ItemState.ENDING, ending_until=NOW + DAY)
        items.change(uow, FOREIGN, state=ItemState.TERMINATED)
    with standing.database.reading() as uow:
        left = Total(kind="hosting", measure=USED, period=NOW, value=4, items=1)
        assert usage.newest(uow, opds=None, since=NOW) == (("DISDIK", left),)
        assert usage.series(uow, ITEM, since=NOW) == {USED: (point(3),)}
        assert [(one.value, one.items) for one in usage.totals(uow, "DISDIK", since=NOW)] == [(7, 2)]


def test_what_is_too_old_is_forgotten_and_the_rest_stays(standing: World) -> None:
    kept(standing, point(1, day=-2), point(2, day=-1), point(3))
    with standing.database.transaction() as uow:
        assert usage.forget(uow, NOW - DAY) == 1
        assert usage.forget(uow, NOW - DAY) == 0
        assert usage.page(uow, ITEM) == (point(3), point(2, day=-1))


@pytest.mark.parametrize("wrong", [{"value": -1}, {"item_id": "gzzzzzzzzz"}])
def test_nothing_is_used_by_nobody_or_less_than_nothing(standing: World, wrong: dict[str, Any]) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        kept(standing, point(**{"value": 1, **wrong}))


def test_the_key_itself_holds_one_point_a_period(standing: World) -> None:
    kept(standing, point(1))
    with pytest.raises(sa.exc.IntegrityError), standing.database.transaction() as uow:
        uow.connection.execute(sa.insert(USAGE).values(vars(point(2))))
