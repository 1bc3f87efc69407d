"""Pemakaian: how much does an item, or an OPD, use, how did that go, and can I take the figures with me?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, groupby
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.pages.chain_words import csv_line
from api.pages.charts import Chart, draw
from api.pages.layout import page, see_other
from api.pages.months import month_of
from api.pages.usage_report import COLUMNS as REPORT
from api.pages.usage_report import report_of
from api.pages.words import moment, size
from api.replies import cursor
from api.session import CallerOf, Door, DoorOf
from provisioner.desk.usage import INSTANT, Series, UsageRow
from provisioner.kinds.port import Measure

router = APIRouter()
SHOWN = 60  # points of the table
SPANS = {30: "30 hari", 90: "90 hari", 365: "1 tahun"}
COLUMNS = ("periode", "diukur", "OPD", "kode layanan", "layanan", "ukuran", "satuan", "nilai", "batas")
Days = Annotated[int, Query(ge=1, le=1100)]
Cursor = Annotated[str | None, Query(max_length=200)]
Month = Annotated[str, Query(max_length=7)]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A series for a reader: its drawing, or, of an instant, when it was last; what the figure leaves out."""

    series: Series
    chart: Chart | None
    last: str


@router.get("/layanan/{item_id}/pemakaian")
def show_item_usage(
    request: Request, item_id: str, door: DoorOf, who: CallerOf, hari: Days = 90, sebelum: Cursor = None
) -> Response:
    """Show an item's charts over the last days, and its figures page by page."""
    found = door.desk.item_usage(who.person, item_id, days=hari)
    rows = door.desk.usage_page(who.person, item_id, before=cursor.read(sebelum), limit=SHOWN)
    last = rows[-1].point if len(rows) == SHOWN else None
    return page(
        request,
        "pemakaian.html",
        who,
        item=found.item,
        shown=shown_of(door, found.series, found.since),
        table=_table(rows, door.settings.timezone),
        measures=[
            one for one in door.desk.catalogue()[found.item.kind].measures if one in {row.measure for row in rows}
        ],
        days=hari,
        spans=SPANS,
        following=cursor.write(last.period, last.measure) if last else None,
    )


@router.get("/layanan/{item_id}/usage.csv")
def download_item_usage(item_id: str, door: DoorOf, who: CallerOf, bulan: Month = "") -> Response:
    """Return an item's points, all or of one month, as CSV."""
    since, until = month_of(bulan, door.settings.timezone)
    rows = door.desk.item_usage_rows(who.person, item_id, since=since, until=until)
    zone = ZoneInfo(door.settings.timezone)
    return _csv(COLUMNS, (_cells(row, zone) for row in rows), f"pemakaian-{item_id}{bulan and '-' + bulan}")


@router.get("/pemakaian")
def list_opds(request: Request, door: DoorOf, who: CallerOf) -> Response:
    """Show what each OPD uses now; who sees one OPD alone is led to it."""
    scope = door.desk.scope(who.person)
    if scope is not None and len(scope) == 1:
        return see_other(f"/pemakaian/{next(iter(scope))}")
    by_opd = groupby(door.desk.opd_sums(who.person), key=lambda one: (one.opd, one.name))
    return page(request, "pemakaian_daftar.html", who, opds=[(opd, list(sums)) for opd, sums in by_opd])


@router.get("/pemakaian/{opd}")
def show_opd_usage(
    request: Request, opd: str, door: DoorOf, who: CallerOf, hari: Days = 90, sebelum: Cursor = None
) -> Response:
    """Show what an OPD's items used together, and each item's use now."""
    found = door.desk.opd_usage(who.person, opd, days=hari, before=cursor.read(sebelum), limit=SHOWN)
    last = found.cards[-1].item if len(found.cards) == SHOWN else None
    return page(
        request,
        "pemakaian_opd.html",
        who,
        found=found,
        shown=shown_of(door, found.series, found.since),
        days=hari,
        spans=SPANS,
        is_staff=door.desk.sees_all(who.person),
        this_month=f"{door.clock().astimezone(ZoneInfo(door.settings.timezone)):%Y-%m}",
        following=cursor.write(last.delivered_at, last.id) if last else None,
    )


