"""What is kept of a site that ends? Files and database, packed beside it, readable by its SFTP user in grace."""

from __future__ import annotations

import os

from file import sync_folder, whose
from program import Failure, run
from storage import SUBVOLUME_INODE

ROOT = "/srv/www"
MARIADB_DATA = "/var/lib/mysql"
POSTGRESQL = "/usr/bin/psql"
PACKING_SECONDS = 3600
CHANGED_WHILE_READ = 1  # tar's code for a file that moved under it: the rest is whole


def look(item: str) -> dict | None:
    """{"directory": "archive"} where a finished archive lies; None where none does."""
    path = f"{ROOT}/{item}/archive"
    if not os.path.lexists(path):
        return None
    seen = whose(os.lstat(path))
    whole = (seen["owner"], seen["group"], seen["mode"]) == ("root", "root", "0755")
    return {"directory": "archive"} if whole and os.path.isdir(path) else {"directory": "archive", **seen}


def make(item: str) -> None:
    """Pack into a folder of its own outside the site's limit, then give it its name: it is whole or not there."""
    site, beside = f"{ROOT}/{item}", f"{ROOT}/.{item}-archive.gerbang"
    delete(beside)
    if os.lstat(site).st_ino == SUBVOLUME_INODE:
        run(["btrfs", "subvolume", "create", beside])
    else:
        os.mkdir(beside, 0o755)
    os.chmod(beside, 0o755)  # noqa: S103 - its SFTP user reads it
    pack_files(site, f"{beside}/files.tar.gz")
    dump_database(item, f"{beside}/database.sql.gz")
    sync_folder(beside)
    os.rename(beside, f"{site}/archive")
    sync_folder(site)


def pack_files(site: str, path: str) -> None:
    """public/ and private/ with numbers as owners; links are packed as links."""
    names = [name for name in ("private", "public") if os.path.isdir(f"{site}/{name}")]
    argv = ["tar", "--create", "--gzip", "--numeric-owner", "--one-file-system", "-C", site, "-f", path, "--", *names]
    run(argv, accept=(0, CHANGED_WHILE_READ), seconds=PACKING_SECONDS, environment={"GZIP": "-1"})
    finish(path)


def dump_database(item: str, path: str) -> None:
    """The database of the item's name, in whichever engine has one; no file where none has."""
    if os.path.isdir(f"{MARIADB_DATA}/{item}"):
        options = ["--single-transaction", "--routines", "--events", "--triggers", "--default-character-set=utf8mb4"]
        dump(["mariadb-dump", *options, "--", item], path, "")
    elif os.path.exists(POSTGRESQL) and item in postgresql_databases():
        dump(["pg_dump", "--no-owner", "--dbname", item], path, "postgres")


def postgresql_databases() -> list[str]:
    """Names of all databases; Failure where PostgreSQL does not answer: an archive never lacks one silently."""
    return run(["psql", "-XAtc", "SELECT datname FROM pg_database"], user="postgres").split()


def dump(argv: list[str], path: str, user: str) -> None:
    """Write a dump and pack it; Failure leaves no archive."""
    plain = path.removesuffix(".gz")
    handle = os.open(plain, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        run(argv, user=user, output=handle, seconds=PACKING_SECONDS)
    finally:
        os.close(handle)
    run(["gzip", "-1", "--", plain], seconds=PACKING_SECONDS)
    finish(path)


def finish(path: str) -> None:
    """Everybody may read it; it is on the disk."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    os.fchmod(handle, 0o644)
    os.fsync(handle)
    os.close(handle)


def remove(item: str) -> None:
    """Delete the archive."""
    path, beside = f"{ROOT}/{item}/archive", f"{ROOT}/.{item}-archive.gerbang"
    delete(beside)
    os.rename(path, beside)
    delete(beside)
    sync_folder(f"{ROOT}/{item}")


def delete(path: str) -> None:
    """Delete a folder or a subvolume, where there is one."""
    if not os.path.lexists(path):
        return
    if os.lstat(path).st_ino == SUBVOLUME_INODE:
        run(["btrfs", "subvolume", "delete", path])
    elif os.path.isdir(path):
        run(["rm", "-rf", "--", path])
    else:
        raise Failure(f"{path} is in the way and is no folder of ours.")
