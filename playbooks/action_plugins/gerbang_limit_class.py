"""Which duty does the task gerbang_limit_class do? Groups with the rules of a limit class, on the cloud server."""

import sys
from pathlib import Path

if (playbooks := str(Path(__file__).resolve().parents[1])) not in sys.path:
    sys.path.insert(0, playbooks)  # Ansible loads a plugin by its path: what ours share lies in playbooks/errand

from errand.limit_class import LimitClassDuty


class ActionModule(LimitClassDuty):
    """Found by Ansible under this name."""

    duty = "limit_class"
