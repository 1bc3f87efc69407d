"""What is chosen and held for a cloud account, and which credentials come of it?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from provisioner.digests import Value
from provisioner.facts.estate import Host
from provisioner.kinds.data_cloud import account_name, change, handover, rotation, server, traffic
from provisioner.kinds.data_cloud import wish as asked
from provisioner.kinds.data_cloud.place import PASSWORD, Place, name_and_port
from provisioner.kinds.port import Question, Secret
from provisioner.plans.hold import Thing
from provisioner.plans.plan import Reason

NAME_POOLS = frozenset({account_name.POOL})

# -- Choose -----------------------------------------------------------------------------------------------------------


def choose(question: Question) -> Mapping[str, Value] | tuple[Reason, ...]:
    """Return the choices {"host": "cloud1", "account": "arsip.disdik", ...}, or every reason why it cannot be.

    Choices made earlier are kept and tested again: what has meanwhile gone to another is a reason, never a new choice.
    """
    return _CHOOSE[question.verb](question)


def _choose_new(question: Question) -> Mapping[str, Value] | tuple[Reason, ...]:
    previous = question.previous
    host, reasons = server.choose_server(question, str(previous["host"]) if previous else None)
    if host is None:
        return reasons
    if previous and (gone := _gone(question, host, previous)):
        return gone
    made: dict[str, Value] = {
        "item_id": question.item_id,
        "secret_versions": {PASSWORD: 1},
        "host": host.name,
        "url": str(host.variables["nextcloud_url"]),
        "opd_group": asked.opd_group(question.opd),
        **traffic.chosen(host.variables),
    }
    kept = {name: value for name, value in (previous or made).items() if name not in handover.KEYS}
    return {**kept, **_asked(question), **handover.chosen(host.variables)}


def _choose_as_it_stands(question: Question) -> Mapping[str, Value] | tuple[Reason, ...]:
    if question.previous is None:
        return (Reason(code="no_item", what="layanan tidak dikenal", mend="sebut id layanan yang aktif"),)
    host = question.estate.hosts.get(str(question.previous["host"]))
    if host is None:
        what = f"server {question.previous['host']} tidak lagi ada di inventaris"
        return (Reason(code="no_such_host", what=what, mend="kembalikan server itu ke inventaris"),)
    if silent := server.unseen(question, host):
        return silent
    may_be_gone = question.verb == "terminate"
    choices = traffic.as_it_holds(question, question.previous, host)
    silent = traffic.unseen(question, host, choices) if choices == question.previous else ()
    return silent or account_name.refuse_standing(question, choices, may_be_gone=may_be_gone) or choices


def _gone(question: Question, host: Host, choices: Mapping[str, Value]) -> tuple[Reason, ...]:
    """Say why nothing can be planned at the proxy of an earlier plan: it is gone, or silent."""
    gone = traffic.gone(question, choices, question.estate.in_group(server.GROUP))
    return gone or traffic.unseen(question, host, choices)


def _choose_changed(question: Question) -> Mapping[str, Value] | tuple[Reason, ...]:
    """The account stays where and as it is; what follows from the fields that the line changes becomes anew."""
    stands = replace(question, previous=question.item.choices) if question.item else question
    choices = _choose_as_it_stands(stands)
    return (
        choices
        if isinstance(choices, tuple)
        else change.refusals(question, choices) or change.choices(question, choices)
    )


def _choose_next_version(question: Question) -> Mapping[str, Value] | tuple[Reason, ...]:
    choices = _choose_as_it_stands(question)
    return choices if isinstance(choices, tuple) else rotation.next_version(question, choices)


_CHOOSE: Mapping[str, Callable[[Question], Mapping[str, Value] | tuple[Reason, ...]]] = {
    "create": _choose_new,
    "change": _choose_changed,
    "suspend": _choose_as_it_stands,
    "resume": _choose_as_it_stands,
    "rotate": _choose_next_version,
    "appoint": _choose_next_version,
    "terminate": _choose_as_it_stands,
}


def _asked(question: Question) -> dict[str, Value]:
    """Return what follows from the wish alone: an adjusted wish changes it, and keeps the server."""
    wish = question.wish
    return {"account": str(wish["account_id"]), **change.of_quota(wish), **change.of_class(wish)}


# -- Held, made -------------------------------------------------------------------------------------------------------


def things(question: Question, choices: Mapping[str, Value]) -> tuple[Thing, ...]:
    """Return what the account keeps: its id on that server and its share of the storage; nothing once it is ended."""
    if question.verb == "terminate":
        return ()
    host = question.estate.hosts[str(choices["host"])]
    return (_name(choices, host), _storage(question, host))


def _name(choices: Mapping[str, Value], host: Host) -> Thing:
    account = str(choices["account"])
    key = account_name.key(host.name, account)
    return Thing(pool=account_name.POOL, key=key, amount=1, label=f"akun {account} di {host.name}")


def _storage(question: Question, host: Host) -> Thing:
    part = server.share(question, host)
    return Thing(pool=part.pool, key="", amount=part.asked, label=part.label)


def secrets(question: Question, choices: Mapping[str, Value]) -> tuple[Secret, ...]:
    """Return the password that a run of the verb makes, if it makes one; nobody's where a link is mailed instead."""
    if question.verb not in {"create", "rotate", "appoint"}:
        return ()
    at = Place(choices)
    name, port = name_and_port(at.url)
    use: Mapping[str, Value] = {"protocol": "nextcloud", "host": name, "port": port, "url": at.url}
    is_probe = question.verb == "create" and handover.is_by_link(choices)
    label = "Kata sandi akun cloud (uji)" if is_probe else "Kata sandi akun cloud"
    return (Secret(name=PASSWORD, label=label, user=at.account, use=use, version=at.version, is_probe=is_probe),)
