"""Decisions: one person's word on exactly one plan, and what it sets going."""

from __future__ import annotations

from datetime import datetime

from provisioner.audit_events import AuditEvent
from provisioner.decisions.decision import LIFETIME, Decision, Outcome, Word, check_digest, check_granted
from provisioner.desk.adjustments import AdjustmentDesk
from provisioner.digests import Value
from provisioner.errors import BadInput, Fault, Refused
from provisioner.letters.letter import LetterKind
from provisioner.names import draw_id
from provisioner.people.person import Person, Position
from provisioner.plans.moved import told_apart
from provisioner.plans.plan import PlanState
from provisioner.plans.record import PlanRecord
from provisioner.procedures.procedure import END, Procedure
from provisioner.procedures.step_done import StepDone
from provisioner.requests.filed import FiledRequest, Line
from provisioner.requests.request import LineState, RequestState
from provisioner.runs.run import Run, RunState
from provisioner.store import adjustments, decisions, holds, plans, requests, runs, steps
from provisioner.unit_of_work import UnitOfWork

_LINE_AFTER = {
    Outcome.APPROVED: LineState.DECIDED,
    Outcome.ADJUSTED: LineState.DECIDED,
    Outcome.REJECTED: LineState.REJECTED,
}


class DecisionDesk(AdjustmentDesk):
    """Approve, approve with the adjustment proposed, reject or return."""

    def decide(
        self,
        person: Person,
        line_id: str,
        outcome: Outcome,
        *,
        digest: str,
        reason: str,
        version: int | None = None,
    ) -> Decision:
        """Record the decision; an approval queues the run and makes the technical person's login with it.

        `approved` grants what was asked, `adjusted` the proposal that stands. Refused (409) where the digest is not the
        current plan's or a hold is gone, or the request is of another `version` than was read, each with what moved;
        NotAllowed where it is one's own.
        """
        word = Word(line_id=line_id, outcome=outcome, digest=digest, reason=reason)
        check_reason(word, "reason")
        with self.house.database.transaction() as uow:
            line, request = self.visible_line(uow, person, line_id)
            procedure = self.procedure_of(uow, request)
            self.check_seen(uow, request, version)
            check_open(request, procedure, line)
            position = self.deciding(uow, person, request, procedure)
            decision = self.say(uow, person, position, request, line, word)
            if outcome is Outcome.RETURNED:
                self._return(uow, request, procedure)
            else:
                self.end_step(uow, person, request.id, procedure, decision, position)
            return decision

    def say(
        self, uow: UnitOfWork, person: Person, position: Position, request: FiledRequest, line: Line, word: Word
    ) -> Decision:
        """Decide an open line as `word` says, and set going what follows of the line alone.

        Refused where the digest is not the current plan's, a proposal stands or not, or a hold is gone.
        """
        record = plans.plan(uow, line.plan_id) if line.plan_id else None
        check_granted(word.outcome, adjustments.standing(uow, line.id) is not None)
        current = _current_digest(record)
        moved = self._moved(uow, line, word.digest, record) if word.digest != current else ()
        check_digest(word.outcome, word.digest, current, moved)
        decision = self._write(uow, person, position, line, word)
        if word.outcome is not Outcome.RETURNED:
            self._set_going(uow, person, request, line, decision)
        return decision

    def _moved(self, uow: UnitOfWork, line: Line, digest: str, record: PlanRecord | None) -> tuple[str, ...]:
        """Say what moved since the plan of that digest was seen; nothing where no plan of the line had it."""
        seen = [one.plan for one in plans.of_line(uow, line.id) if one.plan is not None and one.plan.digest == digest]
        return told_apart(seen[-1], record.plan) if seen and record is not None and record.plan is not None else ()

    def deciding(self, uow: UnitOfWork, person: Person, request: FiledRequest, procedure: Procedure) -> Position:
        """Return the position in which the person decides; NotAllowed where it is their own, or not theirs."""
        self.check_apart(uow, person, request)
        return self.acting(person, procedure, procedure.step(procedure.runs.authorised_at), request.opd)

    def _write(self, uow: UnitOfWork, person: Person, position: Position, line: Line, word: Word) -> Decision:
        now = self.house.clock()
        decision = Decision(
            id=draw_id("dec"),
            line_id=line.id,
            decider_id=person.id,
            decider_name=person.name,
            position=position.title,
            outcome=word.outcome,
            digest=word.digest if word.outcome.binds_a_plan else "",
            reason=word.reason,
            decided_at=now,
            expires_at=now + LIFETIME,
            voided_at=None,
        )
        decisions.add(uow, decision)
        data: dict[str, Value] = {"line": line.id, "outcome": word.outcome.value, "digest": decision.digest}
        self.record(uow, AuditEvent.DECISION_MAKE, person, decision.id, data)
        return decision

    def _set_going(
        self, uow: UnitOfWork, person: Person, request: FiledRequest, line: Line, decision: Decision
    ) -> None:
        if decision.outcome is Outcome.REJECTED:
            holds.release(uow, line.id)
            self.put_aside(uow, line.id)
        requests.change_line(uow, line.id, state=_LINE_AFTER[decision.outcome])
        if decision.outcome.binds_a_plan:
            record = plans.plan(uow, str(line.plan_id))
            things = record.plan.things if record.plan else ()
            holds.commit(uow, line.id, things=things, now=decision.decided_at)
            self.first_login(uow, person, request.appointed_to(line))
            self.queue_run(uow, line, decision)

    def queue_run(self, uow: UnitOfWork, line: Line, decision: Decision) -> Run:
        """Queue one carrying-out of a decision, in the transaction that makes it due."""
        record = plans.plan(uow, str(line.plan_id))
        host = self.house.kinds[line.kind].places(record.plan.choices)[0] if record.plan else ""
        run = Run(
            id=draw_id("run"),
            line_id=line.id,
            item_id=str(line.item_id),
            plan_id=record.id,
            decision_id=decision.id,
            host=host,
            state=RunState.QUEUED,
            why="",
            cancel_asked_by=None,
            waiting_until=None,
            queued_at=self.house.clock(),
            started_at=None,
            ended_at=None,
        )
        runs.add(uow, run)
        requests.change_line(uow, line.id, run_id=run.id)
        self.house.queue.carry_out(uow, run.id, host)
        return run

    def _return(self, uow: UnitOfWork, request: FiledRequest, procedure: Procedure) -> None:
        """A return is of the whole request, while no line is approved; it reopens the draft."""
        if any(line.state is not LineState.OPEN for line in request.lines):
            raise Refused("sebagian baris sudah diputuskan", request.number, "Putuskan baris ini sendiri.")
        for line in request.lines:
            holds.release(uow, line.id)
            self.put_aside(uow, line.id)
        requests.move(uow, request.id, state=RequestState.WAITING_FOR_OPD, step=procedure.runs.returned_to)
        self.house.queue.advance(uow, request.id)

    def end_step(
        self,
        uow: UnitOfWork,
        person: Person,
        request_id: str,
        procedure: Procedure,
        decision: Decision,
        position: Position,
    ) -> None:
        """The authorising step ends when every line is decided, by the approved branch if any line is."""
        request = requests.request(uow, request_id)
        if any(line.state is LineState.OPEN for line in request.lines):
            return
        approved = any(line.state is not LineState.REJECTED for line in request.lines)
        outcome = Outcome.APPROVED if approved else Outcome.REJECTED
        steps.write(uow, _step_done(request, person, position, outcome, decision.reason, decision.decided_at))
        following = procedure.after(request.step, outcome.value)
        state = RequestState.DECIDED if approved else RequestState.REJECTED
        requests.move(uow, request.id, state=state, step="" if following == END else following)
        self.write_letter(uow, request.id, LetterKind.REFUSED)
        if following != END:
            # A line decided earlier may have been delivered already: nothing else would wake the request.
            self.house.queue.advance(uow, request.id)


def check_reason(word: Word, where: str) -> None:
    """Raise BadInput where who says no, or not yet, does not say why."""
    if not word.outcome.binds_a_plan and not word.reason.strip():
        raise BadInput((Fault(where=where, seen="", what="alasan kosong", mend="Tulis alasannya untuk OPD."),))


def check_open(request: FiledRequest, procedure: Procedure, line: Line) -> None:
    """Raise Refused unless the line waits for a decision."""
    if request.step != procedure.runs.authorised_at or line.state is not LineState.OPEN:
        raise Refused("baris ini tidak sedang menunggu keputusan", request.number, "Muat ulang halaman rencana.")


def _current_digest(record: PlanRecord | None) -> str | None:
    if record is None or record.state is not PlanState.CURRENT or record.plan is None:
        return None
    return record.plan.digest


def _step_done(
    request: FiledRequest, person: Person, position: Position, outcome: Outcome, note: str, at: datetime
) -> StepDone:
    return StepDone(
        request_id=request.id,
        step=request.step,
        outcome=outcome.value,
        actor_id=person.id,
        actor_name=person.name,
        position=position.title,
        office=position.opd or "",
        recorder_id=None,
        note=note,
        number=None,
        happened_at=at,
        recorded_at=at,
    )
