"""Where does a login's hash wait while another stands in its place? With root alone, so that it can be put back.

FROZEN waits as long as the site is suspended, months perhaps. REPLACED is swept after a day (tmpfiles.d/gerbang.conf of
site.yml): it serves the undo of the run that replaced it, and nothing later.
"""

from __future__ import annotations

import os

from file import put_file, remove_if_there
from program import Failure

FROZEN, REPLACED = "/var/lib/gerbang/frozen", "/var/lib/gerbang/replaced"
# What crypt(5), mysql_native_password and RFC 5803 write; none of it ends a word in SQL or in a line of chpasswd.
ALPHABET = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./$*+=:-_,!")


def keep(folder: str, item: str, login: str, mark: str, its_hash: str) -> None:
    """Keep the hash that belongs to `mark`, in the place of an older one; Failure where it is none."""
    checked(its_hash, item)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    text = f"{mark}\n{its_hash}\n"
    put_file(path_of(folder, item, login), {"text": text, "owner": "root", "group": "root", "mode": "0600"})


def kept(folder: str, item: str, login: str, mark: str = "") -> str:
    """The hash that is kept, of `mark` where one is named; "" where none is."""
    try:
        with open(path_of(folder, item, login), encoding="ascii") as file:
            whose, its_hash = file.read().splitlines()
    except FileNotFoundError:
        return ""
    return checked(its_hash, item) if mark in ("", whose) else ""


def forget(item: str, *logins: str, folders: tuple[str, ...] = (FROZEN, REPLACED)) -> None:
    """Let nothing be kept any more."""
    for folder in folders:
        for login in logins:
            remove_if_there(path_of(folder, item, login))


def version_of(mark: str) -> int:
    """The secret's version that a mark names, 0 where it names none."""
    word = mark.partition(" secret=v")[2]
    return int(word) if word.isdecimal() else 0


def bare_mark(mark: str) -> str:
    """The mark without its secret's version: worn until the password is set, so that a cut never looks like done."""
    return mark.partition(" secret=")[0]


def refuse_going_back(now: str, after: str, item: str) -> None:
    """Failure where an older version is wanted: its hash is not kept any more, and nobody knows its password."""
    if version_of(after) < version_of(now):
        raise Failure(f"the hash of {item}'s version {version_of(after)} is not kept any more. Rotate it again.")


def checked(its_hash: str, item: str) -> str:
    """The hash, or Failure where it has a letter that no hash of ours has; it goes into statements."""
    if not its_hash or not set(its_hash) <= ALPHABET:
        raise Failure(f"the login of {item} has no hash that could be put back; nothing of it was changed.")
    return its_hash


def path_of(folder: str, item: str, login: str) -> str:
    """/var/lib/gerbang/frozen/g7kq2mx4pd.sftp."""
    return f"{folder}/{item}.{login}"
