"""carry_out: look again, the same digest or stop; intent, act, look; verify; or undo with proof of absence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from provisioner.digests import Value, canonical_json
from provisioner.errors import NotFound, Unreachable
from provisioner.facts.observation import Observation
from provisioner.people.person import Right
from provisioner.plans.plan import Part, Plan, PlanState
from provisioner.requests.request import LineState, RequestState
from provisioner.runs.resume import standing
from provisioner.runs.run import RunState
from provisioner.store import decisions, holds, items, people, plans, receipts, requests, runs
from provisioner.unit_of_work import UnitOfWork
from provisioner.workflow.carrying import MAKE, UNDO, Carrying, TakenOver, carrying_of
from provisioner.workflow.deliver import begin_grace, verify
from provisioner.workflow.hands import Hands
from provisioner.workflow.look import HOLD_WORKING_DAYS, end_of_working_day, make_plan, question_of
from provisioner.workflow.part import Ended, carry_through, write_intent
from provisioner.workflow.undo import undo

_RESTS = frozenset({RunState.NEEDS_ATTENTION, RunState.WAITING_FOR_PERSON})


def carry_out(hands: Hands, run_id: str) -> None:
    """Carry a run as far as it can go. Re-entrant as a whole: it reads our rows and the world, nothing else."""
    carrying = carrying_of(hands, run_id)
    try:
        _carry(carrying)
    except TakenOver:
        return


def _carry(carrying: Carrying) -> None:
    state = carrying.run.state
    if carrying.run.has_ended or state in _RESTS:
        return
    if state is RunState.UNDOING:
        undo(carrying, carrying.run.why)
    elif state is RunState.VERIFYING:
        verify(carrying)
    elif _grace_holds(carrying):
        return
    else:
        if state is not RunState.LOOKING:
            carrying.move(RunState.LOOKING)
        if any(way == UNDO for _, way in carrying.intents()):
            undo(
                carrying, carrying.run.why
            )  # sight was lost while undoing: what was begun is taken back, not made again
        else:
            _parts(carrying)


def _parts(carrying: Carrying) -> None:
    seen = None
    for index, part in enumerate(carrying.plan.parts):
        fresh = None
        if (index, MAKE) not in carrying.intents():
            fresh = _begin(carrying, index, part)
            if fresh is None:
                return
        ended, seen = _go_on(carrying, index, part, fresh)
        if ended is Ended.STOPPED:
            return
        if ended is not Ended.DONE:
            undo(carrying, _why(carrying, index, ended))
            return
    carrying.move(RunState.VERIFYING)
    verify(carrying, seen)


def _go_on(carrying: Carrying, index: int, part: Part, fresh: Observation | None) -> tuple[Ended, Observation | None]:
    """Go on with an intended part; playbook files that changed since then are a person's matter."""
    intents = carrying.intents()
    if (index + 1, MAKE) in intents:
        return Ended.DONE, None  # a later part was begun, so this one was done; its spots may hold what came after
    if intents[(index, MAKE)].reach != carrying.hands.reach(carrying.kind.name).files:
        carrying.move(RunState.NEEDS_ATTENTION, "berkas playbook berubah sejak bagian ini dimulai")
        return Ended.STOPPED, None
    return carry_through(carrying, index, MAKE, part, fresh)


def _begin(carrying: Carrying, index: int, part: Part) -> Observation | None:
    """Commit a part's intent if everything still holds; return what was seen. None: the state says why not."""
    try:
        seen = carrying.look()
    except Unreachable as fault:
        carrying.lose_sight(str(fault))
        return None
    if index == 0:
        if not (_authorised(carrying) and _same_plan(carrying, seen)):
            return None
    else:
        if part.waits_for == "grace" and not _grace_ended(carrying):
            begin_grace(carrying)
            return None
        if standing(part.changes, seen).third:
            carrying.move(RunState.NEEDS_ATTENTION, "dunia berubah selama masa tenggang")
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
    with carrying.hands.database.reading() as uow:
        try:
            decider = people.person(uow, carrying.decision.decider_id)
            may = decider.may(Right.DECIDE) and bool(decider.positions_on(now.astimezone(carrying.hands.zone).date()))
        except NotFound:
            may = False
    if not may:
        _end_unbegun(carrying, RunState.REFUSED, "pemberi keputusan tidak lagi berwenang")
    return may


