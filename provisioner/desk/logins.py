"""Who is asking? Logins, sessions, tokens: the gate hashes, the desk keeps."""

from __future__ import annotations

from datetime import timedelta

from provisioner.audit_events import AuditEvent
from provisioner.desk.house import Room
from provisioner.errors import NotFound
from provisioner.people.person import Person
from provisioner.store import audit, logins, people
from provisioner.store.logins import Login, Session

SESSION_LIFETIME = timedelta(hours=10)
TOKEN_LIFETIME = timedelta(days=30)


class LoginDesk(Room):
    """Logins, sessions and API tokens; secrets arrive here as digests only."""

    def login(self, username: str) -> Login | None:
        """Return the login of that name; None must look like a wrong password from outside."""
        with self.house.database.reading() as uow:
            return logins.login(uow, username)

    def note_login_failure(self, username: str) -> None:
        """Count a failed try; the store locks the login for a while after several."""
        now = self.house.clock()
        with self.house.database.transaction() as uow:
            logins.note_failure(uow, username, now)
            audit.append(uow, AuditEvent.LOGIN_FAIL, actor="unknown", subject="login", data={}, at=now)

    def open_session(self, person_id: str, token_sha256: str, csrf: str) -> None:
        """Keep a new session by the digest of its token."""
        now = self.house.clock()
        with self.house.database.transaction() as uow:
            logins.open_session(uow, token_sha256, person_id, csrf, now, now + SESSION_LIFETIME)
            logins.note_success(uow, person_id)
            audit.append(uow, AuditEvent.LOGIN_OPEN, actor=person_id, subject=person_id, data={}, at=now)

    def session(self, token_sha256: str) -> Session | None:
        """Return the session if it is neither ended nor idle too long."""
        with self.house.database.transaction() as uow:
            return logins.session(uow, token_sha256, self.house.clock())

    def close_session(self, token_sha256: str) -> None:
        """End a session at once."""
        with self.house.database.transaction() as uow:
            logins.close_session(uow, token_sha256)

    def person(self, person_id: str) -> Person:
        """Return a person with today's rights: they take effect at once."""
        with self.house.database.reading() as uow:
            return people.person(uow, person_id)

    def person_of_token(self, token_sha256: str) -> Person | None:
        """Return whose API token this is, None where it is unknown or has ended."""
        with self.house.database.reading() as uow:
            person_id = logins.person_of_token(uow, token_sha256, self.house.clock())
            if person_id is None:
                return None
            try:
                return people.person(uow, person_id)
            except NotFound:
                return None

    def issue_token(self, person: Person, token_sha256: str, label: str) -> None:
        """Keep an API token by its digest, 30 days."""
        with self.house.database.transaction() as uow:
            now = self.record(uow, AuditEvent.TOKEN_ISSUE, person, person.id, {"label": label})
            logins.add_token(uow, token_sha256, person.id, label, now, now + TOKEN_LIFETIME)
