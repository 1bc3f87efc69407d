"""carry_out: look again, the same digest or stop; intent, act, look; verify; or undo with proof of absence."""

from __future__ import annotations

from datetime import datetime, timedelta

from provisioner.errors import NotAllowed, NotFound, Unreachable
from provisioner.facts.observation import Observation
from provisioner.people.authority import acting_position
from provisioner.plans.moved import moved
from provisioner.plans.plan import Part, Plan, PlanState
from provisioner.requests.request import LineState, RequestState
from provisioner.runs.resume import cannot_be_undone, not_taken_back, standing
from provisioner.runs.run import MOVES, Result, RunState
from provisioner.store import decisions, holds, items, people, plans, procedures, receipts, requests, runs
from provisioner.unit_of_work import UnitOfWork
from provisioner.workflow.carrying import MAKE, Carrying, TakenOver, carrying_of
from provisioner.workflow.deliver import begin_grace, verify
from provisioner.workflow.hands import Hands
from provisioner.workflow.look import HOLD_WORKING_DAYS, held_until, make_plan
from provisioner.workflow.part import Ended, carry_through, write_intent
from provisioner.workflow.undo import end_undone, undo

_FAILED = frozenset({"failed", "foreign"})
_MOST_STARTS = 50  # a run that our own faults ended this often is a person's matter, not the queue's
_AFTER_A_FAULT = timedelta(seconds=30)


def carry_out(hands: Hands, run_id: str) -> None:
    """Carry a run as far as it can go. Re-entrant as a whole: it reads our rows and the world, nothing else."""
    with hands.database.reading() as uow:
        run = runs.run(uow, run_id)
    if run.has_ended or run.state is RunState.WAITING_FOR_PERSON:
        return
    carrying = carrying_of(hands, run_id)
    try:
        _carry(carrying)
    except TakenOver:
        return
    except Exception as fault:
        _hold_back(carrying, fault)
        raise


def _hold_back(carrying: Carrying, fault: Exception) -> None:
    """A fault of ours: again in half a minute, and after many times never without a person."""
    if not carrying.is_mine():
        return
    if carrying.run.fence >= _MOST_STARTS and RunState.NEEDS_ATTENTION in MOVES.get(carrying.state(), frozenset()):
        carrying.move(RunState.NEEDS_ATTENTION, f"kesalahan berulang pada Gerbang: {type(fault).__name__}")
        return
    with carrying.hands.database.transaction() as uow:
        runs.look_again(uow, carrying.run.id, carrying.hands.clock() + _AFTER_A_FAULT)


def _carry(carrying: Carrying) -> None:
    state = carrying.run.state
    if state is RunState.NEEDS_ATTENTION:
        look_at_attention(carrying)
    elif carrying.run.undo_why is not None:
        undo(carrying, carrying.run.undo_why)  # once a run goes back it never makes again
    elif state is RunState.VERIFYING:
        verify(carrying)
    elif not _grace_holds(carrying):
        if state is not RunState.LOOKING:
            carrying.move(RunState.LOOKING)
        _parts(carrying)


def look_at_attention(carrying: Carrying) -> None:
    """A person asked for a look: nothing begun starts anew, all at after goes on, all at before ends, else it stays."""
    begun = [p for i, p in enumerate(carrying.plan.parts) if (i, MAKE) in carrying.intents()]
    seen = look_when_free_or_not(carrying)
    if seen is None:
        return
    if not begun:
        carrying.move(RunState.LOOKING)
        _parts(carrying)
        return
    if not standing(begun[-1].changes, seen).before and not standing(begun[-1].changes, seen).third:
        if len(begun) == len(carrying.plan.parts) and carrying.run.undo_why is None:
            carrying.move(RunState.VERIFYING)
            verify(carrying, seen, neighbours_seen=True)
        elif carrying.run.undo_why is None:
            carrying.move(RunState.LOOKING)
            _parts(carrying)
    elif not any(not_taken_back(part.changes, seen) for part in begun):
        end_undone(carrying, carrying.run.undo_why or carrying.run.why)


def look_when_free_or_not(carrying: Carrying) -> Observation | None:
    """Look; a host that is silent or busy leaves the run where it is."""
    try:
        return None if carrying.busy_place() else carrying.look()
    except Unreachable:
        return None


def _parts(carrying: Carrying) -> None:
    seen = None
    if not carrying.plan.parts and not _may_do_nothing(carrying):
        return
    for index, part in enumerate(carrying.plan.parts):
        fresh = None
        if (index, MAKE) not in carrying.intents():
            fresh = _begin(carrying, index, part)
            if fresh is None:
                return
        ended, seen = _go_on(carrying, index, part, fresh)
        if ended is Ended.STOPPED:
            return
        if ended is Ended.DONE and carrying.cancel_asked() and not cannot_be_undone(part.changes):
            ended = Ended.CANCELLED  # asked during the last task: what can go back goes back
        if ended is not Ended.DONE:
            undo(carrying, _why(carrying, index, ended))
            return
    carrying.move(RunState.VERIFYING)
    verify(carrying, seen)


def _go_on(carrying: Carrying, index: int, part: Part, fresh: Observation | None) -> tuple[Ended, Observation | None]:
    """Go on with an intended part."""
    if (index + 1, MAKE) in carrying.intents() or _is_ending(carrying, index):
        return (
            Ended.DONE,
            None,
        )  # what comes after it was begun, so this one was done; its spots may hold what came since
    if any(r.part == index and r.way == MAKE and r.outcome in _FAILED for r in _results(carrying)):
        return Ended.FAILED, None  # told before a kill: it is not made again
    return carry_through(carrying, index, MAKE, part, fresh)


