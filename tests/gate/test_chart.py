"""Is a series drawn exactly where its values lie, with what is not known left out?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.pages.charts import HEIGHT, WIDTH, Chart, ceiling, draw
from api.pages.words import size

GIB = 1024**3
UNTIL = datetime(2026, 11, 27, tzinfo=UTC)
DAY = timedelta(days=1)


def at(days_ago: float) -> datetime:
    return UNTIL - days_ago * DAY


def drawn(points: list[tuple[float, int]], limits: list[tuple[float, int]] | None = None, **how: Any) -> Chart:
    """Draw points and limits given by days ago; the axis ends at 6 GB with a limit of 5."""
    given = {"since": at(10), "until": UNTIL, "zone": "Asia/Makassar", "written": size, **how}
    told = [(at(ago), value) for ago, value in points]
    return draw("Ruang simpan", told, [(at(ago), value) for ago, value in (limits or [])], **given)


def test_each_point_lies_where_its_day_and_its_value_say() -> None:
    chart = drawn([(4, 0), (3, 3 * GIB), (2, 3 * GIB), (1, 6 * GIB)], [(30, 5 * GIB)], since=at(4))
    assert (WIDTH, HEIGHT) == (1000, 300)
    assert chart.rows == ("8 GB", "4 GB", "0")
    assert chart.line == "M0 300 L250 187.5 L500 187.5 L750 75"
    assert chart.area == "M0 300 L250 187.5 L500 187.5 L750 75 V300 H0 Z"
    assert chart.dots == "M0 300 h0 M250 187.5 h0 M500 187.5 h0 M750 75 h0"
    assert chart.limit == "M0 112.5 H1000 V112.5"
    assert chart.columns == ("23 Nov 2026", "25 Nov 2026", "27 Nov 2026")
    assert chart.said == (
        "4 pengukuran dari 23 November 2026 sampai 26 November 2026: terendah 0 B, tertinggi 6 GB, terakhir 6 GB, "
        "dari batas 5 GB."
    )


def test_a_day_that_nobody_measured_is_a_gap_and_no_line_is_drawn_through_it() -> None:
    chart = drawn([(10, 0), (9, 0), (7, GIB), (5, 0), (4, 0)], [(30, 5 * GIB)])
    assert chart.line == "M0 300 L100 300 M500 300 L600 300"
    assert chart.area.count("Z") == 2
    assert "M300 250 h0" in chart.dots


def test_of_many_points_only_the_lonely_ones_are_dots() -> None:
    days = [float(day) for day in range(60, 2, -1)]
    chart = drawn([(day, GIB) for day in days] + [(0, GIB)], since=at(90))
    assert chart.dots == "M1000 150 h0"
    assert chart.line.count("L") == len(days) - 1


def test_a_limit_that_was_changed_is_a_stair_and_one_that_came_later_begins_then() -> None:
    assert drawn([(10, 0)], [(30, 5 * GIB), (5, GIB)]).limit == "M0 50 H500 V250 H1000 V250"
    assert drawn([(10, 0)], [(4, 5 * GIB)]).limit == "M600 50 H1000 V50"
    assert drawn([(10, 0)], [(4, 5 * GIB), (2, 0)]).limit == "M600 50 H800 V300 H1000 V300"


def test_a_young_series_fills_the_drawing_instead_of_a_corner_of_it() -> None:
    chart = drawn([(2, GIB), (1, GIB)], since=at(90))
    assert chart.columns[0] == "25 Nov 2026"
    assert chart.line.startswith("M0 ")


def test_one_point_of_today_is_a_dot_at_the_right_and_nothing_measured_is_said() -> None:
    chart = drawn([(0, GIB)], [(30, 5 * GIB)])
    assert (chart.line, chart.dots) == ("", "M1000 250 h0")
    assert chart.said == "Satu pengukuran, 27 November 2026: 1 GB, dari batas 5 GB."
    nothing = drawn([], [(30, 5 * GIB)])
    assert (nothing.line, nothing.area, nothing.dots) == ("", "", "")
    assert nothing.said == "Belum ada pengukuran, dari batas 5 GB."
    assert (drawn([]).said, drawn([]).limit) == ("Belum ada pengukuran.", "")


@pytest.mark.parametrize(
    ("most", "top"),
    [
        (0, 1024),
        (70 * 1024**2, 80 * 1024**2),
        (5 * GIB, 6 * GIB),
        (9.9 * GIB, 15 * GIB),
        (100 * GIB, 150 * GIB),
        (1000 * 1024**2, 2 * GIB),
        (3 * 1024**4, 4 * 1024**4),
    ],
)
def test_the_axis_ends_at_a_round_amount_a_little_over_the_most(most: float, top: int) -> None:
    assert ceiling(int(most)) == top
