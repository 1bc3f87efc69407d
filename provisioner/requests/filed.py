"""What do we keep of a request?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from provisioner.requests.request import LineState, RequestState


@dataclass(frozen=True, kw_only=True)
class Line:
    """One wished thing. `item_id` is drawn at the first look (create) or named by the request (other verbs).

    `wish` is the version that counts now. `technical_person_id`: who will work with it, None where the letter's
    technical person will; what the letter says of them stands with the request, where it can be erased.
    """

    id: str
    request_id: str
    number: int
    kind: str
    verb: str
    state: LineState
    item_id: str | None
    wish: Mapping[str, Any]
    wish_version: int
    plan_id: str | None
    run_id: str | None
    technical_person_id: str | None = None

    def as_document(self) -> dict[str, Any]:
        """Write it as a line of a document: {'kind': 'hosting', 'verb': 'create', 'sub_domain': 'simpeg', ...}.

        Nulls are left out, but of a change, which asks by them for a removal.
        """
        item = {"item": self.item_id} if self.verb != "create" else {}
        return {
            "kind": self.kind,
            "verb": self.verb,
            **item,
            **(self.wish if self.verb == "change" else _without_nulls(self.wish)),
        }


@dataclass(frozen=True, kw_only=True)
class FiledRequest:
    """A request as it stands. `step` is the step at hand ('' when ended) of the procedure's version `procedure_sha256`;

    `number` the receipt, '2026-0001'.

    `requester_id` is the person who asked; `recorder_id` who typed an OPD's paper letter, if another did.
    `authors` are all persons who wrote a version of the wish as asked, `proposers` who proposed to grant another, also
    where the proposal was withdrawn. `received_sha256` is of the bytes as received. `technical_of_lines`: line's number
    -> the technical person of its own that the letter names; persons are {} once they are erased.
    """

    id: str
    number: str
    opd: str
    application_name: str
    state: RequestState
    procedure_id: str
    procedure_sha256: str
    step: str
    requester_id: str
    recorder_id: str | None
    authors: frozenset[str]
    proposers: frozenset[str]
    letter: Mapping[str, str]
    administrative: Mapping[str, Any]
    technical: Mapping[str, Any]
    technical_person_id: str | None
    version: int
    received_sha256: str
    submitted_at: datetime
    lines: tuple[Line, ...]
    technical_of_lines: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def named_technical(self) -> frozenset[str]:
        """Return the ids of all who are named to work with what it asks."""
        named = (self.technical_person_id, *(line.technical_person_id for line in self.lines))
        return frozenset(person_id for person_id in named if person_id is not None)

    def appointed_to(self, line: Line) -> str | None:
        """Return who will work with what the line asks, or does already: its own person, else the letter's."""
        return line.technical_person_id or self.technical_person_id

    def technical_of(self, line: Line) -> Mapping[str, Any]:
        """Return what the letter says of that person, {} once it is erased."""
        return self.technical if line.technical_person_id is None else self.technical_of_lines.get(line.number, {})

    def names_by_line(self) -> Mapping[int, str]:
        """Return who will work with each line, by its number; {} where the letter's person does with all."""
        if all(line.technical_person_id is None for line in self.lines):
            return {}
        return {line.number: str(self.technical_of(line).get("name", "")) for line in self.lines}

    def for_lines_of(self, person_id: str) -> FiledRequest | None:
        """Return it with no more than the lines that name this person as their own; None where there is none."""
        lines = tuple(line for line in self.lines if line.technical_person_id == person_id)
        numbers = {line.number for line in lines}
        named = {number: one for number, one in self.technical_of_lines.items() if number in numbers}
        return replace(self, lines=lines, technical_of_lines=named) if lines else None

    def as_document(self) -> dict[str, Any]:
        """Write it as the document that the parser reads as the same: nulls that say nothing are left out."""
        document = {
            "opd": self.opd,
            "letter": self.letter,
            "administrative": self.administrative,
            "technical": self.technical,
            "application_name": self.application_name,
            "lines": [{**line.as_document(), **self._own_technical(line)} for line in self.lines],
        }
        return {name: _without_nulls(value) for name, value in document.items()}

    def _own_technical(self, line: Line) -> dict[str, Any]:
        own = self.technical_of_lines.get(line.number)
        return {"technical": _without_nulls(own)} if own else {}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: inner for name, inner in value.items() if inner is not None}
    return value
