"""Which shared host can take this site, and what is left of it?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.facts.account import ROOT
from provisioner.facts.estate import Estate, Host
from provisioner.facts.observation import Observation, Spot
from provisioner.items.item import Verb
from provisioner.items.verbs import VERBS
from provisioner.kinds.hosting import wish as asked
from provisioner.kinds.port import NOT_LOOKED, Question
from provisioner.names import read_mark
from provisioner.plans.plan import Reason
from provisioner.requests.bounds import bounded, over_bounds

GROUP = "shared_web"
SUMS = frozenset({"storage_bytes", "database_bytes", "bandwidth_bytes_per_second"})


@dataclass(frozen=True, kw_only=True)
class Share:
    """A part of a host's sum: pool 'web1:storage_bytes', what is asked, the limit, what others hold."""

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
    """Return the names of the shared hosts: a look for a new site asks them all."""
    return tuple(host.name for host in estate.in_group(GROUP))


def shares(question: Question, host: Host) -> tuple[Share, ...]:
    """Return the three sums of a host and what this wish takes of them."""
    wanted = {
        "storage_bytes": ("ruang simpan", asked.storage_bytes(question.wish)),
        "database_bytes": ("basis data", asked.database_bytes(question.wish)),
        "bandwidth_bytes_per_second": ("bandwidth", asked.bandwidth_bytes_per_second(question.wish)),
    }
    found = []
    for key, (label, amount) in wanted.items():
        pool = f"{host.name}:{key}"
        limit, held = question.sums.get(pool, (int(host.variables["sums"][key]), 0))
        found.append(Share(pool=pool, label=f"{label} {host.name}", asked=amount, limit=limit, held=held))
    return tuple(found)


def takes_shares(question: Question) -> bool:
    """Tell whether the verb asks for shares of the host: one that makes the site or changes its wish."""
    return VERBS[Verb(question.verb)].changes_wish


def choose_host(question: Question, kept: str | None) -> tuple[Host | None, tuple[Reason, ...]]:
    """Return the host with most storage left among those that fit, or why none does.

    `kept`: the host of an earlier plan, then no other is tried; a person's wish {"host": "web2"} likewise.
    """
    wished = kept or (question.wishes or {}).get("host")
    candidates = [host for host in question.estate.in_group(GROUP) if wished in (None, host.name)]
    if not candidates:
        mend = "pilih: " + ", ".join(hosts(question.estate))
        return None, (Reason(code="no_such_host", what=f"host {wished!a} tidak ada", mend=mend),)
    refusals = {host.name: refuse(question, host) for host in candidates}
    fitting = [host for host in candidates if not refusals[host.name]]
    if not fitting:
        return None, tuple(reason for reasons in refusals.values() for reason in reasons)
    return max(fitting, key=lambda host: (shares(question, host)[0].left, [-ord(c) for c in host.name])), ()


def refuse(question: Question, host: Host) -> tuple[Reason, ...]:
    """Say why `host` cannot take this wish; empty if it can."""
    if silent := unseen(question, host):
        return silent
    return (*_missing(question, host), *_too_much(question, host), *_full(question, host), *foreign(question, host))


def unseen(question: Question, host: Host) -> tuple[Reason, ...]:
    """Say that nobody knows how it stands at `host`: it gave no answer, and nothing there counts as absent."""
    if ("account", host.name) in question.seen.looked:
        return ()
    return (Reason(code=NOT_LOOKED, what=f"{host.name} tidak menjawab", mend="lihat lagi bila host menjawab"),)


def amount(size: int) -> str:
    """Write bytes as people here do: amount(5368709120) -> '5 GB', amount(1610612736) -> '1,5 GB'."""
    number = f"{size / asked.GIB:.1f}".removesuffix(".0").replace(".", ",")
    return f"{number} GB"


def speed(bytes_per_second: int) -> str:
    """Write a rate: speed(1250000) -> '10 Mbit/s'."""
    number = f"{bytes_per_second / asked.BYTES_PER_SECOND_OF_A_MBIT:.1f}".removesuffix(".0").replace(".", ",")
    return f"{number} Mbit/s"


def written(pool: str) -> Callable[[int], str]:
    """Return how amounts of that pool are written."""
    return speed if pool.endswith("bandwidth_bytes_per_second") else amount


def _missing(question: Question, host: Host) -> tuple[Reason, ...]:
    """What the host does not offer at all; what a standing site has already is not asked of it again."""
    offered, wish, has = host.variables, question.wish, question.item.wish if question.item else {}
    found = []
    lacking = sorted(set(wish["extensions"]) - set(offered.get("php_extensions", ())) - set(has.get("extensions", ())))
    if wish["runtime"] == "php" and (lacking or not offered.get("php_version")):
        what = f"{host.name} tidak menyediakan PHP dengan ekstensi {', '.join(lacking) or 'apa pun'}"
        found.append(
            Reason(code="no_runtime", what=what, mend="kurangi ekstensi, atau pasang di host itu lebih dahulu")
        )
    engines = offered.get("database_engines", ("mariadb", "postgresql"))
    if wish["database"] not in ("none", has.get("database"), *engines):
        what = f"{host.name} tidak menyediakan {wish['database']}"
        found.append(Reason(code="no_database_engine", what=what, mend=f"pilih: {', '.join(engines)}"))
    if wish["outgoing_mail"] and not has.get("outgoing_mail") and not offered.get("outgoing_mail"):
        what = f"{host.name} tidak dapat mengirim surat keluar"
        found.append(
            Reason(code="no_outgoing_mail", what=what, mend="ajukan tanpa surat keluar, atau siapkan penerus surat")
        )
    return tuple(found)


