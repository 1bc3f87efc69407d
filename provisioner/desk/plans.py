"""Plans: seen by those who decide, and asked for anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from provisioner.decisions.decision import Decision, check_four_eyes
from provisioner.desk.requests import RequestDesk
from provisioner.errors import BadInput, Fault, NotAllowed, NotFound, Refused
from provisioner.people.person import Person, Right
from provisioner.plans.hold import Thing
from provisioner.plans.record import PlanRecord
from provisioner.requests.filed import FiledRequest, Line
from provisioner.requests.request import LineState
from provisioner.store import decisions, holds, plans, requests


@dataclass(frozen=True, kw_only=True)
class PlanView:
    """A line's plan as a decider sees it; `why_not` says why this person may not decide ('' if they may)."""

    request: FiledRequest
    line: Line
    record: PlanRecord
    things: tuple[Thing, ...]
    may_decide: bool
    why_not: str
    decisions: tuple[Decision, ...]
    task_labels: Mapping[str, str]


class PlanDesk(RequestDesk):
    """Show a plan, and look again."""

    def plan(self, person: Person, line_id: str) -> PlanView:
        """Return the line's latest plan; NotFound where none was asked for yet."""
        with self.house.database.reading() as uow:
            line = requests.line(uow, line_id)
            request = self.visible(uow, person, line.request_id)
            if line.plan_id is None:
                raise NotFound("belum ada rencana", line_id, "Rencana dibuat saat pengkajian dimulai.")
            why_not = self.why_not(person, request, line)
            return PlanView(
                request=request,
                line=line,
                record=plans.plan(uow, line.plan_id),
                things=tuple(row.thing for row in holds.of_line(uow, line_id)),
                may_decide=not why_not,
                why_not=why_not,
                decisions=decisions.of_line(uow, line_id),
                task_labels=self.house.kinds[line.kind].task_labels,
            )

    def look_again(self, person: Person, line_id: str, *, wishes: Mapping[str, str], reason: str) -> str:
        """Ask for a new look; a wish for the choice ('host' -> 'web2') needs a reason and may choose anew."""
        self.need(person, Right.REVIEW, Right.DECIDE)
        if wishes and not reason.strip():
            raise BadInput((Fault(where="reason", seen="", what="alasan kosong", mend="Tulis alasan memilih lain."),))
        with self.house.database.transaction() as uow:
            line = requests.line(uow, line_id)
            self.visible(uow, person, line.request_id)
            if line.state is not LineState.OPEN:
                raise Refused("baris ini sudah diputuskan", line_id, "Rencana yang disetujui tidak dilihat ulang.")
            return self.ask_look(uow, person, line, reason, wishes)

    def why_not(self, person: Person, request: FiledRequest, line: Line) -> str:
        """Say in Indonesian why this person may not decide the line now; '' if they may."""
        procedure = self.procedure(request.procedure_id)
        if request.step != procedure.runs.authorised_at:
            return "belum sampai pada langkah keputusan"
        if line.state is not LineState.OPEN:
            return "sudah diputuskan"
        try:
            self.acting(person, procedure, procedure.step(request.step), request.opd)
            check_four_eyes(person.id, request.requester_id, request.authors)
        except NotAllowed as refusal:
            return refusal.what
        return ""
