"""How does a duty read and replace a file, so that a lost power leaves the old or the new one? Standard library."""

from __future__ import annotations

import grp
import os
import pwd
import stat


def read_file(path: str) -> dict[str, str] | None:
    """Return {"text", "owner", "group", "mode"} of a regular file, None where there is none.

    A link or a device in its place is {"unreadable": why}: a value that no plan wants.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        return {"unreadable": str(error.strerror)}
    with os.fdopen(handle, encoding="utf-8", errors="surrogateescape", newline="") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            return {"unreadable": "not a regular file"}
        return {"text": file.read(), **whose(status)}


def whose(status: os.stat_result) -> dict[str, str]:
    """Return {"owner": "root", "group": "root", "mode": "0644"}; digits where a number has no name."""
    return {
        "owner": user_name(status.st_uid),
        "group": group_name(status.st_gid),
        "mode": format(stat.S_IMODE(status.st_mode), "04o"),
    }


def user_name(uid: int) -> str:
    """Return the name of a uid, its digits where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid: int) -> str:
    """Return the name of a gid, its digits where it has none."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def put_file(path: str, value: dict[str, str] | None) -> None:
    """Make, replace or remove (None) a file: temp, fsync, rename, fsync of the folder (proved against lost power)."""
    if value is None:
        os.unlink(path)
    else:
        write_whole(path, value)
    sync_folder(os.path.dirname(path))


def write_whole(path: str, value: dict[str, str]) -> None:
    """Write beside `path` under a name that no Include and no cron reads, then rename."""
    beside = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.gerbang")
    remove_if_there(beside)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(value["text"])
            file.flush()
            os.fchown(handle, pwd.getpwnam(value["owner"]).pw_uid, grp.getgrnam(value["group"]).gr_gid)
            os.fchmod(handle, int(value["mode"], 8))
            os.fsync(handle)
        os.rename(beside, path)
    except BaseException:
        remove_if_there(beside)
        raise


def remove_if_there(path: str) -> None:
    """Unlink a file that may be absent."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return


def remove_unfinished(folder: str) -> None:
    """Unlink what a killed `write_whole` left beside its file."""
    for entry in os.listdir(folder):
        if entry.startswith(".") and entry.endswith(".gerbang"):
            os.unlink(os.path.join(folder, entry))


def sync_folder(path: str) -> None:
    """Make renames and unlinks in a folder survive a lost power."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
