"""Which duty does the task gerbang_account do? duties/account.py, on its host."""

import sys
from pathlib import Path

if (playbooks := str(Path(__file__).resolve().parents[1])) not in sys.path:
    sys.path.insert(0, playbooks)  # Ansible loads a plugin by its path: what ours share lies in playbooks/errand

from errand.host_duty import HostDuty


class ActionModule(HostDuty):
    """Found by Ansible under this name."""

    duty = "account"
    secret_names = ("sftp_password", "sftp_probe")
