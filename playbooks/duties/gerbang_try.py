#!/usr/bin/python3 -IS
"""What happens when the user of a site tries? One call tries one thing on this host and answers as JSON.

    gerbang-try fill ITEM BYTES RUN     allocate tmp/gerbang-probe-RUN as the site's user, say what came, remove it
    gerbang-try cron ITEM               ask PAM what cron asks before each job of the site's user; no job is run

Installed as /usr/local/sbin/gerbang-try; the user gerbang-look may run it and gerbang-look through sudo, nothing else.
Standard library only; nothing else on the host is written.
"""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys

SITES, HOST_RECORD, CRON_RULES = "/srv/www", "/etc/gerbang/host.json", "/etc/pam.d/cron"
SECONDS = 20
ITEM = re.compile(r"g[a-km-np-z2-9]{9}", re.ASCII)
RUN = re.compile(r"[a-z0-9_]{1,60}", re.ASCII)
ENV = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}


def main() -> None:
    """Answer one call; the exit code is 0 whenever an answer was printed."""
    match sys.argv[1:]:
        case ["fill", item, size, run]:
            print(json.dumps(fill(item, size, run)))
        case ["cron", item]:
            print(json.dumps(cron(item)))
        case _:
            sys.exit("usage: gerbang-try fill ITEM BYTES RUN | cron ITEM")


def text_of(path: str) -> str:
    """A file's text, "" where there is none."""
    try:
        with open(path, encoding="utf-8", errors="backslashreplace") as file:
            return file.read()
    except OSError:
        return ""


def answered(*argv: str) -> str:
    """What a program printed; ours ends with its complaint where it failed."""
    ended = subprocess.run(argv, capture_output=True, text=True, env=ENV, stdin=subprocess.DEVNULL, timeout=SECONDS)
    if ended.returncode:
        sys.exit(f"{argv[0]}: {ended.stderr.strip()[-300:]}")
    return ended.stdout


# -- Fill -------------------------------------------------------------------------------------------------------------


def fill(item: str, size: str, run: str) -> dict:
    """Allocate SIZE bytes in the site's tmp as its own user: {"asked", "bytes", "errno", "error", "used_bytes"}."""
    if not ITEM.fullmatch(item) or not RUN.fullmatch(run) or not re.fullmatch(r"[0-9]{1,14}", size, re.ASCII):
        sys.exit("fill: ITEM is an item id, BYTES at most 14 digits, RUN of a-z, 0-9 and _")
    entry = entry_of(item, "fill")
    path = f"{SITES}/{item}/tmp/gerbang-probe-{run}"  # noqa: S108 - the site's own, 0700
    used = used_bytes(item)
    try:
        number, came = as_user(entry, path, int(size))
    finally:
        if os.path.lexists(path):
            os.unlink(path)
    error = errno.errorcode.get(number, "") if number else ""
    return {"asked": int(size), "bytes": came, "errno": number, "error": error, "used_bytes": used}


def entry_of(item: str, verb: str) -> list[str]:
    """The fields of the site's passwd line; the program ends where the item is no site of ours."""
    line = next((line for line in text_of("/etc/passwd").splitlines() if line.startswith(f"{item}:")), None)
    if line is None or line.split(":")[5] != f"{SITES}/{item}" or "gerbang item=" not in line:
        sys.exit(f"{verb}: {item} is no site of this host")
    return line.split(":")


def used_bytes(item: str) -> int | None:
    """What the site's level-1 group counts, None where another driver limits it."""
    if json.loads(text_of(HOST_RECORD) or "{}").get("storage_driver") != "btrfs_squota":
        return None
    tree = answered("btrfs", "inspect-internal", "rootid", f"{SITES}/{item}").strip()
    rows = answered("btrfs", "qgroup", "show", "-re", "--raw", "--sync", SITES).splitlines()
    return next((int(row.split()[1]) for row in rows if row.split()[:1] == [f"1/{tree}"]), None)


def as_user(entry: list[str], path: str, size: int) -> tuple[int, int]:
    """Fork, become the site's user for good, allocate; (errno or 0, bytes that the file then had)."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        number, came = 1, 0
        try:
            os.setgroups([])
            os.setgid(int(entry[3]))
            os.setuid(int(entry[2]))
            number, came = allocate(path, size)
        except OSError as error:
            number = error.errno or 1
        finally:
            os.write(writing, f"{number} {came}".encode())
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as answer:
        number, came = answer.read().split()
    return int(number), int(came)


def allocate(path: str, size: int) -> tuple[int, int]:
    """posix_fallocate(3) reserves without writing, so that gigabytes are tried in milliseconds."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    number = 0
    try:
        os.posix_fallocate(handle, 0, size)
    except OSError as error:
        number = error.errno or 1
    came = os.fstat(handle).st_size
    os.close(handle)
    os.unlink(path)
    return number, came


# -- Cron -------------------------------------------------------------------------------------------------------------


def cron(item: str) -> dict:
    """Would cron run a job of the site's user now? {"code": 0, "said": "Success"} where it would.

    cron(8) asks PAM's service `cron` for the account before each job, whatever crontab it stands in, and runs it only
    on 0. The same is asked here; no session is opened, nothing is run and nothing is left but a line in the journal.
    """
    if not ITEM.fullmatch(item):
        sys.exit("cron: ITEM is an item id")
    entry_of(item, "cron")
    if not os.path.exists(CRON_RULES):  # PAM would answer from `other`, which is not what cron is told
        sys.exit(f"cron: there is no {CRON_RULES} on this host")
    code, said = account_asked("cron", item)
    return {"code": code, "said": said}


def account_asked(service: str, user: str) -> tuple[int, str]:
    """pam_acct_mgmt(3) of a service, by libpam itself; whatever asks back for a word is told that there is none."""
    import ctypes  # here, for no other verb needs its 15 ms

    no_conversation, hidden = 19, 0x8000  # PAM_CONV_ERR, PAM_SILENT: as cron has it
    library, handle = ctypes.CDLL("libpam.so.0"), ctypes.c_void_p()
    library.pam_strerror.restype = ctypes.c_char_p
    asked = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, *[ctypes.c_void_p] * 3)(lambda *_: no_conversation)
    conversation = (ctypes.c_void_p * 2)(ctypes.cast(asked, ctypes.c_void_p), None)
    code = library.pam_start(service.encode(), user.encode(), conversation, ctypes.byref(handle))
    if code:
        sys.exit(f"cron: PAM did not start, code {code}")
    code = library.pam_acct_mgmt(handle, hidden)
    said = (library.pam_strerror(handle, code) or b"").decode("ascii", "backslashreplace")
    library.pam_end(handle, code)
    return code, said


if __name__ == "__main__":
    main()
