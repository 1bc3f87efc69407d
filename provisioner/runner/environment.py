"""What may a child process of the runner know of us? An allow-list, never our own environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PLAYBOOKS = PROJECT / "playbooks"
BIN = Path(sys.executable).parent
PASSED_ON = ("GERBANG_LAB_JSON", "TZ")  # where an inventory script finds the lab; the clock's zone in messages


def environment() -> dict[str, str]:
    """Return the few words that Ansible, ssh and an inventory script need."""
    return {
        "PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin",
        "HOME": "/nonexistent",
        "LANG": "C.UTF-8",
        "ANSIBLE_CONFIG": str(PLAYBOOKS / "ansible.cfg"),
        "ANSIBLE_HOST_KEY_CHECKING": "True",
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_HOME": "/dev/shm/gerbang-ansible-home",  # noqa: S108 - nothing is read from it; it must not be ~/.ansible
        **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
    }
