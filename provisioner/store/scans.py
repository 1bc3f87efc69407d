"""Which scan of its letter lies with a draft or a request?"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provisioner.errors import NotFound
from provisioner.requests.scan import Scan
from provisioner.store.asking import only
from provisioner.store.tables.drafts import SCANS
from provisioner.unit_of_work import UnitOfWork

_COLUMNS = tuple(column for column in SCANS.c if column.name not in {"draft_id", "body"})


def lay_with_draft(uow: UnitOfWork, draft_id: str, scan: Scan, body: bytes) -> None:
    """Lay the scan with the draft, in place of one that lay there."""
    drop_from_draft(uow, draft_id)
    uow.connection.execute(sa.insert(SCANS).values(draft_id=draft_id, body=body, **vars(scan)))


def drop_from_draft(uow: UnitOfWork, draft_id: str) -> None:
    """Take away what lies with the draft."""
    uow.connection.execute(sa.delete(SCANS).where(SCANS.c.draft_id == draft_id))


def file(uow: UnitOfWork, scan: Scan, body: bytes) -> None:
    """Keep the scan with its request; earlier ones stay, the last counts."""
    uow.connection.execute(sa.insert(SCANS).values(body=body, **vars(scan)))


def hand_over(uow: UnitOfWork, draft_id: str, request_id: str, now: datetime) -> Scan | None:
    """Give the draft's scan to the request it was sent as; None where there is none, or the request has it already."""
    scan = of_draft(uow, draft_id)
    if scan is None or find(uow, request_id, scan.sha256) is not None:
        return None
    mine = sa.update(SCANS).where(SCANS.c.draft_id == draft_id)
    uow.connection.execute(mine.values(draft_id=None, request_id=request_id, filed_at=now))
    return find(uow, request_id, scan.sha256)


def of_draft(uow: UnitOfWork, draft_id: str) -> Scan | None:
    """Return the scan that lies with the draft, without its bytes."""
    return _first(uow, SCANS.c.draft_id == draft_id)


def of_request(uow: UnitOfWork, request_id: str) -> Scan | None:
    """Return the request's scan that counts, without its bytes."""
    return _first(uow, SCANS.c.request_id == request_id)


def find(uow: UnitOfWork, request_id: str, sha256: str) -> Scan | None:
    """Return the request's scan of exactly these bytes, None where it has none."""
    return _first(uow, (SCANS.c.request_id == request_id) & (SCANS.c.sha256 == sha256))


def body(uow: UnitOfWork, scan_id: str) -> bytes:
    """Return the bytes as they were received."""
    return bytes(only(uow, sa.select(SCANS.c.body).where(SCANS.c.id == scan_id), "pindaian").body)


def _first(uow: UnitOfWork, condition: sa.ColumnElement[bool]) -> Scan | None:
    query = sa.select(*_COLUMNS).where(condition).order_by(SCANS.c.filed_at.desc(), SCANS.c.id).limit(1)
    row = uow.connection.execute(query).one_or_none()
    return None if row is None else Scan(**row._mapping)


def need(scan: Scan | None, where: str) -> Scan:
    """Return the scan; NotFound where none lies there."""
    if scan is None:
        raise NotFound("pindaian surat belum ada", where, "Unggah pindaiannya lebih dahulu.")
    return scan
