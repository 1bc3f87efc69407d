"""How does a site's SFTP login get another password, how is it closed and opened again? By Debian's own programs.

Closed is an account that has expired (shadow(5), field 8): PAM refuses it whoever knows the password, and so does cron.
"""

from __future__ import annotations

import os
import pwd

from kept import FROZEN, REPLACED, bare_mark, forget, keep, kept, refuse_going_back, version_of
from processes import end_processes
from program import Failure, run

LOGIN = "sftp"
SHADOW = "/etc/shadow"
EXPIRED = "1"  # the second of January 1970
LOCKED = {"login": "refused"}


def look_lock(item: str) -> dict | None:
    """{"login": "refused"} of a user whose account has expired."""
    fields = shadow_of(item)
    return dict(LOCKED) if fields and fields[7] == EXPIRED else None


def lock(item: str, probe: str) -> None:
    """Close the login and put the probe's password in the place of its own; `settle_lock` ends what the user runs.

    Closed first: a cut in between leaves it refused, and its own hash where `unlock` finds it.
    """
    if probe:
        keep(FROZEN, item, LOGIN, bare_mark(pwd.getpwnam(item).pw_gecos), hash_of(item))
    run(["usermod", "-e", EXPIRED, "--", item])
    if probe:
        set_password(item, probe)


def settle_lock(item: str) -> None:
    """Let nothing of a closed login's user run on, and nothing be kept for one that is open."""
    if look_lock(item):
        end_processes(pwd.getpwnam(item).pw_uid)
    else:
        forget(item, LOGIN, folders=(FROZEN,))


def unlock(item: str) -> None:
    """Put its own password back and open the login; `settle_lock` forgets what was kept."""
    its_hash = kept(FROZEN, item, LOGIN)
    if its_hash:
        set_hash(item, its_hash)
    run(["usermod", "-e", "", "--", item])


def change_secret(item: str, after: str, password: str) -> None:
    """Bring the password to the version that the mark `after` names, then the mark; `user.settle` ends old sessions."""
    now = pwd.getpwnam(item).pw_gecos
    its_hash = kept(REPLACED, item, LOGIN, after)
    if its_hash:
        set_hash(item, its_hash)
        set_mark(item, after)
        forget(item, LOGIN, folders=(REPLACED,))
    else:
        refuse_going_back(now, after, item)
        if version_of(now):
            demanded(password, item)
            keep(REPLACED, item, LOGIN, now, hash_of(item))
            set_mark(item, bare_mark(now))
        set_password(item, password)
        set_mark(item, after)


def set_mark(item: str, mark: str) -> None:
    """Write the mark into the comment field."""
    run(["usermod", "-c", mark, "--", item])


def set_password(item: str, password: str) -> None:
    """Set it by chpasswd(8), on its stdin."""
    run(["chpasswd"], f"{item}:{demanded(password, item)}\n")


def demanded(password: str, item: str) -> str:
    """The password, or Failure: a mark must not promise what nobody set."""
    if not password:
        raise Failure(f"no password came for {item}; its mark would promise one. Nothing of it was changed.")
    return password


def set_hash(item: str, its_hash: str) -> None:
    """Put a hash back as it was."""
    run(["chpasswd", "-e"], f"{item}:{its_hash}\n")


def hash_of(item: str) -> str:
    """The password's hash."""
    fields = shadow_of(item)
    return fields[1] if fields else ""


def shadow_of(item: str) -> list[str]:
    """The user's line of shadow(5), [] where there is none."""
    handle = os.open(SHADOW, os.O_RDONLY | os.O_CLOEXEC)
    with os.fdopen(handle, encoding="utf-8", errors="surrogateescape") as file:
        lines = (line.rstrip("\n").split(":") for line in file)
        return next((fields for fields in lines if fields[0] == item and len(fields) == 9), [])
