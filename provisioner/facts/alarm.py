"""Which site has more than was granted, where nothing stops it? Storage on a host without quota; every database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from provisioner.facts.observation import Observation, Spot
from provisioner.facts.storage_limit import MEASURED
from provisioner.names import ITEM_ID

NEAR_PERCENT = 90
_WATCHED = {"storage": "storage_used_bytes", "database": "database_used_bytes"}


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One thing that is near or over what was granted: 'web1/g7kq2mx4pd', 'storage', 5500000000 of 5368709120 bytes."""

    target: str
    thing: str
    used_bytes: int
    limit_bytes: int

    @property
    def is_over(self) -> bool:
        """Tell whether the limit itself is passed; else it is near."""
        return self.used_bytes > self.limit_bytes

    def __str__(self) -> str:
        """One sentence in Indonesian."""
        host, _, item = self.target.partition("/")
        words = {"storage": "ruang simpan", "database": "basis data"}
        state = "melampaui batas" if self.is_over else f"di atas {NEAR_PERCENT} % batas"
        return f"{words[self.thing]} {item} di {host} {state}: {self.used_bytes} dari {self.limit_bytes} bita"


def alarms(seen: Observation) -> tuple[Alarm, ...]:
    """Return every alarm of our own sites, by place; where the kernel enforces a limit there is nothing to watch."""
    found = []
    for spot in sorted(seen.values):
        limit = _watched_limit(spot, seen.values[spot])
        used = seen.measurements.get(f"{spot.target}:{_WATCHED.get(spot.property)}", 0)
        if limit and used * 100 > limit * NEAR_PERCENT:
            found.append(Alarm(target=spot.target, thing=spot.property, used_bytes=used, limit_bytes=limit))
    return tuple(found)


def _watched_limit(spot: Spot, value: Any) -> int | None:
    """Return what was granted, where only a watch holds the site to it."""
    if not ITEM_ID.fullmatch(spot.object) or spot.property not in _WATCHED:
        return None
    enforced = spot.property == "storage" and value["driver"] != MEASURED
    return None if enforced else value["limit_bytes"]