def _same_plan(carrying: Carrying, seen: Observation) -> bool:
    with carrying.hands.database.reading() as uow:
        question = question_of(carrying.hands, uow, carrying.line, seen, carrying.plan.choices)
    reach = carrying.hands.reach(carrying.kind.name)
    again = make_plan(carrying.kind, question, carrying.request, carrying.line, reach)
    if isinstance(again, Plan) and again.digest == carrying.decision.digest:
        return True
    _stale(carrying, _moved(carrying.plan, again) if isinstance(again, Plan) else tuple(r.what for r in again))
    return False


def _moved(planned: Plan, now: Plan) -> tuple[str, ...]:
    """Say what moved, change by change; what is digested besides changes is named by its part of the plan."""
    was = {change.spot: change for change in planned.changes}
    are = {change.spot: change for change in now.changes}
    words = []
    for spot in sorted(was.keys() | are.keys()):
        before, after = was.get(spot), are.get(spot)
        if before != after:
            place = f"{spot.system} {spot.target} {spot.property}"
            words.append(f"{place}: saat disetujui {_shown(before)}, kini {_shown(after)}")
    for name, old, new in (
        ("pilihan", planned.choices, now.choices),
        ("berkas playbook", planned.reach.files, now.reach.files),
        ("variabel inventaris", planned.reach.variables, now.reach.variables),
        ("versi", planned.reach.versions, now.reach.versions),
    ):
        keys = sorted(key for key in {**old, **new} if old.get(key) != new.get(key))
        words += [f"{name} {key} berubah" for key in keys]
    return tuple(words)


def _shown(change: object) -> str:
    before = getattr(change, "before", None)
    if change is None:
        return "tidak perlu diubah"
    return "tidak ada" if before is None else canonical_json(before)[:200]


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
    procedure = carrying.hands.procedure(carrying.request.procedure_id)
    requests.move(uow, carrying.request.id, state=RequestState.OPEN, step=procedure.runs.authorised_at)
    holds.give_time(uow, carrying.line.id, _full_time(carrying))


def _full_time(carrying: Carrying) -> datetime:
    return end_of_working_day(carrying.hands, HOLD_WORKING_DAYS)


def _grace_holds(carrying: Carrying) -> bool:
    """A waiting run moves on when its date has come, its receipt is in, or a person cancelled."""
    if carrying.run.state is not RunState.WAITING_UNTIL:
        return False
    if carrying.run.cancel_asked_by is not None:
        undo(carrying, "dibatalkan dalam masa tenggang")
        return True
    return not _grace_ended(carrying)


def _grace_ended(carrying: Carrying) -> bool:
    until = carrying.run.waiting_until
    with carrying.hands.database.reading() as uow:
        receipt = receipts.of_item(uow, carrying.run.item_id)
        item = items.item(uow, carrying.run.item_id)
    until = until or item.ending_until
    return until is not None and carrying.hands.clock() >= until and bool(receipt)


def _why(carrying: Carrying, index: int, ended: Ended) -> str:
    if ended is Ended.CANCELLED:
        return "dibatalkan"
    with carrying.hands.database.reading() as uow:
        rows: list[Mapping[str, Value]] = [
            {"task": r.task, "message": r.message}
            for r in runs.results(uow, carrying.run.id)
            if r.part == index and r.outcome in {"failed", "foreign"}
        ]
    return f"{rows[-1]['task']}: {rows[-1]['message']}"[:500] if rows else "bagian tidak mencapai yang disetujui"
