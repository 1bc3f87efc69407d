"""Stories: one request with everything its page tells, and what this person may do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from provisioner.decisions.decision import Decision, Outcome
from provisioner.desk.drafts import DraftDesk
from provisioner.desk.requests import RequestView
from provisioner.desk.versions import Version, versions_of
from provisioner.desk.withdrawals import WithdrawalDesk
from provisioner.errors import NotAllowed
from provisioner.people.person import Person, Right
from provisioner.procedures.procedure import Procedure
from provisioner.requests.filed import FiledRequest
from provisioner.requests.mark import compared
from provisioner.requests.reading import Kinds, Reading
from provisioner.requests.request import RequestState
from provisioner.requests.scan import Scan
from provisioner.store import decisions, people
from provisioner.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class RequestStory:
    """A request with its versions (the first one first), its scan, and its returns (the last one first).

    `to_compare`: the fields that the step at hand marks, () where it compares nothing. `may_act_on_paper`: whose act
    this person may write down now, person id -> 'Name, position'.
    """

    view: RequestView
    versions: tuple[Version, ...]
    scan: Scan | None
    returns: tuple[Decision, ...]
    to_compare: tuple[Reading, ...]
    may_act_on_paper: Mapping[str, str]
    may_withdraw: bool
    may_reopen: bool
    may_file_scan: bool


class StoryDesk(WithdrawalDesk, DraftDesk):
    """Tell one request whole."""

    def story(self, person: Person, request_id: str) -> RequestStory:
        """Return the request's story; another office's is NotFound."""
        view = self.request(person, request_id)
        request = view.request
        with self.house.database.reading() as uow:
            scan = self.scan_seen(uow, person, request)
            made = decisions.of_lines(uow, [line.id for line in request.lines])
            returns = [decision for decision in made if decision.outcome is Outcome.RETURNED]
            told = versions_of(uow, self.office_kinds(uow), request)
            on_paper = self._on_paper(uow, person, view.procedure, request)
        at_hand = view.procedure.step(request.step) if request.step else None
        return RequestStory(
            view=view,
            versions=told,
            scan=scan,
            returns=tuple(sorted(returns, key=lambda decision: decision.decided_at, reverse=True)),
            to_compare=compared(told[-1].readings) if at_hand is not None and at_hand.compares else (),
            may_act_on_paper=on_paper,
            may_withdraw=self._may_withdraw(person, request),
            may_reopen=request.state is RequestState.WAITING_FOR_OPD and self._may_send(person, request),
            may_file_scan=self._may_file_scan(person, request, scan),
        )

    def verbs(self) -> Kinds:
        """Return what each kind answers for each verb."""
        return {name: kind.verbs for name, kind in self.kinds().items()}

    def _on_paper(
        self, uow: UnitOfWork, person: Person, procedure: Procedure, request: FiledRequest
    ) -> Mapping[str, str]:
        """Return whose act at the step at hand this person may write down: whoever could do it, but for oneself."""
        if not (request.step and person.may(Right.REGISTER) and self.sees_all(person)):
            return {}
        step = procedure.step(request.step)
        if step.is_automatic or step.id == procedure.runs.authorised_at:
            return {}
        found: dict[str, str] = {}
        for other in people.persons(uow):
            try:
                position = self.acting(other, procedure, step, request.opd)
            except NotAllowed:
                continue
            if other.id != person.id:
                found[other.id] = f"{other.name}, {position.title}"
        return found

    def _may_withdraw(self, person: Person, request: FiledRequest) -> bool:
        try:
            self.check_withdrawal(person, request)
        except NotAllowed:
            return False
        return self.is_undecided(request)

    def _may_send(self, person: Person, request: FiledRequest) -> bool:
        registers = person.may(Right.REGISTER) and self.sees_all(person)
        return registers or (person.may(Right.SUBMIT) and request.opd in person.opds_on(self.today))

    def _may_file_scan(self, person: Person, request: FiledRequest, scan: Scan | None) -> bool:
        if not self.is_undecided(request) or not self._may_send(person, request):
            return False
        return scan is None or (person.may(Right.REGISTER) and self.sees_all(person))
