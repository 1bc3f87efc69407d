"""How far did the look for a line's plan get, and who asked for it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from provisioner.plans.plan import Plan, PlanState, Reason


@dataclass(frozen=True, kw_only=True)
class PlanBrief:
    """How one plan stands, for a list of many: its state, its digest ('' before there is one), why it cannot be."""

    id: str
    state: PlanState
    digest: str
    reasons: tuple[Reason, ...]
    looked_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class PlanRecord:
    """One look's record. `plan` stands from 'current' on; `reasons` say why it is impossible or unreachable.

    `asked_by` is a person's id, None where the procedure asked. `wishes`: 'look again with host = web2'. `moved`: for a
    stale plan, what moved, in words: ('web1 apache vhost g7kq2mx4pd',).
    """

    id: str
    line_id: str
    state: PlanState
    plan: Plan | None
    reasons: tuple[Reason, ...]
    asked_by: str | None
    asked_reason: str
    wishes: Mapping[str, str]
    asked_at: datetime
    looked_at: datetime | None
    moved: tuple[str, ...]
