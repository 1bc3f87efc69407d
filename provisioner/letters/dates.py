"""How are days and instants said in Indonesian, in the office's zone?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni",
    "Juli", "Agustus", "September", "Oktober", "November", "Desember",
)  # fmt: skip
SHORT_MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
ZONES: Mapping[str, str] = {
    "Asia/Jakarta": "WIB",
    "Asia/Pontianak": "WIB",
    "Asia/Makassar": "WITA",
    "Asia/Jayapura": "WIT",
}


def long_day(day: date) -> str:
    """Write a date: '16 November 2026'."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def short_day(day: date) -> str:
    """Write a date where room is scarce: '16 Nov 2026', '1 Mei 2026', '9 Agu 2026'."""
    return f"{day.day} {SHORT_MONTHS[day.month - 1]} {day.year}"


def day_of(iso: str) -> str:
    """Write an ISO date: '2026-11-16' -> '16 November 2026'; what is no date stays as it is."""
    try:
        return long_day(date.fromisoformat(iso))
    except ValueError:
        return iso


def moment(at: datetime, zone: str) -> str:
    """Write an instant in full: 'Sabtu, 21 November 2026 pukul 10.15 WITA'."""
    local = at.astimezone(ZoneInfo(zone))
    named = ZONES.get(zone, local.tzname() or zone)
    return f"{DAYS[local.weekday()]}, {long_day(local)} pukul {local:%H.%M} {named}"
