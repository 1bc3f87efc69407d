"""Who is named in a request and not known yet? A person without right, and without login until the first approval."""

from __future__ import annotations

from datetime import date, timedelta

from provisioner.audit_events import AuditEvent
from provisioner.desk.house import Room
from provisioner.errors import BadInput, Fault
from provisioner.names import draw_id
from provisioner.people.person import Person, Position
from provisioner.people.username import usernames
from provisioner.requests.request import Draft, TechnicalPerson
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

    def technical(self, uow: UnitOfWork, person: Person, draft: Draft) -> tuple[str, dict[int, str]]:
        """The technical person of the letter, and of each line that names its own, by the line's number.

        Each is known by NIP where there is one, else by e-mail and name together. One not known yet is kept, with the
        contract's end, and has no login. BadInput where the e-mail is another's.
        """
        of_letter = self._technical(uow, person, draft.opd, "technical", draft.technical)
        of_lines = {
            number: self._technical(uow, person, draft.opd, f"lines[{number - 1}].technical", line.technical)
            for number, line in enumerate(draft.lines, start=1)
            if line.technical is not None
        }
        return of_letter, of_lines

    def first_login(self, uow: UnitOfWork, person: Person, technical_person_id: str | None) -> None:
        """Make the login of the technical person, once: without password, which a code from the counter sets."""
        if technical_person_id is None or logins.logins_of(uow, technical_person_id):
            return
        named = people.person(uow, technical_person_id)
        free = next(one for one in usernames(named.name) if logins.login(uow, one) is None)
        logins.set_login(uow, named.id, free, "", must_change=False)
        self.record(uow, AuditEvent.LOGIN_MAKE, person, named.id, {})

    def _technical(self, uow: UnitOfWork, person: Person, opd: str, where: str, named: TechnicalPerson) -> str:
        known = known_technical(uow, named)
        if known is not None:
            self._renew(uow, person, known, opd, named)
            return known.id
        _check_email_free(uow, f"{where}.email", named.email)
        return self._add(uow, person, technical_person(named, opd, self.today))

    def _renew(self, uow: UnitOfWork, person: Person, known: Person, opd: str, named: TechnicalPerson) -> None:
        """A contract's end counts where none was recorded, or an earlier one; an earlier end than that changes nothing.

        A letter that leaves the end out means the year's last day, and must not shorten what an earlier one said. And
        nobody writes contracts of another OPD's people: neither a longer access, nor one that ends.
        """
        old, new = known.contract_end, named.contract_end
        ours = any(position.opd == opd for position in known.positions)
        if not ours or new is None or (old is not None and new <= old):
            return
        people.set_contract(uow, known.id, named.contract_number, new)
        if old is not None:
            since = max(self.today, old + timedelta(days=1))
            position = _position("opd_technical_team", opd, named.position, since, new)
            people.add_position(uow, known.id, position)
        self.record(uow, AuditEvent.CONTRACT_RENEW, person, known.id, {"until": new.isoformat()})

    def _add(self, uow: UnitOfWork, person: Person, added: Person) -> str:
        people.add_person(uow, added)
        self.record(uow, AuditEvent.PERSON_ADD, person, added.id, {"rights": []})
        return added.id


def known_technical(uow: UnitOfWork, named: TechnicalPerson) -> Person | None:
    """Return who is named as technical person, where we know them: by NIP, else by e-mail and name."""
    return people.find_person(uow, nip=named.nip) if named.nip else _namesake(uow, named)


def technical_faults(uow: UnitOfWork, draft: Draft) -> tuple[Fault, ...]:
    """Return whose e-mail is registered as somebody else's, of all whom the draft names as technical persons."""
    taken = {
        named: known_technical(uow, named) is None and people.find_person(uow, email=named.email) is not None
        for named in set(draft.named_technical.values())
    }
    named_at = draft.named_technical.items()
    return tuple(_email_taken(f"{where}.email", named.email) for where, named in named_at if taken[named])


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


def technical_person(named: TechnicalPerson, opd: str, today: date) -> Person:
    """Return the technical person named for the OPD; whoever is not ASN loses access at the contract's end."""
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
        positions=(_position("opd_technical_team", opd, named.position, today, named.contract_end),),
    )


def _position(actor: str, opd: str, title: str, since: date, until: date | None) -> Position:
    return Position(actor=actor, opd=opd, title=title, since=since, until=until)


def _namesake(uow: UnitOfWork, named: TechnicalPerson) -> Person | None:
    """Who is not ASN is known by e-mail, but only under the same name, and never somebody with a NIP."""
    found = people.find_person(uow, email=named.email)
    same = found is not None and _words(found.name) == _words(named.name)
    return found if found is not None and found.nip is None and same else None


def _words(name: str) -> list[str]:
    return name.casefold().split()


def _check_email_free(uow: UnitOfWork, where: str, email: str) -> None:
    if people.find_person(uow, email=email) is not None:
        raise BadInput((_email_taken(where, email),))


def _email_taken(where: str, email: str) -> Fault:
    what, mend = "surel ini sudah terdaftar atas orang lain", "Tulis surel orang yang dimaksud."
    return Fault(where=where, seen=email, what=what, mend=mend)
