"""What does every part of the desk stand on?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
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
from provisioner.requests.bounds import bounded, bounded_verbs
from provisioner.requests.filed import FiledRequest, Line
from provisioner.store import audit, office, procedures, requests
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
    def now(self) -> datetime:
        """The present in the office's zone: its day and its year count."""
        return self.house.clock().astimezone(ZoneInfo(self.house.timezone))

    @property
    def today(self) -> date:
        """The office's day."""
        return self.now.date()

    def procedure(self, procedure_id: str) -> Procedure:
        """Return today's procedure for a new request, NotFound if the office has none of that id."""
        if procedure_id not in self.house.procedures:
            raise NotFound(f"prosedur '{procedure_id}' tidak dikenal", "prosedur", "Lihat pengaturan kantor.")
        return self.house.procedures[procedure_id]

    def procedure_of(self, uow: UnitOfWork, request: FiledRequest) -> Procedure:
        """Return the version of the procedure that a filed request keeps, whatever the office's file says today."""
        return procedures.of_version(uow, request.procedure_id, request.procedure_sha256)

    def visible(self, uow: UnitOfWork, person: Person, request_id: str) -> FiledRequest:
        """Return a request this person may see; another OPD's is NotFound, as if it were not there.

        Who is named by lines alone, and of no office that sees it, is shown those lines and no other.
        """
        request = self.as_seen(person, requests.request(uow, request_id))
        if request is None:
            raise NotFound("permohonan tidak ada", request_id, "Periksa nomornya.")
        return request

    def visible_line(self, uow: UnitOfWork, person: Person, line_id: str) -> tuple[Line, FiledRequest]:
        """Return a line this person may see, and its request as they see it; any other is NotFound."""
        line = requests.line(uow, line_id)
        request = self.visible(uow, person, line.request_id)
        if line.id not in {one.id for one in request.lines}:
            raise NotFound("baris tidak ada", line_id, "Periksa nomornya.")
        return line, request

    def as_seen(self, person: Person, request: FiledRequest) -> FiledRequest | None:
        """Return as much of a request as this person may see, None where it is nothing."""
        if self.sees_whole(person, request):
            return request
        return request.for_lines_of(person.id) if self.named(person) else None

    def sees_whole(self, person: Person, request: FiledRequest) -> bool:
        """Tell whether the person sees all of it: by office, or as the letter's technical person."""
        is_named = self.named(person) is not None and person.id == request.technical_person_id
        return is_named or self.sees(person, request.opd)

    def sees(self, person: Person, opd: str) -> bool:
        """Provider-side positions see every OPD, the others their own; nobody anything after the contract's end."""
        scope = self.scope(person)
        return scope is None or opd in scope

    def sees_all(self, person: Person) -> bool:
        """Tell whether the person may see other OPD's things: a position of the providing office is held today."""
        return self.scope(person) is None

    def named(self, person: Person) -> str | None:
        """Return the id by which a request or item names the person; None once access has ended."""
        return None if person.access_ended_on(self.today) else person.id

    def scope(self, person: Person) -> frozenset[str] | None:
        """Return the OPD whose rows this person sees; None for all."""
        if person.access_ended_on(self.today):
            return frozenset()
        return None if person.acts_for_provider_on(self.today) else person.opds_on(self.today)

    def office_kinds(self, uow: UnitOfWork) -> Mapping[str, Kind]:
        """Return the catalogue with the office's own defaults and maxima in its field tables."""
        limits: Any = office.settings(uow).get("limits")
        if not limits:
            return self.house.kinds
        return {
            name: replace(kind, fields=bounded(kind.fields, limits), verbs=bounded_verbs(kind.verbs, limits))
            for name, kind in self.house.kinds.items()
        }

    def office_name(self) -> str:
        """Return the providing office's name, as its inventory says; '' where it was not yet copied."""
        with self.house.database.reading() as uow:
            told: Any = office.settings(uow).get("office")
        return str(told.get("name", "")) if isinstance(told, dict) else ""

    def check_access(self, person: Person) -> None:
        """Raise NotAllowed once the person's contract has ended."""
        if person.access_ended_on(self.today):
            raise NotAllowed("masa kontrak telah berakhir", person.name, "Perpanjang kontrak lebih dahulu.")

    def need(self, person: Person, *rights: Right) -> None:
        """Raise NotAllowed unless the person has one of the rights and a position today."""
        self.check_access(person)
        if not any(person.may(right) for right in rights) or not person.positions_on(self.today):
            wanted = " atau ".join(f"'{right.value}'" for right in rights)
            raise NotAllowed(f"tidak memiliki hak {wanted}", person.name, "Mintalah kepada administrator.")

    def acting(self, person: Person, procedure: Procedure, step: Step, opd: str, day: date | None = None) -> Position:
        """Return the position in which this person does the step (today, or `day`); NotAllowed says what is missing."""
        return acting_position(person, step.right, step.actors, procedure.part_of, day or self.today, opd)

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
