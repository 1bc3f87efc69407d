"""What holds an account to its traffic, and what is said where nothing does? Never silence (R-DC3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NOT_ENFORCED = "tidak ditegakkan: "
_NOBODY = f"{NOT_ENFORCED}Nextcloud tidak membatasi laju tiap akun, dan di depan server ini tidak ada proksi pembatas"


def enforced_by(variables: Mapping[str, Any]) -> str:
    """Return what limits the rate in front of the server, '' where nothing does."""
    del variables  # a driver in the inventory is heeded once a proxy of that sort can be written
    return ""


def said(choices: Mapping[str, Any]) -> str:
    """Say what holds the account to its traffic."""
    by = str(choices["traffic_enforced_by"])
    return f"dibatasi {by}" if by else _NOBODY
