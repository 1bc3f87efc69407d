"""What of the changes is left to do, and what stands at a value that nobody planned?"""

from __future__ import annotations

from typing import Any

from errand.errand import Data
from provisioner.plans.change import Change

Seen = dict[tuple[str, str], Any]  # (target, property) -> value; what is missing is absent


def sort_out(changes: list[Data], seen: Seen) -> tuple[list[Data], list[Data]]:
    """Return (to do, foreign): what stands at before, or half-way to after; and what stands at a third value."""
    to_do, foreign = [], []
    for change in changes:
        value = seen.get((change["target"], change["property"]))
        if value == change["after"]:
            continue
        if Change.from_data(change).explains(value):
            to_do.append(change)
        else:
            foreign.append(spot_of(change) | {"seen": value})
    return to_do, foreign


def spot_of(change: Data) -> Data:
    """Where a change happens."""
    return {key: change[key] for key in ("system", "target", "property")}


def foreign_answer(foreign: list[Data]) -> Data:
    """The answer that names every third value."""
    spots = ", ".join(f"{spot['target']} {spot['property']}" for spot in foreign)
    return {"failed": True, "foreign": foreign, "msg": f"{spots}: stands at a third value; nothing was touched."}
