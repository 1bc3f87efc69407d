"""What was asked, as received and as it stands?"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import datetime
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from provisioner.digests import Value, digest_of_bytes
from provisioner.errors import Refused
from provisioner.names import draw_id
from provisioner.procedures.procedure import Procedure
from provisioner.requests.filed import FiledRequest
from provisioner.requests.request import Draft, DraftLine, LineState, RequestState
from provisioner.store import adjustments
from provisioner.store.asking import changed_one, only
from provisioner.store.filed import (
    by_id,
    current_version,
    ended_lately,
    of_lines,
    page,
    request,
    standing_at,
    steps_at_hand,
)
from provisioner.store.lines import change_line, line, lines_of_item, open_line_of_item, open_lines_of_opd
from provisioner.store.refusals import refusing
from provisioner.store.tables.requests import (
    LINE_WISHES,
    LINES,
    NUMBERS,
    ORIGINALS,
    REQUEST_PERSONS,
    REQUEST_VERSIONS,
    REQUESTS,
)
from provisioner.unit_of_work import UnitOfWork

#: no line names anybody for itself
NOBODY: Mapping[int, str] = MappingProxyType({})

# A line, and what was filed, are asked for where requests are.
__all__ = [
    "by_id",
    "change_line",
    "ended_lately",
    "file",
    "line",
    "lines_of_item",
    "move",
    "of_lines",
    "opd_of",
    "open_line_of_item",
    "open_lines_of_opd",
    "original",
    "page",
    "procedure_version",
    "request",
    "salt_of",
    "standing_at",
    "steps_at_hand",
]


def file(
    uow: UnitOfWork,
    *,
    draft: Draft,
    raw: bytes,
    media_type: str,
    requester_id: str,
    recorder_id: str | None,
    procedure: Procedure,
    technical_person_id: str | None,
    technical_of_lines: Mapping[int, str] = NOBODY,
    now: datetime,
) -> FiledRequest:
    """File a request: as received, and as parsed in its version 1, at the procedure's first step.

    The receipt's number '2026-0001' is free of gaps within the year of `now`, in the zone it is handed in. The
    requester is the one author; who recorded a paper letter is neither. `technical_of_lines`: line's number -> the id
    of the person it names for itself. `procedures.keep` comes first; Refused where the OPD, the procedure's version or
    a person is not known.
    """
    request_id = draw_id("req")
    row = {
        "id": request_id,
        "number": _next_number(uow, now.year),
        "opd": draft.opd,
        "state": RequestState.OPEN.value,
        "procedure_id": procedure.id,
        "procedure_sha256": procedure.sha256,
        "step": procedure.first.id,
        "requester_id": requester_id,
        "recorder_id": recorder_id,
        "technical_person_id": technical_person_id,
        "version": 1,
        "submitted_at": now,
    }
    refusal = Refused("OPD, versi prosedur atau orang belum dikenal", "permohonan", "Daftarkan lebih dahulu.")
    with refusing(uow, refusal):
        uow.connection.execute(sa.insert(REQUESTS).values(row))
        _write_version(uow, request_id, draft, raw, media_type, requester_id, now)
        _write_lines(uow, request_id, draft, requester_id, technical_of_lines, now)
    return request(uow, request_id)


def add_version(
    uow: UnitOfWork,
    request_id: str,
    *,
    draft: Draft,
    raw: bytes,
    media_type: str,
    author_id: str,
    technical_person_id: str | None,
    technical_of_lines: Mapping[int, str] = NOBODY,
    now: datetime,
) -> FiledRequest:
    """Keep a returned request's next version beside the earlier ones; its lines keep their ids and stay open.

    Refused where it has other lines (number, kind, verb or item) than before: that is another request.
    """
    known = request(uow, request_id)
    shape = [(line.kind, line.verb, line.item_id if line.verb != "create" else None) for line in known.lines]
    if shape != [(line.kind, line.verb, line.item_id) for line in draft.lines] or draft.opd != known.opd:
        raise Refused(
            "baris permohonan berbeda dari semula", known.number, "Ajukan baris lain sebagai permohonan baru."
        )
    version = known.version + 1
    _write_version(uow, request_id, draft, raw, media_type, author_id, now, version)
    changed = {"version": version, "technical_person_id": technical_person_id}
    uow.connection.execute(sa.update(REQUESTS).where(REQUESTS.c.id == request_id).values(changed))
    for kept, asked in zip(known.lines, draft.lines, strict=True):
        following = adjustments.last_version(uow, kept.id) + 1
        wish = {"line_id": kept.id, "version": following, "standing": "asked", "wish": dict(asked.wish)}
        uow.connection.execute(sa.insert(LINE_WISHES).values(**wish, author_id=author_id, written_at=now))
        of_line = sa.update(LINES).where(LINES.c.id == kept.id)
        own = technical_of_lines.get(kept.number)
        uow.connection.execute(of_line.values(wish_version=following, plan_id=None, technical_person_id=own))
    return request(uow, request_id)


def original(uow: UnitOfWork, request_id: str) -> tuple[bytes, str, str]:
    """Return what was received for the version that counts: bytes, media type, sha256 of the bytes."""
    query = (
        sa.select(ORIGINALS.c.body, ORIGINALS.c.media_type, REQUEST_VERSIONS.c.received_sha256)
        .join_from(ORIGINALS, REQUEST_VERSIONS)
        .join(REQUESTS, current_version())
        .where(REQUESTS.c.id == request_id)
    )
    row = only(uow, query, f"naskah asli permohonan {request_id}")
    return bytes(row.body), row.media_type, row.received_sha256


def procedure_version(uow: UnitOfWork, request_id: str) -> tuple[str, str]:
    """Return (id, sha256) of the procedure's version that the request keeps."""
    query = sa.select(REQUESTS.c.procedure_id, REQUESTS.c.procedure_sha256).where(REQUESTS.c.id == request_id)
    row = only(uow, query, f"permohonan {request_id}")
    return row.procedure_id, row.procedure_sha256


