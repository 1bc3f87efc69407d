"""What is asked, by which office, in which letter, for which lines?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from provisioner.digests import Value


class RequestState(StrEnum):
    """A request's state beside its procedure's step (design.md section 6)."""

    DRAFT = "draft"
    OPEN = "open"
    WAITING_FOR_OPD = "waiting_for_opd"
    DECIDED = "decided"
    RUNNING = "running"
    DELIVERED = "delivered"
    CLOSED = "closed"
    FAILED = "failed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class LineState(StrEnum):
    """A line's state (design.md section 6)."""

    OPEN = "open"
    DECIDED = "decided"
    RUNNING = "running"
    DELIVERED = "delivered"
    FAILED = "failed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """The request letter: number '067/123/DISDIK/XI/2026', its date, its subject."""

    number: str
    date: date
    subject: str


@dataclass(frozen=True, kw_only=True)
class AdministrativePerson:
    """Who answers for the request: always ASN."""

    name: str
    nip: str
    position: str
    email: str
    phone: str


@dataclass(frozen=True, kw_only=True)
class TechnicalPerson:
    """Who works with the item. `employment` 'asn' has `nip`, 'non_asn' a contract's number and end; never a NIK."""

    name: str
    employment: str
    nip: str | None
    contract_number: str | None
    contract_end: date | None
    position: str
    email: str
    phone: str


@dataclass(frozen=True, kw_only=True)
class DraftLine:
    """One wished thing: kind 'hosting', verb 'create' with its wish, or a verb on `item_id` with an empty wish.

    `technical`: who will work with it, None where the letter's technical person will.
    """

    kind: str
    verb: str
    item_id: str | None
    wish: Mapping[str, Value]
    technical: TechnicalPerson | None = None

    def as_data(self) -> dict[str, Value]:
        """Return it as JSON data; a person of its own only where it names one."""
        own = {} if self.technical is None else {"technical": _data(self.technical)}
        return {"kind": self.kind, "verb": self.verb, "item_id": self.item_id, "wish": dict(self.wish), **own}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> DraftLine:
        """Read what `as_data` wrote; TypeError where a key is missing."""
        own = data.get("technical")
        return cls(**{**data, "technical": None if own is None else TechnicalPerson(**_dated(own))})


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A request as parsed, every field allowed. `procedure`: the one named, None for the office's own of the kind."""

    opd: str
    letter: Letter
    administrative: AdministrativePerson
    technical: TechnicalPerson
    application_name: str
    procedure: str | None
    lines: tuple[DraftLine, ...]

    @property
    def named_technical(self) -> Mapping[str, TechnicalPerson]:
        """Return who is named to work with something, by place: {'technical': ..., 'lines[1].technical': ...}."""
        own = {f"lines[{at}].technical": line.technical for at, line in enumerate(self.lines) if line.technical}
        return {"technical": self.technical, **own}

    def as_data(self) -> dict[str, Value]:
        """Return it as JSON data; dates as '2026-11-21'."""
        return {
            "opd": self.opd,
            "letter": _data(self.letter),
            "administrative": _data(self.administrative),
            "technical": _data(self.technical),
            "application_name": self.application_name,
            "procedure": self.procedure,
            "lines": [line.as_data() for line in self.lines],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Draft:
        """Read what `as_data` wrote; KeyError where a key is missing."""
        return cls(
            opd=data["opd"],
            letter=Letter(**_dated(data["letter"])),
            administrative=AdministrativePerson(**data["administrative"]),
            technical=TechnicalPerson(**_dated(data["technical"])),
            application_name=data["application_name"],
            procedure=data["procedure"],
            lines=tuple(DraftLine.from_data(line) for line in data["lines"]),
        )


def _data(thing: object) -> dict[str, Value]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in vars(thing).items()}


def _dated(data: Mapping[str, Any]) -> dict[str, Any]:
    return {k: date.fromisoformat(v) if k in ("date", "contract_end") and v else v for k, v in data.items()}
