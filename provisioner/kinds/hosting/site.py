"""What does a whole site consist of, system by system, by its wish and choices?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from netaddr import IPNetwork

from provisioner.digests import Value
from provisioner.facts import account, apache, certificate, dns, mariadb, php_fpm, postgresql
from provisioner.kinds.hosting import wish as asked
from provisioner.kinds.hosting.place import Place
from provisioner.names import mark
from provisioner.plans.compare import Wanted

ENGINES: Mapping[str, Any] = {"mariadb": mariadb, "postgresql": postgresql}
MOST_CHILDREN = 8
MOST_CONNECTIONS = 20
Wish = Mapping[str, Any]


def whole(wish: Wish, at: Place) -> tuple[Wanted, ...]:
    """Marks first, so that the name is seen as ours from the first act on; addresses last, when all stands."""
    names, authority = at.names, str(at.choices["authority"])
    return (
        *_challenge(at),
        *_account(wish, at),
        *_databases(wish, at),
        at.on_host("certificate", "certificate", "certificate", certificate.certificate_value(names, authority)),
        pool(wish, at),
        vhost(wish, at),
        *(at.in_zone("dns", name, "address", _address(at)) for name in names),
    )


def user(wish: Wish, at: Place) -> Wanted:
    """The system user, with the right to send mail where it was granted; its mark bears the SFTP password's version."""
    uid, granted = int(str(at.choices["uid"])), bool(wish["outgoing_mail"])
    value = account.user_value(at.item, uid, at.secret_mark("sftp_password"), mail=granted)
    return at.on_host("account", "account", "user", value)


def cron(wish: Wish, at: Place) -> Wanted:
    """The scheduled script, where one is asked for."""
    value = None
    if wish["cron"] != "none":
        version = str(at.choices["php_version"])
        value = account.cron_value(
            account.Cron(item_id=at.item, mark=at.mark, rhythm=str(wish["cron"]), php_version=version)
        )
    return at.on_host("account", "account", "cron", value)


def database(wish: Wish, at: Place) -> Wanted:
    """The database in its engine; its mark bears the version of the database password."""
    engine = ENGINES[at.database]
    value = engine.wanted_database(at.secret_mark("database_password"), asked.database_bytes(wish), engine.CHARSET)
    return at.on_host("database", at.database, "database", value)


def pool(wish: Wish, at: Place) -> Wanted:
    """The PHP pool, where the site runs PHP."""
    value = None
    if wish["runtime"] == "php":
        value = php_fpm.pool_value(
            php_fpm.Pool(
                item_id=at.item,
                mark=at.mark,
                php_version=str(at.choices["php_version"]),
                upload_mb=int(wish["upload_mb"]),
                max_children=MOST_CHILDREN,
                mail=bool(wish["outgoing_mail"]),
            )
        )
    return at.on_host("php_fpm", "php_fpm", "pool", value)


def vhost(wish: Wish, at: Place) -> Wanted:
    """The vhost that serves the site."""
    return at.on_host("apache", "apache", "vhost", apache.vhost_value(_vhost(wish, at)))


def frozen_vhost(wish: Wish, at: Place) -> Wanted:
    """The vhost that answers for a suspended site, under the same names and certificate."""
    frozen = replace(_vhost(wish, at), php=False, htaccess=False, frozen=True)
    return at.on_host("apache", "apache", "vhost", apache.vhost_value(frozen))


def forgotten(names: tuple[str, ...], at: Place) -> tuple[Wanted, ...]:
    """No mark and no challenge at names that are the site's no more."""
    return tuple(at.in_zone("challenge", name, prop, None) for name in names for prop in ("challenge", "mark"))


def database_hosts(choices: Mapping[str, Any]) -> tuple[str, ...]:
    """Return from where MariaDB lets the user in, in its own form: ('10.77.0.0/255.255.255.0', 'localhost')."""
    networks = [IPNetwork(network) for network in choices["database_networks"]]
    masked = [f"{one.network}/{one.netmask}" for one in networks if one.version == 4]  # it knows no mask for IPv6
    return ("localhost", *masked)


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


def _account(wish: Wish, at: Place) -> tuple[Wanted, ...]:
    values: Mapping[str, Value] = {
        "storage": account.storage_value(str(at.choices["storage_driver"]), asked.storage_bytes(wish)),
        "directories": account.directories_value(at.item),
        "logs": dict(account.LOGS),
    }
    kept = (at.on_host("account", "account", prop, value) for prop, value in values.items())
    return (user(wish, at), *kept, cron(wish, at))


def _databases(wish: Wish, at: Place) -> tuple[Wanted, ...]:
    """Both engines are looked at: what stands in the other one under our name would be a difference."""
    wanted: list[Wanted] = []
    for engine, module in ENGINES.items():
        if engine == at.database:
            login = module.wanted_user(at.item, database_hosts(at.choices), MOST_CONNECTIONS)
            wanted += [database(wish, at), at.on_host("database", engine, "user", login)]
        else:
            wanted += [at.on_host("database", engine, prop, None) for prop in ("database", "user")]
    return tuple(wanted)


def _vhost(wish: Wish, at: Place) -> apache.Vhost:
    return apache.Vhost(
        item_id=at.item,
        mark=at.mark,
        names=at.names,
        php=wish["runtime"] == "php",
        htaccess=bool(wish["htaccess"]),
        upload_bytes=asked.upload_bytes(wish) + asked.MIB,  # beside the file a form sends its other fields
        bandwidth_bytes_per_second=asked.bandwidth_bytes_per_second(wish),
        bandwidth_driver=str(at.choices["bandwidth_driver"]),
    )


def _address(at: Place) -> Value:
    address: Any = at.choices["address"]
    return dns.address_value(tuple(address["A"]), tuple(address["AAAA"]))
