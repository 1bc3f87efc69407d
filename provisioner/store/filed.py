"""What was filed, as it stands: one, a page of them, those that wait, those that ended?"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provisioner.errors import NotFound
from provisioner.requests.filed import FiledRequest
from provisioner.requests.request import RequestState
from provisioner.store.asking import older_than
from provisioner.store.lines import lines_of_requests
from provisioner.store.tables.requests import (
    LINE_WISHES,
    LINES,
    REQUEST_PERSONS,
    REQUEST_VERSIONS,
    REQUESTS,
    STEPS_DONE,
)
from provisioner.unit_of_work import UnitOfWork

_NUMBER = re.compile(r"[0-9]{4}-?[0-9]*", re.ASCII)
#: a request that waits for somebody has a step at hand, and one that ended has none
_ENDED = ("closed", "failed", "rejected", "withdrawn")
_MOVING = tuple(state.value for state in RequestState if state.value not in (*_ENDED, "draft"))
_STEPS_LOOKED_AT = 5000
_ANY_STEP = STEPS_DONE.alias()


def current_version(table: sa.Table = REQUEST_VERSIONS) -> sa.ColumnElement[bool]:
    """Join a table of versions by the version that counts."""
    return (REQUESTS.c.id == table.c.request_id) & (REQUESTS.c.version == table.c.version)


# Made once: making a statement costs more than asking it. Erased persons leave the request standing.
_JOINED = (
    sa.select(
        REQUESTS,
        *(c for c in REQUEST_VERSIONS.c if c.name in {"application_name", "letter", "received_sha256"}),
        REQUEST_PERSONS.c.administrative,
        REQUEST_PERSONS.c.technical,
        REQUEST_PERSONS.c.technical_of_lines,
    )
    .join(REQUEST_VERSIONS, current_version())
    .outerjoin(REQUEST_PERSONS, current_version(REQUEST_PERSONS))
)
_IDS: sa.BindParameter[list[str]] = sa.bindparam("ids", expanding=True)
_AUTHORS_OF_VERSIONS = sa.select(REQUEST_VERSIONS.c.request_id, REQUEST_VERSIONS.c.author_id).where(
    REQUEST_VERSIONS.c.request_id.in_(_IDS)
)
_AUTHORS_OF_WISHES = (
    sa.select(LINES.c.request_id, LINE_WISHES.c.author_id, LINE_WISHES.c.standing)
    .join(LINE_WISHES)
    .where(LINES.c.request_id.in_(_IDS))
)
_ONE = _JOINED.where(REQUESTS.c.id == sa.bindparam("id"))


def request(uow: UnitOfWork, request_id: str) -> FiledRequest:
    """Return the request as it stands; NotFound where there is none."""
    found = _requests(uow, _ONE, {"id": request_id})
    if not found:
        raise NotFound(f"permohonan {request_id} tidak ada", "basis data", "Periksa id-nya.")
    return found[0]


def by_id(uow: UnitOfWork, request_ids: Iterable[str]) -> Mapping[str, FiledRequest]:
    """Return many requests at once: id -> request; an id there is none of is left out."""
    return {one.id: one for one in _requests(uow, _JOINED.where(REQUESTS.c.id.in_(sorted(set(request_ids)))))}


def of_lines(uow: UnitOfWork, line_ids: Iterable[str]) -> Mapping[str, FiledRequest]:
    """Return whose each line is, at once: line id -> its request."""
    query = sa.select(LINES.c.id, LINES.c.request_id).where(LINES.c.id.in_(sorted(set(line_ids))))
    owner = {row.id: row.request_id for row in uow.connection.execute(query)}
    found = by_id(uow, owner.values())
    return {line_id: found[request_id] for line_id, request_id in owner.items()}


def page(
    uow: UnitOfWork,
    *,
    opds: frozenset[str] | None,
    technical_person_id: str | None = None,
    states: Iterable[RequestState] | None = None,
    opd: str | None = None,
    text: str = "",
    before: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> tuple[FiledRequest, ...]:
    """Return a page of requests, the newest first; `before` is (submitted_at, id) of the last one seen.

    `opds` None: every OPD's; else theirs, and those that name the technical person, for all lines or one. `opd`: of
    that one only. `text`: the beginning of a number ('2026-00'), or a part of the application's name.
    """
    query = _JOINED.where(older_than(before, REQUESTS.c.submitted_at, REQUESTS.c.id))
    query = query.where(_seen_by(opds, technical_person_id))
    if opd is not None:
        query = query.where(REQUESTS.c.opd == opd)
    if text:
        query = query.where(_answers(text))
    if states is not None:
        query = query.where(REQUESTS.c.state.in_(sorted(RequestState(state).value for state in states)))
    return _requests(uow, query.order_by(REQUESTS.c.submitted_at.desc(), REQUESTS.c.id.desc()).limit(limit))


def standing_at(
    uow: UnitOfWork,
    steps: Iterable[tuple[str, str, str]],
    *,
    opds: frozenset[str] | None,
    technical_person_id: str | None,
    limit: int,
) -> tuple[FiledRequest, ...]:
    """Return the requests that stand at one of `steps` (procedure id, its sha256, step), the oldest first."""
    key = sa.tuple_(REQUESTS.c.procedure_id, REQUESTS.c.procedure_sha256, REQUESTS.c.step)
    query = _JOINED.where(REQUESTS.c.state.in_(_MOVING), key.in_(sorted(steps)))
    query = query.where(_seen_by(opds, technical_person_id))
    return _requests(uow, query.order_by(REQUESTS.c.submitted_at, REQUESTS.c.id).limit(limit))


def steps_at_hand(uow: UnitOfWork) -> frozenset[tuple[str, str, str]]:
    """Return at which steps (procedure id, its sha256, step) any request stands."""
    query = sa.select(REQUESTS.c.procedure_id, REQUESTS.c.procedure_sha256, REQUESTS.c.step).distinct()
    rows = uow.connection.execute(query.where(REQUESTS.c.state.in_(_MOVING), REQUESTS.c.step != ""))
    return frozenset((row.procedure_id, row.procedure_sha256, row.step) for row in rows)


def ended_lately(
    uow: UnitOfWork, *, opds: frozenset[str] | None, technical_person_id: str | None, limit: int
) -> tuple[tuple[FiledRequest, datetime], ...]:
    """Return what was delivered or ended last, each with the moment, from the office's last 5,000 steps."""
    newest = sa.select(sa.func.coalesce(sa.func.max(_ANY_STEP.c.id), 0)).scalar_subquery()
    of_request = sa.select(sa.func.max(_ANY_STEP.c.id)).where(_ANY_STEP.c.request_id == REQUESTS.c.id)
    is_last = STEPS_DONE.c.id == of_request.correlate(REQUESTS).scalar_subquery()
    query = sa.select(REQUESTS.c.id, STEPS_DONE.c.recorded_at).join(STEPS_DONE).where(is_last)
    query = query.where(STEPS_DONE.c.id > newest - _STEPS_LOOKED_AT, REQUESTS.c.state.in_((*_ENDED, "delivered")))
    query = query.where(_seen_by(opds, technical_person_id)).order_by(STEPS_DONE.c.id.desc()).limit(limit)
    ended = {row.id: row.recorded_at for row in uow.connection.execute(query)}
    found = by_id(uow, ended)
    return tuple((found[request_id], at) for request_id, at in ended.items())


