"""How does a site get a PHP pool of its own, and lose it? One file, tried by PHP-FPM before it is live."""

from __future__ import annotations

import os
import signal

from daemon import master, signal_master, try_folder
from duty import item_of
from file import put_file, read_file
from program import Failure

ROOT = "/etc/php"


def look(change: dict) -> object:
    """The pool's file, in whichever version's folder it lies."""
    return read_file(path_of(change))


def apply(change: dict, _secrets: dict) -> None:
    """Let PHP-FPM try the pools as they will be, put the file there, and let it read them again."""
    path, value = path_of(change), change["after"]
    daemon = f"php-fpm{version_of(path)}"
    pid_file = f"/run/php/php{version_of(path)}-fpm.pid"
    runs = master(pid_file, daemon)
    if not runs and value is not None:
        raise Failure(
            f"{daemon} does not run here: systemctl status php{version_of(path)}-fpm says why. Start it, then retry."
        )
    try_folder(os.path.dirname(path), os.path.basename(path), value, [daemon, "-t"])
    put_file(path, value)
    if runs:
        signal_master(pid_file, daemon, signal.SIGUSR2)


def path_of(change: dict) -> str:
    """/etc/php/8.2/fpm/pool.d/g7kq2mx4pd.conf: the folder that has it, else that of the host's one version."""
    name = f"{item_of(change)}.conf"
    folders = [folder for folder in pool_folders() if os.path.lexists(f"{folder}/{name}")] or pool_folders()
    if len(folders) != 1:
        raise Failure(
            f"PHP-FPM pools could lie in {folders or 'no folder'}: exactly one PHP version must be installed."
        )
    return f"{folders[0]}/{name}"


def pool_folders() -> list[str]:
    """The pool folders of all PHP versions here."""
    versions = sorted(os.listdir(ROOT)) if os.path.isdir(ROOT) else []
    return [f"{ROOT}/{version}/fpm/pool.d" for version in versions if os.path.isdir(f"{ROOT}/{version}/fpm/pool.d")]


def version_of(path: str) -> str:
    """'8.2' of /etc/php/8.2/fpm/pool.d/..."""
    return path.split("/")[3]
