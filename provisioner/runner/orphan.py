"""Is a duty that an earlier worker left running on a host still at it?"""

from __future__ import annotations

import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from typing import Any

from provisioner.errors import Unreachable
from provisioner.facts.estate import Estate
from provisioner.runner.environment import environment
from provisioner.runner.service_lock import service_is_free

LOCK = "/run/lock/gerbang.lock"
WAITING_SECONDS = 60
CONNECTING_SECONDS = 15
ANSWER_SECONDS = WAITING_SECONDS + 2 * CONNECTING_SECONDS
HELD, SSH_FAILED = 1, 255


def host_is_free(host: str, estate: Estate) -> bool:
    """Wait at most 60 s for the host's lock, which an orphan holds until it ends; False where it is held still.

    A server that is called from here has its lock here. Unreachable where the host does not answer. The connection
    stays warm for the run that follows (ControlPersist).
    """
    if host not in estate.hosts:
        raise Unreachable("the inventory does not name it.", host, "Write it into the inventory.")
    variables = estate.hosts[host].variables
    if variables.get("ansible_connection") == "local":
        return service_is_free(host, variables)
    lock = f"{become(variables)}flock --timeout {WAITING_SECONDS} {LOCK} true"
    code, said = _ended([*ssh_argv(variables, host), lock], host)
    if code in (0, HELD):
        return code == 0
    mend = "Check that sshd runs and the worker's key is known there." if code == SSH_FAILED else "Look at it."
    raise Unreachable(f"flock ended with {code}: {said.strip()[-300:]}", host, mend)


def _ended(argv: list[str], host: str) -> tuple[int, str]:
    """Run it; return code and stderr. Into a file: the warm connection left behind would hold a pipe open."""
    with tempfile.TemporaryFile() as said:
        try:
            done = subprocess.run(
                argv,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                timeout=ANSWER_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Unreachable(f"no answer within {ANSWER_SECONDS} s.", host, "Look at it.") from None
        said.seek(0)
        return done.returncode, said.read().decode(errors="replace")


def ssh_argv(variables: Mapping[str, Any], host: str) -> list[str]:
    """The ssh command as Ansible would build it from the same inventory variables (ansible.builtin.ssh)."""
    argv = ["ssh", *shlex.split(str(variables.get("ansible_ssh_args", "")))]
    argv += shlex.split(str(variables.get("ansible_ssh_common_args", "")))
    argv += ["-o", "BatchMode=yes", "-o", f"ConnectTimeout={CONNECTING_SECONDS}", "-o", "ServerAliveInterval=5"]
    if "ansible_ssh_private_key_file" in variables:
        argv += ["-o", f'IdentityFile="{variables["ansible_ssh_private_key_file"]}"']
    if "ansible_port" in variables:
        argv += ["-o", f"Port={int(variables['ansible_port'])}"]
    if "ansible_user" in variables:
        argv += ["-o", f'User="{variables["ansible_user"]}"']
    return [*argv, "--", str(variables.get("ansible_host", host))]


def become(variables: Mapping[str, Any]) -> str:
    """'sudo -n ' where the inventory says that we are not root there."""
    return "sudo -n " if variables.get("ansible_become") in (True, "true", "yes") else ""
