"""Which steps of a request were done, by whom?"""

from __future__ import annotations

import sqlalchemy as sa

from provisioner.procedures.step_done import StepDone
from provisioner.store.tables.requests import STEPS_DONE
from provisioner.unit_of_work import UnitOfWork

_COLUMNS = tuple(column for column in STEPS_DONE.c if column.name != "id")


def write(uow: UnitOfWork, done: StepDone) -> None:
    """Write one step done; it is never changed again."""
    uow.connection.execute(sa.insert(STEPS_DONE).values(vars(done)))


def of_request(uow: UnitOfWork, request_id: str) -> tuple[StepDone, ...]:
    """Return the request's steps in the order they were written."""
    query = sa.select(*_COLUMNS).where(STEPS_DONE.c.request_id == request_id).order_by(STEPS_DONE.c.id)
    return tuple(StepDone(**row._mapping) for row in uow.connection.execute(query))
