"""How does a lab host become a prepared one? Through the same site.yml that prepares production hosts."""

import os
import shutil
import subprocess
from pathlib import Path

from lab.commands import LabError
from lab.description import path as description_path
from lab.instance import Instance

SHOWN_LINES = 60


def ansible_playbook(instance: Instance) -> Path:
    """The checkout's own ansible-playbook, else the one on PATH."""
    own = instance.checkout / "var" / "cache" / "venv" / "bin" / "ansible-playbook"
    found = str(own) if own.exists() else shutil.which("ansible-playbook")
    if found is None:
        raise LabError(f"{own} is missing and no ansible-playbook is on PATH: run `make setup` first")
    return Path(found)


def prepare(instance: Instance, hosts: list[str]) -> None:
    """Run site.yml on these hosts; its whole output is kept in the lab's state folder and its end shown on failure."""
    program = ansible_playbook(instance)
    playbooks = instance.checkout / "playbooks"
    inventory = instance.checkout / "inventories" / "lab" / "hosts.py"
    environment = {
        **os.environ,
        "ANSIBLE_CONFIG": str(playbooks / "ansible.cfg"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_LOCAL_TEMP": str(instance.state / "ansible"),
        "GERBANG_LAB_JSON": str(description_path(instance)),
        "PATH": f"{program.parent}:{os.environ['PATH']}",
    }
    log = instance.state / "site.log"
    with log.open("wb") as output:
        argv: list[str | Path] = [program, "-i", inventory, "--limit", ",".join(hosts), playbooks / "site.yml"]
        done = subprocess.run(argv, stdout=output, stderr=output, env=environment, cwd=playbooks, check=False)
    if done.returncode != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-SHOWN_LINES:])
        raise LabError(f"site.yml did not prepare {', '.join(hosts)} (all of its output: {log}):\n{tail}")
