"""Which duty does the task gerbang_cloud_account do? Accounts, on the cloud server."""

import sys
from pathlib import Path

if (playbooks := str(Path(__file__).resolve().parents[1])) not in sys.path:
    sys.path.insert(0, playbooks)  # Ansible loads a plugin by its path: what ours share lies in playbooks/errand

from errand.cloud_account import CloudAccountDuty


class ActionModule(CloudAccountDuty):
    """Found by Ansible under this name."""

    duty = "cloud_account"
