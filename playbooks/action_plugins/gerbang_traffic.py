"""Which duty does the task gerbang_traffic do? duties/traffic.py, on the proxy, for all runs of the call."""

import sys
from pathlib import Path

if (playbooks := str(Path(__file__).resolve().parents[1])) not in sys.path:
    sys.path.insert(0, playbooks)  # Ansible loads a plugin by its path: what ours share lies in playbooks/errand

from errand.shared_host_duty import SharedHostDuty


class ActionModule(SharedHostDuty):
    """Found by Ansible under this name."""

    duty = "traffic"
