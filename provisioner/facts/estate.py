"""Which hosts, zones, pools and sums does this office have? The inventory, as the engine sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Host:
    """One inventory host: name 'web1', its groups, its merged variables (references to secrets only)."""

    name: str
    groups: frozenset[str]
    variables: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Estate:
    """All hosts, and the variables of group `all` (zone, addresses of name servers, office settings)."""

    hosts: Mapping[str, Host]
    variables: Mapping[str, Any]

    def in_group(self, group: str) -> tuple[Host, ...]:
        """Return the hosts of `group`, by name."""
        return tuple(h for _, h in sorted(self.hosts.items()) if group in h.groups)
