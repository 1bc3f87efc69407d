"""What waits for this person, and since when?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from provisioner.desk.credentials import CredentialDesk
from provisioner.errors import NotAllowed
from provisioner.people.person import Person
from provisioner.requests.filed import FiledRequest
from provisioner.store import items, requests, secrets, steps
from provisioner.unit_of_work import UnitOfWork

_SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One act that waits: `act` 'step' | 'decide' | 'claim'; `subject` the request, line or item it is about."""

    act: str
    what: str
    opd: str
    request_id: str | None
    subject: str
    since: datetime


class WaitingDesk(CredentialDesk):
    """List what a person can do now."""

    def waiting(self, person: Person) -> tuple[Waiting, ...]:
        """Return the acts that wait for this person, the oldest first."""
        with self.house.database.reading() as uow:
            page = requests.page(uow, opds=self.scope(person), technical_person_id=None, before=None, limit=_SHOWN)
            found = [waiting for request in page for waiting in self._steps(uow, person, request)]
            found += self._claims(uow, person)
        return tuple(sorted(found, key=lambda waiting: waiting.since))

    def _steps(self, uow: UnitOfWork, person: Person, request: FiledRequest) -> list[Waiting]:
        procedure = self.procedure_of(uow, request)
        if not request.step or procedure.step(request.step).is_automatic:
            return []
        step = procedure.step(request.step)
        try:
            self.acting(person, procedure, step, request.opd)
        except NotAllowed:
            return []
        done = steps.of_request(uow, request.id)
        since = done[-1].recorded_at if done else request.submitted_at
        if step.id != procedure.runs.authorised_at:
            return [self._waiting("step", step.activity, request, request.id, since)]
        return [
            self._waiting("decide", step.activity, request, line.id, since)
            for line in request.lines
            if not self.why_not(uow, person, request, line)
        ]

    def _waiting(self, act: str, what: str, request: FiledRequest, subject: str, since: datetime) -> Waiting:
        return Waiting(act=act, what=what, opd=request.opd, request_id=request.id, subject=subject, since=since)

    def _claims(self, uow: UnitOfWork, person: Person) -> list[Waiting]:
        mine = items.page(uow, opds=frozenset(), technical_person_id=self.named(person), before=None, limit=_SHOWN)
        return [
            Waiting(
                act="claim",
                what=secret.label,
                opd=item.opd,
                request_id=None,
                subject=item.id,
                since=secret.claimable_at,
            )
            for item in mine
            for secret in secrets.of_item(uow, item.id)
            if secret.state == "claimable" and secret.claimable_at is not None
        ]
