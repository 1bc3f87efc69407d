"""Which warm SSH connections lead into the lab, and how do they end? They are processes of the lab too."""

import hashlib
import socket
from pathlib import Path

from lab.commands import succeeds
from lab.hosts import HOSTS
from lab.instance import Instance

USERS = ("root", "gerbang-look")


def folder(instance: Instance) -> Path:
    """Where Ansible and the probe keep their control sockets; ssh puts the connection's hash into the name."""
    return instance.state / "ssh"


def end(instance: Instance, names: list[str] | None = None) -> None:
    """End the connections to these hosts, or all; the others' may be carrying a run."""
    wanted = [connection_hash(instance, name, user) for name in names or [] for user in USERS]
    for control in folder(instance).glob("*"):
        if names is None or any(control.name.endswith(digest) for digest in wanted):
            succeeds(["ssh", "-F", "none", "-o", f"ControlPath={control}", "-O", "exit", "lab"])
            control.unlink(missing_ok=True)


def connection_hash(instance: Instance, name: str, user: str) -> str:
    """What ssh writes for %C: the hash of %l%h%p%r%j (ssh_config(5), TOKENS)."""
    words = (socket.gethostname(), instance.address(HOSTS[name].octet), "22", user)
    return hashlib.sha1("".join(words).encode(), usedforsecurity=False).hexdigest()
