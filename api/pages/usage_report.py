"""What is the "data dan laporan penggunaan" of a month? A row for each service and measure, then the sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from provisioner.desk.usage import INSTANT, UsageRow

COLUMNS = (
    *("OPD", "kode layanan", "layanan", "ukuran", "satuan", "batas", "awal", "akhir", "terendah", "tertinggi"),
    *("rata-rata", "persen dari batas", "jumlah pengukuran", "pengukuran terakhir", "tidak dihitung"),
)
Cells = tuple[object, ...]


def report_of(rows: Iterable[UsageRow], labels: Mapping[str, str], zone: ZoneInfo) -> Iterator[Cells]:
    """Return a line for each item and measure of `rows` (the oldest of an item first), then one for each sum.

    `labels`: what people call a kind. A sum adds what was measured last; an instant has none, no lowest and no mean.
    """
    found: dict[tuple[str, str], list[UsageRow]] = defaultdict(list)
    for row in rows:
        found[row.item.id, row.measure.name].append(row)
    sums: dict[tuple[str, str, str], list[UsageRow]] = defaultdict(list)
    for series in found.values():
        last = series[-1]
        yield _of_instant(series, zone) if last.measure.unit == INSTANT else _of_amount(series, zone)
        if last.measure.unit != INSTANT:
            sums[last.item.opd, last.item.kind, last.measure.name].append(last)
    for lasts in sums.values():
        yield _of_sum(lasts, labels)


def _of_amount(series: list[UsageRow], zone: ZoneInfo) -> Cells:
    values, last = [row.point.value for row in series], series[-1]
    told = (values[0], values[-1], min(values), max(values), round(sum(values) / len(values)))
    share = _percent(values[-1], last.granted)
    return (*_about(last, "bita"), last.granted or "", *told, share, len(series), _day(last, zone), _left_out(last))


def _of_instant(series: list[UsageRow], zone: ZoneInfo) -> Cells:
    first, last = (_instant(row.point.value, zone) for row in (series[0], series[-1]))
    empty = ("",) * 4
    return (*_about(series[-1], "waktu"), "", first, last, *empty, len(series), _day(series[-1], zone), "")


def _of_sum(lasts: list[UsageRow], labels: Mapping[str, str]) -> Cells:
    used, granted = sum(row.point.value for row in lasts), sum(row.granted or 0 for row in lasts)
    item, measure = lasts[0].item, lasts[0].measure
    words = (item.opd, "", f"JUMLAH {len(lasts)} layanan {labels[item.kind]}", measure.label, "bita", granted or "")
    return (*words, "", used, "", "", "", _percent(used, granted), "", "", measure.not_counted)


def _about(row: UsageRow, unit: str) -> Cells:
    return (row.item.opd, row.item.id, row.item.label, row.measure.label, unit)


def _left_out(row: UsageRow) -> str:
    return row.measure.not_counted


def _percent(part: int, whole: int | None) -> str:
    """Write it as a spreadsheet here reads it: '82,4'."""
    return f"{100 * part / whole:.1f}".replace(".", ",") if whole else ""


def _day(row: UsageRow, zone: ZoneInfo) -> str:
    return row.point.at.astimezone(zone).date().isoformat()


def _instant(value: int, zone: ZoneInfo) -> str:
    return (
        datetime.fromtimestamp(value, UTC).astimezone(zone).isoformat(timespec="minutes") if value else "belum pernah"
    )
