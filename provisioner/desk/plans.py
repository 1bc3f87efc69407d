"""Plans: seen by those who decide, and asked for anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from provisioner.decisions.adjustment import Adjustment
from provisioner.decisions.decision import Decision, check_four_eyes
from provisioner.desk.discretion import FOR_STAFF, discreet
from provisioner.desk.requests import RequestDesk
from provisioner.errors import BadInput, Fault, NotAllowed, Refused
from provisioner.items.item import Verb
from provisioner.items.verbs import VERBS
from provisioner.people.person import Person, Right
from provisioner.plans.hold import HoldState, Thing
from provisioner.plans.moved import told_apart
from provisioner.plans.plan import PlanState
from provisioner.plans.record import PlanRecord
from provisioner.procedures.procedure import Procedure
from provisioner.procedures.step_done import StepDone
from provisioner.requests.filed import FiledRequest, Line
from provisioner.requests.request import LineState, RequestState
from provisioner.store import adjustments, decisions, holds, people, plans, steps
from provisioner.unit_of_work import UnitOfWork

_STANDING = frozenset({PlanState.ASKED, PlanState.LOOKING, PlanState.CURRENT})
_BEFORE_ITS_END = frozenset({RequestState.OPEN, RequestState.RUNNING})


_UNDER_WAY = {
    PlanState.ASKED: "rencana baru sedang dibuat",
    PlanState.LOOKING: "rencana baru sedang dibuat",
    PlanState.IMPOSSIBLE: "yang diminta tidak mungkin dipenuhi lagi",
    PlanState.UNREACHABLE: "sistem yang diperlukan tidak menjawab",
}
_KEPT = frozenset({HoldState.HELD, HoldState.COMMITTED})


@dataclass(frozen=True, kw_only=True)
class PlanView:
    """A line's plan as a decider sees it; `why_not` says why this person may not decide ('' if they may).

    `adjustment` is the proposal that stands: then the plan is of what it grants, and `adjusted` is the decision on it.
    `technical`: who is named, as we keep them: their access ends by what is recorded, whatever the letter says; None
    once the details are erased. `hosts`: which a person of the office may wish for; none for an OPD, none for what
    stands on its host already.
    """

    request: FiledRequest
    line: Line
    record: PlanRecord
    things: tuple[Thing, ...]
    may_decide: bool
    why_not: str
    decisions: tuple[Decision, ...]
    adjustment: Adjustment | None
    task_labels: Mapping[str, str]
    hosts: tuple[str, ...]
    technical: Person | None


class PlanDesk(RequestDesk):
    """Show a plan, and look again."""

    def plan(self, person: Person, line_id: str) -> PlanView:
        """Return the line's latest plan; Refused where none was asked for yet."""
        with self.house.database.reading() as uow:
            line, request = self.visible_line(uow, person, line_id)
            if line.plan_id is None:
                raise Refused("belum ada rencana", line_id, "Rencana dibuat saat pengkajian dimulai.")
            why_not = self.why_not(uow, person, request, line)
            record, staff = plans.plan(uow, line.plan_id), self.sees_all(person)
            return PlanView(
                request=request,
                line=line,
                record=record if staff else discreet(record, request.opd),
                things=tuple(row.thing for row in holds.of_line(uow, line_id) if row.state in _KEPT),
                may_decide=not why_not,
                why_not=why_not,
                decisions=decisions.of_line(uow, line_id),
                adjustment=adjustments.standing(uow, line_id),
                task_labels=self.house.kinds[line.kind].task_labels,
                hosts=_hosts(uow, self.house.kinds[line.kind].sums)
                if staff and VERBS[Verb(line.verb)].makes_item
                else (),
                technical=self._as_recorded(uow, request.appointed_to(line)),
            )

    def _as_recorded(self, uow: UnitOfWork, person_id: str | None) -> Person | None:
        return people.by_id(uow, [person_id]).get(person_id) if person_id else None

    def moved_since(self, person: Person, line_id: str, digest: str) -> tuple[str, ...]:
        """Say what differs between the plan that this person saw, by its digest, and the one that counts now.

        Empty where they are one, or nobody made a plan of that digest for the line.
        """
        view = self.plan(person, line_id)
        with self.house.database.reading() as uow:
            seen = [one for one in plans.of_line(uow, line_id) if one.plan is not None and one.plan.digest == digest]
        if not seen or view.record.id == seen[-1].id:
            return ()
        before, now = seen[-1].plan, view.record.plan
        if before is None or now is None:
            return (_UNDER_WAY.get(view.record.state, "rencana itu tidak berlaku lagi"),)
        return told_apart(before, now) if self.sees_all(person) else (FOR_STAFF,)

    def look_again(self, person: Person, line_id: str, *, wishes: Mapping[str, str], reason: str) -> str:
        """Ask for a new look; a wish for the choice ('host' -> 'web2') needs a reason and may choose anew."""
        with self.house.database.transaction() as uow:
            line, request = self.visible_line(uow, person, line_id)
            self.check_looks(person)
            if wishes and not reason.strip():
                fault = Fault(where="reason", seen="", what="alasan kosong", mend="Tulis alasan memilih lain.")
                raise BadInput((fault,))
            self.check_planned(uow, request, line)
            return self.ask_look(uow, person, line, reason, wishes)

    def check_looks(self, person: Person) -> None:
        """Raise NotAllowed unless the person reviews or decides."""
        self.need(person, Right.REVIEW, Right.DECIDE)

    def check_planned(self, uow: UnitOfWork, request: FiledRequest, line: Line) -> None:
        """Raise Refused unless the line stands between its first look and its decision."""
        if line.state is not LineState.OPEN:
            raise Refused("baris ini sudah diputuskan", line.id, "Rencana yang disetujui tidak dilihat ulang.")
        if not _is_planned(request, self.procedure_of(uow, request)):
            raise Refused("permohonan tidak sedang dikaji", request.number, "Tunggu sampai dikirim lagi oleh OPD.")

    def why_not(self, uow: UnitOfWork, person: Person, request: FiledRequest, line: Line) -> str:
        """Say in Indonesian why this person may not decide the line now; '' if they may."""
        done = steps.of_request(uow, request.id)
        return self.why_not_given(person, request, line, self.procedure_of(uow, request), done)

    def why_not_given(
        self, person: Person, request: FiledRequest, line: Line, procedure: Procedure, done: tuple[StepDone, ...]
    ) -> str:
        """Say the same where procedure and steps done are known already: a list asks for them once."""
        if request.step != procedure.runs.authorised_at:
            return "belum sampai pada langkah keputusan"
        if line.state is not LineState.OPEN:
            return "sudah diputuskan"
        try:
            self.acting(person, procedure, procedure.step(request.step), request.opd)
            _check_apart(person, request, done)
        except NotAllowed as refusal:
            return refusal.what
        return ""

    def could_decide(self, uow: UnitOfWork, person: Person, request: FiledRequest, procedure: Procedure) -> bool:
        """Tell whether the person may decide the request once it stands at its authorising step."""
        try:
            self.acting(person, procedure, procedure.step(procedure.runs.authorised_at), request.opd)
            self.check_apart(uow, person, request)
        except NotAllowed:
            return False
        return True

    def check_apart(self, uow: UnitOfWork, person: Person, request: FiledRequest) -> None:
        """Raise NotAllowed where the decider asked, wrote, recorded any of it, or would work with what is granted."""
        _check_apart(person, request, steps.of_request(uow, request.id))

    def put_aside(self, uow: UnitOfWork, line_id: str) -> None:
        """Supersede what was asked, looked for or current: a look that ends later finds nothing to write.

        A proposal stands no more; call it while the line is open.
        """
        adjustments.withdraw(uow, line_id)
        for record in plans.of_line(uow, line_id):
            if record.state in _STANDING:
                plans.set_state(uow, record.id, PlanState.SUPERSEDED)


