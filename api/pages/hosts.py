"""Host: what stands on it, how much is promised and used, what is kept until when, what runs now?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from api.pages.layout import page
from api.pages.words import rate, size
from api.session import CallerOf, DoorOf
from provisioner.desk.hosts import HostView

router = APIRouter()
#: pools and measures end in their unit; what has none of these is a bare number
_UNITS: Mapping[str, Callable[[int], str]] = {"_bytes_per_second": rate, "_bytes": size}
POOLS = {
    "storage_bytes": "Ruang simpan",
    "database_bytes": "Basis data",
    "bandwidth_bytes_per_second": "Bandwidth",
    "quota_bytes": "Kuota akun cloud",
}
MEASURES = {
    "storage_size_bytes": "Ukuran disk",
    "storage_free_bytes": "Disk kosong",
    "storage_used_bytes": "Terpakai semua akun",
    "quotas_bytes": "Kuota semua akun, juga yang bukan buatan Gerbang",
    "accounts": "Akun",
    "memory_available_bytes": "Memori tersedia",
    "load_percent": "Beban (persen dari semua inti)",
}


@dataclass(frozen=True, kw_only=True)
class PoolWords:
    """A pool for a reader: 'Ruang simpan', 5 GB dijanjikan dari 20 GB, sisa 15 GB."""

    label: str
    held: int
    limit: int
    said: str
    left: str


@router.get("/host")
def list_hosts(request: Request, door: DoorOf, who: CallerOf) -> Response:
    """Show every host with what is promised of it."""
    hosts = [(host, pools_of(host), measured_of(host)) for host in door.desk.hosts(who.person)]
    return page(request, "host_daftar.html", who, hosts=hosts)


@router.get("/host/{name}")
def show_host(request: Request, name: str, door: DoorOf, who: CallerOf) -> Response:
    """Show one host."""
    host = door.desk.host(who.person, name)
    held = [(row, written(row.thing.pool, row.thing.amount)) for row in host.holds]
    return page(request, "host.html", who, host=host, pools=pools_of(host), measured=measured_of(host), held=held)


def pools_of(host: HostView) -> tuple[PoolWords, ...]:
    """Say the host's sums."""
    return tuple(
        PoolWords(
            label=POOLS.get(pool.name, pool.name),
            held=pool.held,
            limit=pool.limit,
            said=f"{written(pool.name, pool.held)} dari {written(pool.name, pool.limit)}",
            left=written(pool.name, pool.limit - pool.held),
        )
        for pool in host.pools
    )


def measured_of(host: HostView) -> list[tuple[str, str]]:
    """Say what the last look measured of the host: [('Disk kosong', '14 GB')]."""
    return [(MEASURES[key], written(key, host.measures[key])) for key in MEASURES if key in host.measures]


def written(name: str, amount: int) -> str:
    """Write an amount in the unit its name ends in: written('web1:storage_bytes', 5368709120) -> '5 GB'."""
    for ending, write in _UNITS.items():
        if name.endswith(ending):
            return write(amount)
    return str(amount)
