"""What is one property of a system, and how is a change of it taken back?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Undo(StrEnum):
    """How a change is taken back: we made it, before is kept, or it cannot be."""

    REMOVE = "remove"
    RESTORE = "restore"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Property:
    """A row of a system's property table.

    `removal` says what taking the value away costs: Undo.NONE for data that is gone (a database, a site's files).
    `label` is Indonesian, for the plan page.
    """

    name: str
    label: str
    removal: Undo = Undo.RESTORE

    def undo_of(self, before: object, after: object) -> Undo:
        """Say how before -> after is undone: creation by remove, change by restore, removal as the table says."""
        if before is None:
            return Undo.REMOVE
        return self.removal if after is None else Undo.RESTORE
