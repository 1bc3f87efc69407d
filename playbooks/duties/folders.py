"""Which directories does a site have, whose are they, and what does a visitor see before its owner brought anything?"""

from __future__ import annotations

import grp
import os
import pwd

from file import put_file, sync_folder, whose
from program import run

ROOT = "/srv/www"
LOGS = "/var/log/gerbang"
CONTENTS = ("private", "public", "tmp")
PAGE = """<!DOCTYPE html>
<html lang="id">
<head><meta charset="utf-8"><title>Situs sedang disiapkan</title></head>
<body><h1>Situs sedang disiapkan</h1><p>Halaman ini diganti begitu pengelola mengunggah isinya.</p>{body}</body>
</html>
"""
PHP_BODY = "<p>PHP <?= PHP_MAJOR_VERSION ?>.<?= PHP_MINOR_VERSION ?></p>"


def look(item: str) -> dict | None:
    """{".": "root:root 0711", "public": "g7kq2mx4pd:www-data 2750", ...}; None where none of the inner ones exists."""
    present = [name for name in CONTENTS if os.path.lexists(f"{ROOT}/{item}/{name}")]
    return {name: described(f"{ROOT}/{item}/{name}") for name in (".", *present)} if present else None


def described(path: str) -> str:
    """'g7kq2mx4pd:www-data 2750', or what it is instead of a directory."""
    if os.path.islink(path) or not os.path.isdir(path):
        return "not a directory"
    seen = whose(os.lstat(path))
    return f"{seen['owner']}:{seen['group']} {seen['mode']}"


def half_made(change: dict, seen: object) -> bool:
    """Tell whether only some are there (or left), and those as wanted (or as they were): our own act, cut short."""
    whole = change["after"] or change["before"]
    return isinstance(seen, dict) and seen.items() < whole.items()


def make(item: str, after: dict, *, php: bool) -> None:
    """Make those that are missing, each finished before it gets its name; bring the others to `after`."""
    for name in sorted(after, key=lambda name: name == "public"):
        path = f"{ROOT}/{item}/{name}"
        if os.path.lexists(path):
            own(path, after[name])
        else:
            make_one(path, after[name], lambda beside, name=name: name == "public" and lay_page(beside, item, php=php))
    sync_folder(f"{ROOT}/{item}")


def make_one(path: str, wanted: str, furnish: object) -> None:
    """Make a directory under another name, furnish it, give it away, then name it."""
    beside = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.gerbang")
    if os.path.lexists(beside):
        run(["rm", "-rf", "--", beside])
    os.mkdir(beside, 0o700)
    if callable(furnish):
        furnish(beside)
    own(beside, wanted)
    os.rename(beside, path)


def own(path: str, wanted: str) -> None:
    """Set owner, group and mode of one directory, never through a link."""
    names, mode = wanted.split(" ")
    owner, group = names.split(":")
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fchown(handle, pwd.getpwnam(owner).pw_uid, grp.getgrnam(group).gr_gid)
        os.fchmod(handle, int(mode, 8))
    finally:
        os.close(handle)


def lay_page(folder: str, item: str, *, php: bool) -> None:
    """Lay the first page; no value of a form is in it."""
    name = "index.php" if php else "index.html"
    text = PAGE.format(body=PHP_BODY if php else "")
    put_file(f"{folder}/{name}", {"text": text, "owner": item, "group": "www-data", "mode": "0640"})


def remove(item: str) -> None:
    """Delete what lies in the site; what is left of it is an empty directory of root's."""
    for name in CONTENTS:
        run(["rm", "-rf", "--", f"{ROOT}/{item}/{name}"], seconds=600)
    sync_folder(f"{ROOT}/{item}")


def look_logs(item: str) -> dict | None:
    """{"owner", "group", "mode"} of the folder that Apache logs into, outside what the site can fill."""
    path = f"{LOGS}/{item}"
    if not os.path.lexists(path):
        return None
    if os.path.islink(path) or not os.path.isdir(path):
        return {"unreadable": "not a directory"}
    return whose(os.lstat(path))


def make_logs(item: str, after: dict) -> None:
    """Make it, or bring it to `after`."""
    path = f"{LOGS}/{item}"
    wanted = f"{after['owner']}:{after['group']} {after['mode']}"
    if os.path.lexists(path):
        own(path, wanted)
    else:
        make_one(path, wanted, None)
    sync_folder(LOGS)


def remove_logs(item: str) -> None:
    """Delete the folder and its logs."""
    run(["rm", "-rf", "--", f"{LOGS}/{item}"])
    sync_folder(LOGS)
