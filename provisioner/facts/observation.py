"""What was seen, where, and what was merely measured?"""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from provisioner.digests import Value


@dataclass(frozen=True, kw_only=True, order=True)
class Spot:
    """A place that can hold one value.

    `system` 'apache'; `target` 'web1/g7kq2mx4pd' (host/object) or 'kota.lab/simpeg.kota.lab' (zone/name);
    `property` 'vhost'.
    """

    system: str
    target: str
    property: str

    @builtins.property  # our own field of that name shadows it here
    def host(self) -> str:
        """The part before the slash: the inventory host or the zone."""
        return self.target.partition("/")[0]

    @builtins.property  # our own field of that name shadows it here
    def object(self) -> str:
        """The part after the slash: the item id, database, user or record name."""
        return self.target.partition("/")[2]


@dataclass(frozen=True, kw_only=True)
class Observation:
    """Everything one look saw, of every tenant.

    `values`: a spot that is missing here is absent in the world, if its system and host stand in `looked`
    (('apache', 'web1'), ('dns', 'kota.lab')). `measurements` ('web1:storage_used_bytes' -> 73400320) are shown and
    tested against limits, never digested.
    """

    values: Mapping[Spot, Value]
    measurements: Mapping[str, int]
    looked: frozenset[tuple[str, str]]
    seen_at: datetime

    def value(self, spot: Spot) -> Value:
        """Return what stands there, None where nothing does; KeyError where nobody looked: absence is never guessed."""
        if (spot.system, spot.host) not in self.looked:
            msg = f"nobody looked at {spot.system} on {spot.host}"
            raise KeyError(msg)
        return self.values.get(spot)
