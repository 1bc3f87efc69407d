"""What is chosen and held for a hosting, and which credentials come of it?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from provisioner.digests import Value
from provisioner.facts.estate import Host
from provisioner.kinds.hosting import change, rotation, suspension
from provisioner.kinds.hosting import host as shared_host
from provisioner.kinds.hosting import wish as asked
from provisioner.kinds.hosting.name import refuse_names
from provisioner.kinds.hosting.place import Place
from provisioner.kinds.port import Question, Secret
from provisioner.plans.hold import Thing
from provisioner.plans.plan import Reason

NAME_POOLS = frozenset({"fqdn"})

# -- Choose -----------------------------------------------------------------------------------------------------------


def choose(question: Question) -> Mapping[str, Value] | tuple[Reason, ...]:
    """Return the choices {"host": "web1", "uid": 20001, "names": [...], ...}, or every reason why it cannot be.

    Choices made earlier are kept and tested again: what has meanwhile gone to another is a reason, never a new choice.
    """
    return _CHOOSE[question.verb](question)


def _choose_new(question: Question) -> Mapping[str, Value] | tuple[Reason, ...]:
    zone = str(question.estate.variables["zone"])
    previous = question.previous
    names = asked.names_of(question.wish, zone)
    refusals = refuse_names(question, names, zone)
    host, more = shared_host.choose_host(question, str(previous["host"]) if previous else None)
    if host is None or refusals:
        return (*refusals, *more)
    if previous is None:
        return _choices(question, host, names)
    lost = _lost_uid(question, host, int(str(previous["uid"])))
    return lost or {**previous, **_asked(question, host, names)}


def _choose_as_it_stands(question: Question) -> Mapping[str, Value] | tuple[Reason, ...]:
    if question.previous is None:
        return (Reason(code="no_item", what="layanan tidak dikenal", mend="sebut id layanan yang aktif"),)
    host = question.estate.hosts.get(str(question.previous["host"]))
    if host is None:
        what = f"host {question.previous['host']} tidak lagi ada di inventaris"
        return (Reason(code="no_such_host", what=what, mend="kembalikan host itu ke inventaris"),)
    return shared_host.unseen(question, host) or shared_host.foreign(question, host) or question.previous


def _choose_changed(question: Question) -> Mapping[str, Value] | tuple[Reason, ...]:
    """The site stays where it is; what follows from the wish becomes anew."""
    choices = _choose_as_it_stands(question)
    if isinstance(choices, tuple):
        return choices
    names = asked.names_of(question.wish, str(choices["zone"]))
    refusals = change.refusals(question, choices)
    return refusals or {**choices, **_asked(question, question.estate.hosts[str(choices["host"])], names)}


def _choose_next_versions(question: Question) -> Mapping[str, Value] | tuple[Reason, ...]:
    choices = _choose_as_it_stands(question)
    return choices if isinstance(choices, tuple) else rotation.next_versions(question, choices)


_CHOOSE: Mapping[str, Callable[[Question], Mapping[str, Value] | tuple[Reason, ...]]] = {
    "create": _choose_new,
    "change": _choose_changed,
    "suspend": _choose_as_it_stands,
    "resume": _choose_as_it_stands,
    "rotate": _choose_next_versions,
    "appoint": _choose_next_versions,
    "terminate": _choose_as_it_stands,
}


def _lost_uid(question: Question, host: Host, uid: int) -> tuple[Reason, ...]:
    if not shared_host.uid_taken_by_other(question, host, uid):
        return ()
    what = f"nomor pengguna {uid} di {host.name} sudah terpakai"
    return (Reason(code="uid_taken", what=what, mend="lihat lagi dengan pilihan baru"),)


def _choices(question: Question, host: Host, names: tuple[str, ...]) -> dict[str, Value]:
    """All that later planning, the run and the item's record need; the host's variables may change, so copied."""
    at = host.variables
    return {
        "item_id": question.item_id,
        "secret_versions": {"sftp_password": 1, "database_password": 1},
        "host": host.name,
        "uid": shared_host.uid_of(question, host),
        "zone": str(question.estate.variables["zone"]),
        **_asked(question, host, names),
        "database_networks": [*at.get("database_client_networks", [])],
        "storage_driver": str(at["storage_driver"]),
        "bandwidth_driver": str(at["bandwidth_driver"]),
        "address": {"A": _list(at["address_public"]), "AAAA": _list(at.get("address_public_v6"))},
        "address_internal": str(at["address_internal"]),
        "path": str(at["path"]),
        "authority": str(question.estate.variables["acme_directory_url"]),
        "acme_zone": str(question.estate.variables["acme_zone"]),
    }


def _asked(question: Question, host: Host, names: tuple[str, ...]) -> dict[str, Value]:
    """Return what follows from the wish alone: an adjusted wish changes it, and keeps host, number and addresses."""
    previous, wish = question.previous or {}, question.wish
    php_version = previous.get("php_version") or str(host.variables.get("php_version"))
    return {
        "names": [*names],
        "runtime": wish["runtime"],
        "php_version": php_version if wish["runtime"] == "php" else None,
        "database": wish["database"],
    }


def _list(value: Any) -> list[Value]:
    if not value:
        return []
    return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]


# -- Held, made -------------------------------------------------------------------------------------------------------


def things(question: Question, choices: Mapping[str, Value]) -> tuple[Thing, ...]:
    """Return what the site keeps: each name, the user number, and its shares; nothing once it is ended."""
    if question.verb == "terminate":
        return ()
    at = Place(choices)
    uid = str(choices["uid"])
    singles = [Thing(pool="fqdn", key=name, amount=1, label=f"nama {name}") for name in at.names]
    singles.append(Thing(pool=f"{at.host}:uid", key=uid, amount=1, label=f"nomor pengguna {uid} di {at.host}"))
    parts = shared_host.shares(question, question.estate.hosts[at.host])
    held = [Thing(pool=share.pool, key="", amount=share.asked, label=share.label) for share in parts if share.asked]
    return (*singles, *held)


def secrets(question: Question, choices: Mapping[str, Value]) -> tuple[Secret, ...]:
    """Return the credentials that a run of the verb makes."""
    made = _SECRETS.get(question.verb)
    return () if made is None else made(question, _credentials(choices))


def _credentials(choices: Mapping[str, Value]) -> tuple[Secret, ...]:
    """Return every credential that the site has: SFTP's, and its database's."""
    at = Place(choices)
    address: Any = choices["address"]
    reached = address["A"][0] if choices["path"] == "direct" else choices["address_internal"]
    sftp = Secret(
        name="sftp_password",
        label="Kata sandi SFTP",
        user=at.item,
        use={"protocol": "sftp", "host": reached, "port": 22},
        version=at.secret_version("sftp_password"),
    )
    if at.database == "none":
        return (sftp,)
    port = {"mariadb": 3306, "postgresql": 5432}[at.database]
    outside = bool(choices["database_networks"])
    use: Mapping[str, Value] = {
        "protocol": at.database,
        "host": reached if outside else "localhost",
        "port": port,
        "database": at.item,
        "networks": choices["database_networks"],
    }
    database = Secret(
        name="database_password",
        label="Kata sandi basis data",
        user=at.item,
        use=use,
        version=at.secret_version("database_password"),
    )
    return (sftp, database)


def _made_anew(_: Question, credentials: tuple[Secret, ...]) -> tuple[Secret, ...]:
    return credentials


def _made_for_what_is_new(question: Question, credentials: tuple[Secret, ...]) -> tuple[Secret, ...]:
    """A change hands over the password of a database that was not there before; the others work on as they are."""
    assert question.item is not None
    before = {secret.name for secret in _credentials(question.item.choices)}
    return tuple(secret for secret in credentials if secret.name not in before)


def _replaced(question: Question, credentials: tuple[Secret, ...]) -> tuple[Secret, ...]:
    named = rotation.NAMED[question.asked.get("credential", "all")]
    return tuple(secret for secret in credentials if secret.name in named)


def _probes(_: Question, credentials: tuple[Secret, ...]) -> tuple[Secret, ...]:
    """A password to be refused for each credential: it takes the place of the one that nobody here knows."""
    return tuple(
        replace(one, name=suspension.PROBES[one.name], label=f"{one.label} (uji)", is_probe=True) for one in credentials
    )


# Which credentials a run of the verb makes, of those that the site then has; a verb that stands not here makes none.
_SECRETS: Mapping[str, Callable[[Question, tuple[Secret, ...]], tuple[Secret, ...]]] = {
    "create": _made_anew,
    "change": _made_for_what_is_new,
    "suspend": _probes,
    "rotate": _replaced,
    "appoint": _replaced,
}


def title(choices: Mapping[str, Any]) -> str:
    """Return what people call the site: its first name."""
    return str(choices["names"][0])
