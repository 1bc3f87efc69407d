"""Which credentials lie sealed, and which were handed over or destroyed?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provisioner.errors import Refused
from provisioner.items.sealed_secret import SealedSecret, SecretState
from provisioner.store.asking import only
from provisioner.store.refusals import refusing
from provisioner.store.tables.items import ITEMS, SECRETS
from provisioner.unit_of_work import UnitOfWork

_SEALED = (SecretState.MADE.value, SecretState.CLAIMABLE.value)


def add(uow: UnitOfWork, secret: SealedSecret) -> None:
    """Keep a sealed secret; Refused where that version of the item's credential lies here already."""
    refusal = Refused(f"kredensial {secret.name} versi {secret.version} sudah ada", secret.item_id, "Pakai yang ada.")
    with refusing(uow, refusal):
        row = {**vars(secret), "state": secret.state.value, "use": dict(secret.use)}
        uow.connection.execute(sa.insert(SECRETS).values(row))


def secret(uow: UnitOfWork, secret_id: str) -> SealedSecret:
    """Return the secret as it lies; NotFound where there is none."""
    return _from_row(only(uow, sa.select(SECRETS).where(SECRETS.c.id == secret_id), f"kredensial {secret_id}"))


def of_run(uow: UnitOfWork, run_id: str) -> tuple[SealedSecret, ...]:
    """Return the secrets that the run made, by name and version."""
    return _secrets(uow, SECRETS.c.run_id == run_id)


def of_item(uow: UnitOfWork, item_id: str) -> tuple[SealedSecret, ...]:
    """Return the item's secrets of all times, by name and version."""
    return _secrets(uow, SECRETS.c.item_id == item_id)


def claimable(uow: UnitOfWork, item_ids: Iterable[str]) -> tuple[SealedSecret, ...]:
    """Return what can be claimed now of these items."""
    state = SECRETS.c.state == SecretState.CLAIMABLE.value
    return _secrets(uow, state & SECRETS.c.item_id.in_(sorted(item_ids)))


def claimable_by(uow: UnitOfWork, person_id: str, now: datetime) -> tuple[SealedSecret, ...]:
    """Return what the person can claim now: in time, of every item whose technical person it is."""
    theirs = sa.select(ITEMS.c.id).where(ITEMS.c.technical_person_id == person_id)
    in_time = (SECRETS.c.state == SecretState.CLAIMABLE.value) & (SECRETS.c.expires_at > now)
    return _secrets(uow, in_time & SECRETS.c.item_id.in_(theirs))


def all_claimable(uow: UnitOfWork) -> tuple[SealedSecret, ...]:
    """Return what can be claimed now of any item."""
    return _secrets(uow, SECRETS.c.state == SecretState.CLAIMABLE.value)


def handed_over(uow: UnitOfWork, item_id: str) -> tuple[SealedSecret, ...]:
    """Return those that are or were to be claimed; what only served a run's trials, or was undone with it, is none."""
    return tuple(one for one in of_item(uow, item_id) if one.claimable_at is not None)


def make_claimable(uow: UnitOfWork, item_id: str, at: datetime, expires_at: datetime) -> None:
    """Let the technical person claim what was made for the item, until `expires_at` (72 hours)."""
    made = sa.update(SECRETS).where(SECRETS.c.item_id == item_id, SECRETS.c.state == SecretState.MADE.value)
    values = {"state": SecretState.CLAIMABLE.value, "claimable_at": at, "expires_at": expires_at}
    uow.connection.execute(made.values(values))


def mark_claimed(uow: UnitOfWork, secret_id: str, person_id: str, at: datetime) -> None:
    """Mark it handed over and wipe it; Refused where it was claimed before, destroyed, not yet verified or overdue."""
    claimable = (SECRETS.c.id == secret_id) & (SECRETS.c.state == SecretState.CLAIMABLE.value)
    values = {"state": SecretState.CLAIMED.value, "claimed_at": at, "claimed_by": person_id, "sealed": b""}
    statement = sa.update(SECRETS).where(claimable, SECRETS.c.expires_at > at).values(values)
    if uow.connection.execute(statement).rowcount != 1:
        state = secret(uow, secret_id).state
        raise Refused(
            f"kredensial tidak dapat diambil ('{state}')", secret_id, "Ajukan penggantian kata sandi (rotate)."
        )


def destroy(uow: UnitOfWork, secret_or_run_id: str) -> int:
    """Wipe one secret, or all that a run made, claimed ones aside; return how many."""
    named = (SECRETS.c.id == secret_or_run_id) | (SECRETS.c.run_id == secret_or_run_id)
    statement = sa.update(SECRETS).where(named, SECRETS.c.state.in_(_SEALED))
    wiped = uow.connection.execute(statement.values(state=SecretState.DESTROYED.value, sealed=b""))
    return int(wiped.rowcount)


def overdue(uow: UnitOfWork, now: datetime) -> tuple[SealedSecret, ...]:
    """Return the claimable secrets that nobody claimed in time."""
    return _secrets(uow, (SECRETS.c.state == SecretState.CLAIMABLE.value) & (SECRETS.c.expires_at <= now))


def _secrets(uow: UnitOfWork, condition: sa.ColumnElement[bool]) -> tuple[SealedSecret, ...]:
    query = sa.select(SECRETS).where(condition).order_by(SECRETS.c.name, SECRETS.c.version, SECRETS.c.id)
    return tuple(_from_row(row) for row in uow.connection.execute(query))


def _from_row(row: Any) -> SealedSecret:
    return SealedSecret(**{**row._mapping, "state": SecretState(row.state), "sealed": bytes(row.sealed)})
