"""How does a site get a PHP pool of its own, and lose it? One file, tried by PHP-FPM before it is live."""

from __future__ import annotations

import os
import signal

from daemon import master, signal_master, try_folder
from duty import item_of
from file import put_file, read_file
from program import Failure, run

ROOT = "/etc/php"
tried: list[str] = []  # files of this call that PHP-FPM has seen before they were put there


def look(change: dict) -> object:
    """The pool's file, in whichever version's folder it lies."""
    return read_file(path_of(change))


def apply(change: dict, _secrets: dict) -> None:
    """Let PHP-FPM try the pools as they will be, and put the file there; `settle` lets it read them again."""
    path, value = path_of(change), change["after"]
    refuse_stopped(change)
    try_folder(os.path.dirname(path), os.path.basename(path), value, [daemon_of(path), "-t"])
    put_file(path, value)
    tried.append(path)


def refuse_stopped(change: dict) -> None:
    """Failure where a pool is wanted of a PHP-FPM that does not run; what starts later reads none that was removed."""
    path = path_of(change)
    if change["after"] and not master(pid_file_of(path), daemon_of(path)):
        unit = f"php{version_of(path)}-fpm"
        raise Failure(f"{daemon_of(path)} does not run here: systemctl status {unit} says why. Start it, then retry.")


def settle(changes: list) -> None:
    """Let it read the pools again; a run whose duty was killed before this does it when resumed, tried anew."""
    for change in (one for one in changes if look(one) == one["after"]):
        refuse_stopped(change)
        path = path_of(change)
        if master(pid_file_of(path), daemon_of(path)):
            if path not in tried:
                run([daemon_of(path), "-t"])
            signal_master(pid_file_of(path), daemon_of(path), signal.SIGUSR2)


def daemon_of(path: str) -> str:
    """'php-fpm8.2' of /etc/php/8.2/fpm/pool.d/..."""
    return f"php-fpm{version_of(path)}"


def pid_file_of(path: str) -> str:
    """'/run/php/php8.2-fpm.pid'."""
    return f"/run/php/php{version_of(path)}-fpm.pid"


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
