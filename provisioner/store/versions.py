"""What did each version of a request say?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provisioner.store.filed import by_number
from provisioner.store.tables.requests import LINE_WISHES, LINES, REQUEST_PERSONS, REQUEST_VERSIONS
from provisioner.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class FiledVersion:
    """One version as filed: `wishes` line id -> wish; persons are {} once they are erased."""

    number: int
    author_id: str
    application_name: str
    letter: Mapping[str, str]
    administrative: Mapping[str, Any]
    technical: Mapping[str, Any]
    technical_of_lines: Mapping[int, Mapping[str, Any]]
    wishes: Mapping[str, Mapping[str, Any]]
    received_sha256: str
    written_at: datetime


def of_request(uow: UnitOfWork, request_id: str) -> tuple[FiledVersion, ...]:
    """Return the request's versions, the first one first."""
    of = (REQUEST_PERSONS.c.request_id == REQUEST_VERSIONS.c.request_id) & (
        REQUEST_PERSONS.c.version == REQUEST_VERSIONS.c.version
    )
    persons = REQUEST_PERSONS.c
    query = sa.select(REQUEST_VERSIONS, persons.administrative, persons.technical, persons.technical_of_lines)
    mine = query.outerjoin(REQUEST_PERSONS, of).where(REQUEST_VERSIONS.c.request_id == request_id)
    wishes = _wishes(uow, request_id)
    return tuple(
        FiledVersion(
            number=row.version,
            author_id=row.author_id,
            application_name=row.application_name,
            letter=row.letter,
            administrative=row.administrative or {},
            technical=row.technical or {},
            technical_of_lines=by_number(row.technical_of_lines),
            wishes=wishes.get(row.written_at, {}),
            received_sha256=row.received_sha256,
            written_at=row.written_at,
        )
        for row in uow.connection.execute(mine.order_by(REQUEST_VERSIONS.c.version))
    )


def _wishes(uow: UnitOfWork, request_id: str) -> dict[datetime, dict[str, Mapping[str, Any]]]:
    """Return what each version wished: it was written in the very moment of its version."""
    query = sa.select(LINE_WISHES.c.line_id, LINE_WISHES.c.written_at, LINE_WISHES.c.wish).join(LINES)
    asked = query.where(LINES.c.request_id == request_id, LINE_WISHES.c.standing == "asked")
    found: dict[datetime, dict[str, Mapping[str, Any]]] = {}
    for row in uow.connection.execute(asked.order_by(LINE_WISHES.c.version)):
        found.setdefault(row.written_at, {})[row.line_id] = row.wish
    return found
