"""Who is named in a request and not known yet? A person without right, and without login until the first approval."""

from __future__ import annotations

from datetime import date, timedelta

from provisioner.audit_events import AuditEvent
from provisioner.desk.house import Room
from provisioner.errors import BadInput, Fault
from provisioner.names import draw_id
from provisioner.people.person import Person, Position
from provisioner.people.username import usernames
from provisioner.requests.request import Draft
from provisioner.store import logins, people
from provisioner.unit_of_work import UnitOfWork


class NamedDesk(Room):
    """Find the persons a letter names, or keep them; an e-mail address alone makes nobody somebody else."""

    def requester(self, uow: UnitOfWork, person: Person, draft: Draft) -> str:
        """The person who asks: of the OPD the sender, else (a paper letter typed by staff) who signed for the OPD."""
        if draft.opd in person.opds_on(self.today):
            return person.id
        signed = draft.administrative
        known = people.find_person(uow, nip=signed.nip)
        if known is not None:
            return known.id
        _check_email_free(uow, "administrative.email", signed.email)
        return self._add(uow, person, administrative_person(draft, self.today))

    def technical(self, uow: UnitOfWork, person: Person, draft: Draft) -> str:
        """The technical person named: by NIP where there is one, else by e-mail and name together.

        One not known yet is kept, with the contract's end, and has no login. BadInput where the e-mail is another's.
        """
        named, known = draft.technical, known_technical(uow, draft)
        if known is not None:
            self._renew(uow, person, known, draft)
            return known.id
        _check_email_free(uow, "technical.email", named.email)
        return self._add(uow, person, technical_person(draft, self.today))

    def first_login(self, uow: UnitOfWork, person: Person, technical_person_id: str | None) -> None:
        """Make the login of the technical person, once: without password, which a code from the counter sets."""
        if technical_person_id is None or logins.logins_of(uow, technical_person_id):
            return
        named = people.person(uow, technical_person_id)
        free = next(one for one in usernames(named.name) if logins.login(uow, one) is None)
        logins.set_login(uow, named.id, free, "", must_change=False)
        self.record(uow, AuditEvent.LOGIN_MAKE, person, named.id, {})

    def _renew(self, uow: UnitOfWork, person: Person, known: Person, draft: Draft) -> None:
        """A later contract of the same OPD counts from now on; nobody lengthens another OPD's contracts."""
        old, new = known.contract_end, draft.technical.contract_end
        ours = any(position.opd == draft.opd for position in known.positions)
        if not ours or known.employment != "non_asn" or old is None or new is None or new <= old:
            return
        people.set_contract(uow, known.id, draft.technical.contract_number, new)
        since = max(self.today, old + timedelta(days=1))
        position = _position("opd_technical_team", draft.opd, draft.technical.position, since, new)
        people.add_position(uow, known.id, position)
        self.record(uow, AuditEvent.CONTRACT_RENEW, person, known.id, {"until": new.isoformat()})

    def _add(self, uow: UnitOfWork, person: Person, added: Person) -> str:
        people.add_person(uow, added)
        self.record(uow, AuditEvent.PERSON_ADD, person, added.id, {"rights": []})
        return added.id


def known_technical(uow: UnitOfWork, draft: Draft) -> Person | None:
    """Return whom the draft names as its technical person, where we know them: by NIP, else by e-mail and name."""
    named = draft.technical
    return people.find_person(uow, nip=named.nip) if named.nip else _namesake(uow, draft)


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


def _namesake(uow: UnitOfWork, draft: Draft) -> Person | None:
    """Who is not ASN is known by e-mail, but only under the same name, and never somebody with a NIP."""
    found = people.find_person(uow, email=draft.technical.email)
    same = found is not None and _words(found.name) == _words(draft.technical.name)
    return found if found is not None and found.nip is None and same else None


def _words(name: str) -> list[str]:
    return name.casefold().split()


def _check_email_free(uow: UnitOfWork, where: str, email: str) -> None:
    if people.find_person(uow, email=email) is not None:
        what = "surel ini sudah terdaftar atas orang lain"
        raise BadInput((Fault(where=where, seen=email, what=what, mend="Tulis surel orang yang dimaksud."),))
