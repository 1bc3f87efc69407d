"""Which server can take this account, and what is left of it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.facts import nextcloud
from provisioner.facts.estate import Estate, Host
from provisioner.facts.nextcloud_server import LACKS
from provisioner.facts.observation import Spot
from provisioner.items.item import Verb
from provisioner.items.verbs import VERBS
from provisioner.kinds.data_cloud import handover, traffic
from provisioner.kinds.data_cloud import wish as asked
from provisioner.kinds.data_cloud.account_name import refuse_id
from provisioner.kinds.data_cloud.amounts import amount
from provisioner.kinds.data_cloud.class_rules import refuse_changed
from provisioner.kinds.port import NOT_LOOKED, Question
from provisioner.plans.plan import Reason
from provisioner.requests.bounds import bounded, over_bounds

GROUP = "nextcloud"
POOL = "quota_bytes"
SUMS = frozenset({POOL})


@dataclass(frozen=True, kw_only=True)
class Share:
    """What a wish takes of a server's storage: pool 'cloud1:quota_bytes', asked, the limit, what others hold."""

    pool: str
    label: str
    asked: int
    limit: int
    held: int

    @property
    def left(self) -> int:
        """What is left once the wish is granted; below zero: it cannot be."""
        return self.limit - self.held - self.asked


def hosts(estate: Estate) -> tuple[str, ...]:
    """Return the names of the servers and of the proxies before them: a look for a new account asks them all."""
    servers = estate.in_group(GROUP)
    return (*(host.name for host in servers), *traffic.proxies(estate, servers))


def share(question: Question, host: Host) -> Share:
    """Return what this wish takes of the server's promised storage, in bytes as the server keeps them."""
    pool = f"{host.name}:{POOL}"
    limit, held = question.sums.get(pool, (int(host.variables["sums"][POOL]), 0))
    kept = nextcloud.kept_bytes(asked.quota_bytes(question.wish))
    return Share(pool=pool, label=f"ruang simpan {host.name}", asked=kept, limit=limit, held=held)


def takes_share(question: Question) -> bool:
    """Tell whether the verb asks for storage: one that makes the account or changes its wish."""
    return VERBS[Verb(question.verb)].changes_wish


def choose_server(question: Question, kept: str | None) -> tuple[Host | None, tuple[Reason, ...]]:
    """Return the server with most storage left among those that fit, or why none does.

    `kept`: the server of an earlier plan, then no other is tried; a person's wish {"host": "cloud2"} likewise.
    """
    wished = kept or (question.wishes or {}).get("host")
    candidates = [host for host in question.estate.in_group(GROUP) if wished in (None, host.name)]
    if not candidates:
        known = ", ".join(host.name for host in question.estate.in_group(GROUP))
        what = f"server {wished!a} tidak ada" if wished else "tidak ada server Nextcloud di inventaris"
        mend = f"pilih: {known}" if known else "daftarkan server Nextcloud lebih dahulu"
        return None, (Reason(code="no_such_host", what=what, mend=mend),)
    refusals = {host.name: refuse(question, host) for host in candidates}
    fitting = [host for host in candidates if not refusals[host.name]]
    if not fitting:
        return None, tuple(dict.fromkeys(reason for reasons in refusals.values() for reason in reasons))
    return max(fitting, key=lambda host: (share(question, host).left, [-ord(c) for c in host.name])), ()


def refuse(question: Question, host: Host) -> tuple[Reason, ...]:
    """Say why `host` cannot take this wish; empty if it can."""
    if silent := (*unseen(question, host), *traffic.unseen(question, host, traffic.chosen(host.variables))):
        return silent
    missing = (*lacking(question, host), *traffic.refuse(question.estate, host), *handover.refuse(question, host))
    found = (*refuse_id(question, host), *too_much(question, host), *full(question, host))
    return (*missing, *found, *refuse_changed(question, host))


def unseen(question: Question, host: Host) -> tuple[Reason, ...]:
    """Say that nobody knows how it stands at `host`: it gave no answer, and nothing there counts as absent."""
    if (nextcloud.SYSTEM, host.name) in question.seen.looked:
        return ()
    return (Reason(code=NOT_LOOKED, what=f"{host.name} tidak menjawab", mend="lihat lagi bila server menjawab"),)


def lacking(question: Question, host: Host) -> tuple[Reason, ...]:
    """Say what the server itself must have, so that what is granted holds, and the link of a new account comes."""
    spot = Spot(system=nextcloud.SYSTEM, target=f"{host.name}/", property="server")
    seen: Any = question.seen.value(spot) or {}
    codes = [code for code in seen.get("missing", ()) if code != "link_mail" or question.item is None]
    lacks = [LACKS[code] for code in codes if code in LACKS]
    return tuple(Reason(code="server_lacks", what=f"{host.name}: {lack.what}", mend=lack.mend) for lack in lacks)


def too_much(question: Question, host: Host) -> tuple[Reason, ...]:
    """What the office gives no more (it may have been more when it was asked for), and a file that fits no account."""
    has: Mapping[str, Any] = question.item.wish if question.item else {}
    table = bounded(asked.FIELDS, host.variables.get("limits"))
    found = [
        Reason(code="over_office_limit", what=wrong.what, mend=wrong.mend)
        for wrong in over_bounds(table, question.wish, has)
    ]
    if asked.largest_bytes(question.wish) > asked.quota_bytes(question.wish):
        what = "berkas terbesar melebihi ruang simpan seluruh akun"
        found.append(
            Reason(code="file_over_quota", what=what, mend="perkecil berkas terbesar atau perbesar ruang simpan")
        )
    return tuple(found)


def full(question: Question, host: Host) -> tuple[Reason, ...]:
    """What would be promised twice, and the disk that is full already."""
    part, found = share(question, host), []
    if part.left < 0:
        until = question.free_at.get(part.pool)
        later = f"; cadangan yang pertama lepas {until:%d-%m-%Y} bila tidak disetujui" if until else ""
        what = f"{part.label} tidak cukup: diminta {amount(part.asked)}, sisa {amount(part.limit - part.held)}{later}"
        mend = "kurangi permintaan, hentikan akun yang tidak dipakai, atau tambah kapasitas server"
        found.append(Reason(code="host_full", what=what, mend=mend))
    free = question.seen.measurements.get(f"{host.name}:storage_free_bytes")
    more = part.asked - (nextcloud.kept_bytes(asked.quota_bytes(question.item.wish)) if question.item else 0)
    if free is not None and more > max(free, 0):
        low = free * 10 // asked.GIB * asked.GIB // 10  # said to a tenth, never more than is free
        what = f"disk {host.name} penuh: diminta {amount(more)} lagi, kosong {amount(low)}"
        found.append(Reason(code="disk_full", what=what, mend="kosongkan disk server itu, atau pilih server lain"))
    return tuple(found)
