"""Which duty does the task gerbang_database do? duties/database.py, on its host."""

import sys
from pathlib import Path

if (playbooks := str(Path(__file__).resolve().parents[1])) not in sys.path:
    sys.path.insert(0, playbooks)  # Ansible loads a plugin by its path: what ours share lies in playbooks/errand

from errand.host_duty import HostDuty


class ActionModule(HostDuty):
    """Found by Ansible under this name."""

    duty = "database"
    secret_names = ("database_password", "database_probe")