def _check_apart(person: Person, request: FiledRequest, done: tuple[StepDone, ...]) -> None:
    check_four_eyes(person.id, request.requester_id, request.authors, request.proposers)
    if person.id in {request.recorder_id, *(step.recorder_id for step in done)}:
        what = "pencatat surat atau langkah permohonan ini tidak boleh memutuskannya"
        raise NotAllowed(what, person.name, "Mintalah pejabat lain.")
    if person.id in request.named_technical:
        what = "penanggung jawab teknis tidak boleh memutuskan permohonannya"
        raise NotAllowed(what, person.name, "Mintalah pejabat lain.")


def _hosts(uow: UnitOfWork, kinds_sums: frozenset[str]) -> tuple[str, ...]:
    """Return the hosts that have a sum of the kind, by name: the gate reads no inventory."""
    pools = (pool.partition(":") for pool in holds.sums(uow))
    return tuple(sorted({host for host, _, name in pools if name in kinds_sums}))


def _is_planned(request: FiledRequest, procedure: Procedure) -> bool:
    """Tell whether the request stands between the step that plans it and the one that authorises."""
    ids = [step.id for step in procedure.steps]
    if request.step not in ids or request.state not in _BEFORE_ITS_END:
        return False
    return ids.index(procedure.runs.plan_at) <= ids.index(request.step) <= ids.index(procedure.runs.authorised_at)
