"""Which version of a procedure does a running request keep?"""

from __future__ import annotations

import sqlalchemy as sa

from provisioner.procedures.procedure import Procedure, read_procedures
from provisioner.store.asking import only
from provisioner.store.tables.requests import PROCEDURES, REQUESTS
from provisioner.unit_of_work import UnitOfWork

# A kept version never changes, and reading its text takes longer than most requests.
_READ: dict[tuple[str, str], Procedure] = {}


def keep(uow: UnitOfWork, procedure: Procedure, text: str) -> None:
    """Keep the version's text, if it is new; `text` is the whole file it was read from."""
    known = (PROCEDURES.c.id == procedure.id) & (PROCEDURES.c.sha256 == procedure.sha256)
    if uow.connection.execute(sa.select(PROCEDURES.c.id).where(known)).one_or_none() is None:
        row = {"id": procedure.id, "sha256": procedure.sha256, "text": text}
        uow.connection.execute(sa.insert(PROCEDURES).values(row))


def text_of(uow: UnitOfWork, procedure_id: str, sha256: str) -> str:
    """Return the text that version was read from; NotFound where it was never kept."""
    query = sa.select(PROCEDURES.c.text).where(PROCEDURES.c.id == procedure_id, PROCEDURES.c.sha256 == sha256)
    return str(only(uow, query, f"prosedur {procedure_id} versi {sha256[:12]}").text)


def of_request(uow: UnitOfWork, request_id: str) -> Procedure:
    """Return the procedure in the version that the request keeps, whatever today's file says; NotFound without one."""
    query = sa.select(REQUESTS.c.procedure_id, REQUESTS.c.procedure_sha256).where(REQUESTS.c.id == request_id)
    row = only(uow, query, f"permohonan {request_id}")
    return of_version(uow, str(row.procedure_id), str(row.procedure_sha256))


def of_version(uow: UnitOfWork, procedure_id: str, sha256: str) -> Procedure:
    """Return that version of the procedure; NotFound where it was never kept."""
    version = (procedure_id, sha256)
    if version not in _READ:
        _READ[version] = read_procedures(text_of(uow, *version))[version[0]]
    return _READ[version]
