"""Who is named in a request and not known yet? A person without right and without login."""

from __future__ import annotations

from datetime import date

from provisioner.names import draw_id
from provisioner.people.person import Person, Position
from provisioner.requests.request import Draft


def administrative_person(draft: Draft, today: date) -> Person:
    """Return the administrative person of the draft, as head of the OPD from today on."""
    named = draft.administrative
    return Person(
        id=draw_id("per"),
        name=named.name,
        nip=named.nip,
        employment="asn",
        contract_number=None,
        contract_end=None,
        email=named.email,
        phone=named.phone,
        rights=frozenset(),
        positions=(_position("opd_head", draft.opd, named.position, today, None),),
    )


def technical_person(draft: Draft, today: date) -> Person:
    """Return the technical person of the draft; whoever is not ASN loses access at the contract's end."""
    named = draft.technical
    return Person(
        id=draw_id("per"),
        name=named.name,
        nip=named.nip,
        employment=named.employment,
        contract_number=named.contract_number,
        contract_end=named.contract_end,
        email=named.email,
        phone=named.phone,
        rights=frozenset(),
        positions=(_position("opd_technical_team", draft.opd, named.position, today, named.contract_end),),
    )


def _position(actor: str, opd: str, title: str, since: date, until: date | None) -> Position:
    return Position(actor=actor, opd=opd, title=title, since=since, until=until)
