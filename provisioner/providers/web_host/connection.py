"""How do we reach a host's probe, and nothing else there?"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

from provisioner.errors import GerbangError, Unreachable
from provisioner.facts.estate import Estate, Host
from provisioner.providers.process import run

USER = "gerbang-look"
PROBE, TRIER = "/usr/local/sbin/gerbang-look", "/usr/local/sbin/gerbang-try"
ANSWER_CAP_BYTES = 64 * 1024 * 1024  # a thousand sites with vhost, pool and cron are about 10 MB
ANSWER_SECONDS = 30.0
CONNECT_SECONDS = 5
SOCKET_PREFIX = "look-"


def ask_probe(host: Host, estate: Estate, *words: str) -> bytes:
    """Return what `sudo gerbang-look` prints on `host`, with words `sudo gerbang-try WORDS`.

    Unreachable, with ssh's own reason, where it does not. `words` are ours alone (item ids, numbers): ssh joins them
    into a line for the host's shell.
    """
    program = TRIER if words else PROBE
    ended = run(
        [*ssh_words(host, estate), "--", address_of(host), "sudo", "-n", program, *words],
        where=host.name,
        timeout_seconds=ANSWER_SECONDS,
        cap_bytes=ANSWER_CAP_BYTES,
    )
    if ended.code != 0:
        why = " ".join(ended.stderr.split())[-200:] or f"code {ended.code}"
        mend = f"Check that sshd runs there, that the key of {USER} is installed and site.yml has been played."
        raise Unreachable(f"the probe gave no answer: {why!a}.", host.name, mend)
    return ended.stdout


def ssh_words(host: Host, estate: Estate) -> list[str]:
    """Return ssh and its options: our key alone, known hosts alone, one warm connection kept for half an hour."""
    options = {
        "BatchMode": "yes",
        "IdentitiesOnly": "yes",
        "IdentityFile": required(estate, "look_key_file"),
        "StrictHostKeyChecking": "yes",
        "UserKnownHostsFile": required(estate, "known_hosts_file"),
        "GlobalKnownHostsFile": "/dev/null",
        "ConnectTimeout": str(CONNECT_SECONDS),
        "ServerAliveInterval": "5",
        "ServerAliveCountMax": "2",
        "LogLevel": "ERROR",
        "ControlMaster": "auto",
        "ControlPersist": "1800",
        "ControlPath": f"{control_folder(estate)}/{SOCKET_PREFIX}%C",
    }
    words = ["ssh", "-F", "none", "-T", "-l", USER, "-p", str(int(host.variables.get("ansible_port", 22)))]
    return words + [f"-o{name}={value}" for name, value in options.items()]


def address_of(host: Host) -> str:
    """Return where the host is reached: its `ansible_host`, or its name."""
    return str(host.variables.get("ansible_host", host.name))


def required(estate: Estate, name: str) -> str:
    """Return an inventory variable of all hosts; GerbangError where the office has not set it."""
    if name not in estate.variables:
        raise GerbangError(f"the inventory sets no {name}.", "group_vars/all", "See inventories/example.")
    return str(estate.variables[name])


def control_folder(estate: Estate) -> Path:
    """Return the folder of ssh's control sockets, ours alone and on tmpfs.

    The inventory's `ssh_control_folder` where whoever ends the hosts also ends the connections (the lab does), else
    /dev/shm/gerbang-0-3f2a9c01, with the key's path in its name: two checkouts on one machine share no connection.
    """
    folder = Path(str(estate.variables.get("ssh_control_folder") or _own_folder(estate)))
    folder.mkdir(mode=0o700, exist_ok=True)
    held = folder.lstat()
    if held.st_uid != os.getuid() or held.st_mode & 0o077 or folder.is_symlink():
        raise GerbangError("this folder of sockets is not ours alone.", str(folder), "Remove it.")
    return folder


def _own_folder(estate: Estate) -> str:
    digest = hashlib.sha256(required(estate, "look_key_file").encode()).hexdigest()[:8]
    return f"/dev/shm/gerbang-{os.getuid()}-{digest}"  # noqa: S108  made 0700, and its owner is checked


def close_connections(estate: Estate) -> None:
    """End every connection that looks keep warm; to be called when the process that looks ends.

    An office whose services are all called from here has no key of the probe, and no connection.
    """
    if not {"ssh_control_folder", "look_key_file"} & {*estate.variables}:
        return
    for socket in control_folder(estate).glob(f"{SOCKET_PREFIX}*"):
        argv = ["ssh", "-F", "none", "-O", "exit", f"-oControlPath={socket}", "any"]
        with contextlib.suppress(Unreachable):
            run(argv, where="ssh", timeout_seconds=5, cap_bytes=4096)
        socket.unlink(missing_ok=True)
