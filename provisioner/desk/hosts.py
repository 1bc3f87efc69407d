"""Hosts: what stands on each, how much of it is promised and used, what runs there now?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from provisioner.desk.house import Room
from provisioner.errors import NotAllowed, NotFound
from provisioner.items.item import Item
from provisioner.people.person import Person
from provisioner.runs.run import Run
from provisioner.store import holds, items, last_looks, requests, runs
from provisioner.store.holds import HoldRow
from provisioner.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class Pool:
    """A sum of a host: name 'storage_bytes', `limit`, `held` of it."""

    name: str
    limit: int
    held: int


@dataclass(frozen=True, kw_only=True)
class HostView:
    """A host as the store knows it; its inventory is the worker's.

    `measures`: {'storage_free_bytes': ...} of the last look at `looked_at`, None before the first. `holds` of single
    things and shares, with whose they are: `numbers` line id -> request number.
    """

    name: str
    pools: tuple[Pool, ...]
    items: tuple[Item, ...]
    holds: tuple[HoldRow, ...]
    numbers: Mapping[str, tuple[str, str]]
    runs: tuple[Run, ...]
    measures: Mapping[str, int]
    looked_at: datetime | None


class HostDesk(Room):
    """Show hosts to the providing office's own people."""

    def hosts(self, person: Person) -> tuple[HostView, ...]:
        """Return every host that has a pool or an item, by name."""
        self._check_provider(person)
        with self.house.database.reading() as uow:
            pools = _pools(uow)
            return tuple(_view(uow, name, pools.get(name, ())) for name in sorted({*pools, *items.hosts(uow)}))

    def host(self, person: Person, name: str) -> HostView:
        """Return one host; NotFound where neither pool nor item names it."""
        self._check_provider(person)
        with self.house.database.reading() as uow:
            pools = _pools(uow)
            if name not in {*pools, *items.hosts(uow)}:
                raise NotFound("host tidak ada", name, "Lihat daftar host.")
            return _view(uow, name, pools.get(name, ()))

    def _check_provider(self, person: Person) -> None:
        """An OPD sees its own things and nobody's host."""
        self.check_access(person)
        if not self.sees_all(person):
            raise NotAllowed("host hanya untuk petugas penyedia layanan", person.name, "Lihat halaman layanan Anda.")


def _pools(uow: UnitOfWork) -> Mapping[str, tuple[Pool, ...]]:
    found = defaultdict(list)
    for pool, (limit, held) in holds.sums(uow).items():
        host, _, name = pool.partition(":")
        found[host].append(Pool(name=name, limit=limit, held=held))
    return {host: tuple(pools) for host, pools in found.items()}


def _view(uow: UnitOfWork, name: str, pools: tuple[Pool, ...]) -> HostView:
    kept, look = holds.of_host(uow, name), last_looks.of(uow, [name]).get(name)
    of_line = requests.of_lines(uow, [row.line_id for row in kept])
    return HostView(
        name=name,
        pools=pools,
        items=items.on_host(uow, name),
        holds=kept,
        numbers={line_id: (request.id, request.number) for line_id, request in of_line.items()},
        runs=runs.open_on_host(uow, name),
        measures=look.measures if look else {},
        looked_at=look.at if look else None,
    )
