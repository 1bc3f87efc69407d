"""What is there of a shared host, how much of it is used and promised, and how much if this is approved?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from provisioner.facts.estate import Host
from provisioner.kinds.hosting import host as shared_host
from provisioner.kinds.port import Question
from provisioner.plans.hold import amounts

#: what each site of the host is measured by, for a sum of the host; bandwidth is measured of none
_MEASURED = {"storage_bytes": "storage_used_bytes", "database_bytes": "database_used_bytes"}


def rows(question: Question, host: Host) -> list[dict[str, Any]]:
    """Return the sums of the host, then its disk where it was measured; None: not measured.

    A verb that leaves the site's shares as they are changes nothing of it, and there is nothing to show.
    """
    if not shared_host.takes_shares(question):
        return []
    kept = amounts(question.kept)
    shares = [
        {
            "label": share.label,
            "unit": "bytes_per_second" if share.pool.endswith("_per_second") else "bytes",
            "total": share.limit,
            "used": _used(question, host, share.pool.partition(":")[2]),
            "promised": share.held + kept[share.pool],
            "after": share.held + share.asked,
        }
        for share in shared_host.shares(question, host)
    ]
    return [*shares, *_disk(question, host, shares[0])]


def _disk(question: Question, host: Host, storage: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """The file system under the sites: what is promised of it may be more than there is, and is said then."""
    size, free = (question.seen.measurements.get(f"{host.name}:storage_{name}_bytes") for name in ("size", "free"))
    if size is not None and free is not None:
        promised = {name: storage[name] for name in ("promised", "after")}
        yield {
            "label": f"disk {host.name}",
            "unit": "bytes",
            "total": size,
            "used": size - free,
            "free": free,
            **promised,
        }


def _used(question: Question, host: Host, sum_: str) -> int | None:
    """Add up what the sites of the host use; None where none of it is measured."""
    ending = f":{_MEASURED.get(sum_)}"
    found = [
        amount
        for name, amount in question.seen.measurements.items()
        if name.startswith(f"{host.name}/") and name.endswith(ending)
    ]
    return sum(found) if found else None
