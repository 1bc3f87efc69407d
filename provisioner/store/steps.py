"""Which steps of a request were done, by whom?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from provisioner.procedures.step_done import StepDone
from provisioner.requests.mark import Mark
from provisioner.store.tables.requests import STEPS_DONE
from provisioner.unit_of_work import UnitOfWork

_COLUMNS = tuple(column for column in STEPS_DONE.c if column.name != "id")


def write(uow: UnitOfWork, done: StepDone) -> None:
    """Write one step done; it is never changed again."""
    marks = None if done.marks is None else {where: vars(mark) for where, mark in done.marks.items()}
    uow.connection.execute(sa.insert(STEPS_DONE).values({**vars(done), "marks": marks}))


def of_request(uow: UnitOfWork, request_id: str) -> tuple[StepDone, ...]:
    """Return the request's steps in the order they were written."""
    return of_requests(uow, [request_id])[request_id]


def of_requests(uow: UnitOfWork, request_ids: Sequence[str]) -> Mapping[str, tuple[StepDone, ...]]:
    """Return the steps of many requests in one query: request id -> its steps in the order they were written."""
    query = sa.select(*_COLUMNS).where(STEPS_DONE.c.request_id.in_(request_ids)).order_by(STEPS_DONE.c.id)
    found = defaultdict(list)
    for row in uow.connection.execute(query):
        found[row.request_id].append(_from_row(row))
    return {request_id: tuple(found[request_id]) for request_id in request_ids}


def _from_row(row: Any) -> StepDone:
    marks = None if row.marks is None else {where: Mark(**mark) for where, mark in row.marks.items()}
    return StepDone(**{**row._mapping, "marks": marks})
