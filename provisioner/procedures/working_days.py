"""Which day is n working days later?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import yaml

from provisioner.errors import Unavailable

_SATURDAY = 5


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The office's working days. `years` are those whose holidays an officer has loaded; others are not guessed."""

    holidays: frozenset[date]
    years: frozenset[int]

    def is_working_day(self, day: date) -> bool:
        """Tell whether the office works; Unavailable where the year's holidays are not loaded."""
        if day.year not in self.years:
            raise Unavailable(
                f"hari libur tahun {day.year} belum dimuat", "kalender", "Muat SKB libur nasional dan cuti bersama."
            )
        return day.weekday() < _SATURDAY and day not in self.holidays

    def add(self, start: date, working_days: int) -> date:
        """Return the day `working_days` after `start`, the start not counted: Fri 2026-02-13 + 1 -> Wed 2026-02-18."""
        day = start
        for _ in range(working_days):
            day += timedelta(days=1)
            while not self.is_working_day(day):
                day += timedelta(days=1)
        return day


def read_calendar(text: str) -> Calendar:
    """Read the `calendar` of procedures.yaml (Perpres 21/2023; SKB of three ministers).

    Every public_holidays_YYYY it has.
    """
    data: Mapping[str, Any] = yaml.safe_load(text)["calendar"]
    lists = {key: days for key, days in data.items() if key.startswith(("public_holidays_", "collective_leave_"))}
    return Calendar(
        holidays=frozenset(date.fromisoformat(str(day)) for days in lists.values() for day in days),
        years=frozenset(int(key.rpartition("_")[2]) for key in lists),
    )
