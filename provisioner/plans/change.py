"""What is one change?"""

from __future__ import annotations

import builtins
from dataclasses import dataclass

from provisioner.digests import Value
from provisioner.facts.observation import Spot
from provisioner.facts.property import Undo


@dataclass(frozen=True, kw_only=True)
class Change:
    """One property goes from `before` to `after` (None: absent).

    For a file both are {"text": "...", "owner": "root", "group": "root", "mode": "0644"}. A secret is never in here,
    only its version in a mark.
    """

    system: str
    target: str
    property: str
    before: Value
    after: Value
    undo: Undo

    @builtins.property  # our own field of that name shadows it here
    def spot(self) -> Spot:
        """Where it happens."""
        return Spot(system=self.system, target=self.target, property=self.property)

    def reversed(self) -> Change:
        """Return the change that takes this one back; its own undo is to restore."""
        return Change(
            system=self.system,
            target=self.target,
            property=self.property,
            before=self.after,
            after=self.before,
            undo=Undo.RESTORE if self.before is not None else Undo.NONE,
        )

    def as_data(self) -> dict[str, Value]:
        """Return it as JSON data, the words used in rows, variables and answers alike."""
        return {
            "system": self.system,
            "target": self.target,
            "property": self.property,
            "before": self.before,
            "after": self.after,
            "undo": self.undo.value,
        }

    @classmethod
    def from_data(cls, data: dict[str, Value]) -> Change:
        """Read what `as_data` wrote; KeyError where a key is missing."""
        return cls(
            system=str(data["system"]),
            target=str(data["target"]),
            property=str(data["property"]),
            before=data["before"],
            after=data["after"],
            undo=Undo(str(data["undo"])),
        )
