"""Who is this person, in which position, with which rights?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Right(StrEnum):
    """What a person may do in the gate; a step asks for a position and a right."""

    SUBMIT = "submit"
    REGISTER = "register"
    DISPOSE = "dispose"
    REVIEW = "review"
    DECIDE = "decide"
    FOLLOW_UP = "follow_up"
    AUDIT = "audit"
    ADMINISTER = "administer"


@dataclass(frozen=True, kw_only=True)
class Position:
    """A dated position: actor 'head_of_applications' of procedures.yaml.

    `opd` 'DISDIK' on the OPD's side, else None.
    """

    actor: str
    opd: str | None
    title: str
    since: date
    until: date | None

    def held_on(self, day: date) -> bool:
        """Tell whether the position was held on `day`, both ends included."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, kw_only=True)
class Person:
    """One person, whatever logins there are. `employment` 'asn' has a NIP; 'non_asn' a contract number and its end."""

    id: str
    name: str
    nip: str | None
    employment: str
    contract_number: str | None
    contract_end: date | None
    email: str
    phone: str
    rights: frozenset[Right]
    positions: tuple[Position, ...]

    def may(self, right: Right) -> bool:
        """Tell whether the person has the right."""
        return right in self.rights

    def positions_on(self, day: date) -> tuple[Position, ...]:
        """Return the positions held on `day`."""
        return tuple(position for position in self.positions if position.held_on(day))

    def opds_on(self, day: date) -> frozenset[str]:
        """Return the OPD the person belongs to on `day`."""
        return frozenset(position.opd for position in self.positions_on(day) if position.opd)

    def acts_for_provider_on(self, day: date) -> bool:
        """Tell whether the person holds a position of the providing office: such a person sees every OPD."""
        return any(position.opd is None for position in self.positions_on(day))

    def access_ended_on(self, day: date) -> bool:
        """Tell whether a contract's end has passed: access ends by itself."""
        return self.contract_end is not None and day > self.contract_end
