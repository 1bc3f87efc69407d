"""How does a site's vhost come to be served, and cease? A file of its own, tried by Apache before it is live."""

from __future__ import annotations

import os
import signal

from daemon import master, signal_master, try_folder
from duty import item_of
from file import put_file, read_file
from program import Failure, run

FOLDER = "/etc/apache2/gerbang"
PID_FILE = "/run/apache2/apache2.pid"
#: what `apache2ctl configtest` runs, without its own tests around it
TEST = ["sh", "-c", ". /etc/apache2/envvars && exec apache2 -t"]
tried: list[str] = []  # files of this call that Apache has seen before they were put there
LOG_DIRECTIVES = ("errorlog", "customlog", "transferlog", "globallog")


def look(change: dict) -> object:
    """The vhost's file."""
    return read_file(path_of(change))


def apply(change: dict, _secrets: dict) -> None:
    """Let Apache try the folder as it will be, and put the file there; `settle` has it taken up."""
    path, value = path_of(change), change["after"]
    refuse_stopped([change])
    refuse_missing_log_folders(os.path.basename(path), value)
    try_folder(FOLDER, os.path.basename(path), value, TEST)
    put_file(path, value)
    tried.append(path)


def refuse_stopped(changes: list) -> None:
    """Failure where a vhost is wanted of an Apache that does not run; what starts later reads none that was removed."""
    if any(change["after"] for change in changes) and not master(PID_FILE, "apache2"):
        raise Failure("apache2 does not run here: systemctl status apache2 says why. Start it, then retry.")


def settle(changes: list) -> None:
    """Have what stands taken up; a run whose duty was killed before this does it when resumed."""
    standing = [change for change in changes if look(change) == change["after"]]
    refuse_stopped(standing)
    if standing:
        take_up(is_tried=bool(tried))


def take_up(*, is_tried: bool = False) -> None:
    """Let a running Apache read its files again, dropping no visitor; tried, for at broken ones it would end."""
    if not master(PID_FILE, "apache2"):
        return
    if not is_tried:
        refuse_missing_log_folders("", None)
        run(TEST)
    signal_master(PID_FILE, "apache2", signal.SIGUSR1)  # what `apache2ctl graceful` sends, without its second test


def path_of(change: dict) -> str:
    """/etc/apache2/gerbang/g7kq2mx4pd.conf."""
    return f"{FOLDER}/{item_of(change)}.conf"


def refuse_missing_log_folders(name: str, value: dict | None) -> None:
    """Failure where a log could not be opened: configtest does not look, and a reload ends Apache with all sites."""
    texts = {entry: text_of(entry) for entry in os.listdir(FOLDER) if entry.endswith(".conf") and entry != name}
    if value is not None:
        texts[name] = value["text"]
    missing = sorted({folder for text in texts.values() for folder in log_folders(text) if not os.path.isdir(folder)})
    if missing:
        raise Failure(
            f"{', '.join(missing)} is missing; Apache would end at the reload. Make it (root, 0750), then retry."
        )


def text_of(name: str) -> str:
    """The text of one vhost that is live now."""
    with open(os.path.join(FOLDER, name), encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def log_folders(text: str) -> set[str]:
    """Folders of absolute log paths in a vhost; pipes and syslog have none."""
    folders = set()
    for line in text.splitlines():
        words = line.split(None, 2)
        if len(words) > 1 and words[0].lower() in LOG_DIRECTIVES:
            target = words[1].strip("\"'")
            if target.startswith("/"):
                folders.add(os.path.dirname(target))
    return folders
