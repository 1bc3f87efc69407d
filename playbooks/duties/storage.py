"""What stops a site that grows beyond its storage? One of three drivers; the host's record says which it has.

btrfs_squota   a subvolume and a level-1 simple quota group: subvolumes that the site's user makes count into it too
project_quota  ext4 or XFS, the project's number is the uid (from the manuals, unproved: no kernel here had it)
measured       nothing: the limit is only written down, and what is used is measured and alarmed
"""

from __future__ import annotations

import os
import pwd
import time

from file import put_file, read_file, remove_if_there, sync_folder
from program import Failure, run

ROOT = "/srv/www"
MEASURED = "/etc/gerbang/measured"
SUBVOLUME_INODE = 256  # every btrfs subvolume's root has it
CLEANED_SECONDS = 20


def look(item: str, change: dict) -> dict | None:
    """{"driver": "btrfs_squota", "limit_bytes": 5368709120}; None where the site has no directory."""
    path = f"{ROOT}/{item}"
    if not os.path.lexists(path):
        return None
    driver = (change["after"] or change["before"])["driver"]
    return {"driver": driver, "limit_bytes": LIMITS[driver](path)}


def make(item: str, after: dict) -> None:
    """Make the site's directory with its limit, or set another limit on it."""
    path, limit = f"{ROOT}/{item}", after["limit_bytes"]
    if os.path.lexists(path):
        SETTERS[after["driver"]](path, limit)
        return
    beside = f"{ROOT}/.{item}.gerbang"
    if os.path.lexists(beside):
        REMOVERS[after["driver"]](beside)
    if after["driver"] == "btrfs_squota":
        run(["btrfs", "subvolume", "create", beside])
    else:
        os.mkdir(beside, 0o711)
    os.chmod(beside, 0o711)  # noqa: S103 - Apache and sshd pass through it
    SETTERS[after["driver"]](beside, limit)
    os.rename(beside, path)
    sync_folder(ROOT)


def remove(item: str, before: dict) -> None:
    """Move it out of everybody's way at once, then delete it and what counted it."""
    path, beside = f"{ROOT}/{item}", f"{ROOT}/.{item}.gerbang"
    os.rename(path, beside)
    sync_folder(ROOT)
    REMOVERS[before["driver"]](beside)


# -- btrfs, simple quotas ---------------------------------------------------------------------------------------------


def btrfs_limit(path: str) -> int | None:
    """The limit of the subvolume's level-1 group, None where there is none."""
    if os.lstat(path).st_ino != SUBVOLUME_INODE:
        return None
    return groups().get(f"1/{tree_of(path)}", (None, ""))[0]


def tree_of(path: str) -> str:
    """The subvolume's number: '257'."""
    return run(["btrfs", "inspect-internal", "rootid", path]).strip()


def groups() -> dict[str, tuple[int | None, str]]:
    """Quota group -> (limit in bytes, groups above it): {'1/257': (5368709120, ''), '0/257': (None, '1/257')}."""
    found = {}
    for line in run(["btrfs", "qgroup", "show", "-pr", "--raw", ROOT]).splitlines():
        words = line.split()
        if words and words[0][0].isdigit():
            limit = int(words[3]) if words[3].isdigit() else None
            found[words[0]] = (limit, words[4] if len(words) > 4 else "")
    return found


def set_btrfs_limit(path: str, limit: int) -> None:
    """Limit the level-1 group; a fresh subvolume, still under its other name, gets one and is put into it."""
    tree = tree_of(path)
    if name_of(path) != os.path.basename(path):
        run(["btrfs", "qgroup", "create", f"1/{tree}", ROOT])
        run(["btrfs", "qgroup", "assign", f"0/{tree}", f"1/{tree}", ROOT])
    run(["btrfs", "qgroup", "limit", str(limit), f"1/{tree}", ROOT])


