"""How much of an item was used, and when? A series: one point a period and measure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo


class Period(StrEnum):
    """How dense a series is: of all that is collected within one period the last counts."""

    DAY = "day"
    HOUR = "hour"
    MINUTE = "minute"


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """How series are kept: one point a `period`, each for `days`. Three years are the office's own books."""

    period: Period = Period.DAY
    days: int = 1096


DAILY = Keeping()


@dataclass(frozen=True, kw_only=True)
class Point:
    """What was measured of an item: `value` of `measure` 'storage_used_bytes', at `at`, the last within its `period`.

    `period` is the instant at which the period began, in UTC.
    """

    item_id: str
    measure: str
    period: datetime
    at: datetime
    value: int


@dataclass(frozen=True, kw_only=True)
class Total:
    """What an OPD's items of one kind used together in one period, and how many of them were measured."""

    kind: str
    measure: str
    period: datetime
    value: int
    items: int


def period_of(at: datetime, period: Period, zone: ZoneInfo) -> datetime:
    """Return when the period of `at` began, on the office's clock: a day begins at its midnight. In UTC."""
    begun = at.astimezone(zone).replace(second=0, microsecond=0)
    if period is not Period.MINUTE:
        begun = begun.replace(minute=0)
    if period is Period.DAY:
        begun = begun.replace(hour=0)
    return begun.astimezone(UTC)
