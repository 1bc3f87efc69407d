"""How does a site's user come to be, and end? By Debian's own programs; the password travels on stdin."""

from __future__ import annotations

import grp
import os
import pwd

from kept import bare_mark, forget, version_of
from processes import end_processes
from program import Failure, run
from sftp_login import LOGIN, change_secret

SHARED_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108 - where a site may have left files


def look(item: str) -> dict | None:
    """{"uid", "gid", "home", "shell", "groups", "mark"}; the mark is the comment field (GECOS)."""
    try:
        entry = pwd.getpwnam(item)
    except KeyError:
        return None
    return {
        "uid": entry.pw_uid,
        "gid": entry.pw_gid,
        "home": entry.pw_dir,
        "shell": entry.pw_shell,
        "groups": sorted(group.gr_name for group in grp.getgrall() if item in group.gr_mem),
        "mark": entry.pw_gecos,
    }


def half_made(change: dict, seen: object) -> bool:
    """Tell whether the user is as wanted but for its password."""
    after = change["after"]
    return bool(after and seen) and seen == {**after, "mark": bare_mark(after["mark"])}


def make(item: str, after: dict, password: str) -> None:
    """Make the user or bring it to `after`; the password is set where the mark's secret version is new."""
    now = look(item)
    if now is None:
        add(item, after)
        now = look(item)
    elif (now["uid"], now["gid"], now["home"]) != (after["uid"], after["gid"], after["home"]):
        raise Failure(f"uid, gid and home of {item} cannot be changed: {now} is not {after}.")
    options = []
    if now["shell"] != after["shell"]:
        options += ["-s", after["shell"]]
    if now["groups"] != after["groups"]:
        options += ["-G", ",".join(after["groups"])]
    if options:
        run(["usermod", *options, "--", item])
    if now["mark"] != after["mark"]:
        change_secret(item, after["mark"], password)
    if look(item) != after:
        raise Failure(f"{item} was made, but is {look(item)} and not {after}.")


def add(item: str, after: dict) -> None:
    """Make group and user with the numbers held for them, without home, mail, subordinate ids or last-login records."""
    if not group_is_there(item, after["gid"]):
        run(["groupadd", "-g", str(after["gid"]), "--", item])
    numbers = ["-u", str(after["uid"]), "-g", str(after["gid"])]
    place = ["-d", after["home"], "-s", after["shell"], "-G", ",".join(after["groups"])]
    bare = ["-M", "-l", "-K", "SUB_UID_COUNT=0", "-K", "SUB_GID_COUNT=0", "-c", bare_mark(after["mark"])]
    run(["useradd", *numbers, *place, *bare, "--", item])


def group_is_there(item: str, gid: int) -> bool:
    """True where a cut left our group; Failure where the name or the number is somebody else's."""
    try:
        if grp.getgrnam(item).gr_gid == gid:
            return True
    except KeyError:
        return False
    raise Failure(f"group {item} exists with gid {grp.getgrnam(item).gr_gid}, not {gid}; it was not touched.")


def remove(item: str) -> None:
    """End what the user runs and what it left in shared folders, and the user; `settle` removes its group."""
    shut_out(item)
    forget(item, LOGIN)
    uid = pwd.getpwnam(item).pw_uid
    places = [folder for folder in SHARED_FOLDERS if os.path.isdir(folder)]
    run(["find", *places, "-xdev", "-mindepth", "1", "-uid", str(uid), "-delete"], accept=(0, 1))
    run(["userdel", "--", item], accept=(0, 12))


def settle(item: str, change: dict) -> None:
    """End the sessions of a password that was replaced; let no group outlive its user."""
    before, after = change["before"], change["after"]
    if after is None:
        remove_group(item)
    elif before and version_of(before["mark"]) not in (0, version_of(after["mark"])):
        end_processes(pwd.getpwnam(item).pw_uid, "sshd")


def remove_group(item: str) -> None:
    """Remove the group of a user who is gone."""
    try:
        grp.getgrnam(item)
    except KeyError:
        return
    run(["groupdel", "--", item])


def shut_out(item: str) -> None:
    """Let nobody log in as this user any more, and end its processes: one in a deleted subvolume would keep it."""
    try:
        uid = pwd.getpwnam(item).pw_uid
    except KeyError:
        return
    run(["usermod", "-L", "-e", "1", "--", item])
    end_processes(uid)
