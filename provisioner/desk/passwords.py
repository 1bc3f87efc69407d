"""Passwords: set by a code from the counter, or changed by who knows the old one. Only hashes arrive here."""

from __future__ import annotations

from provisioner.audit_events import AuditEvent
from provisioner.desk.house import Room
from provisioner.errors import Refused
from provisioner.people.code import Code
from provisioner.people.person import Person
from provisioner.store import audit, codes, logins, people
from provisioner.store.logins import Login


class PasswordDesk(Room):
    """Set and change passwords; old sessions and tokens end with the old password."""

    def code(self, username: str) -> Code | None:
        """Return the code that counts for that login now; None must look like a wrong code from outside."""
        with self.house.database.reading() as uow:
            found = codes.open_code(uow, username)
        return found if found is not None and found.counts_at(self.house.clock()) else None

    def note_code_failure(self, code_id: str) -> None:
        """Count a wrong code; after five the code counts no more."""
        now = self.house.clock()
        with self.house.database.transaction() as uow:
            locked = codes.note_failure(uow, code_id)
            audit.append(uow, AuditEvent.CODE_FAIL, actor="unknown", subject=code_id, data={"locked": locked}, at=now)

    def use_code(self, code: Code, password_hash: str) -> None:
        """Set the login's password and use the code up, both or neither; Refused where it counts no more."""
        with self.house.database.transaction() as uow:
            if not code.counts_at(self.house.clock()):
                raise Refused("kode sudah tidak berlaku", "loket", "Mintalah kode baru di loket.")
            codes.use(uow, code.id)
            login = logins.login(uow, code.username)
            assert login is not None, code.username  # codes hang on logins
            owner = people.person(uow, login.person_id)
            self.check_access(owner)
            logins.set_login(uow, owner.id, code.username, password_hash, must_change=False)
            logins.close_sessions_of(uow, owner.id)
            logins.end_tokens_of(uow, owner.id)
            self.record(uow, AuditEvent.CODE_USE, owner, owner.id, {"code": code.id})

    def own_logins(self, person: Person) -> tuple[Login, ...]:
        """Return the person's own logins, to be tried with the old password."""
        with self.house.database.reading() as uow:
            return logins.logins_of(uow, person.id)

    def change_password(self, person: Person, login: Login, password_hash: str, *, asking: str) -> None:
        """Give one's own login a new password; every session and token ends but `asking`, by its digest.

        Refused where the login has changed since the old password was tried.
        """
        with self.house.database.transaction() as uow:
            if logins.login(uow, login.username) != login:
                raise Refused("kata sandi sudah diubah di tempat lain", login.username, "Masuk lagi, lalu ulangi.")
            logins.set_login(uow, person.id, login.username, password_hash, must_change=False)
            logins.close_sessions_of(uow, person.id, but=asking)
            logins.end_tokens_of(uow, person.id, but=asking)
            self.record(uow, AuditEvent.PASSWORD_CHANGE, person, person.id, {})
