"""How is a host told over HTTP, to the providing office alone?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from api.replies.base import Reply
from provisioner.desk.hosts import HostView


class PoolReply(Reply):
    """A sum of the host: 'storage_bytes', how much there is, how much of it is promised."""

    name: str
    limit: int
    held: int


class HoldReply(Reply):
    """One thing kept: `key` of a single one ('20007'), `amount` of a share; `until` None once committed."""

    pool: str
    key: str
    amount: int
    label: str
    state: str
    item_id: str
    request: str
    until: datetime | None


class HostReply(Reply):
    """A host: what is promised of it, what stands there, what is kept, what runs now, what was measured last."""

    name: str
    pools: tuple[PoolReply, ...]
    items: tuple[str, ...]
    holds: tuple[HoldReply, ...]
    runs: tuple[str, ...]
    measures: Mapping[str, int]
    looked_at: datetime | None

    @classmethod
    def of(cls, view: HostView) -> HostReply:
        """Tell a host."""
        return cls(
            name=view.name,
            pools=tuple(PoolReply(name=pool.name, limit=pool.limit, held=pool.held) for pool in view.pools),
            items=tuple(item.id for item in view.items),
            holds=tuple(
                HoldReply(
                    pool=row.thing.pool,
                    key=row.thing.key,
                    amount=row.thing.amount,
                    label=row.thing.label,
                    state=row.state.value,
                    item_id=row.item_id,
                    request=view.numbers[row.line_id][1] if row.line_id in view.numbers else "",
                    until=row.expires_at,
                )
                for row in view.holds
            ),
            runs=tuple(run.id for run in view.runs),
            measures=view.measures,
            looked_at=view.looked_at,
        )


class HostList(Reply):
    """Every host, by name."""

    hosts: tuple[HostReply, ...]
