"""What does a press do that is none? It gives the sheet's words as bytes: for tests that fork, which typst cannot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.digests import canonical_json


def set_sheet(sheet: Mapping[str, Any]) -> bytes:
    """Return bytes that follow from the sheet alone, as the real press does."""
    return b"%PDF-rekaan " + canonical_json(dict(sheet)).encode()
