"""How does a credential lie between its making and its one claim?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from provisioner.digests import Value

#: begins the code of an alarm that a claim raised, and no measuring
OF_CLAIM = "claim:"


class SecretState(StrEnum):
    """A secret's life: made with the intent, claimable after verification, then claimed or destroyed (law 8)."""

    MADE = "made"
    CLAIMABLE = "claimable"
    CLAIMED = "claimed"
    DESTROYED = "destroyed"


def earlier(name: str) -> str:
    """Return under which name a trial is given the secret that a run replaces: 'earlier_sftp_password'."""
    return f"earlier_{name}"


@dataclass(frozen=True, kw_only=True)
class SealedSecret:
    """One credential, sealed; `sealed` is empty once it was claimed or destroyed.

    `name` 'sftp_password'; `label` Indonesian; `user` the login it belongs to; `use` where it is used, e.g.
    {"host": "web1.kota.lab", "port": 22}; `version` is in the object's mark; `key_id` names the sealing key.
    """

    id: str
    item_id: str
    run_id: str
    name: str
    label: str
    user: str
    use: Mapping[str, Value]
    version: int
    key_id: str
    sealed: bytes
    state: SecretState
    claimable_at: datetime | None
    claimed_at: datetime | None
    claimed_by: str | None
    expires_at: datetime | None

    @property
    def alarm_code(self) -> str:
        """Name the item's alarm when this is claimed again: 'claim:sftp_password'; its next version ends the alarm."""
        return f"{OF_CLAIM}{self.name}"