def _too_much(question: Question, host: Host) -> tuple[Reason, ...]:
    """What the office gives no more, though it may have when it was asked for; what stands is not asked again."""
    has: Mapping[str, Any] = question.item.wish if question.item else {}
    table = bounded(asked.FIELDS, host.variables.get("limits"))
    return tuple(
        Reason(code="over_office_limit", what=wrong.what, mend=wrong.mend)
        for wrong in over_bounds(table, question.wish, has)
    )


def _full(question: Question, host: Host) -> tuple[Reason, ...]:
    """What would be promised twice, and the disk that is full already."""
    found = []
    for share in shares(question, host):
        if share.left < 0:
            until = question.free_at.get(share.pool)
            said, left = written(share.pool), share.limit - share.held
            later = f"; cadangan yang pertama lepas {until:%d-%m-%Y} bila tidak disetujui" if until else ""
            what = f"{share.label} tidak cukup: diminta {said(share.asked)}, sisa {said(left)}{later}"
            mend = "kurangi permintaan, hentikan layanan yang tidak dipakai, atau tambah kapasitas host"
            found.append(Reason(code="host_full", what=what, mend=mend))
    free = question.seen.measurements.get(f"{host.name}:storage_free_bytes")
    stands = question.seen.value(Spot(system="account", target=f"{host.name}/{question.item_id}", property="storage"))
    wanted = asked.storage_bytes(question.wish) - (asked.storage_bytes(question.item.wish) if question.item else 0)
    is_more = wanted > 0 if question.item else stands is None
    if free is not None and free < wanted and is_more:
        low = free * 10 // asked.GIB * asked.GIB // 10  # said to a tenth, never more than is free
        what = f"disk {host.name} penuh: diminta {amount(wanted)}, kosong {amount(low)} di {ROOT}"
        found.append(Reason(code="disk_full", what=what, mend="kosongkan disk host itu, atau pilih host lain"))
    if _free_uid(question, host) is None:
        what = f"nomor pengguna di {host.name} habis"
        found.append(Reason(code="no_uid", what=what, mend="perbesar uid_pool host itu di inventaris"))
    return tuple(found)


def foreign(question: Question, host: Host) -> tuple[Reason, ...]:
    """An object that bears our item's name and not our mark is never touched."""
    found = []
    for spot, value in sorted(question.seen.values.items()):
        if spot.target == f"{host.name}/{question.item_id}" and not _ours(spot, value, question.item_id):
            what = f"{spot.property} {question.item_id} di {host.name} sudah ada dan bukan buatan Gerbang"
            found.append(
                Reason(code="foreign_object", what=what, mend="periksa di host itu; Gerbang tidak menyentuhnya")
            )
    return tuple(found)


def _ours(spot: Spot, value: Any, item_id: str) -> bool:
    """Only what can bear a mark is asked for it; directories, limits and logins follow the user and database."""
    bears = {"user": "mark", "database": "mark", "vhost": "text", "pool": "text", "cron": "text"}
    if spot.property not in bears or bears[spot.property] not in value:
        return True
    return read_mark(str(value[bears[spot.property]])) == item_id


def uid_of(question: Question, host: Host) -> int:
    """Return the lowest free number of the host's pool; `refuse` has made sure that there is one."""
    uid = _free_uid(question, host)
    assert uid is not None, host.name
    return uid


def _free_uid(question: Question, host: Host) -> int | None:
    pool = host.variables["uid_pool"]
    used = {str(uid) for uid in _uids(question.seen, host.name, question.item_id)}
    used |= question.taken.get(f"{host.name}:uid", frozenset())
    return next((uid for uid in range(int(pool["first"]), int(pool["last"]) + 1) if str(uid) not in used), None)


def _uids(seen: Observation, host: str, but: str) -> set[int]:
    users: list[Any] = [
        value
        for spot, value in seen.values.items()
        if (spot.system, spot.host, spot.property) == ("account", host, "user") and spot.object != but
    ]
    return {int(number) for user in users for number in (user["uid"], user["gid"])}


def uid_taken_by_other(question: Question, host: Host, uid: int) -> bool:
    """Tell whether a number chosen earlier has meanwhile gone to somebody else."""
    held = question.taken.get(f"{host.name}:uid", frozenset())
    return uid in _uids(question.seen, host.name, question.item_id) or str(uid) in held
