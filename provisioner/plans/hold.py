"""Which scarce things does a line keep, so that nobody else is promised them?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class HoldState(StrEnum):
    """A hold's life (law 4). The unique index covers held, committed and quarantined."""

    HELD = "held"
    COMMITTED = "committed"
    QUARANTINED = "quarantined"
    RELEASED = "released"
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One scarce thing wanted.

    A single one: pool 'fqdn', key 'simpeg.kota.lab', amount 1. A share of a sum: pool 'web1:storage_bytes', key '',
    amount 5368709120. `label` is Indonesian: 'ruang simpan web1'.
    """

    pool: str
    key: str
    amount: int
    label: str

    @property
    def is_share(self) -> bool:
        """True for a share of a sum, False for a single thing that only one may have."""
        return not self.key


def difference(wanted: Iterable[Thing], kept: Iterable[Thing]) -> tuple[Thing, ...]:
    """Return what must be held beside what is kept: new single things, and of each share the part that is more."""
    kept = tuple(kept)
    singles, shares = {(thing.pool, thing.key) for thing in kept}, amounts(kept)
    more = []
    for thing in wanted:
        if thing.is_share and thing.amount > shares[thing.pool]:
            more.append(replace(thing, amount=thing.amount - shares[thing.pool]))
        elif not thing.is_share and (thing.pool, thing.key) not in singles:
            more.append(thing)
    return tuple(more)


def amounts(things: Iterable[Thing]) -> Counter[str]:
    """Add the shares up: pool -> amount; 0 for a pool that is not among them."""
    found: Counter[str] = Counter()
    for thing in things:
        if thing.is_share:
            found[thing.pool] += thing.amount
    return found
