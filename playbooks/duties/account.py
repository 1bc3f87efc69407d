"""What is a site's account on its host? User, its login, storage, directories, logs, cron, at its end the archive."""

from __future__ import annotations

import archive
import folders
import sftp_login
import storage
import user
from duty import item_of
from file import put_file, read_file
from program import Failure


def look(change: dict) -> object:
    """What stands there now, in the words of the property."""
    item = item_of(change)
    if change["property"] == "cron":
        return read_file(cron_path(item))
    if change["property"] == "storage":
        return storage.look(item, change)
    looks = {
        "user": user.look,
        "lock": sftp_login.look_lock,
        "directories": folders.look,
        "logs": folders.look_logs,
        "archive": archive.look,
    }
    if change["property"] not in looks:
        raise Failure(f"an account has no property {change['property']!r}")
    return looks[change["property"]](item)


def half_made(change: dict, seen: object) -> bool:
    """Tell whether `seen` is our own act cut short: a user without its secret's mark, some of the directories."""
    if change["property"] == "user":
        return user.half_made(change, seen)
    if change["property"] == "directories":
        return folders.half_made(change, seen)
    return False


def apply(change: dict, given: dict) -> None:
    """Take one property from before to after; `given` holds the passwords, and whether the site runs PHP."""
    item, after = item_of(change), change["after"]
    if change["property"] == "cron":
        put_file(cron_path(item), after)
    elif after is None:
        unmake(change, item)
    else:
        make(change["property"], item, after, given)


def make(prop: str, item: str, after: dict, given: dict) -> None:
    """Make a property, or bring it to another value."""
    match prop:
        case "user":
            user.make(item, after, given["secrets"].get("sftp_password", ""))
        case "storage":
            storage.make(item, after)
        case "directories":
            folders.make(item, after, php=given["php"])
        case "logs":
            folders.make_logs(item, after)
        case "archive":
            archive.make(item)
        case "lock":
            sftp_login.lock(item, given["secrets"].get("sftp_probe", ""))


def unmake(change: dict, item: str) -> None:
    """Take a property away."""
    match change["property"]:
        case "user":
            user.remove(item)
        case "storage":
            user.shut_out(item)
            storage.remove(item, change["before"])
        case "directories":
            user.shut_out(item)
            folders.remove(item)
        case "logs":
            folders.remove_logs(item)
        case "archive":
            archive.remove(item)
        case "lock":
            sftp_login.unlock(item)


def settle(changes: list) -> None:
    """Let what now stands be in force: sessions end, groups go; done when resumed where a duty was killed before it.

    What does not stand (the call has failed) is left alone: an open site's processes run on.
    """
    for change in changes:
        if change["property"] in ("lock", "user") and look(change) == change["after"]:
            settle_one(change, item_of(change))


def settle_one(change: dict, item: str) -> None:
    """The same of one property."""
    if change["property"] == "lock":
        sftp_login.settle_lock(item)
    else:
        user.settle(item, change)


def cron_path(item: str) -> str:
    """/etc/cron.d/gerbang-g7kq2mx4pd: no dot, which cron(8) would skip."""
    return f"/etc/cron.d/gerbang-{item}"
