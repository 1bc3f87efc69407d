"""Requests: submitted, seen, and moved on step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from provisioner.audit_events import AuditEvent
from provisioner.desk.office_procedure import procedure_for
from provisioner.desk.reading import ReadingDesk
from provisioner.desk.versions import marks_of, versions_of
from provisioner.digests import Value
from provisioner.errors import BadInput, Fault, NotAllowed, NotFound, Refused
from provisioner.kinds.port import Kind
from provisioner.names import draw_id
from provisioner.people.person import Person, Position, Right
from provisioner.procedures.procedure import END, Procedure, Step
from provisioner.procedures.step_done import StepDone
from provisioner.requests.document import read_document
from provisioner.requests.fields import seen
from provisioner.requests.filed import FiledRequest, Line
from provisioner.requests.reading import differences
from provisioner.requests.request import Draft, RequestState
from provisioner.store import people, plans, procedures, requests, steps
from provisioner.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class RequestView:
    """A request with its procedure and what was done; `waits_for` names in Indonesian who is awaited.

    `recorders`: person id -> name of whoever wrote down another's act.
    """

    request: FiledRequest
    procedure: Procedure
    done: tuple[StepDone, ...]
    waits_for: str
    may_do: bool
    recorders: Mapping[str, str]


class RequestDesk(ReadingDesk):
    """Submit, list, show, and do a person's step."""

    def catalogue(self) -> Mapping[str, Kind]:
        """Return the catalogue as it is, for labels and words: nothing is read for it."""
        return self.house.kinds

    def kinds(self) -> Mapping[str, Kind]:
        """Return the catalogue with the office's defaults and maxima, for forms and schemas."""
        with self.house.database.reading() as uow:
            return self.office_kinds(uow)

    def submit(self, person: Person, raw: bytes, media_type: str) -> FiledRequest:
        """File a request: BadInput tells every fault at once and nothing is kept.

        Staff with the right `register` record an OPD's paper letter: neither request nor authorship (law 3).
        """
        self.need(person, Right.SUBMIT, Right.REGISTER)
        document = read_document(raw, media_type)
        with self.house.database.transaction() as uow:
            return self.take_in(uow, person, document, raw, media_type)

    def take_in(
        self, uow: UnitOfWork, person: Person, document: Mapping[str, Any], raw: bytes, media_type: str
    ) -> FiledRequest:
        """File a new request in a transaction that is open already."""
        draft = self.read_draft(uow, person, document)
        self.check_open_lines(uow, draft)
        return self._file(uow, person, draft, raw, media_type)

    def resubmit(self, person: Person, request_id: str, raw: bytes, media_type: str) -> FiledRequest:
        """Send a returned request in again as its next version; it goes on where it is planned."""
        document = read_document(raw, media_type)
        with self.house.database.transaction() as uow:
            return self.take_again(uow, person, request_id, document, raw, media_type)

    def take_again(
        self,
        uow: UnitOfWork,
        person: Person,
        request_id: str,
        document: Mapping[str, Any],
        raw: bytes,
        media_type: str,
    ) -> FiledRequest:
        """Keep a returned request's next version in a transaction that is open already."""
        request = self.visible(uow, person, request_id)
        self.need(person, Right.SUBMIT, Right.REGISTER)
        if request.state is not RequestState.WAITING_FOR_OPD:
            raise Refused("permohonan tidak sedang dikembalikan", request.number, "Hanya yang dikembalikan diubah.")
        draft = self.read_draft(uow, person, document, but_request=request_id)
        procedure = self.procedure_of(uow, request)
        author = self.requester(uow, person, draft)
        of_letter, of_lines = self.technical(uow, person, draft)
        request = requests.add_version(
            uow,
            request_id,
            draft=draft,
            raw=raw,
            media_type=media_type,
            author_id=author,
            technical_person_id=of_letter,
            technical_of_lines=of_lines,
            now=self.house.clock(),
        )
        data: dict[str, Value] = {"version": request.version, "received_sha256": request.received_sha256}
        now = self.record(uow, AuditEvent.REQUEST_SUBMIT, person, request.id, data)
        self._write_first(uow, person, author, draft, request, procedure, now)
        requests.move(uow, request_id, state=RequestState.OPEN)
        self.go_on(uow, person, requests.request(uow, request_id), procedure, procedure.runs.plan_at)
        return requests.request(uow, request_id)

    def requests(
        self,
        person: Person,
        *,
        states: frozenset[RequestState] | None = None,
        opd: str | None = None,
        text: str = "",
        before: tuple[datetime, str] | None = None,
        limit: int = 50,
    ) -> tuple[FiledRequest, ...]:
        """Return the requests this person may see, the newest first.

        `states`, `opd`, `text` (beginning of a number, or part of the application's name) leave out the others.
        """
        with self.house.database.reading() as uow:
            found = requests.page(
                uow,
                opds=self.scope(person),
                technical_person_id=self.named(person),
                states=states,
                opd=opd,
                text=text,
                before=before,
                limit=limit,
            )
            return tuple(seen for one in found if (seen := self.as_seen(person, one)) is not None)

    def may_ask(self, person: Person, opd: str) -> bool:
        """Tell whether the person can file a request for that OPD: as one of its own, or as who types its letters."""
        if person.access_ended_on(self.today):
            return False
        types_letters = person.may(Right.REGISTER) and self.sees_all(person)
        return types_letters or (person.may(Right.SUBMIT) and opd in person.opds_on(self.today))

    def opds(self, person: Person) -> Mapping[str, str]:
        """Return the OPD whose things this person may see: code -> name."""
        scope = self.scope(person)
        with self.house.database.reading() as uow:
            return {code: name for code, name in people.opds(uow).items() if scope is None or code in scope}

    def request(self, person: Person, request_id: str) -> RequestView:
        """Return one request with its time line."""
        with self.house.database.reading() as uow:
            request = self.visible(uow, person, request_id)
            procedure = self.procedure_of(uow, request)
            done = steps.of_request(uow, request_id)
            if not self.sees_whole(person, request):  # marks and notes speak of all lines
                done = tuple(replace(step, marks=None, note="") for step in done)
            return RequestView(
                request=request,
                procedure=procedure,
                done=done,
                recorders={one: people.person(uow, one).name for one in {step.recorder_id for step in done} if one},
                waits_for=self._waits_for(procedure, request),
                may_do=self._may_do(person, procedure, request),
            )

    def do_step(
        self,
        person: Person,
        request_id: str,
        step_id: str,
        *,
        note: str = "",
        number: str | None = None,
        happened_at: datetime | None = None,
        on_behalf_of: str | None = None,
        marks: Mapping[str, Any] | None = None,
        version: int | None = None,
    ) -> FiledRequest:
        """Record that the step at hand was done; what follows (a look, automatic steps) is queued with it.

        `on_behalf_of` names the person whose act on paper is being recorded (right `register`). `marks`: how the letter
        compares with each field, {'letter.number': {'mark': 'same'}}; a step that compares is not done without them
        where the letter's scan lies with the request. `version`: the one of the request that was read; another by now
        is Refused, with what changed.
        """
        with self.house.database.transaction() as uow:
            request = self.visible(uow, person, request_id)
            procedure = self.procedure_of(uow, request)
            self.check_seen(uow, request, version)
            step = self._at_hand(request, procedure, step_id)
            actor = self._actor(uow, person, on_behalf_of)
            now = self.house.clock()
            self._check_moment(uow, request, happened_at, now)
            position = self.acting(actor, procedure, step, request.opd, self._day(person, actor, happened_at))
            compared_as = marks_of(uow, self.office_kinds(uow), request, step, marks)
            done = _step_done(request, step, actor, position, happened_at or now, now)
            recorder = person.id if person.id != actor.id else None
            steps.write(uow, replace(done, note=note, number=number, recorder_id=recorder, marks=compared_as))
            data: dict[str, Value] = {"step": step.id, "number": number}
            self.record(uow, AuditEvent.STEP_DO, actor, request.id, data, recorder)
            if step.id == procedure.runs.notified_at:
                self.give_out_letter(uow, request.id, number)
            self.go_on(uow, person, request, procedure, procedure.after(step.id))
            return requests.request(uow, request_id)

    def check_seen(self, uow: UnitOfWork, request: FiledRequest, version: int | None) -> None:
        """Raise Refused where the person read another version than the one that stands, and say what changed."""
        if version is None or version == request.version:
            return
        told = versions_of(uow, self.office_kinds(uow), request)
        read = next((one.readings for one in told if one.number == version), ())
        said = [
            f"{one.label}: {one.was or '-'} menjadi {one.now or '-'}" for one in differences(read, told[-1].readings)
        ]
        what = f"permohonan sudah dikirim ulang sejak Anda membacanya: {'; '.join(said[:10]) or 'isinya sama'}"
        raise Refused(what, request.number, "Baca lagi isinya, lalu lanjutkan.")

    def go_on(
        self, uow: UnitOfWork, person: Person, request: FiledRequest, procedure: Procedure, following: str
    ) -> None:
        """Move to the next step: a look is queued where one is due, automatic steps go to the worker."""
        state = request.state
        if following == END:
            state = RequestState.CLOSED
        requests.move(uow, request.id, state=state, step="" if following == END else following)
        if following == procedure.runs.plan_at:
            for line in request.lines:
                self.ask_look(uow, person, line, "", {})
        if following != END:  # the worker does what is automatic, and writes to who is awaited
            self.house.queue.advance(uow, request.id)

    def ask_look(self, uow: UnitOfWork, person: Person, line: Line, reason: str, wishes: Mapping[str, str]) -> str:
        """Ask for a plan of the line and queue the look that makes it."""
        plan_id = draw_id("plan")
        plans.ask(uow, plan_id, line.id, person.id, reason, wishes, self.house.clock())
        requests.change_line(uow, line.id, plan_id=plan_id)
        self.record(uow, AuditEvent.LOOK_ASK, person, plan_id, {"line": line.id, "wishes": dict(wishes)})
        self.house.queue.look(uow, plan_id)
        return plan_id

    def _file(self, uow: UnitOfWork, person: Person, draft: Draft, raw: bytes, media_type: str) -> FiledRequest:
        procedure = self.procedure(procedure_for(self.house.procedure_of_kind, draft))
        procedures.keep(uow, procedure, self.house.procedures_text)
        requester = self.requester(uow, person, draft)
        of_letter, of_lines = self.technical(uow, person, draft)
        request = requests.file(
            uow,
            draft=draft,
            raw=raw,
            media_type=media_type,
            requester_id=requester,
            recorder_id=None if requester == person.id else person.id,
            procedure=procedure,
            technical_person_id=of_letter,
            technical_of_lines=of_lines,
            now=self.now,
        )
        data: dict[str, Value] = {"number": request.number, "received_sha256": request.received_sha256}
        now = self.record(uow, AuditEvent.REQUEST_SUBMIT, person, request.id, data)
        self._write_first(uow, person, requester, draft, request, procedure, now)
        self.go_on(uow, person, request, procedure, procedure.after(procedure.first.id))
        return requests.request(uow, request.id)

    def _at_hand(self, request: FiledRequest, procedure: Procedure, step_id: str) -> Step:
        step = procedure.step(step_id)
        if request.step != step.id:
            at = request.step or "selesai"
            raise Refused(f"langkah '{step.id}' tidak sedang ditunggu", request.number, f"Kini di langkah '{at}'.")
        if step.is_automatic:
            raise Refused("langkah ini dikerjakan Gerbang sendiri", request.number, "Tunggu pelaksanaannya.")
        if step.is_decision or step.id == procedure.runs.authorised_at:
            raise Refused("langkah ini adalah keputusan", request.number, "Putuskan dari halaman rencana.")
        return step

    def _actor(self, uow: UnitOfWork, person: Person, on_behalf_of: str | None) -> Person:
        if on_behalf_of is None or on_behalf_of == person.id:
            return person
        self.need(person, Right.REGISTER)
        if not self.sees_all(person):
            what = "hanya pegawai penyelenggara yang mencatat tindakan orang lain"
            raise NotAllowed(what, person.name, "Serahkan suratnya kepada Bagian Umum.")
        try:
            return people.person(uow, on_behalf_of)
        except NotFound:
            what, mend = "orang ini tidak dikenal", "Periksa id orang yang berbuat di atas kertas."
            raise BadInput((Fault(where="on_behalf_of", seen=seen(on_behalf_of), what=what, mend=mend),)) from None

    def _day(self, person: Person, actor: Person, happened_at: datetime | None) -> date | None:
        """What another did on paper was done in the position held that day; one's own act is of today."""
        if happened_at is None or person.id == actor.id:
            return None
        return happened_at.astimezone(self.now.tzinfo).date()

    def _check_moment(
        self, uow: UnitOfWork, request: FiledRequest, happened_at: datetime | None, now: datetime
    ) -> None:
        """A step cannot have been done later than now, nor before the step that leads to it."""
        if happened_at is None:
            return
        done = steps.of_request(uow, request.id)
        earliest = done[-1].happened_at if done else request.submitted_at
        if not earliest <= happened_at <= now:
            what = "belum terjadi" if happened_at > now else "sebelum langkah sebelumnya"
            mend = f"Antara {earliest.isoformat(timespec='seconds')} dan sekarang."
            raise BadInput((Fault(where="happened_at", seen=happened_at.isoformat(), what=what, mend=mend),))

    def _write_first(
        self,
        uow: UnitOfWork,
        person: Person,
        requester_id: str,
        draft: Draft,
        request: FiledRequest,
        procedure: Procedure,
        now: datetime,
    ) -> None:
        """Write the step of asking: of who asked, in the OPD's position; who typed a paper letter stands beside."""
        asker = person if person.id == requester_id else people.person(uow, requester_id)
        held = [position for position in asker.positions_on(self.today) if position.opd == draft.opd]
        done = _step_done(request, procedure.first, asker, held[0] if held else None, now, now)
        typed = person.id if person.id != asker.id else None
        signed = done if held else replace(done, position=draft.administrative.position, office=draft.opd)
        steps.write(uow, replace(signed, recorder_id=typed))

    def _waits_for(self, procedure: Procedure, request: FiledRequest) -> str:
        if not request.step:
            return ""
        step = procedure.step(request.step)
        if step.is_automatic:
            return "Gerbang"
        return " atau ".join(procedure.actor_labels.get(actor, actor) for actor in step.actors)

    def _may_do(self, person: Person, procedure: Procedure, request: FiledRequest) -> bool:
        if not request.step or procedure.step(request.step).is_automatic:
            return False
        try:
            self.acting(person, procedure, procedure.step(request.step), request.opd)
        except NotAllowed:
            return False
        return True


def _step_done(
    request: FiledRequest, step: Step, actor: Person, position: Position | None, happened_at: datetime, now: datetime
) -> StepDone:
    """Record the actor with name and position as they were that day (law 10)."""
    return StepDone(
        request_id=request.id,
        step=step.id,
        outcome=None,
        actor_id=actor.id,
        actor_name=actor.name,
        position=position.title if position else "",
        office=(position.opd or "") if position else "",
        recorder_id=None,
        note="",
        number=None,
        happened_at=happened_at,
        recorded_at=now,
    )
