"""Which duty does the task gerbang_challenge do? Record sets, from the controller."""

import sys
from pathlib import Path

if (playbooks := str(Path(__file__).resolve().parents[1])) not in sys.path:
    sys.path.insert(0, playbooks)  # Ansible loads a plugin by its path: what ours share lies in playbooks/errand

from errand.zone_duty import ZoneDuty


class ActionModule(ZoneDuty):
    """Found by Ansible under this name."""

    duty = "challenge"
