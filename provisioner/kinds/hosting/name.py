"""Is the name free, and will nobody mistake it for another?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.facts import apache
from provisioner.facts.observation import Spot
from provisioner.kinds.port import Question
from provisioner.names import read_mark
from provisioner.plans.plan import Reason
from provisioner.requests.sub_domain import look_alikes

_WORDS: Mapping[str, str] = {
    "address": "alamat",
    "mark": "tanda",
    "challenge": "penunjuk sertifikat",
    "foreign": "rekaman",
}


def refuse_names(question: Question, names: tuple[str, ...], zone: str) -> tuple[Reason, ...]:
    """Say which of `names` are taken or look like another; empty if all are free or already this item's own."""
    return tuple(
        reason for name in names for reason in (*_taken(question, name, zone), *_alike(question, name, names, zone))
    )


def _taken(question: Question, name: str, zone: str) -> tuple[Reason, ...]:
    holders = [*_in_dns(question, name, zone), *_in_vhosts(question, name)]
    if name in question.taken.get("fqdn", frozenset()):
        holders.append(_held(question, name))
    if not holders:
        return ()
    mend = "pilih nama lain; bila nama ini memang milik pemohon, ajukan pengambilalihan layanan yang sudah ada"
    return (Reason(code="name_taken", what=f"nama {name} sudah terpakai: {'; '.join(holders)}", mend=mend),)


def _held(question: Question, name: str) -> str:
    """Say until when it is held, where it is; who holds it is not for everybody to know."""
    until = question.free_at.get(f"fqdn:{name}")
    if until is None:
        return "dicadangkan permohonan lain, dipakai layanan lain, atau baru dilepas dan masih dikarantina"
    return f"dicadangkan atau dikarantina sampai {until:%d-%m-%Y}, kecuali disetujui lebih dahulu"


def _in_dns(question: Question, name: str, zone: str) -> list[str]:
    """Whatever stands at the name, unless it bears this item's mark; another's record beside our mark still counts."""
    at = {prop: question.seen.value(Spot(system="dns", target=f"{zone}/{name}", property=prop)) for prop in _WORDS}
    own = isinstance(at["mark"], str) and read_mark(at["mark"]) == question.item_id
    return [
        f"{_WORDS[prop]} DNS {_short(value)}"
        for prop, value in at.items()
        if value is not None and (prop == "foreign" or not own)
    ]


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join([*value.get("A", []), *value.get("AAAA", [])]) or str(value.get("cname", ""))
    return ", ".join(value) if isinstance(value, list) else str(value)


def _in_vhosts(question: Question, name: str) -> list[str]:
    found = []
    for spot, value in sorted(question.seen.values.items()):
        if spot.system != "apache" or spot.object == question.item_id or not isinstance(value, dict):
            continue
        if name in apache.server_names(str(value["text"])):
            found.append(f"situs {spot.object} di {spot.host}")
    return found


def _alike(question: Question, name: str, own: tuple[str, ...], zone: str) -> tuple[Reason, ...]:
    """Compare the label with every live, held and released label straight below the zone."""
    label = _label(name, zone)
    if label is None:
        return ()
    others = {_label(other, zone) for other in _known_names(question, own)} - {None}
    alike = look_alikes(label, [other for other in others if other])
    if not alike:
        return ()
    mend = "pilih nama yang tidak dapat tertukar (0/o, 1/l/i, rn/m, vv/w dan tanda hubung dianggap sama)"
    return (Reason(code="look_alike", what=f"nama {name} mirip {alike[0]}.{zone}", mend=mend),)


def _known_names(question: Question, own: tuple[str, ...]) -> set[str]:
    names = {spot.object for spot in question.seen.values if spot.system == "dns"}
    return (names | question.taken.get("fqdn", frozenset())) - set(own)


def _label(name: str, zone: str) -> str | None:
    label = name.removesuffix(f".{zone}")
    return label if label != name and "." not in label else None
