"""Which scarce things does each line or item keep, and what is left?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provisioner.errors import Refused
from provisioner.plans.hold import HoldState, Thing, amounts
from provisioner.store.refusals import refusing
from provisioner.store.sums import set_sum, sums
from provisioner.store.tables.plans import HOLDS, TAKEN
from provisioner.store.tables.requests import LINES
from provisioner.unit_of_work import UnitOfWork

# A share is asked for where the single things are.
__all__ = [
    "HoldRow",
    "commit",
    "expire",
    "free_at",
    "give_time",
    "kept_of_item",
    "of_host",
    "of_item",
    "of_line",
    "release",
    "release_item",
    "release_quarantine",
    "set_sum",
    "settle",
    "standing",
    "sums",
    "take",
    "taken",
    "to_item",
]

_KEPT = (HoldState.HELD.value, HoldState.COMMITTED.value)


@dataclass(frozen=True, kw_only=True)
class HoldRow:
    """One thing kept. `expires_at`: a held thing's end, a quarantined one's release; None once committed."""

    line_id: str
    item_id: str
    thing: Thing
    state: HoldState
    expires_at: datetime | None


def take(uow: UnitOfWork, *, line_id: str, item_id: str, things: Iterable[Thing], expires_at: datetime) -> None:
    """Hold `things` for the line until `expires_at`, in place of what it held before.

    Refused names pool and key of the first thing that is taken, exceeds its sum or has none; then nothing has changed
    and the transaction stays usable. What the line has committed already is not taken twice.
    """
    wanted = sorted(set(things), key=lambda thing: (thing.pool, thing.key))
    _lock_sums(uow, line_id, wanted)
    rows = of_line(uow, line_id)
    committed = {row.thing for row in rows if row.state is HoldState.COMMITTED}
    with uow.connection.begin_nested():
        if any(row.state is HoldState.HELD for row in rows):
            _end(uow, _of_line(line_id, HoldState.HELD), HoldState.RELEASED)
        for thing in wanted:
            if thing not in committed:
                _insert(uow, line_id, item_id, thing, expires_at)


def commit(
    uow: UnitOfWork, line_id: str, *, things: Iterable[Thing] | None = None, now: datetime | None = None
) -> None:
    """Make what the line holds its own: no expiry from here on.

    Refused where a hold has expired (by housekeeping, or by `now`), or where one of `things` (the plan's) is not held.
    """
    rows = of_line(uow, line_id)
    kept = [row for row in rows if row.state.value in _KEPT]
    late = [row for row in kept if now is not None and row.expires_at is not None and row.expires_at <= now]
    expired = [row for row in rows if row.state is HoldState.EXPIRED] if not kept else []
    gone = set(things or ()) - {row.thing for row in kept}
    for name in [row.thing for row in (*late, *expired)] + sorted(gone, key=lambda thing: (thing.pool, thing.key)):
        raise Refused(f"pegangan {_named(name)} sudah lepas", "pegangan", "Lihat ulang, lalu putuskan lagi.")
    held = sa.update(HOLDS).where(_of_line(line_id, HoldState.HELD))
    uow.connection.execute(held.values(state=HoldState.COMMITTED.value, expires_at=None))


def give_time(uow: UnitOfWork, line_id: str, expires_at: datetime) -> None:
    """Give a line whose decision was voided its full time again: committed things are held until `expires_at`."""
    mine = sa.update(HOLDS).where(_of_line(line_id, HoldState.HELD, HoldState.COMMITTED))
    uow.connection.execute(mine.values(state=HoldState.HELD.value, expires_at=expires_at))


def of_host(uow: UnitOfWork, host: str) -> tuple[HoldRow, ...]:
    """Return what is held, committed or in quarantine of the host's pools ('web1:uid', 'web1:storage_bytes')."""
    pools = (HOLDS.c.pool >= f"{host}:") & (HOLDS.c.pool < f"{host};")
    return _rows(uow, pools & HOLDS.c.state.in_([state.value for state in sorted(TAKEN)]))


def release(uow: UnitOfWork, line_id: str, *, quarantine_pools: Mapping[str, datetime] | None = None) -> None:
    """Let go of what the line keeps; single things of `quarantine_pools` stay taken until that pool's date."""
    _release(uow, _of_line(line_id, HoldState.HELD, HoldState.COMMITTED), quarantine_pools or {})


def release_item(uow: UnitOfWork, item_id: str, *, quarantine_pools: Mapping[str, datetime] | None = None) -> None:
    """Let go of what the item keeps, when it is terminated."""
    mine = (HOLDS.c.item_id == item_id) & HOLDS.c.of_item & HOLDS.c.state.in_(_KEPT)
    _release(uow, mine, quarantine_pools or {})


def expire(uow: UnitOfWork, now: datetime) -> tuple[str, ...]:
    """End the holds whose time has come; return the lines they belonged to."""
    due = (HOLDS.c.state == HoldState.HELD.value) & (HOLDS.c.expires_at <= now)
    lines = sa.select(HOLDS.c.line_id).where(due).distinct().order_by(HOLDS.c.line_id)
    found = tuple(uow.connection.execute(lines).scalars())
    _end(uow, due, HoldState.EXPIRED)
    return found


def release_quarantine(uow: UnitOfWork, now: datetime) -> None:
    """Give back the names and addresses whose quarantine has ended."""
    due = (HOLDS.c.state == HoldState.QUARANTINED.value) & (HOLDS.c.expires_at <= now)
    _end(uow, due, HoldState.RELEASED)


def to_item(uow: UnitOfWork, line_id: str, item_id: str) -> None:
    """Hand what the line committed to the item it made; the line's release does not touch it any more."""
    mine = sa.update(HOLDS).where(_of_line(line_id, HoldState.COMMITTED))
    uow.connection.execute(mine.values(item_id=item_id, of_item=True))


def settle(uow: UnitOfWork, item_id: str, wanted: Iterable[Thing], *, quarantine_pools: Mapping[str, datetime]) -> None:
    """Let the item keep exactly `wanted` of what it has: a reduction is released now, an increase was held before.

    A single thing it needs no more is released, or quarantined until that pool's date.
    """
    wanted = tuple(wanted)
    singles, shares = {(thing.pool, thing.key) for thing in wanted}, amounts(wanted)
    for hold_id, row in _kept(uow, item_id):
        mine, thing = (HOLDS.c.id == hold_id) & HOLDS.c.state.in_(_KEPT), row.thing
        if thing.is_share:
            stays = min(thing.amount, shares[thing.pool])
            shares[thing.pool] -= stays
            if 0 < stays < thing.amount:
                uow.connection.execute(sa.update(HOLDS).where(mine).values(amount=stays))
            elif not stays:
                _release(uow, mine, {})
        elif (thing.pool, thing.key) not in singles:
            _release(uow, mine, quarantine_pools)


def kept_of_item(uow: UnitOfWork, item_id: str) -> tuple[HoldRow, ...]:
    """Return what the item keeps, the oldest first; what is in quarantine is kept by nobody."""
    return tuple(row for _, row in _kept(uow, item_id))


def of_line(uow: UnitOfWork, line_id: str) -> tuple[HoldRow, ...]:
    """Return every hold the line ever had, also what its item keeps now, the oldest first."""
    return _rows(uow, HOLDS.c.line_id == line_id)


def of_item(uow: UnitOfWork, item_id: str) -> tuple[HoldRow, ...]:
    """Return what the item keeps, and its names in quarantine."""
    taken = HOLDS.c.state.in_(sorted(state.value for state in TAKEN))
    return _rows(uow, (HOLDS.c.item_id == item_id) & HOLDS.c.of_item & taken)


def taken(uow: UnitOfWork, but_line: str | None = None) -> Mapping[str, frozenset[str]]:
    """Return the single things that others have: pool -> keys. The line's own and its item's do not count."""
    standing = HOLDS.c.state.in_(sorted(state.value for state in TAKEN)) & (HOLDS.c.key != "")
    # A name in quarantine is nobody's, not even the line's that had it.
    mine = _own(but_line) & (HOLDS.c.state != HoldState.QUARANTINED.value)
    keys = defaultdict(set)
    for row in uow.connection.execute(sa.select(HOLDS.c.pool, HOLDS.c.key).where(standing, ~mine)):
        keys[row.pool].add(row.key)
    return {pool: frozenset(found) for pool, found in keys.items()}


def free_at(uow: UnitOfWork, but_line: str | None = None) -> Mapping[str, datetime]:
    """Return when what others have is let go: 'fqdn:simpeg.kota.lab', and of a sum ('web1:storage_bytes') the first.

    What was approved or delivered has no such moment.
    """
    standing = HOLDS.c.state.in_([HoldState.HELD.value, HoldState.QUARANTINED.value]) & HOLDS.c.expires_at.is_not(None)
    mine = _own(but_line) & (HOLDS.c.state != HoldState.QUARANTINED.value)
    rows = sa.select(HOLDS.c.pool, HOLDS.c.key, sa.func.min(HOLDS.c.expires_at)).where(standing, ~mine)
    found = uow.connection.execute(rows.group_by(HOLDS.c.pool, HOLDS.c.key))
    return {f"{pool}:{key}" if key else pool: moment for pool, key, moment in found}


def standing(uow: UnitOfWork, pool: str, key: str) -> HoldRow | None:
    """Return who keeps a single thing now, None where it is free."""
    states = sorted(state.value for state in TAKEN)
    found = _rows(uow, (HOLDS.c.pool == pool) & (HOLDS.c.key == key) & HOLDS.c.state.in_(states))
    return found[0] if found else None


def _own(line_id: str | None) -> sa.ColumnElement[bool]:
    if line_id is None:
        return sa.false()
    item = sa.select(LINES.c.item_id).where(LINES.c.id == line_id, LINES.c.item_id.is_not(None))
    return (HOLDS.c.line_id == line_id) | HOLDS.c.item_id.in_(item)


def _of_line(line_id: str, *states: HoldState) -> sa.ColumnElement[bool]:
    mine = (HOLDS.c.line_id == line_id) & ~HOLDS.c.of_item
    return mine & HOLDS.c.state.in_([state.value for state in states])


def _lock_sums(uow: UnitOfWork, line_id: str, things: Iterable[Thing]) -> None:
    # Rows of sums are always locked in one order and before any hold: two lines never wait for each other.
    if uow.connection.dialect.name == "postgresql":
        own = [row.thing.pool for row in of_line(uow, line_id) if row.state is HoldState.HELD]
        pools = sorted({*own, *(thing.pool for thing in things if thing.is_share)})
        query = "SELECT 1 FROM sums WHERE pool = ANY(:pools) ORDER BY pool FOR UPDATE"
        uow.connection.execute(sa.text(query), {"pools": pools})


def _insert(uow: UnitOfWork, line_id: str, item_id: str, thing: Thing, expires_at: datetime) -> None:
    row = {"line_id": line_id, "item_id": item_id, "of_item": False, "state": HoldState.HELD.value, **vars(thing)}
    why = f"{_named(thing)} tidak cukup lagi" if thing.is_share else f"{_named(thing)} sudah dipakai atau dipegang"
    with refusing(uow, Refused(why, thing.pool, "Pilih yang lain, atau tunggu sampai lepas.")):
        uow.connection.execute(sa.insert(HOLDS).values(**row, expires_at=expires_at))


def _named(thing: Thing) -> str:
    return f"{thing.label} ({thing.pool})" if thing.is_share else f"{thing.label} {thing.key} ({thing.pool})"


def _release(uow: UnitOfWork, mine: sa.ColumnElement[bool], quarantine_pools: Mapping[str, datetime]) -> None:
    for pool, until in sorted(quarantine_pools.items()):
        single = sa.update(HOLDS).where(mine, HOLDS.c.pool == pool, HOLDS.c.key != "")
        uow.connection.execute(single.values(state=HoldState.QUARANTINED.value, expires_at=until))
    _end(uow, mine, HoldState.RELEASED)


def _end(uow: UnitOfWork, condition: sa.ColumnElement[bool], state: HoldState) -> None:
    uow.connection.execute(sa.update(HOLDS).where(condition).values(state=state.value, expires_at=None))


def _kept(uow: UnitOfWork, item_id: str) -> list[tuple[int, HoldRow]]:
    mine = (HOLDS.c.item_id == item_id) & HOLDS.c.of_item & HOLDS.c.state.in_(_KEPT)
    rows = uow.connection.execute(sa.select(HOLDS).where(mine).order_by(HOLDS.c.id))
    return [(row.id, _from_row(row)) for row in rows]


def _rows(uow: UnitOfWork, condition: sa.ColumnElement[bool]) -> tuple[HoldRow, ...]:
    rows = uow.connection.execute(sa.select(HOLDS).where(condition).order_by(HOLDS.c.id))
    return tuple(_from_row(row) for row in rows)


def _from_row(row: Any) -> HoldRow:
    return HoldRow(
        line_id=row.line_id,
        item_id=row.item_id,
        thing=Thing(pool=row.pool, key=row.key, amount=row.amount, label=row.label),
        state=HoldState(row.state),
        expires_at=row.expires_at,
    )