def by_number(of_lines: Mapping[str, Any] | None) -> dict[int, Mapping[str, Any]]:
    """Return the persons of lines as kept, by the line's number."""
    return {int(number): named for number, named in (of_lines or {}).items()}


def _seen_by(opds: frozenset[str] | None, technical_person_id: str | None) -> sa.ColumnElement[bool]:
    if opds is None:
        return sa.true()
    mine = REQUESTS.c.opd.in_(sorted(opds))
    if technical_person_id is None:
        return mine
    of_lines = sa.select(LINES.c.request_id).where(LINES.c.technical_person_id == technical_person_id)
    return mine | (REQUESTS.c.technical_person_id == technical_person_id) | REQUESTS.c.id.in_(of_lines)


def _answers(text: str) -> sa.ColumnElement[bool]:
    if _NUMBER.fullmatch(text):
        return (REQUESTS.c.number >= text) & (REQUESTS.c.number < f"{text}~")
    return REQUEST_VERSIONS.c.application_name.icontains(text, autoescape=True)


def _requests(
    uow: UnitOfWork, query: sa.Select[Any], bound: Mapping[str, str] | None = None
) -> tuple[FiledRequest, ...]:
    rows = uow.connection.execute(query, bound or {}).all()
    ids = [row.id for row in rows]
    lines, (authors, proposers) = lines_of_requests(uow, ids), _writers(uow, ids)
    return tuple(
        FiledRequest(
            id=row.id,
            number=row.number,
            opd=row.opd,
            application_name=row.application_name,
            state=RequestState(row.state),
            procedure_id=row.procedure_id,
            procedure_sha256=row.procedure_sha256,
            step=row.step,
            requester_id=row.requester_id,
            recorder_id=row.recorder_id,
            authors=frozenset(authors[row.id]),
            proposers=frozenset(proposers[row.id]),
            letter=row.letter,
            administrative=row.administrative or {},
            technical=row.technical or {},
            technical_person_id=row.technical_person_id,
            version=row.version,
            received_sha256=row.received_sha256,
            submitted_at=row.submitted_at,
            lines=lines[row.id],
            technical_of_lines=by_number(row.technical_of_lines),
        )
        for row in rows
    )


def _writers(uow: UnitOfWork, request_ids: list[str]) -> tuple[Mapping[str, set[str]], Mapping[str, set[str]]]:
    """Return who wrote what was asked, and who proposed to grant something else: each request id -> person ids."""
    authors: dict[str, set[str]] = defaultdict(set)
    proposers: dict[str, set[str]] = defaultdict(set)
    for row in uow.connection.execute(_AUTHORS_OF_VERSIONS, {"ids": request_ids}):
        authors[row.request_id].add(row.author_id)
    for row in uow.connection.execute(_AUTHORS_OF_WISHES, {"ids": request_ids}):
        (proposers if row.standing == "proposed" else authors)[row.request_id].add(row.author_id)
    return authors, proposers
