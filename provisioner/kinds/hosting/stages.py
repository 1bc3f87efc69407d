"""What is wanted of a site, system by system, in which order?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from netaddr import IPNetwork

from provisioner.digests import Value
from provisioner.facts import account, apache, certificate, dns, mariadb, php_fpm, postgresql
from provisioner.kinds.hosting import wish as asked
from provisioner.kinds.hosting.place import Place
from provisioner.kinds.port import Question
from provisioner.names import mark
from provisioner.plans.compare import Properties, Stage, Wanted

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


def stages(question: Question, choices: Mapping[str, Value]) -> tuple[Stage, ...]:
    """Return what the verb wants reached, in order."""
    return _STAGES[question.verb](question, Place(choices))


def _create(question: Question, at: Place) -> tuple[Stage, ...]:
    return (at.stage("make", "make", _make(question.wish, at)),)


def _terminate(_: Question, at: Place) -> tuple[Stage, ...]:
    """Close the site, wait for the grace's end, then remove what is left."""
    return (
        at.stage("close", "unmake", _close(at)),
        at.stage("remove", "unmake", _remove(at), waits_for="grace"),
    )


_STAGES: Mapping[str, Callable[[Question, Place], tuple[Stage, ...]]] = {"create": _create, "terminate": _terminate}


def _make(wish: Mapping[str, Any], at: Place) -> tuple[Wanted, ...]:
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


def _challenge(at: Place) -> tuple[Wanted, ...]:
    acme_zone = str(at.choices["acme_zone"])
    return tuple(
        at.in_zone("challenge", name, prop, value)
        for name in at.names
        for prop, value in (
            ("mark", mark(at.item)),
            ("challenge", dns.challenge_value(name, at.zone, acme_zone)),
        )
    )


def _account(wish: Mapping[str, Any], at: Place) -> tuple[Wanted, ...]:
    values: Mapping[str, Value] = {
        "user": account.user_value(at.item, int(str(at.choices["uid"])), at.secret_mark("sftp_password")),
        "storage": account.storage_value(str(at.choices["storage_driver"]), asked.storage_bytes(wish)),
        "directories": account.directories_value(at.item),
        "logs": dict(account.LOGS),
        "cron": _cron(wish, at),
    }
    return tuple(at.on_host("account", "account", prop, value) for prop, value in values.items())


def _cron(wish: Mapping[str, Any], at: Place) -> Value:
    if wish["cron"] == "none":
        return None
    php_version = str(at.choices["php_version"])
    return account.cron_value(
        account.Cron(item_id=at.item, mark=at.mark, rhythm=str(wish["cron"]), php_version=php_version)
    )


def _database(wish: Mapping[str, Any], at: Place) -> tuple[Wanted, ...]:
    """Both engines are looked at: what stands in the other one under our name would be a difference."""
    wanted = []
    for engine, module in _DATABASES.items():
        database = user = None
        if engine == at.database:
            database = module.wanted_database(
                at.secret_mark("database_password"), asked.database_bytes(wish), module.CHARSET
            )
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


def _pool(wish: Mapping[str, Any], at: Place) -> Value:
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


def _vhost(wish: Mapping[str, Any], at: Place) -> Value:
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


def _address(at: Place) -> Value:
    address: Any = at.choices["address"]
    return dns.address_value(tuple(address["A"]), tuple(address["AAAA"]))


def _close(at: Place) -> tuple[Wanted, ...]:
    """Visitors first: no name leads to a site that is going. Mark and challenge keep it ours through the grace."""
    return (
        *(at.in_zone("dns", name, "address", None) for name in at.names),
        at.on_host("apache", "apache", "vhost", None),
        at.on_host("php_fpm", "php_fpm", "pool", None),
        at.on_host("account", "account", "cron", None),
        at.on_host("account", "account", "archive", dict(account.ARCHIVE)),
    )


def _remove(at: Place) -> tuple[Wanted, ...]:
    """What cannot be taken back comes last: database, then files and user."""
    engines = [engine for engine in _DATABASES if engine == at.database]
    return (
        at.on_host("certificate", "certificate", "certificate", None),
        *(at.in_zone("challenge", name, prop, None) for name in at.names for prop in ("challenge", "mark")),
        *(at.on_host("database", engine, prop, None) for engine in engines for prop in ("user", "database")),
        *(at.on_host("account", "account", p, None) for p in ("archive", "logs", "directories", "storage", "user")),
    )
