"""What would be granted instead of what was asked, who proposes it, and why?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Adjustment:
    """A proposal that stands for a line: its wish `version`, beside the one asked.

    `asked` {"storage_gb": 5, ...} and `granted` {"storage_gb": 3, ...} are both whole. Name and position of the
    proposer are those of that day (law 10); `reason` is for the OPD.
    """

    line_id: str
    version: int
    asked: Mapping[str, Any]
    granted: Mapping[str, Any]
    proposer_id: str
    proposer_name: str
    position: str
    reason: str
    proposed_at: datetime

    @property
    def differing(self) -> tuple[str, ...]:
        """Return the names of the fields in which granted and asked differ, in the order asked."""
        names = dict.fromkeys([*self.asked, *self.granted])
        return tuple(name for name in names if self.asked.get(name) != self.granted.get(name))
