"""What is one property of a system, and how is a change of it taken back?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Undo(StrEnum):
    """How a change is taken back: we made it, before is kept, it stays for all who share it, or it cannot be."""

    REMOVE = "remove"
    RESTORE = "restore"
    KEEP = "keep"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Property:
    """A row of a system's property table.

    `creation` is Undo.NONE for what nobody can take back once it is there (a mail that was sent). `removal` says what
    taking the value away costs: Undo.NONE for data that is gone (a database, a site's files);
    `replacement` the same for another value in its place: Undo.NONE for a password that nobody can put back.
    `is_ensured`: many items share it and it does nothing by itself (a group, a rule for its members), so that a plan
    names it whether or not it stands there already, and an undo leaves it. `label` is Indonesian, for the plan page.
    """

    name: str
    label: str
    creation: Undo = Undo.REMOVE
    removal: Undo = Undo.RESTORE
    replacement: Undo = Undo.RESTORE
    is_ensured: bool = False

    def undo_of(self, before: object, after: object) -> Undo:
        """Say how before -> after is undone, as the table says."""
        if before is None:
            return Undo.KEEP if self.is_ensured else self.creation
        return self.removal if after is None else self.replacement
