"""Which code was given out for which login, and does it still count?"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from provisioner.errors import Refused
from provisioner.people.code import MOST_FAILURES, Code, CodeState
from provisioner.store.refusals import refusing
from provisioner.store.tables.people import CODES
from provisioner.unit_of_work import UnitOfWork


def issue(uow: UnitOfWork, code: Code) -> None:
    """Keep a new code in the place of the login's earlier one; Refused where there is no such login."""
    mine = (CODES.c.username == code.username) & (CODES.c.state == CodeState.OPEN.value)
    _end(uow, mine, CodeState.REPLACED)
    with refusing(uow, Refused(f"nama masuk '{code.username}' tidak ada", "loket", "Cari orangnya lagi.")):
        uow.connection.execute(sa.insert(CODES).values({**vars(code), "state": code.state.value}))


def open_code(uow: UnitOfWork, username: str) -> Code | None:
    """Return the login's code that was neither used, replaced nor locked; it may have expired."""
    mine = (CODES.c.username == username) & (CODES.c.state == CodeState.OPEN.value)
    row: Any = uow.connection.execute(sa.select(CODES).where(mine)).one_or_none()
    return None if row is None else Code(**{**row._mapping, "state": CodeState(row.state)})


def note_failure(uow: UnitOfWork, code_id: str) -> bool:
    """Count a wrong try; the fifth locks the code for good: then True."""
    mine = (CODES.c.id == code_id) & (CODES.c.state == CodeState.OPEN.value)
    counted = sa.update(CODES).where(mine).values(failed_count=CODES.c.failed_count + 1)
    uow.connection.execute(counted)
    return _end(uow, mine & (CODES.c.failed_count >= MOST_FAILURES), CodeState.LOCKED) == 1


def use(uow: UnitOfWork, code_id: str) -> None:
    """Use a code up; Refused where another was faster, or it has ended meanwhile."""
    if _end(uow, (CODES.c.id == code_id) & (CODES.c.state == CodeState.OPEN.value), CodeState.USED) != 1:
        raise Refused("kode sudah tidak berlaku", "loket", "Mintalah kode baru di loket.")


def _end(uow: UnitOfWork, condition: sa.ColumnElement[bool], state: CodeState) -> int:
    ended = uow.connection.execute(sa.update(CODES).where(condition).values(state=state.value, code_hash=""))
    return int(ended.rowcount)
