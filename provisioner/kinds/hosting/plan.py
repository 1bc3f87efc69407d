"""What is chosen, wanted and held for a hosting, in which order?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netaddr import IPNetwork

from provisioner.digests import Value
from provisioner.facts import account, apache, certificate, dns, mariadb, php_fpm, postgresql
from provisioner.facts.estate import Host
from provisioner.facts.observation import Spot
from provisioner.kinds.hosting import host as shared_host
from provisioner.kinds.hosting import wish as asked
from provisioner.kinds.hosting.name import refuse_names
from provisioner.kinds.port import Question, Secret
from provisioner.names import mark
from provisioner.plans.compare import Properties, Stage, Wanted
from provisioner.plans.hold import Thing
from provisioner.plans.plan import Reason

PLAYBOOK = "hosting"
PROPERTIES: Properties = {
    module.SYSTEM: module.PROPERTIES for module in (account, apache, php_fpm, mariadb, postgresql, dns, certificate)
}
TASK_LABELS: Mapping[str, str] = {
    "challenge": "Nama dicadangkan di DNS",
    "account": "Akun dan kuota",
    "database": "Basis data",
    "certificate": "Sertifikat",
    "php_fpm": "PHP",
    "apache": "Situs",
    "dns": "Nama",
}
MOST_CHILDREN = 8
MOST_CONNECTIONS = 20
_DATABASES: Mapping[str, Any] = {"mariadb": mariadb, "postgresql": postgresql}


# -- Choose -----------------------------------------------------------------------------------------------------------


def choose(question: Question) -> Mapping[str, Value] | tuple[Reason, ...]:
    """Return the choices {"host": "web1", "uid": 20001, "names": [...], ...}, or every reason why it cannot be.

    Choices made earlier are kept and tested again: what has meanwhile gone to another is a reason, never a new choice.
    """
    if question.verb == "terminate":
        return _choose_end(question)
    zone = str(question.estate.variables["zone"])
    previous = question.previous
    names = asked.names_of(question.wish, zone)
    refusals = refuse_names(question, names, zone)
    host, more = shared_host.choose_host(question, str(previous["host"]) if previous else None)
    if host is None or refusals:
        return (*refusals, *more)
    if previous is None:
        return _choices(question, host, names)
    return _lost_uid(question, host, int(str(previous["uid"]))) or previous


def _choose_end(question: Question) -> Mapping[str, Value] | tuple[Reason, ...]:
    if question.previous is None:
        return (Reason(code="no_item", what="layanan tidak dikenal", mend="sebut id layanan yang aktif"),)
    host = question.estate.hosts.get(str(question.previous["host"]))
    if host is None:
        what = f"host {question.previous['host']} tidak lagi ada di inventaris"
        return (Reason(code="no_such_host", what=what, mend="kembalikan host itu ke inventaris"),)
    return shared_host.foreign(question, host) or question.previous


def _lost_uid(question: Question, host: Host, uid: int) -> tuple[Reason, ...]:
    if not shared_host.uid_taken_by_other(question, host, uid):
        return ()
    what = f"nomor pengguna {uid} di {host.name} sudah terpakai"
    return (Reason(code="uid_taken", what=what, mend="lihat lagi dengan pilihan baru"),)


def _choices(question: Question, host: Host, names: tuple[str, ...]) -> dict[str, Value]:
    """All that later planning, the run and the item's record need; the host's variables may change, so copied."""
    at, wish = host.variables, question.wish
    return {
        "item_id": question.item_id,
        "secret_version": 1,
        "host": host.name,
        "uid": shared_host.uid_of(question, host),
        "zone": str(question.estate.variables["zone"]),
        "names": [*names],
        "runtime": wish["runtime"],
        "php_version": str(at["php_version"]) if wish["runtime"] == "php" else None,
        "database": wish["database"],
        "database_networks": [*at.get("database_client_networks", [])],
        "storage_driver": str(at["storage_driver"]),
        "bandwidth_driver": str(at["bandwidth_driver"]),
        "address": {"A": _list(at["address_public"]), "AAAA": _list(at.get("address_public_v6"))},
        "address_internal": str(at["address_internal"]),
        "path": str(at["path"]),
        "authority": str(question.estate.variables["acme_directory_url"]),
        "acme_zone": str(question.estate.variables["acme_zone"]),
    }


def _list(value: Any) -> list[Value]:
    if not value:
        return []
    return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]


# -- Wanted -----------------------------------------------------------------------------------------------------------


def stages(question: Question, choices: Mapping[str, Value]) -> tuple[Stage, ...]:
    """Create is one stage; terminate closes the site, waits for the grace's end, then removes what is left."""
    at = _Place(choices)
    if question.verb == "create":
        return (at.stage("make", "make", _make(question.wish, at)),)
    return (
        at.stage("close", "unmake", _close(at)),
        at.stage("remove", "unmake", _remove(at), waits_for="grace"),
    )