def _begin(carrying: Carrying, index: int, part: Part) -> Observation | None:
    """Commit a part's intent if everything still holds; return what was seen. None: the state says why not."""
    try:
        seen = carrying.look()
    except Unreachable as fault:
        carrying.lose_sight(fault)
        return None
    if index == 0 and not (_authorised(carrying) and _same_plan(carrying, seen)):
        return None
    if part.waits_for == "grace" and not _grace_ended(carrying):
        begin_grace(carrying)
        return None
    if index and standing(part.changes, seen).third:
        carrying.move(RunState.NEEDS_ATTENTION, "dunia berubah di antara dua bagian")
        return None
    if carrying.cancel_asked():
        if index == 0:
            _end_unbegun(carrying, RunState.CANCELLED, "dibatalkan sebelum dimulai")
        else:
            undo(carrying, "dibatalkan")
        return None
    write_intent(carrying, index, MAKE, part, seen)
    return seen


def _authorised(carrying: Carrying) -> bool:
    """Authority is checked again at the first act: the decision counts, its decider still may decide."""
    now = carrying.hands.clock()
    if not carrying.decision.counts_at(now):
        _end_unbegun(carrying, RunState.REFUSED, "keputusan sudah tidak berlaku")
        return False
    today = now.astimezone(carrying.hands.zone).date()
    try:
        with carrying.hands.database.reading() as uow:
            procedure = procedures.of_request(uow, carrying.request.id)
            decider = people.person(uow, carrying.decision.decider_id)
        step = procedure.step(procedure.runs.authorised_at)
        acting_position(decider, step.right, step.actors, procedure.part_of, today, carrying.request.opd)
    except (NotFound, NotAllowed) as lost:
        _end_unbegun(carrying, RunState.REFUSED, f"pemberi keputusan tidak lagi berwenang: {lost.what}")
        return False
    return True


def _may_do_nothing(carrying: Carrying) -> bool:
    """An approved plan without changes is delivered only by the same authority and the same look."""
    seen = look_when_free_or_not(carrying)
    if seen is None:
        carrying.lose_sight("host tidak terjangkau")
        return False
    return _authorised(carrying) and _same_plan(carrying, seen)


def _same_plan(carrying: Carrying, seen: Observation) -> bool:
    question = carrying.question(seen)
    with carrying.hands.database.reading() as uow:
        salt = requests.salt_of(uow, carrying.request.id)
    reach = carrying.hands.reach(carrying.kind.name)
    again = make_plan(carrying.kind, question, carrying.request, carrying.line, reach, salt)
    if isinstance(again, Plan) and again.digest == carrying.decision.digest:
        return True
    _stale(carrying, moved(carrying.plan, again) if isinstance(again, Plan) else tuple(r.what for r in again))
    return False


def _stale(carrying: Carrying, moved: tuple[str, ...]) -> None:
    def also(uow: UnitOfWork, now: datetime) -> None:
        plans.set_state(uow, carrying.run.plan_id, PlanState.STALE, moved)
        _reopen(carrying, uow, now)

    carrying.move(RunState.STALE, "; ".join(moved)[:2000], also=also)


def _end_unbegun(carrying: Carrying, state: RunState, why: str) -> None:
    """Nothing was touched: the decision is void, the request stands again at its authorising step."""
    carrying.move(state, why, also=lambda uow, now: _reopen(carrying, uow, now))


def _reopen(carrying: Carrying, uow: UnitOfWork, now: datetime) -> None:
    decisions.void(uow, carrying.decision.id, now)
    requests.change_line(uow, carrying.line.id, state=LineState.OPEN)
    procedure = procedures.of_request(uow, carrying.request.id)
    requests.move(uow, carrying.request.id, state=RequestState.OPEN, step=procedure.runs.authorised_at)
    carrying.hands.queue.advance(uow, carrying.request.id)
    holds.give_time(uow, carrying.line.id, _full_time(carrying))


def _full_time(carrying: Carrying) -> datetime:
    return held_until(carrying.hands, HOLD_WORKING_DAYS)


def _grace_holds(carrying: Carrying) -> bool:
    """A waiting run moves on when its date has come, its receipt is in, or a person cancelled."""
    if carrying.run.state is not RunState.WAITING_UNTIL:
        return False
    if carrying.run.cancel_asked_by is not None:
        undo(carrying, "dibatalkan dalam masa tenggang")
        return True
    return not _grace_ended(carrying)


def _grace_ended(carrying: Carrying) -> bool:
    """The item's own date has come, and the receipt is for the archive of this run, not of an earlier one."""
    with carrying.hands.database.reading() as uow:
        item = items.item(uow, carrying.run.item_id)
        given = [one for one in receipts.of_item(uow, item.id) if one.at >= carrying.run.queued_at]
    return item.ending_until is not None and carrying.hands.clock() >= item.ending_until and bool(given)


def _is_ending(carrying: Carrying, index: int) -> bool:
    """The part before a grace is done once the grace has begun; what was deployed since is no matter of it."""
    parts = carrying.plan.parts
    if index + 1 >= len(parts) or parts[index + 1].waits_for != "grace":
        return False
    with carrying.hands.database.reading() as uow:
        return items.item(uow, carrying.run.item_id).ending_until is not None


def _results(carrying: Carrying) -> tuple[Result, ...]:
    with carrying.hands.database.reading() as uow:
        return runs.results(uow, carrying.run.id)


def _why(carrying: Carrying, index: int, ended: Ended) -> str:
    if ended is Ended.CANCELLED:
        return "dibatalkan"
    failed = [r for r in _results(carrying) if r.part == index and r.way == MAKE and r.outcome in _FAILED]
    return f"{failed[-1].task}: {failed[-1].message}"[:500] if failed else "bagian tidak mencapai yang disetujui"
