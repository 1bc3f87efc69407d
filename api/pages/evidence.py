"""Riwayat: what happened, by whom, recorded by whom, and is the chain whole? Read-only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.pages.chain_details import details, short
from api.pages.chain_words import actor_words, csv_line, event_words, place_of
from api.pages.layout import page, see_other
from api.routes.chain_check import ChainCheck
from api.session import Caller, CallerOf, Door, DoorOf
from provisioner.desk.audit import HistoryRow, Search
from provisioner.digests import canonical_json

router = APIRouter()
SHOWN = 50
A_BATCH = 1000
COLUMNS = ("baris", "waktu", "peristiwa", "kode peristiwa", "oleh", "dicatat oleh", "tentang", "isi", "sidik")
Number = Annotated[str, Query(max_length=20)]
Name = Annotated[str, Query(max_length=100)]
Day = Annotated[str, Query(max_length=10)]


@router.get("/riwayat")
def show_history(
    request: Request,
    door: DoorOf,
    who: CallerOf,
    permohonan: Number = "",
    orang: Name = "",
    sejak: Day = "",
    sampai: Day = "",
    sebelum: Annotated[int | None, Query(ge=1)] = None,
) -> Response:
    """Show the chain, newest first; a day that is none leaves nothing out, and the page says so."""
    asked = {"permohonan": permohonan.strip(), "orang": orang.strip(), "sejak": sejak, "sampai": sampai}
    found = door.desk.history(who.person, _search(asked), before=sebelum, limit=SHOWN)
    check: ChainCheck = request.app.state.chain_check
    if check.last is None:
        check.begin(who.person)
    words = door.desk.procedure_words()
    last = found[-1].row.sequence if len(found) == SHOWN else None
    query = {name: text for name, text in asked.items() if text}
    return page(
        request,
        "riwayat.html",
        who,
        rows=[_shown(one, words) for one in found],
        asked=asked,
        wrong_days=[name for name in ("sejak", "sampai") if asked[name] and _day(asked[name]) is None],
        check=check,
        following=f"/riwayat?{urlencode({**query, 'sebelum': last})}" if last else None,
        csv=f"/riwayat.csv?{urlencode(query)}",
        is_filtered=bool(query),
    )


@router.post("/riwayat/periksa")
def check_chain(request: Request, door: DoorOf, who: CallerOf) -> Response:
    """Walk the chain anew, beside the pages."""
    door.desk.audit_rows(who.person, limit=1)
    check: ChainCheck = request.app.state.chain_check
    check.begin(who.person)
    return see_other("/riwayat")


@router.get("/riwayat.csv")
def download_history(
    door: DoorOf,
    who: CallerOf,
    permohonan: Number = "",
    orang: Name = "",
    sejak: Day = "",
    sampai: Day = "",
) -> Response:
    """Return what answers the same filter, whole, as CSV; written batch by batch."""
    search = _search({"permohonan": permohonan.strip(), "orang": orang.strip(), "sejak": sejak, "sampai": sampai})
    first = door.desk.history(who.person, search, limit=A_BATCH)
    return StreamingResponse(
        _lines(door, who, search, first),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="riwayat.csv"'},
    )


def _lines(door: Door, who: Caller, search: Search, found: tuple[HistoryRow, ...]) -> Iterator[str]:
    yield csv_line(COLUMNS)
    while found:
        for one in found:
            row = one.row
            said = (row.sequence, row.at, event_words(row.event), row.event, actor_words(one.actor))
            yield csv_line((*said, one.recorder, row.subject, canonical_json(dict(row.data)), row.digest))
        if len(found) < A_BATCH:
            return
        found = door.desk.history(who.person, search, before=found[-1].row.sequence, limit=A_BATCH)


def _shown(one: HistoryRow, words: Mapping[str, str]) -> dict[str, Any]:
    return {
        "row": one.row,
        "details": details(one.row.event, one.row.data, {**words, **one.names}),
        "raw": canonical_json(dict(one.row.data)),
        "about": one.names.get(one.row.subject, short(one.row.subject)),
        "event": event_words(one.row.event),
        "actor": actor_words(one.actor),
        "recorder": one.recorder,
        "place": place_of(one.row.subject),
    }


def _search(asked: dict[str, str]) -> Search:
    return Search(
        request=asked["permohonan"], person=asked["orang"], since=_day(asked["sejak"]), until=_day(asked["sampai"])
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