@router.get("/pemakaian/{opd}/usage.csv")
def download_opd_usage(opd: str, door: DoorOf, who: CallerOf, bulan: Month = "") -> Response:
    """Return every point of the OPD's items, all or of one month, as CSV."""
    since, until = month_of(bulan, door.settings.timezone)
    rows = door.desk.opd_usage_rows(who.person, opd, since=since, until=until)
    zone = ZoneInfo(door.settings.timezone)
    return _csv(COLUMNS, (_cells(row, zone) for row in rows), f"pemakaian-{opd}{bulan and '-' + bulan}")


@router.get("/pemakaian/{opd}/laporan.csv")
def download_report(opd: str, door: DoorOf, who: CallerOf, bulan: Month = "") -> Response:
    """Return the OPD's report of a month, of the one that ended last where none is named."""
    zone = ZoneInfo(door.settings.timezone)
    month = bulan or f"{door.clock().astimezone(zone).replace(day=1) - timedelta(days=1):%Y-%m}"
    since, until = month_of(month, door.settings.timezone)
    rows = door.desk.opd_usage_rows(who.person, opd, since=since, until=until)
    return _csv(
        REPORT,
        report_of(rows, {kind.name: kind.label for kind in door.desk.catalogue().values()}, zone),
        f"laporan-penggunaan-{opd}-{month}",
    )


def shown_of(door: Door, series: Iterable[Series], since: datetime) -> list[Shown]:
    """Draw each series; of an instant, say it."""
    return [_shown(one, since, door.clock(), door.settings.timezone) for one in series]


def _shown(series: Series, since: datetime, until: datetime, zone: str) -> Shown:
    if series.measure.unit == INSTANT:
        return Shown(series=series, chart=None, last=value_of(series.measure, series.last, zone))
    drawn = draw(series.measure.label, series.points, series.granted, since=since, until=until, zone=zone, written=size)
    return Shown(series=series, chart=drawn, last=size(series.last))


def value_of(measure: Measure, value: int | None, zone: str) -> str:
    """Write a value in its unit: bytes as '1,5 GB', an instant in full, 0 of it as 'belum pernah'."""
    if measure.unit != INSTANT:
        return size(value)
    if value is None:
        return "belum diukur"
    return moment(datetime.fromtimestamp(value, UTC), zone) if value else "belum pernah"


def _table(rows: Sequence[UsageRow], zone: str) -> list[dict[str, Any]]:
    """Put the points of one period into one row, the newest first."""
    return [
        {"at": max(row.point.at for row in same), "cells": {row.measure.name: _cell(row, zone) for row in same}}
        for same in (list(found) for _, found in groupby(rows, key=lambda row: row.point.period))
    ]


def _cell(row: UsageRow, zone: str) -> str:
    said = value_of(row.measure, row.point.value, zone)
    return f"{said} dari {size(row.granted)}" if row.granted else said


def _csv(columns: Sequence[str], rows: Iterable[Sequence[object]], name: str) -> StreamingResponse:
    """Write it line by line: a whole year of an OPD is never in memory."""
    lines = (csv_line(cells) for cells in chain((columns,), rows))
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


def _cells(row: UsageRow, zone: ZoneInfo) -> tuple[object, ...]:
    point, item = row.point, row.item
    period, at = (instant.astimezone(zone).isoformat(timespec="minutes") for instant in (point.period, point.at))
    value, unit = (point.value, "bita") if row.measure.unit != INSTANT else (_logged_in(point.value, zone), "waktu")
    limit = "" if row.granted is None else row.granted
    return (period, at, item.opd, item.id, item.label, row.measure.label, unit, value, limit)


def _logged_in(value: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(value, zone).isoformat() if value else "belum pernah"
