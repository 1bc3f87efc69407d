"""What does one more account mean for the server and for those who share it?

Tarakan's "Data akun dan kapasitas server data Cloud": disk, what is promised and used, and both after approval.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.facts.estate import Host
from provisioner.kinds.data_cloud import server
from provisioner.kinds.data_cloud.account_name import accounts, is_ours
from provisioner.kinds.port import Question
from provisioner.plans.hold import amounts

#: a server may carry thousands: those that use most are shown, the others counted
MOST_SHOWN = 30


def rows(question: Question, host: Host) -> list[dict[str, Any]]:
    """Return storage, disk and accounts: total, used and promised now, promised afterwards; None: not measured.

    A verb that leaves the account's share as it is changes nothing of it, and there is nothing to show.
    """
    if not server.takes_share(question) and question.verb != "terminate":
        return []
    part, kept = server.share(question, host), amounts(question.kept)
    now, delta = part.held + kept[part.pool], _added(question, host)
    used, free, promised, found = (
        question.seen.measurements.get(f"{host.name}:{name}")
        for name in ("storage_used_bytes", "storage_free_bytes", "quotas_bytes", "accounts")
    )
    found = len(accounts(question, host.name)) if found is None else found
    after = found + {"create": 1, "terminate": -1}.get(question.verb, 0)
    promised = now if promised is None else promised
    return [
        _row("kuota akun Gerbang", "bytes", part.limit, _used_by_ours(question, host), now, now + delta),
        *_disk(host, used, free, promised, promised + delta),
        _row("akun di server", "count", None, None, found, after),
    ]


def _used_by_ours(question: Question, host: Host) -> int | None:
    """Add up what our accounts use, for others' were promised nothing by us; None where none of it is measured."""
    ours = [name for name, value in accounts(question, host.name).items() if is_ours(value)]
    found = [question.seen.measurements.get(f"{host.name}/{name}:storage_used_bytes") for name in ours]
    measured = [used for used in found if used is not None]
    return sum(measured) if measured else None


def _disk(host: Host, used: int | None, free: int | None, promised: int, after: int) -> list[dict[str, Any]]:
    """The server's disk, with what others than we promised of it: a server tells what is free, not how large it is."""
    if used is None or free is None:
        return []
    return [{**_row(f"disk {host.name}", "bytes", used + free, used, promised, after), "free": free}]


def neighbours(question: Question, choices: Mapping[str, Any], host: Host) -> dict[str, Any]:
    """Show whose accounts share the server, with OPD and use, and what is promised of it now and afterwards."""
    opds = _opds(question)
    others = {name: value for name, value in accounts(question, host.name).items() if name != choices["account"]}
    used = {name: question.seen.measurements.get(f"{host.name}/{name}:storage_used_bytes") for name in others}
    shown = [
        {"item": name, "opd": opds.get(name, "tidak tercatat"), "names": [name], "storage_used_bytes": used[name]}
        for name in sorted(others, key=lambda one: (-(used[one] or 0), one))
    ]
    ours = sum(1 for value in others.values() if is_ours(value))
    now, afterwards = ours + (question.item is not None), ours + (question.verb != "terminate")
    more = max(len(shown) - MOST_SHOWN, 0)
    told = f" {more} akun lain yang memakai lebih sedikit tidak ditampilkan." if more else ""
    return {
        "host": host.name,
        "things": "akun",
        "own": str(choices["account"]),
        "sites": shown[:MOST_SHOWN],
        "sentence": f"Di {host.name} ada {now} akun Gerbang; sesudah ini {afterwards}. Disk dan jalur internet server "
        f"dipakai bersama.{told}",
        "measured": {},
    }


def _added(question: Question, host: Host) -> int:
    """Return what the verb adds to what is promised; below zero where it gives back."""
    kept = amounts(question.kept)[server.share(question, host).pool]
    if question.verb == "terminate":
        return -kept
    return server.share(question, host).asked - kept if server.takes_share(question) else 0


def _opds(question: Question) -> dict[str, str]:
    """Return whose each recorded account is: the OPD's own group says it."""
    found = {}
    for spot, value in question.seen.values.items():
        if spot.property == "groups" and isinstance(value, list):
            own = [str(group).removeprefix("opd-").upper() for group in value if str(group).startswith("opd-")]
            if own:
                found[spot.object] = own[0]
    return found


def _row(label: str, unit: str, total: int | None, used: int | None, promised: int, after: int) -> dict[str, Any]:
    return {"label": label, "unit": unit, "total": total, "used": used, "promised": promised, "after": after}
