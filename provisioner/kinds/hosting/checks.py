"""What is tried from outside after a run of each verb?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from provisioner.digests import Value
from provisioner.facts import storage_limit
from provisioner.kinds.hosting import rotation
from provisioner.kinds.hosting.tried import Tried
from provisioner.kinds.port import Question
from provisioner.verification.verdict import Trial


def trials(question: Question, choices: Mapping[str, Value]) -> tuple[Trial, ...]:
    """Return the trials after a run of the verb; their names and arguments are those of the providers."""
    return _TRIALS[question.verb](Tried(question, choices))


def _after_create(at: Tried) -> tuple[Trial, ...]:
    found = [
        at.resolves(),
        at.https_page(),
        at.http_redirects(),
        at.certificate_names(),
        at.sftp_inside(),
        at.bandwidth(),
    ]
    if at.choices["storage_driver"] in (storage_limit.BTRFS, storage_limit.PROJECT):
        found.append(at.storage())
    if at.choices["runtime"] == "php":
        found += at.php()
    if at.choices["database"] != "none":
        found += at.databases()
    return tuple(found)


def _after_change(at: Tried) -> tuple[Trial, ...]:
    """Try what needs no password of the site: it was handed over, and destroyed here."""
    assert at.question.item is not None
    had: Mapping[str, Any] = at.question.item.choices
    gone = [str(name) for name in had["names"] if name not in at.names]
    found = [at.resolves(), at.site_served(), at.http_redirects(), at.certificate_names()]
    if gone:
        found += [at.name_gone(gone), at.site_gone(gone)]
    if at.choices["storage_driver"] in (storage_limit.BTRFS, storage_limit.PROJECT):
        found.append(at.storage())
    if at.choices["runtime"] != had["runtime"]:
        found.append(at.php_answers())
    if at.choices["database"] != had["database"] and at.choices["database_networks"]:
        found += at.databases()
    return tuple(found)


def _after_terminate(at: Tried) -> tuple[Trial, ...]:
    return (at.name_gone(at.names), at.site_gone(at.names), at.login_refused())


def _after_suspend(at: Tried) -> tuple[Trial, ...]:
    closed = (at.sftp_closed(), at.cron(is_permitted=False), *at.database_closed())
    return (at.resolves(), at.http_redirects(), at.site_frozen(), *closed)


def _after_resume(at: Tried) -> tuple[Trial, ...]:
    """No password is known here any more: that the locks are off and the old hashes back is read back."""
    php = (at.php_answers(),) if at.choices["runtime"] == "php" else ()
    return (at.resolves(), at.site_served(), at.http_redirects(), at.cron(is_permitted=True), *php)


def _after_rotate(at: Tried) -> tuple[Trial, ...]:
    """Through the site's PHP a database can be tried only where SFTP's password is new too."""
    names = rotation.rotated(at.question.asked, at.choices)
    found: list[Trial] = []
    if rotation.SFTP in names:
        found += [at.sftp_login(), at.old_sftp_refused()]
    if rotation.DATABASE in names and (at.choices["database_networks"] or rotation.SFTP in names):
        found += [*at.databases(), *at.old_database_refused()]
    return tuple(found)


_TRIALS: Mapping[str, Callable[[Tried], tuple[Trial, ...]]] = {
    "create": _after_create,
    "change": _after_change,
    "suspend": _after_suspend,
    "resume": _after_resume,
    "rotate": _after_rotate,
    "appoint": _after_rotate,
    "terminate": _after_terminate,
}
