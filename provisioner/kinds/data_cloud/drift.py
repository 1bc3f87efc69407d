"""What of a standing account is not as it was recorded? Said on the plan page, never put right unasked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.digests import Value
from provisioner.kinds.data_cloud import account, change, traffic
from provisioner.kinds.data_cloud.amounts import amount, exact
from provisioner.kinds.data_cloud.place import Place
from provisioner.kinds.data_cloud.wish import LIMIT_GROUPS
from provisioner.kinds.port import Question
from provisioner.plans.compare import Wanted

_LABELS = {
    "group": "Kelompok batas",
    "size_rule": "Aturan berkas terbesar kelompok",
    "type_rule": "Aturan jenis berkas kelompok",
}
_LEFT, _REPLACED = "perubahan ini tidak menyentuhnya", "perubahan ini menggantinya"


def lines(question: Question, choices: Mapping[str, Value]) -> list[str]:
    """Name each value of ours that stands otherwise, with what is recorded and seen; [] where all is as it was left.

    Name, address and groups that others gave are no drift: they are the owner's and the server's. A verb that changes
    no value but its own tells only of a limit of traffic that is gone with its proxy.
    """
    if question.item is None:
        return []
    host = question.estate.hosts[str(choices["host"])]
    stands = Place(traffic.as_it_holds(question, question.item.choices, host))
    found = [*_proxy(question, stands, choices)]
    if question.verb != "change":
        return found
    return [
        *_lock(question, stands),
        *_quota(question, stands),
        *_groups(question, stands),
        *_rules(question, stands),
        *_rate(question, question.item.wish, stands),
        *found,
    ]


def is_class_off(question: Question, at: Place) -> bool:
    """Tell whether the class's rules are not as ours: what they let through or refuse is not ours to judge then."""
    return any(_is_off(question, one) for one in account.rules(at))


def _is_off(question: Question, wanted: Wanted) -> bool:
    return question.seen.value(wanted.spot) != wanted.value


def _lock(question: Question, at: Place) -> Iterator[str]:
    if _is_off(question, account.lock(at, is_locked=False)):
        yield f"Akun {at.account} dinonaktifkan di {at.host}, bukan oleh Gerbang: {_LEFT} dan tidak membukanya."


def _quota(question: Question, at: Place) -> Iterator[str]:
    wanted = account.quota(at, int(at.choices["quota_bytes"]))
    seen: Any = question.seen.value(wanted.spot)
    if seen != wanted.value:
        size = int(at.choices["quota_bytes"])
        has = f"{amount(seen['bytes'])} ({exact(seen['bytes'])})" if seen else "tanpa batas"
        what = _REPLACED if "quota_gb" in change.moves(question) else _LEFT
        yield f"Ruang simpan tercatat {amount(size)} ({exact(size)}), di server {has}: {what}."


def _groups(question: Question, at: Place) -> Iterator[str]:
    seen: Any = question.seen.value(at.spot(at.account, "groups")) or []
    if at.opd_group not in seen:
        yield f"Akun {at.account} tidak lagi dalam kelompok {at.opd_group}: {_LEFT}."
    classes = [group for group in seen if group.startswith(LIMIT_GROUPS)]
    if classes != [at.limit_group]:
        what = _REPLACED if change.moves_class(question) else _LEFT
        yield f"Kelompok batas tercatat {at.limit_group}, di server {', '.join(classes) or 'tidak ada'}: {what}."


def _rules(question: Question, at: Place) -> Iterator[str]:
    """Of a class that the account leaves, nothing: it holds it no more."""
    if change.moves_class(question):
        return
    for one in account.rules(at):
        if _is_off(question, one):
            yield f"{_LABELS[one.spot.property]} {at.limit_group} menyimpang di server: {_LEFT}."


def _rate(question: Question, wish: Mapping[str, Any], at: Place) -> Iterator[str]:
    for one in (wanted for stage in traffic.limited(wish, at) for wanted in stage.wanted):
        if _is_off(question, one):
            what = _REPLACED if "traffic_mbit" in change.moves(question) else _LEFT
            yield f"Batas traffic di {one.spot.host} menyimpang dari yang tercatat: {what}."


def _proxy(question: Question, stands: Place, choices: Mapping[str, Value]) -> Iterator[str]:
    """Where the proxy is gone its limit holds nobody any more, and nobody can take it away there."""
    proxy = traffic.lost(stands.choices)
    if proxy and (question.verb == "terminate" or "traffic_mbit" in change.moves(question)):
        gone = "proksi itu tidak ada lagi di inventaris sebagai pembatas server ini"
        yield f"Batas traffic lama di proksi {proxy} tidak dihapus: {gone}."
    elif proxy:
        yield f"Traffic {traffic.said(choices)}."
