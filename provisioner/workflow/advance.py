"""advance: which automatic steps of a request are now done, and who is awaited then? Recorded as the worker's.

Where a step ends, its letter begins: the one of delivery is drafted when the lines are delivered, and the step that
waits for the mail ends when a server has taken every letter of the request.
"""

from __future__ import annotations

from datetime import datetime

from provisioner.audit_events import AuditEvent
from provisioner.letters.letter import LetterKind, LetterState
from provisioner.procedures.procedure import END, Procedure, Step
from provisioner.procedures.step_done import StepDone
from provisioner.requests.filed import FiledRequest
from provisioner.requests.request import LineState, RequestState
from provisioner.store import audit, letters, procedures, requests, runs, steps
from provisioner.unit_of_work import UnitOfWork
from provisioner.workflow.hands import Hands
from provisioner.workflow.notice import await_persons

_WORKER = "worker"
_SETTLED = frozenset({LineState.DELIVERED, LineState.FAILED, LineState.REJECTED, LineState.WITHDRAWN})


def advance(hands: Hands, request_id: str) -> None:
    """Do every automatic step that the request stands at and is ready for, one transaction a step."""
    while _one_step(hands, request_id):
        pass


def _one_step(hands: Hands, request_id: str) -> bool:
    with hands.database.transaction() as uow:
        request = requests.request(uow, request_id)
        procedure = procedures.of_request(uow, request_id)
        if request.step in {"", END}:
            return False
        step = procedure.step(request.step)
        if not step.is_automatic:
            await_persons(hands, uow, request, procedure)
            return False
        if not _is_ready(uow, request, procedure):
            return False
        _do(hands, uow, request, procedure, step)
        return True


def _is_ready(uow: UnitOfWork, request: FiledRequest, procedure: Procedure) -> bool:
    """Every line has ended, each delivered one's record is filed, and at the mailing step every letter is sent."""
    if any(line.state not in _SETTLED for line in request.lines):
        return False
    if request.step == procedure.runs.mailed_at:
        return all(letter.state is LetterState.SENT for letter in letters.of_request(uow, request.id))
    delivered = (line for line in request.lines if line.state is LineState.DELIVERED)
    return all(line.run_id is not None and runs.record(uow, line.run_id) is not None for line in delivered)


def _do(hands: Hands, uow: UnitOfWork, request: FiledRequest, procedure: Procedure, step: Step) -> None:
    now = hands.clock()
    steps.write(uow, _done_by_worker(request, step, now))
    following, state = procedure.after(step.id), request.state
    if step.id == procedure.runs.done_at:
        state = _delivered(hands, uow, request, procedure)
        following = END if state is RequestState.FAILED else following  # its letters told so already
    if following == END and state is not RequestState.FAILED:
        state = RequestState.CLOSED
    requests.move(uow, request.id, state=state, step="" if following == END else following)
    audit.append(uow, AuditEvent.STEP_AUTO, actor=_WORKER, subject=request.id, data={"step": step.id}, at=now)


def _delivered(hands: Hands, uow: UnitOfWork, request: FiledRequest, procedure: Procedure) -> RequestState:
    """Write the letter of delivery, a draft where a person gives it out; tell how the request stands."""
    if not any(line.state is LineState.DELIVERED for line in request.lines):
        return RequestState.FAILED
    draft, now = procedure.runs.notified_at is not None, hands.clock().astimezone(hands.zone)
    letter_id = letters.write(uow, request.id, LetterKind.DELIVERED, now=now, draft=draft)
    if letter_id is not None:
        hands.queue.letter(uow, letter_id)
    return RequestState.DELIVERED


def _done_by_worker(request: FiledRequest, step: Step, now: datetime) -> StepDone:
    return StepDone(
        request_id=request.id,
        step=step.id,
        outcome=None,
        actor_id=_WORKER,
        actor_name="Gerbang",
        position="otomatis",
        office="",
        recorder_id=None,
        note="",
        number=None,
        happened_at=now,
        recorded_at=now,
    )
