"""How do the lines of a request stand?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from provisioner.requests.filed import Line
from provisioner.requests.request import LineState
from provisioner.store.asking import changed_one, only
from provisioner.store.tables.requests import LINE_WISHES, LINES, REQUESTS
from provisioner.unit_of_work import UnitOfWork

_UNDER_WAY = (LineState.OPEN.value, LineState.DECIDED.value, LineState.RUNNING.value)
_CHANGEABLE = frozenset({"state", "item_id", "plan_id", "run_id"})
_CURRENT = (LINE_WISHES.c.line_id == LINES.c.id) & (LINE_WISHES.c.version == LINES.c.wish_version)
_JOINED = sa.select(LINES, LINE_WISHES.c.wish).join(LINE_WISHES, _CURRENT)
# Made once: every list of requests asks it, and making a statement costs more than asking it.
_OF_REQUESTS = _JOINED.where(LINES.c.request_id.in_(sa.bindparam("ids", expanding=True))).order_by(
    LINES.c.request_id, LINES.c.number
)


def line(uow: UnitOfWork, line_id: str) -> Line:
    """Return the line with the wish that counts now; NotFound where there is none."""
    return _from_row(only(uow, _JOINED.where(LINES.c.id == line_id), f"baris {line_id}"))


def lines_of_item(uow: UnitOfWork, item_id: str) -> tuple[Line, ...]:
    """Return every line about that item, the oldest request first."""
    query = _JOINED.join(REQUESTS, REQUESTS.c.id == LINES.c.request_id).where(LINES.c.item_id == item_id)
    rows = uow.connection.execute(query.order_by(REQUESTS.c.submitted_at, REQUESTS.c.id, LINES.c.number))
    return tuple(_from_row(row) for row in rows)


def open_line_of_item(uow: UnitOfWork, item_id: str) -> Line | None:
    """Return the one line that is under way on a standing item; the database lets there be no second."""
    under_way = LINES.c.state.in_(_UNDER_WAY) & (LINES.c.verb != "create") & (LINES.c.item_id == item_id)
    found = uow.connection.execute(_JOINED.where(under_way)).one_or_none()
    return None if found is None else _from_row(found)


def lines_of_requests(uow: UnitOfWork, request_ids: Sequence[str]) -> Mapping[str, tuple[Line, ...]]:
    """Return the lines of many requests in one query: request id -> its lines in order."""
    found = defaultdict(list)
    for row in uow.connection.execute(_OF_REQUESTS, {"ids": list(request_ids)}):
        found[row.request_id].append(_from_row(row))
    return {request_id: tuple(found[request_id]) for request_id in request_ids}


def change_line(uow: UnitOfWork, line_id: str, **fields: Any) -> None:
    """Set `state`, `item_id`, `plan_id`, `run_id` or several; TypeError on another field."""
    unknown = sorted(set(fields) - _CHANGEABLE)
    if unknown:
        msg = f"a line's {', '.join(unknown)} cannot be changed"
        raise TypeError(msg)
    if "state" in fields:
        fields["state"] = LineState(fields["state"]).value
    changed_one(uow, sa.update(LINES).where(LINES.c.id == line_id).values(fields), f"baris {line_id}")


def open_lines_of_opd(uow: UnitOfWork, opd: str) -> int:
    """Count the OPD's lines that are still open: law 4 allows at most twenty."""
    query = sa.select(sa.func.count()).select_from(LINES).join(REQUESTS)
    query = query.where(REQUESTS.c.opd == opd, LINES.c.state == LineState.OPEN.value)
    return int(uow.connection.execute(query).scalar_one())


def _from_row(row: Any) -> Line:
    return Line(
        id=row.id,
        request_id=row.request_id,
        number=row.number,
        kind=row.kind,
        verb=row.verb,
        state=LineState(row.state),
        item_id=row.item_id,
        wish=row.wish,
        wish_version=row.wish_version,
        plan_id=row.plan_id,
        run_id=row.run_id,
        technical_person_id=row.technical_person_id,
    )
