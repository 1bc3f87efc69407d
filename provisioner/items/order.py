"""What does a runner need to do one run's part for one item, and whom does it tell?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from provisioner.items.sealed_secret import SealedSecret
from provisioner.plans.plan import Part
from provisioner.runs.part_result import TaskResult


@dataclass(frozen=True, kw_only=True)
class Order:
    """One run's part, with its secrets as they are kept: sealed.

    `told` gets redacted lines (task, text), `finished` each task's result as it ends; `cancelled` is asked between two
    tasks. Orders that share a call have the same playbook, play and --limit.
    """

    part: Part
    run_id: str
    item_id: str
    sealed: tuple[SealedSecret, ...]
    told: Callable[[str, str], None]
    finished: Callable[[TaskResult], None]
    cancelled: Callable[[], bool]
