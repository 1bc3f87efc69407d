"""What can go wrong, and how is it said? One tree, drawn here; the engine knows no HTTP.

    GerbangError                  what happened, where, how to mend it
    +-- BadInput                  every fault of a request at once (law 12)
    +-- NotFound                  no such thing, or not one this person may see
    +-- NotAllowed                this person may not do this, and why
    +-- Refused                   the state of things forbids it (409): digest differs, step not at hand, hold gone
    |   +-- RefusedLines          the same of several lines at once, each with what forbids it
    |   +-- Gone                  it was there once, was handed over, and is no more (410)
    +-- Repeated                  this very act was done already; what the first was answered is given again
    +-- Unavailable               a part of ours is missing for now (503): key store, database, queue
    +-- Unreachable               a target gave no answer; "no answer" is never "not there"
    +-- Foreign                   an object of that name exists and does not bear our mark
    +-- ForeignChange             a property stands at neither before nor after
    +-- Unknown                   we lost sight of an act; never retried blindly

Arguments stay positional so that an error survives the queue.
"""

from __future__ import annotations

from dataclasses import dataclass


class GerbangError(Exception):
    """Base of all: `what` happened, `where`, and how to `mend` it."""

    def __init__(self, what: str, where: str = "", mend: str = "") -> None:
        super().__init__(what, where, mend)
        self.what, self.where, self.mend = what, where, mend

    def __str__(self) -> str:
        """One line: `web1: no answer within 10 s. Check that sshd runs there.`"""
        return (f"{self.where}: " if self.where else "") + self.what + (f" {self.mend}" if self.mend else "")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing wrong with one field: where ('lines[0].sub_domain'), the value seen, how to mend it (Indonesian)."""

    where: str
    seen: str
    what: str
    mend: str


class BadInput(GerbangError):
    """All faults of one input, never just the first."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(f"{len(faults)} kesalahan pada isian", faults[0].where if faults else "", "")
        self.faults = faults

    def __reduce__(self) -> tuple[type[BadInput], tuple[tuple[Fault, ...]]]:
        """Pickle calls cls(*args); ours takes the faults alone."""
        return (type(self), (self.faults,))


class NotFound(GerbangError):
    """No such thing for this person: absent, or of another OPD."""


class NotAllowed(GerbangError):
    """The person lacks the right, the position, or is the wrong one of four eyes."""


class Refused(GerbangError):
    """The state of things forbids it now; nothing was changed."""


class RefusedLines(Refused):
    """Several lines of one request at once, none of which was done: `faults` say what forbids it, line by line."""

    def __init__(self, what: str, where: str, mend: str, faults: tuple[Fault, ...]) -> None:
        super().__init__(what, where, mend)
        self.faults = faults

    def __reduce__(self) -> tuple[type[RefusedLines], tuple[str, str, str, tuple[Fault, ...]]]:
        """Pickle calls cls(*args); ours takes the faults too."""
        return (type(self), (self.what, self.where, self.mend, self.faults))


class Gone(Refused):
    """It was handed over once and is no more; nobody gets it again."""


class Repeated(GerbangError):
    """The same person sent this very act before, and it was done then; nothing was done now."""


class Unavailable(GerbangError):
    """Something of ours is not at hand; nothing was consumed, try again."""


class Unreachable(GerbangError):
    """A target did not answer, or answered what cannot be read."""


class Foreign(GerbangError):
    """An object in our way was made by others; it was not touched."""


class ForeignChange(GerbangError):
    """A property stands at a third value, neither what was planned from nor what was planned to."""


class Unknown(GerbangError):
    """An outside act may or may not have happened."""
