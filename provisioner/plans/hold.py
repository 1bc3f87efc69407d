"""Which scarce things does a line keep, so that nobody else is promised them?"""

from __future__ import annotations

from dataclasses import dataclass
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
