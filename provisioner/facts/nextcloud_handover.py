"""How does the person of a new account come by its password, as the office has set it for a server?

Inventory variables of the server: `nextcloud_handover` 'claim' (default: once, through the gate) or 'link' (the server
mails a link that sets one), and for 'link' `nextcloud_waiting_email`: an address of the office that takes what the
server mails at creation, when nothing is proved yet, and throws it away.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CLAIM, LINK = "claim", "link"
SETTING = "/apps/provisioning_api/api/v1/config/apps/core/newUser.sendEmail"
_ADDRESS = re.compile(r"[a-z0-9][a-z0-9._+-]{0,63}@[a-z0-9-]+(\.[a-z0-9-]+)+", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong in the inventory, and how to mend it; Indonesian."""

    what: str
    mend: str


def mode_of(variables: Mapping[str, Any]) -> str:
    """Return what the inventory says: 'claim' where it says nothing; what it says wrongly as it stands."""
    return str(variables.get("nextcloud_handover") or CLAIM)


def waiting_email(variables: Mapping[str, Any]) -> str:
    """Return the address that takes what is mailed at creation, as the server keeps it; '' where none is set."""
    return str(variables.get("nextcloud_waiting_email") or "").strip().lower()


def faults(variables: Mapping[str, Any]) -> tuple[Fault, ...]:
    """Say what of it cannot be used; empty where all can."""
    mode, address = mode_of(variables), waiting_email(variables)
    if mode not in {CLAIM, LINK}:
        return (Fault(what=f"nextcloud_handover {mode!a:.40} tidak dikenal", mend="tulis claim atau link"),)
    if mode == CLAIM or _ADDRESS.fullmatch(address):
        return ()
    said = f"{address!a:.80} bukan alamat surel" if address else "belum ditulis"
    mend = "tulis alamat kantor yang menampung surel server saat akun dibuat, atau nextcloud_handover: claim"
    return (Fault(what=f"nextcloud_waiting_email {said}, padahal nextcloud_handover: link", mend=mend),)


def is_mailing(data: Any) -> bool:
    """Read what GET `SETTING` gave: whether the server mails whoever is created with an address. Unset means yes."""
    return isinstance(data, dict) and data.get("data") in {"", "yes"}
