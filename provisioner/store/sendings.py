"""Which acts were done under a key that their sender named, and what was answered?"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provisioner.errors import BadInput, Fault, Repeated
from provisioner.sending import Answer, Sending
from provisioner.store.tables.people import SENDINGS
from provisioner.unit_of_work import UnitOfWork


def begin(uow: UnitOfWork, sending: Sending) -> None:
    """Write the key in the act's own transaction: both are true or neither.

    Repeated where the act was done under it; BadInput where that was another act.
    """
    known = uow.connection.execute(sa.select(SENDINGS.c.content_sha256).where(_this(sending))).scalar()
    if known is not None and known != sending.content_sha256:
        what, mend = "kunci ini sudah dipakai untuk isi lain", "Beri kunci baru pada kiriman yang lain."
        raise BadInput((Fault(where="Idempotency-Key", seen="", what=what, mend=mend),))
    if known is not None:
        raise Repeated("kiriman ini sudah diproses", "kiriman", "Muat ulang halaman untuk melihat keadaannya.")
    row = {name: getattr(sending, name) for name in ("person_id", "key_sha256", "content_sha256", "sent_at")}
    uow.connection.execute(sa.insert(SENDINGS).values(row))


def keep(uow: UnitOfWork, sending: Sending, answer: Answer) -> None:
    """Keep what the act was answered."""
    uow.connection.execute(sa.update(SENDINGS).where(_this(sending)).values(vars(answer)))


def answer(uow: UnitOfWork, sending: Sending) -> Answer | None:
    """Return what the act under this key was answered; None while it is not known."""
    columns = (SENDINGS.c.status, SENDINGS.c.location, SENDINGS.c.media_type, SENDINGS.c.body)
    row = uow.connection.execute(sa.select(*columns).where(_this(sending))).one_or_none()
    return None if row is None or row.status is None else Answer(**row._mapping)


def forget(uow: UnitOfWork, before: datetime) -> int:
    """Forget what was sent before that moment; return how many."""
    return int(uow.connection.execute(sa.delete(SENDINGS).where(SENDINGS.c.sent_at < before)).rowcount)


def _this(sending: Sending) -> sa.ColumnElement[bool]:
    return (SENDINGS.c.person_id == sending.person_id) & (SENDINGS.c.key_sha256 == sending.key_sha256)
