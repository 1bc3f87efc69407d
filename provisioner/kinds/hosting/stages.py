"""What does each verb want reached of a site, in which order?"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from provisioner.digests import Value
from provisioner.facts import account, apache, certificate, dns, mariadb, php_fpm, postgresql
from provisioner.kinds.hosting import change, rotation, site, suspension
from provisioner.kinds.hosting.place import Place
from provisioner.kinds.port import Question
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


def stages(question: Question, choices: Mapping[str, Value]) -> tuple[Stage, ...]:
    """Return what the verb wants reached, in order."""
    return _STAGES[question.verb](question, Place(choices))


def _create(question: Question, at: Place) -> tuple[Stage, ...]:
    return (at.stage("make", "make", site.whole(question.wish, at)),)


def _terminate(_: Question, at: Place) -> tuple[Stage, ...]:
    """Close the site, wait for the grace's end, then remove what is left."""
    return (
        at.stage("close", "unmake", _close(at)),
        at.stage("remove", "unmake", _remove(at), waits_for="grace"),
    )


_STAGES: Mapping[str, Callable[[Question, Place], tuple[Stage, ...]]] = {
    "create": _create,
    "change": change.stages,
    "suspend": suspension.suspend,
    "resume": suspension.resume,
    "rotate": rotation.rotate,
    "appoint": rotation.rotate,
    "terminate": _terminate,
}


def _close(at: Place) -> tuple[Wanted, ...]:
    """Visitors first: no name leads to a site that is going. Mark and challenge keep it ours through the grace.

    A suspended site's SFTP is opened again: its archive is fetched by it.
    """
    return (
        *(at.in_zone("dns", name, "address", None) for name in at.names),
        at.on_host("apache", "apache", "vhost", None),
        at.on_host("php_fpm", "php_fpm", "pool", None),
        at.on_host("account", "account", "cron", None),
        at.on_host("account", "account", "archive", dict(account.ARCHIVE)),
        suspension.sftp_lock(at, is_locked=False),
    )


def _remove(at: Place) -> tuple[Wanted, ...]:
    """What cannot be taken back comes last: database, then files and user."""
    engines = [engine for engine in site.ENGINES if engine == at.database]
    return (
        at.on_host("certificate", "certificate", "certificate", None),
        *site.forgotten(at.names, at),
        *(at.on_host("database", engine, prop, None) for engine in engines for prop in ("user", "database")),
        *(at.on_host("account", "account", p, None) for p in ("archive", "logs", "directories", "storage", "user")),
    )