class _Place:
    """The choices, read once: where each value belongs."""

    def __init__(self, choices: Mapping[str, Any]) -> None:
        self.choices = choices
        self.item, self.host = str(choices["item_id"]), str(choices["host"])
        self.zone, self.names = str(choices["zone"]), tuple(str(name) for name in choices["names"])
        self.mark = mark(self.item, int(choices["secret_version"]))
        self.database = str(choices["database"])

    def stage(self, name: str, play: str, wanted: tuple[Wanted, ...], waits_for: str = "") -> Stage:
        """A stage of this kind's playbook on the chosen host."""
        return Stage(name=name, play=play, playbook=PLAYBOOK, limit=self.host, wanted=wanted, waits_for=waits_for)

    def on_host(self, task: str, system: str, prop: str, value: Value) -> Wanted:
        """A value of the item on its host."""
        return Wanted(
            task=task, spot=Spot(system=system, target=f"{self.host}/{self.item}", property=prop), value=value
        )

    def in_zone(self, task: str, name: str, prop: str, value: Value) -> Wanted:
        """A value at a name of the zone."""
        return Wanted(task=task, spot=Spot(system="dns", target=f"{self.zone}/{name}", property=prop), value=value)


def _make(wish: Mapping[str, Any], at: _Place) -> tuple[Wanted, ...]:
    """Marks first, so that the name is seen as ours from the first act on; addresses last, when all stands."""
    return (
        *_challenge(at),
        *_account(wish, at),
        *_database(wish, at),
        at.on_host(
            "certificate",
            "certificate",
            "certificate",
            certificate.certificate_value(at.names, str(at.choices["authority"])),
        ),
        at.on_host("php_fpm", "php_fpm", "pool", _pool(wish, at)),
        at.on_host("apache", "apache", "vhost", _vhost(wish, at)),
        *(at.in_zone("dns", name, "address", _address(at)) for name in at.names),
    )


def _challenge(at: _Place) -> tuple[Wanted, ...]:
    acme_zone = str(at.choices["acme_zone"])
    return tuple(
        at.in_zone("challenge", name, prop, value)
        for name in at.names
        for prop, value in (
            ("mark", mark(at.item)),
            ("challenge", dns.challenge_value(name, at.zone, acme_zone)),
        )
    )


def _account(wish: Mapping[str, Any], at: _Place) -> tuple[Wanted, ...]:
    values: Mapping[str, Value] = {
        "user": account.user_value(at.item, int(str(at.choices["uid"])), at.mark),
        "storage": account.storage_value(str(at.choices["storage_driver"]), asked.storage_bytes(wish)),
        "directories": account.directories_value(at.item),
        "logs": dict(account.LOGS),
        "cron": _cron(wish, at),
    }
    return tuple(at.on_host("account", "account", prop, value) for prop, value in values.items())


def _cron(wish: Mapping[str, Any], at: _Place) -> Value:
    if wish["cron"] == "none":
        return None
    php_version = str(at.choices["php_version"])
    return account.cron_value(
        account.Cron(item_id=at.item, mark=at.mark, rhythm=str(wish["cron"]), php_version=php_version)
    )


def _database(wish: Mapping[str, Any], at: _Place) -> tuple[Wanted, ...]:
    """Both engines are looked at: what stands in the other one under our name would be a difference."""
    wanted = []
    for engine, module in _DATABASES.items():
        database = user = None
        if engine == at.database:
            database = module.wanted_database(at.mark, asked.database_bytes(wish), module.CHARSET)
            user = module.wanted_user(at.item, database_hosts(at.choices), MOST_CONNECTIONS)
        wanted += [
            at.on_host("database", engine, "database", database),
            at.on_host("database", engine, "user", user),
        ]
    return tuple(wanted)


