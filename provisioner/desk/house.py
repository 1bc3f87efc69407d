"""What does every part of the desk stand on?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from provisioner.audit_events import AuditEvent
from provisioner.clock import Clock
from provisioner.digests import Value
from provisioner.errors import NotAllowed, NotFound
from provisioner.jobs.queue import Queue
from provisioner.kinds.port import Kind
from provisioner.people.authority import acting_position
from provisioner.people.person import Person, Position, Right
from provisioner.procedures.procedure import Procedure, Step
from provisioner.requests.filed import FiledRequest
from provisioner.store import audit, requests
from provisioner.store.database import Database
from provisioner.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class House:
    """Store, queue, catalogue, procedures and clock."""

    database: Database
    queue: Queue
    kinds: Mapping[str, Kind]
    procedures: Mapping[str, Procedure]
    procedures_text: str
    procedure_of_kind: Mapping[str, str]
    timezone: str
    clock: Clock


class Room:
    """Base of each part of the desk: who may see what, and the audit row that goes with every change."""

    def __init__(self, house: House) -> None:
        self.house = house

    @property
    def today(self) -> date:
        """The office's day."""
        return self.house.clock().astimezone(ZoneInfo(self.house.timezone)).date()

    def procedure(self, procedure_id: str) -> Procedure:
        """Return the procedure, NotFound if the office has none of that id."""
        if procedure_id not in self.house.procedures:
            raise NotFound(f"prosedur '{procedure_id}' tidak dikenal", "prosedur", "Lihat pengaturan kantor.")
        return self.house.procedures[procedure_id]

    def visible(self, uow: UnitOfWork, person: Person, request_id: str) -> FiledRequest:
        """Return a request this person may see; another OPD's is NotFound, as if it were not there."""
        request = requests.request(uow, request_id)
        if self.sees(person, request.opd) or person.id == request.technical_person_id:
            return request
        raise NotFound("permohonan tidak ada", request_id, "Periksa nomornya.")

    def sees(self, person: Person, opd: str) -> bool:
        """Provider-side positions see every OPD, the others their own."""
        return person.acts_for_provider_on(self.today) or opd in person.opds_on(self.today)

    def scope(self, person: Person) -> frozenset[str] | None:
        """Return the OPD whose rows this person sees; None for all."""
        return None if person.acts_for_provider_on(self.today) else person.opds_on(self.today)

    def need(self, person: Person, *rights: Right) -> None:
        """Raise NotAllowed unless the person has one of the rights and a position today."""
        if person.access_ended_on(self.today):
            raise NotAllowed("masa kontrak telah berakhir", person.name, "Perpanjang kontrak lebih dahulu.")
        if not any(person.may(right) for right in rights) or not person.positions_on(self.today):
            wanted = " atau ".join(f"'{right.value}'" for right in rights)
            raise NotAllowed(f"tidak memiliki hak {wanted}", person.name, "Mintalah kepada administrator.")

    def acting(self, person: Person, procedure: Procedure, step: Step, opd: str) -> Position:
        """Return the position in which this person does the step; NotAllowed says what is missing."""
        return acting_position(person, step.right, step.actors, procedure.part_of, self.today, opd)

    def record(
        self,
        uow: UnitOfWork,
        event: AuditEvent,
        person: Person,
        subject: str,
        data: Mapping[str, Value],
        recorder: str | None = None,
    ) -> datetime:
        """Write the audit row of a person's act in the act's own transaction; return the moment."""
        now = self.house.clock()
        audit.append(uow, event, actor=person.id, subject=subject, data=data, recorder=recorder, at=now)
        return now
