"""The counter: who comes with a surat tugas is given a code, by which a password is set once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from provisioner.audit_events import AuditEvent
from provisioner.desk.house import Room
from provisioner.digests import Value, digest_of_bytes
from provisioner.errors import BadInput, Fault, NotAllowed, NotFound
from provisioner.names import draw_id
from provisioner.people.code import LIFETIME, Code, CodeState
from provisioner.people.person import Person, Right
from provisioner.store import codes, logins, people
from provisioner.unit_of_work import UnitOfWork

SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class CounterLogin:
    """One login as the counter sees it. `code_until`: a code given counts until then. `why_not`: '' if one may be."""

    person: Person
    username: str
    has_password: bool
    code_until: datetime | None
    why_not: str


class CounterDesk(Room):
    """Find a login, and give a code for it; the gate draws the code and keeps none, its hash comes here."""

    def logins_at_counter(self, person: Person, words: str) -> tuple[CounterLogin, ...]:
        """Return the logins of persons whose name, NIP or login bears all the words, by name; at most twenty."""
        self._check_counter(person)
        with self.house.database.reading() as uow:
            found = people.like(uow, words, limit=SHOWN) if words.strip() else ()
            return tuple(
                self._at_counter(uow, person, one, login) for one in found for login in logins.logins_of(uow, one.id)
            )

    def issue_code(self, person: Person, username: str, code_hash: str, *, letter: str) -> Code:
        """Keep a code by its hash, ten minutes; the password, sessions and tokens of before end at once.

        `letter`: the number of the surat tugas shown. NotAllowed for a login of the providing office: a code for a
        decider would be a decision; the administrator looks after those, never after their own.
        """
        self._check_counter(person)
        if not letter.strip():
            mend = "Tulis nomor surat tugas yang ditunjukkan."
            raise BadInput((Fault(where="letter", seen="", what="nomor surat tugas kosong", mend=mend),))
        with self.house.database.transaction() as uow:
            login = logins.login(uow, username)
            if login is None:
                raise NotFound("nama masuk tidak ada", username, "Cari orangnya lagi.")
            owner = people.person(uow, login.person_id)
            why_not = self._why_not(person, owner)
            if why_not:
                raise NotAllowed(why_not, owner.name, "Mintalah kepada administrator.")
            logins.set_login(uow, owner.id, username, "", must_change=False)
            logins.close_sessions_of(uow, owner.id)
            logins.end_tokens_of(uow, owner.id)
            code_id = draw_id("code")
            data: dict[str, Value] = {"code": code_id, "letter_sha256": digest_of_bytes(letter.strip().encode())}
            now = self.record(uow, AuditEvent.CODE_ISSUE, person, owner.id, data)
            made = Code(
                id=code_id,
                username=username,
                code_hash=code_hash,
                letter=letter.strip(),
                issued_by=person.id,
                issued_at=now,
                expires_at=now + LIFETIME,
                failed_count=0,
                state=CodeState.OPEN,
            )
            codes.issue(uow, made)
            return made

    def _check_counter(self, person: Person) -> None:
        self.need(person, Right.REGISTER, Right.ADMINISTER)
        if not self.sees_all(person):
            raise NotAllowed("loket adalah milik pegawai penyelenggara", person.name, "Datanglah ke loket.")

    def _why_not(self, person: Person, owner: Person) -> str:
        if owner.access_ended_on(self.today):
            return "masa kontrak telah berakhir"
        if not owner.acts_for_provider_on(self.today) and owner.rights <= {Right.SUBMIT}:
            return "" if person.may(Right.REGISTER) else "tidak memiliki hak 'register'"
        if person.id == owner.id:
            return "tidak seorang pun memberi kode kepada dirinya"
        return "" if person.may(Right.ADMINISTER) else "masuk pegawai penyelenggara diurus administrator"

    def _at_counter(self, uow: UnitOfWork, person: Person, owner: Person, login: logins.Login) -> CounterLogin:
        code = codes.open_code(uow, login.username)
        counts = code is not None and code.counts_at(self.house.clock())
        return CounterLogin(
            person=owner,
            username=login.username,
            has_password=bool(login.password_hash),
            code_until=code.expires_at if code is not None and counts else None,
            why_not=self._why_not(person, owner),
        )
