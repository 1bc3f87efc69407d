"""How does an account's limit come to hold at the proxy, and cease? A file of its own, tried before it is live."""

from __future__ import annotations

import os
import signal

from daemon import master, signal_master, try_folder
from file import put_file, read_file
from program import Failure, run

FOLDERS = {"apache": "/etc/apache2/gerbang-traffic", "nginx": "/etc/nginx/gerbang-traffic"}
PID_FILES = {"apache": ("/run/apache2/apache2.pid", "apache2"), "nginx": ("/run/nginx.pid", "nginx")}
TESTS = {"apache": ["sh", "-c", ". /etc/apache2/envvars && exec apache2 -t"], "nginx": ["nginx", "-t", "-q"]}
RELOADS = {"apache": signal.SIGUSR1, "nginx": signal.SIGHUP}
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789._-"


def object_of(change: dict) -> str:
    """'proxy1/arsip.disdik' -> 'arsip.disdik'; it becomes a path, so it is tested here again."""
    account = change["target"].partition("/")[2]
    if not 1 <= len(account) <= 64 or not account[0].isalpha() or any(letter not in LETTERS for letter in account):
        raise Failure(f"{change['target']!r} does not end in an account id; nothing of that name is touched.")
    return account


def driver_of(change: dict) -> str:
    """What the change was written for, by the head of its own file."""
    head = (change["after"] or change["before"])["text"].partition("\n")[0]
    for driver in FOLDERS:
        if head.endswith(f" driver={driver}"):
            return driver
    raise Failure(f"{change['target']}: its file names neither apache nor nginx; nothing was touched.")


def path_of(change: dict) -> str:
    """/etc/nginx/gerbang-traffic/arsip.disdik.conf."""
    return f"{FOLDERS[driver_of(change)]}/{object_of(change)}.conf"


def look(change: dict) -> object:
    """The account's file."""
    return read_file(path_of(change))


def apply(change: dict, _given: dict) -> None:
    """Let the proxy's own parser see the folder as it will be, then put the file there; `settle` has it taken up."""
    path, driver = path_of(change), driver_of(change)
    if not os.path.isdir(FOLDERS[driver]):
        raise Failure(f"{FOLDERS[driver]} is missing: play site.yml on this proxy with cloud_proxy_driver={driver}.")
    refuse_stopped(driver, [change])
    try_folder(FOLDERS[driver], os.path.basename(path), change["after"], TESTS[driver])
    put_file(path, change["after"])


def refuse_stopped(driver: str, changes: list) -> None:
    """Failure where a limit is wanted of a proxy that does not run; what starts later reads none that was removed."""
    if any(change["after"] for change in changes) and not master(*PID_FILES[driver]):
        raise Failure(f"{PID_FILES[driver][1]} does not run here: its journal says why. Start it, then retry.")


def settle(changes: list) -> None:
    """Have it taken up once for all, dropping no download; a run that was killed before this does it when resumed.

    The parser is asked once more: since the files were put the proxy's other configuration may have become what would
    end it at the reload.
    """
    for driver in sorted({driver_of(change) for change in changes}):
        refuse_stopped(driver, [change for change in changes if driver_of(change) == driver])
        if master(*PID_FILES[driver]):
            run(TESTS[driver])
            signal_master(*PID_FILES[driver], RELOADS[driver])