def database_hosts(choices: Mapping[str, Any]) -> tuple[str, ...]:
    """Return from where MariaDB lets the user in, in its own form: ('10.77.0.0/255.255.255.0', 'localhost')."""
    networks = [IPNetwork(network) for network in choices["database_networks"]]
    masked = [f"{one.network}/{one.netmask}" for one in networks if one.version == 4]  # it knows no mask for IPv6
    return ("localhost", *masked)


def _pool(wish: Mapping[str, Any], at: _Place) -> Value:
    if wish["runtime"] != "php":
        return None
    return php_fpm.pool_value(
        php_fpm.Pool(
            item_id=at.item,
            mark=at.mark,
            php_version=str(at.choices["php_version"]),
            upload_mb=int(wish["upload_mb"]),
            max_children=MOST_CHILDREN,
            mail=bool(wish["outgoing_mail"]),
        )
    )


def _vhost(wish: Mapping[str, Any], at: _Place) -> Value:
    return apache.vhost_value(
        apache.Vhost(
            item_id=at.item,
            mark=at.mark,
            names=at.names,
            php=wish["runtime"] == "php",
            htaccess=bool(wish["htaccess"]),
            upload_bytes=asked.upload_bytes(wish) + asked.MIB,  # beside the file a form sends its other fields
            bandwidth_bytes_per_second=asked.bandwidth_bytes_per_second(wish),
            bandwidth_driver=str(at.choices["bandwidth_driver"]),
        )
    )


def _address(at: _Place) -> Value:
    address: Any = at.choices["address"]
    return dns.address_value(tuple(address["A"]), tuple(address["AAAA"]))


def _close(at: _Place) -> tuple[Wanted, ...]:
    """Visitors first: no name leads to a site that is going. Mark and challenge keep it ours through the grace."""
    return (
        *(at.in_zone("dns", name, "address", None) for name in at.names),
        at.on_host("apache", "apache", "vhost", None),
        at.on_host("php_fpm", "php_fpm", "pool", None),
        at.on_host("account", "account", "cron", None),
        at.on_host("account", "account", "archive", dict(account.ARCHIVE)),
    )


def _remove(at: _Place) -> tuple[Wanted, ...]:
    """What cannot be taken back comes last: database, then files and user."""
    engines = [engine for engine in _DATABASES if engine == at.database]
    return (
        at.on_host("certificate", "certificate", "certificate", None),
        *(at.in_zone("challenge", name, prop, None) for name in at.names for prop in ("challenge", "mark")),
        *(at.on_host("database", engine, prop, None) for engine in engines for prop in ("user", "database")),
        *(at.on_host("account", "account", p, None) for p in ("archive", "logs", "directories", "storage", "user")),
    )


# -- Held, made -------------------------------------------------------------------------------------------------------


def things(question: Question, choices: Mapping[str, Value]) -> tuple[Thing, ...]:
    """Return what the line keeps: each name, the user number, and its shares; terminate takes nothing new."""
    if question.verb != "create":
        return ()
    at = _Place(choices)
    uid = str(choices["uid"])
    singles = [Thing(pool="fqdn", key=name, amount=1, label=f"nama {name}") for name in at.names]
    singles.append(Thing(pool=f"{at.host}:uid", key=uid, amount=1, label=f"nomor pengguna {uid} di {at.host}"))
    parts = shared_host.shares(question, question.estate.hosts[at.host])
    held = [Thing(pool=share.pool, key="", amount=share.asked, label=share.label) for share in parts if share.asked]
    return (*singles, *held)


def secrets(verb: str, wish: Mapping[str, Any], choices: Mapping[str, Value]) -> tuple[Secret, ...]:
    """Return the credentials that a run of `verb` makes."""
    del wish
    if verb != "create":
        return ()
    at = _Place(choices)
    address: Any = choices["address"]
    reached = address["A"][0] if choices["path"] == "direct" else choices["address_internal"]
    sftp = Secret(
        name="sftp_password",
        label="Kata sandi SFTP",
        user=at.item,
        use={"protocol": "sftp", "host": reached, "port": 22},
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
    return (sftp, Secret(name="database_password", label="Kata sandi basis data", user=at.item, use=use))
