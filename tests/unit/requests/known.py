"""What is known to the rules in these tests? An invented office's zone and OPD."""

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import Any

from provisioner.requests.document import read_document
from provisioner.requests.fields import Known

KNOWN = Known(
    opd_codes=frozenset({"DINCONTOH", "BADANREKA"}),
    zone="kota.lab",
    reserved_labels=frozenset({"web1"}),
    today=date(2026, 11, 21),
)
EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "hosting.yml"


def example() -> dict[str, Any]:
    """The example request as data, a fresh copy."""
    return copy.deepcopy(read_document(EXAMPLE.read_bytes(), "application/yaml"))
