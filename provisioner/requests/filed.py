"""What do we keep of a request?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from provisioner.requests.request import LineState, RequestState


@dataclass(frozen=True, kw_only=True)
class Line:
    """One wished thing. `item_id` is drawn at the first look (create) or named by the request (other verbs).

    `wish` is the version that counts now; `opened_at` starts the hold's clock.
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

    def as_document(self) -> dict[str, Any]:
        """Write it as a line of a document: {'kind': 'hosting', 'verb': 'create', 'sub_domain': 'simpeg', ...}."""
        item = {"item": self.item_id} if self.verb != "create" else {}
        return {"kind": self.kind, "verb": self.verb, **item, **_without_nulls(self.wish)}


@dataclass(frozen=True, kw_only=True)
class FiledRequest:
    """A request as it stands. `step` is the step at hand ('' when ended) of the procedure's version `procedure_sha256`;

    `number` the receipt, '2026-0001'.

    `requester_id` is the person who asked; `recorder_id` who typed an OPD's paper letter, if another did.
    `authors` are all persons who wrote a version of the wish as asked, `proposers` who proposed to grant another, also
    where the proposal was withdrawn. `received_sha256` is of the bytes as received.
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

    def as_document(self) -> dict[str, Any]:
        """Write it as the document that the parser reads as the same: nulls are left out."""
        document = {
            "opd": self.opd,
            "letter": self.letter,
            "administrative": self.administrative,
            "technical": self.technical,
            "application_name": self.application_name,
            "lines": [line.as_document() for line in self.lines],
        }
        return {name: _without_nulls(value) for name, value in document.items()}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: inner for name, inner in value.items() if inner is not None}
    return value
