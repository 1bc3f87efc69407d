"""May a part begin? The same digest, the same authority, nobody cancelled: then its intent is committed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from provisioner.errors import NotAllowed, NotFound, Unreachable
from provisioner.facts.observation import Observation
from provisioner.kinds.port import Question
from provisioner.people.authority import acting_position
from provisioner.plans.moved import moved
from provisioner.plans.plan import Part, Plan, PlanState
from provisioner.requests.request import LineState, RequestState
from provisioner.runs.resume import name_of, standing
from provisioner.runs.run import RunState
from provisioner.store import decisions, holds, items, people, plans, procedures, receipts, requests
from provisioner.unit_of_work import UnitOfWork
from provisioner.workflow.carrying import MAKE, Carrying
from provisioner.workflow.deliver import begin_grace
from provisioner.workflow.look import HOLD_WORKING_DAYS, chosen, held_until, make_plan
from provisioner.workflow.part import write_intent
from provisioner.workflow.undo import undo


def begin(carrying: Carrying, index: int, part: Part) -> Observation | None:
    """Commit a part's intent if everything still holds; return what was seen. None: the state says why not."""
    try:
        seen = carrying.look()
    except Unreachable as fault:
        carrying.lose_sight(fault)
        return None
    if index == 0 and not _waits(carrying, part) and not (authorised(carrying) and same_plan(carrying, seen)):
        return None
    if part.waits_for_grace and not grace_ended(carrying):
        begin_grace(carrying)
        return None
    if (index or part.waits_for) and (moved_since := _moved_since(part, seen)):
        carrying.move(RunState.NEEDS_ATTENTION, f"dunia berubah di antara dua bagian: {moved_since}")
        return None
    if carrying.cancel_asked():
        if index == 0 and not part.waits_for:
            _end_unbegun(carrying, RunState.CANCELLED, "dibatalkan sebelum dimulai")
        else:
            undo(carrying, "dibatalkan")
        return None
    write_intent(carrying, index, MAKE, part, seen)
    return seen


def _moved_since(part: Part, seen: Observation) -> str:
    """Name what stands neither as planned from nor as planned to, and what lies where nobody can look any more."""
    unseen = tuple(change for change in part.changes if (change.system, change.spot.host) not in seen.looked)
    words = [f"{name_of(change)} tidak dapat dilihat: tidak ada lagi di inventaris" for change in unseen]
    third = standing(tuple(change for change in part.changes if change not in unseen), seen).third
    return ", ".join([*(name_of(change) for change, _ in third), *words])


def _waits(carrying: Carrying, part: Part) -> bool:
    """Tell whether the grace of this part has begun: that was the first act, and it was authorised then."""
    if not part.waits_for_grace:
        return False
    with carrying.hands.database.reading() as uow:
        return items.item(uow, carrying.run.item_id).ending_until is not None


def authorised(carrying: Carrying) -> bool:
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


def same_plan(carrying: Carrying, seen: Observation) -> bool:
    """Plan again with the approved choices; another digest is stale, and says what moved."""
    question = carrying.question(seen)
    with carrying.hands.database.reading() as uow:
        salt = requests.salt_of(uow, carrying.request.id)
    if beyond := _beyond(carrying, question):
        _stale(carrying, tuple(f"{place} ikut disentuh, saat disetujui tidak" for place in beyond))
        return False
    reach = carrying.hands.reach(carrying.kind.name)
    again = make_plan(carrying.kind, question, carrying.request, carrying.line, reach, salt)
    if isinstance(again, Plan) and again.digest == carrying.decision.digest:
        return True
    _stale(carrying, moved(carrying.plan, again) if isinstance(again, Plan) else tuple(r.what for r in again))
    return False


def _beyond(carrying: Carrying, question: Question) -> tuple[str, ...]:
    """Return the places that the choices lead to by now and that nobody looked at, for the plan did not."""
    choices = chosen(carrying.kind, question)
    places = carrying.kind.places(choices) if isinstance(choices, Mapping) else ()
    return tuple(place for place in places if place not in carrying.places)


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


def grace_ended(carrying: Carrying) -> bool:
    """The item's own date has come, and the receipt, where one is needed, is for the archive of this run."""
    with carrying.hands.database.reading() as uow:
        item = items.item(uow, carrying.run.item_id)
        given = [one for one in receipts.of_item(uow, item.id) if one.at >= carrying.run.queued_at]
    has_come = item.ending_until is not None and carrying.hands.clock() >= item.ending_until
    return has_come and (bool(given) or not carrying.plan.needs_receipt)
