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

    def is_half_way(self, value: Value) -> bool:
        """Say whether a list has begun to change: no other member came meanwhile, and none that stays went."""
        was, now, then = (_members(one) for one in (self.before, value, self.after))
        if was is None or now is None or then is None or value in (self.before, self.after):
            return False
        return was & then <= now <= was | then

    def explains(self, value: Value) -> bool:
        """Say whether the value can be the work of this change, done, begun or not begun."""
        return value in (self.before, self.after) or self.is_half_way(value)

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


def _members(value: Value) -> frozenset[str] | None:
    """The members of a list of texts, none where there is no value; None where the value is no such list."""
    if value is None:
        return frozenset()
    if not isinstance(value, list) or not all(isinstance(member, str) for member in value):
        return None
    return frozenset(value)