def move(uow: UnitOfWork, request_id: str, *, state: RequestState | None = None, step: str | None = None) -> None:
    """Set state, step or both; NotFound where there is no such request."""
    values: dict[str, str] = {}
    if state is not None:
        values["state"] = RequestState(state).value
    if step is not None:
        values["step"] = step
    if values:
        changed_one(uow, sa.update(REQUESTS).where(REQUESTS.c.id == request_id).values(values), request_id)


def opd_of(uow: UnitOfWork, request_id: str) -> str:
    """Return the OPD that asks; NotFound where there is no such request."""
    return str(only(uow, sa.select(REQUESTS.c.opd).where(REQUESTS.c.id == request_id), f"permohonan {request_id}").opd)


def salt_of(uow: UnitOfWork, request_id: str) -> str:
    """Return the salt for digests of the persons the request names; it goes with them when they are erased."""
    query = (
        sa.select(REQUEST_PERSONS.c.salt)
        .join(REQUESTS, current_version(REQUEST_PERSONS))
        .where(REQUESTS.c.id == request_id)
    )
    return str(only(uow, query, f"orang pada permohonan {request_id}").salt)


def _next_number(uow: UnitOfWork, year: int) -> str:
    insert: Any = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[uow.connection.dialect.name]
    statement = insert(NUMBERS).values(year=year, last=1)
    statement = statement.on_conflict_do_update(index_elements=["year"], set_={"last": NUMBERS.c.last + 1})
    return f"{year}-{uow.connection.execute(statement.returning(NUMBERS.c.last)).scalar_one():04d}"


def _write_version(
    uow: UnitOfWork,
    request_id: str,
    draft: Draft,
    raw: bytes,
    media_type: str,
    author_id: str,
    now: datetime,
    version_number: int = 1,
) -> None:
    data, key = draft.as_data(), {"request_id": request_id, "version": version_number}
    own = {str(number): _own(line) for number, line in enumerate(draft.lines, start=1) if line.technical is not None}
    persons = {"administrative": data["administrative"], "technical": data["technical"], "salt": secrets.token_hex(16)}
    version = {
        "author_id": author_id,
        "application_name": draft.application_name,
        "letter": data["letter"],
        "received_sha256": digest_of_bytes(raw),
        "written_at": now,
    }
    uow.connection.execute(sa.insert(REQUEST_VERSIONS).values(**key, **version))
    uow.connection.execute(sa.insert(ORIGINALS).values(**key, media_type=media_type, body=raw))
    uow.connection.execute(sa.insert(REQUEST_PERSONS).values(**key, **persons, technical_of_lines=own or None))


def _own(line: DraftLine) -> Value:
    return line.as_data()["technical"]


def _write_lines(
    uow: UnitOfWork,
    request_id: str,
    draft: Draft,
    author_id: str,
    technical_of_lines: Mapping[int, str],
    now: datetime,
) -> None:
    for number, asked in enumerate(draft.lines, start=1):
        row = {
            "id": draw_id("line"),
            "request_id": request_id,
            "number": number,
            "kind": asked.kind,
            "verb": asked.verb,
            "state": LineState.OPEN.value,
            "item_id": asked.item_id,
            "wish_version": 1,
            "technical_person_id": technical_of_lines.get(number),
        }
        wish = {"line_id": row["id"], "version": 1, "standing": "asked", "wish": dict(asked.wish)}
        busy = Refused(f"layanan {asked.item_id} sedang dikerjakan permohonan lain", "baris", "Tunggu sampai selesai.")
        with (
            refusing(uow, busy) if asked.item_id else nullcontext()
        ):  # two that ask at once: the index of lines under way lets one of them in
            uow.connection.execute(sa.insert(LINES).values(row))
        uow.connection.execute(sa.insert(LINE_WISHES).values(**wish, author_id=author_id, written_at=now))
