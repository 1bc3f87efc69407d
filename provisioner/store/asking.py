"""How is exactly one row fetched, and its absence said?"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from provisioner.errors import NotFound
from provisioner.unit_of_work import UnitOfWork


def only(uow: UnitOfWork, statement: sa.Select[Any], what: str) -> Any:
    """Return the statement's one row; NotFound says which `what` ('rencana plan_x') there is none of."""
    row = uow.connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound(f"{what} tidak ada", "basis data", "Periksa id-nya.")
    return row


def changed_one(uow: UnitOfWork, statement: sa.Update, what: str) -> None:
    """Run an update that must meet exactly one row; NotFound where there is none."""
    if uow.connection.execute(statement).rowcount != 1:
        raise NotFound(f"{what} tidak ada", "basis data", "Periksa id-nya.")


def older_than(before: tuple[Any, ...] | None, *columns: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    """Return the keyset condition: rows after `before` in descending order, all where it is None."""
    if before is None:
        return sa.true()
    values = (sa.literal(value, column.type) for value, column in zip(before, columns, strict=True))
    return sa.tuple_(*columns) < sa.tuple_(*values)