def remove_btrfs(path: str) -> None:
    """Delete the subvolume, those below it, and the groups that counted them."""
    tree = tree_of(path)
    below = [name for name, (_, above) in groups().items() if f"1/{tree}" in above.split(",")]
    for inner in subvolumes_below(path):
        run(["btrfs", "subvolume", "delete", inner])
    run(["btrfs", "subvolume", "delete", "--commit-after", path])
    sync_folder(ROOT)
    for name in below:
        run(["btrfs", "qgroup", "remove", name, f"1/{tree}", ROOT], accept=(0, 1))
        destroy_group(name)
    destroy_group(f"1/{tree}")


def subvolumes_below(path: str) -> list[str]:
    """Subvolumes that the site's user (or its archive) made, the innermost first."""
    found = []
    for folder, names, _ in os.walk(path, topdown=False):
        for name in names:
            inner = os.path.join(folder, name)
            if not os.path.islink(inner) and os.lstat(inner).st_ino == SUBVOLUME_INODE:
                found.append(inner)
    return found


def destroy_group(name: str) -> None:
    """Destroy a quota group; a deleted subvolume counts until the kernel has cleaned it away, so try for a while."""
    until = time.monotonic() + CLEANED_SECONDS
    while name in groups():
        try:
            run(["btrfs", "qgroup", "destroy", name, ROOT])
        except Failure:
            if time.monotonic() > until:
                raise
            run(["btrfs", "filesystem", "sync", ROOT])
            time.sleep(0.05)


# -- project quota, and none ------------------------------------------------------------------------------------------


def name_of(path: str) -> str:
    """'g7kq2mx4pd' of /srv/www/g7kq2mx4pd and of /srv/www/.g7kq2mx4pd.gerbang."""
    return os.path.basename(path).strip(".").removesuffix(".gerbang")


def project_of(path: str) -> str:
    """The project's number: the uid of the site's user, which is made before its storage and removed after it."""
    return str(pwd.getpwnam(name_of(path)).pw_uid)


def project_limit(path: str) -> int | None:
    """The hard limit of the directory's project in bytes, from repquota(8)."""
    project = project_of(path)
    for line in run(["repquota", "-P", "-n", "-O", "csv", ROOT]).splitlines():
        words = line.split(",")
        if words[0] == f"#{project}":
            return int(words[5]) * 1024 or None
    return None


def set_project_limit(path: str, limit: int) -> None:
    """Give the directory a project of its own, which all below it inherit, and that a hard limit."""
    project = project_of(path)
    run(["chattr", "-p", project, "+P", "--", path])
    run(["setquota", "-P", project, "0", str(limit // 1024), "0", "0", ROOT])


def remove_project(path: str) -> None:
    """Take the limit away and delete the directory."""
    run(["setquota", "-P", project_of(path), "0", "0", "0", "0", ROOT])
    run(["rm", "-rf", "--", path], seconds=600)


def measured_path(path: str) -> str:
    """/etc/gerbang/measured/g7kq2mx4pd, which says the limit that nothing enforces."""
    return f"{MEASURED}/{name_of(path)}"


def measured_limit(path: str) -> int | None:
    """The limit as written down."""
    noted = read_file(measured_path(path))
    return int(noted["text"]) if noted else None


def note_limit(path: str, limit: int) -> None:
    """Write the limit down."""
    os.makedirs(MEASURED, mode=0o755, exist_ok=True)
    put_file(measured_path(path), {"text": f"{limit}\n", "owner": "root", "group": "root", "mode": "0644"})


def remove_measured(path: str) -> None:
    """Delete the directory and the note."""
    run(["rm", "-rf", "--", path], seconds=600)
    remove_if_there(measured_path(path))


LIMITS = {"btrfs_squota": btrfs_limit, "project_quota": project_limit, "measured": measured_limit}
SETTERS = {"btrfs_squota": set_btrfs_limit, "project_quota": set_project_limit, "measured": note_limit}
REMOVERS = {"btrfs_squota": remove_btrfs, "project_quota": remove_project, "measured": remove_measured}
