"""Who is asking? Logins, sessions, tokens: the gate hashes, the desk keeps."""

from __future__ import annotations

from datetime import datetime, timedelta

from provisioner.audit_events import AuditEvent
from provisioner.desk.house import Room
from provisioner.digests import Value, digest_of_bytes
from provisioner.errors import NotFound
from provisioner.people.person import Person
from provisioner.store import audit, logins, people, tries
from provisioner.store.logins import Login, Session
from provisioner.unit_of_work import UnitOfWork

SESSION_LIFETIME = timedelta(hours=10)
TOKEN_LIFETIME = timedelta(days=30)


class LoginDesk(Room):
    """Logins, sessions and API tokens; secrets arrive here as digests only."""

    def login(self, username: str) -> Login | None:
        """Return the login of that name; None must look like a wrong password from outside."""
        with self.house.database.reading() as uow:
            return logins.login(uow, username)

    def note_login_failure(self) -> None:
        """Write a failed try into the chain, without the name: people type passwords there."""
        now = self.house.clock()
        with self.house.database.transaction() as uow:
            audit.append(uow, AuditEvent.LOGIN_FAIL, actor="unknown", subject="login", data={}, at=now)

    def count_try(self, key_sha256: str, seconds: int, amount: int) -> int:
        """Add to a count of tries, whose window is `seconds` long; return it."""
        now = self.house.clock()
        with self.house.database.transaction() as uow:
            return tries.count(uow, key_sha256, now, now + timedelta(seconds=seconds), amount)

    def tries(self, key_sha256: str) -> tuple[int, datetime | None]:
        """Return a count of tries and when its window ends."""
        with self.house.database.reading() as uow:
            return tries.counted(uow, key_sha256, self.house.clock())

    def forget_tries(self, key_sha256: str) -> None:
        """Forget a count of tries."""
        with self.house.database.transaction() as uow:
            tries.forget(uow, key_sha256)

    def open_session(self, person_id: str, token_sha256: str, csrf: str) -> None:
        """Keep a new session by the digest of its token."""
        now = self.house.clock()
        with self.house.database.transaction() as uow:
            self.check_access(people.person(uow, person_id))
            logins.open_session(uow, token_sha256, person_id, csrf, now, now + SESSION_LIFETIME)
            audit.append(uow, AuditEvent.LOGIN_OPEN, actor=person_id, subject=person_id, data={}, at=now)

    def session(self, token_sha256: str) -> Session | None:
        """Return the session if it is neither ended nor idle too long, and the person's contract counts."""
        with self.house.database.transaction() as uow:
            found = logins.session(uow, token_sha256, self.house.clock())
            return found if found is not None and self._still(uow, found.person_id) else None

    def close_session(self, token_sha256: str) -> None:
        """End a session at once."""
        with self.house.database.transaction() as uow:
            logins.close_session(uow, token_sha256)

    def person(self, person_id: str) -> Person:
        """Return a person with today's rights: they take effect at once."""
        with self.house.database.reading() as uow:
            return people.person(uow, person_id)

    def person_of_token(self, token_sha256: str) -> Person | None:
        """Return whose API token this is, None where it, or the person's contract, has ended."""
        with self.house.database.reading() as uow:
            person_id = logins.person_of_token(uow, token_sha256, self.house.clock())
            if person_id is None:
                return None
            return self._still(uow, person_id)

    def issue_token(self, person: Person, token_sha256: str, label: str) -> None:
        """Keep an API token by its digest, 30 days."""
        self.check_access(person)
        data: dict[str, Value] = {"label_sha256": digest_of_bytes(label.encode())}
        with self.house.database.transaction() as uow:
            now = self.record(uow, AuditEvent.TOKEN_ISSUE, person, person.id, data)
            logins.add_token(uow, token_sha256, person.id, label, now, now + TOKEN_LIFETIME)

    def _still(self, uow: UnitOfWork, person_id: str) -> Person | None:
        """Return the person as of today; None where the details were erased or the contract has ended."""
        try:
            person = people.person(uow, person_id)
        except NotFound:
            return None
        return None if person.access_ended_on(self.today) else person
