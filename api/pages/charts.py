"""How is a series drawn? As paths of an SVG that stretches: every label stands beside it as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from provisioner.letters.dates import long_day, short_day

WIDTH, HEIGHT = 1000, 300
#: over a limit there is still room to see that it is passed
_HEADROOM = 1.05
_STEPS = (1, 1.5, 2, 3, 4, 5, 6, 8, 10)  # but 1.5 where half of it is a round number too
_UNITS = (1024**4, 1024**3, 1024**2, 1024, 1)
#: a day without a measure is a gap, never a line drawn through what nobody knows
_GAP = timedelta(hours=36)
#: so many points are seen one by one; more are a line
_FEW = 45

Steps = Sequence[tuple[datetime, int]]


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A drawing of WIDTH by HEIGHT: `line`, `area`, `dots` and `limit` are path data, '' where there is nothing.

    `rows`: labels of the value axis from the top down; `columns`: of the time axis from left to right; `said`: the
    same in a sentence, for who does not see it.
    """

    title: str
    said: str
    line: str
    area: str
    dots: str
    limit: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]


def draw(
    title: str,
    points: Steps,
    limits: Steps,
    *,
    since: datetime,
    until: datetime,
    zone: str,
    written: Callable[[int], str],
) -> Chart:
    """Draw (instant, value) points and the limit that held since when, from the first point after `since` to `until`.

    `written` says a value as the page does: 5368709120 -> '5 GB'. Without points nothing is drawn but the limit.
    """
    begins = min(max(since, points[0][0]) if points else since, until - timedelta(days=1))
    shown = [point for point in points if begins <= point[0] <= until]
    held = _held(limits, begins, until)
    top = ceiling(max([value for _, value in (*shown, *held)], default=0))

    def across(at: datetime) -> float:
        return _rounded(WIDTH * ((at - begins) / (until - begins)))

    def up(value: int) -> float:
        return _rounded(HEIGHT - HEIGHT * value / top)

    strokes = [[(across(at), up(value)) for at, value in stroke] for stroke in _strokes(shown)]
    single = shown if len(shown) <= _FEW else [stroke[0] for stroke in _strokes(shown) if len(stroke) == 1]
    middle = begins + (until - begins) / 2
    return Chart(
        title=title,
        said=_said(shown, held, zone, written),
        line=" ".join(_path(stroke) for stroke in strokes if len(stroke) > 1),
        area=" ".join(f"{_path(s)} V{HEIGHT} H{s[0][0]:g} Z" for s in strokes if len(s) > 1),
        dots=" ".join(f"M{across(at):g} {up(value):g} h0" for at, value in single),
        limit=_stairs([(across(at), up(value)) for at, value in held]),
        rows=(written(top), written(top // 2), "0"),
        columns=tuple(short_day(at.astimezone(ZoneInfo(zone)).date()) for at in (begins, middle, until)),
    )


def ceiling(most: int) -> int:
    """Return the top of the axis: a round amount in a unit people know, a little over `most`; 1 KiB at least."""
    wanted = max(most * _HEADROOM, 1024)
    unit = next(unit for unit in _UNITS if unit <= wanted)
    tens = 10 ** max(len(str(int(wanted / unit))) - 1, 0)
    step = next(step for step in _STEPS if step * tens * unit >= wanted and (step != 1.5 or tens > 1))
    return int(step * tens * unit)


def _strokes(points: Steps) -> list[list[tuple[datetime, int]]]:
    """Part the points where a day is missing between two of them."""
    strokes: list[list[tuple[datetime, int]]] = []
    for point in points:
        if strokes and point[0] - strokes[-1][-1][0] <= _GAP:
            strokes[-1].append(point)
        else:
            strokes.append([point])
    return strokes


def _held(limits: Steps, begins: datetime, until: datetime) -> list[tuple[datetime, int]]:
    """Return the steps of the limit within the drawing, the one that held at its left edge first, its end last."""
    before = [(begins, value) for at, value in limits if at <= begins][-1:]
    within = [(at, value) for at, value in limits if begins < at <= until]
    found = before + within
    return [*found, (until, found[-1][1])] if found else []


def _path(stroke: Sequence[tuple[float, float]]) -> str:
    (x, y), *rest = stroke
    return f"M{x:g} {y:g}" + "".join(f" L{across:g} {up:g}" for across, up in rest)


def _stairs(steps: Sequence[tuple[float, float]]) -> str:
    if not steps:
        return ""
    (x, y), *rest = steps
    return f"M{x:g} {y:g}" + "".join(f" H{across:g} V{up:g}" for across, up in rest)


def _said(points: Steps, held: Steps, zone: str, written: Callable[[int], str]) -> str:
    limit = f", dari batas {written(held[-1][1])}" if held and held[-1][1] else ""
    if not points:
        return f"Belum ada pengukuran{limit}."
    first, last = (long_day(at.astimezone(ZoneInfo(zone)).date()) for at in (points[0][0], points[-1][0]))
    values = [value for _, value in points]
    if len(points) == 1:
        return f"Satu pengukuran, {last}: {written(values[0])}{limit}."
    return (
        f"{len(points)} pengukuran dari {first} sampai {last}: terendah {written(min(values))}, "
        f"tertinggi {written(max(values))}, terakhir {written(values[-1])}{limit}."
    )


def _rounded(number: float) -> float:
    """A tenth of a unit is less than a pixel."""
    return round(number, 1)
