"""What stands there, in which state, and what can be done with it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from provisioner.digests import Value


class ItemState(StrEnum):
    """design.md section 6."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDING = "ending"
    TERMINATED = "terminated"


class Verb(StrEnum):
    """What can be asked of an item; every kind answers for each (law 7)."""

    CREATE = "create"
    CHANGE = "change"
    SUSPEND = "suspend"
    RESUME = "resume"
    ROTATE = "rotate"
    TRANSFER = "transfer"
    APPOINT = "appoint"
    RENEW = "renew"
    ADOPT = "adopt"
    REPAIR = "repair"
    TERMINATE = "terminate"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One delivered thing (ITIL: configuration item). `label` is what people call it: 'simpeg.kota.lab'."""

    id: str
    kind: str
    opd: str
    label: str
    state: ItemState
    wish: Mapping[str, Any]
    choices: Mapping[str, Value]
    line_id: str
    technical_person_id: str | None
    ending_until: datetime | None
    delivered_at: datetime
    receipt_sha256: str | None
