"""How do tests run site.yml? As an office would, against the lab's inventory."""

import os
import re
import subprocess
from dataclasses import dataclass

from lab.instance import Instance
from lab.preparation import ansible_playbook


@dataclass(frozen=True, kw_only=True)
class SiteRun:
    """What a run of site.yml ended with: its exit code, all it said, and what it counted for each host."""

    returncode: int
    output: str

    def count(self, host: str, word: str) -> int:
        """`count("web1", "changed")` from the recap; -1 where the host is not in it."""
        found = re.search(rf"^{host} .*\b{word}=(\d+)", self.output, re.MULTILINE)
        return int(found[1]) if found else -1


def run_site(instance: Instance, *options: str) -> SiteRun:
    """Run site.yml with more options, as in `run_site(instance, "--limit", "web1")`."""
    playbooks = instance.checkout / "playbooks"
    program = ansible_playbook(instance)
    done = subprocess.run(
        [program, "-i", instance.checkout / "inventories/lab/hosts.py", playbooks / "site.yml", *options],
        cwd=playbooks,
        env={
            **os.environ,
            "ANSIBLE_CONFIG": str(playbooks / "ansible.cfg"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCAL_TEMP": str(instance.state / "ansible"),
            "PATH": f"{program.parent}:{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return SiteRun(returncode=done.returncode, output=done.stdout + done.stderr)
