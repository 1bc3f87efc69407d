"""What must be done although nobody asked? Holds, graces, secrets that end; runs and letters nobody carries on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta

from provisioner.audit_events import AuditEvent
from provisioner.digests import Value
from provisioner.letters.letter import LetterKind
from provisioner.plans.plan import PlanState
from provisioner.requests.request import LineState
from provisioner.runs.run import Run
from provisioner.store import (
    audit,
    drafts,
    forgotten,
    holds,
    letters,
    notices,
    plans,
    receipts,
    requests,
    runs,
    secrets,
    sendings,
)
from provisioner.unit_of_work import UnitOfWork
from provisioner.workflow.hands import Hands
from provisioner.workflow.look import RETRY_WORKING_DAYS, held_until
from provisioner.workflow.notice import await_claims

SENT_KEPT = timedelta(days=30)
HasJob = Callable[[str], bool]
_UNTRIED = f"pelaksanaannya gagal dan tidak diulang dalam {RETRY_WORKING_DAYS} hari kerja"


def tidy(hands: Hands, has_job: HasJob) -> None:
    """Do everything that is due now; each is one transaction, so that a kill leaves nothing half-done."""
    _expire_holds(hands)
    _expire_drafts(hands)
    _end_untried(hands)
    _destroy_unclaimed(hands)
    _forget_sent(hands)
    _wake_waiting(hands, has_job)
    _queue_forgotten(hands, has_job)
    _queue_letters(hands, has_job)
    await_claims(hands)
    _queue_notices(hands, has_job)


def _expire_holds(hands: Hands) -> None:
    """A plan whose hold expired is stale: nobody may be promised what another may now take."""
    now = hands.clock()
    with hands.database.transaction() as uow:
        holds.release_quarantine(uow, now)
        for line_id in holds.expire(uow, now):
            for record in plans.of_line(uow, line_id):
                if record.state is PlanState.CURRENT:
                    plans.set_state(uow, record.id, PlanState.STALE, ("cadangan telah berakhir",))
            audit.append(uow, AuditEvent.HOLD_EXPIRE, actor="worker", subject=line_id, data={}, at=now)


def _expire_drafts(hands: Hands) -> None:
    """What was begun and not touched for its lifetime is forgotten; it was never part of the record."""
    with hands.database.reading() as uow:
        if not drafts.is_any_due(uow, hands.clock()):
            return
    with hands.database.transaction() as uow:
        drafts.expire(uow, hands.clock())


def _end_untried(hands: Hands) -> None:
    """Three working days without retry end a line that was undone: its request goes on, its holds are free."""
    now = hands.clock()
    with hands.database.transaction() as uow:
        for line_id, request_id, run_id, ended_at in forgotten.undone_lines(uow):
            if now < held_until(hands, RETRY_WORKING_DAYS, ended_at):
                continue
            requests.change_line(uow, line_id, state=LineState.FAILED)
            holds.release(uow, line_id)
            data: dict[str, Value] = {"line": line_id, "why": "no retry in time"}
            audit.append(uow, AuditEvent.RUN_CHANGE, actor="worker", subject=run_id, data=data, at=now)
            moment = now.astimezone(hands.zone)
            letter_id = letters.write(uow, request_id, LetterKind.FAILED, now=moment, reason=_UNTRIED)
            if letter_id is not None:
                hands.queue.letter(uow, letter_id)
            hands.queue.advance(uow, request_id)


def _destroy_unclaimed(hands: Hands) -> None:
    now = hands.clock()
    with hands.database.transaction() as uow:
        for secret in secrets.overdue(uow, now):
            secrets.destroy(uow, secret.id)
            audit.append(
                uow, AuditEvent.SECRET_DESTROY, actor="worker", subject=secret.id, data={"why": "72 h"}, at=now
            )


def _forget_sent(hands: Hands) -> None:
    """A copy that comes after 30 days is a new act; what was answered names persons and is not kept longer."""
    with hands.database.transaction() as uow:
        sendings.forget(uow, hands.clock() - SENT_KEPT)


def _wake_waiting(hands: Hands, has_job: HasJob) -> None:
    now = hands.clock()
    with hands.database.reading() as uow:
        waited = runs.waiting_until_before(uow, now)
        due = [(run.id, run.host) for run in waited if _may_end(uow, run)]
    _queue_runs(hands, [(run_id, host) for run_id, host in due if not has_job(run_id)])


def _may_end(uow: UnitOfWork, run: Run) -> bool:
    plan = plans.plan(uow, run.plan_id).plan
    needs_none = plan is not None and not plan.needs_receipt
    return needs_none or any(receipt.at >= run.queued_at for receipt in receipts.of_item(uow, run.item_id))


def _queue_forgotten(hands: Hands, has_job: HasJob) -> None:
    """A job that ended by an error of ours leaves its run where it was; queue it again, the run knows what is left."""
    with hands.database.reading() as uow:
        begun, asked = forgotten.runs(uow, hands.clock()), forgotten.plans(uow)
    _queue_runs(hands, [(run_id, host) for run_id, host in begun if not has_job(run_id)])
    _queue(hands, asked, has_job, hands.queue.look)


def _queue_letters(hands: Hands, has_job: HasJob) -> None:
    """A letter that could not be set or sent is tried again when its time has come."""
    with hands.database.reading() as uow:
        due = letters.to_try(uow, hands.clock())
    _queue(hands, due, has_job, hands.queue.letter)


def _queue_notices(hands: Hands, has_job: HasJob) -> None:
    """Whose hour has passed, or whose mail did not go, is written to now."""
    with hands.database.reading() as uow:
        due = notices.to_write_to(uow, hands.clock())
    _queue(hands, due, has_job, hands.queue.notice)


def _queue(hands: Hands, ids: Iterable[str], has_job: HasJob, job: Callable[[UnitOfWork, str], None]) -> None:
    """Queue a job for each that has none yet, all in one transaction."""
    waiting = [one for one in ids if not has_job(one)]
    if waiting:
        with hands.database.transaction() as uow:
            for one in waiting:
                job(uow, one)


def _queue_runs(hands: Hands, lost: list[tuple[str, str]]) -> None:
    """Whether a job exists is asked before, never inside a transaction: the queue asks by a connection of its own."""
    if lost:
        with hands.database.transaction() as uow:
            for run_id, host in lost:
                hands.queue.carry_out(uow, run_id, host)
