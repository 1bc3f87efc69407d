"""carry_out: look again, the same digest or stop; intent, act, look; verify; or undo with proof of absence."""

from __future__ import annotations

from provisioner.errors import Unreachable
from provisioner.facts.observation import Observation
from provisioner.plans.plan import Part
from provisioner.runs.resume import cannot_be_undone, not_taken_back, standing
from provisioner.runs.run import Result, RunState
from provisioner.store import items, runs
from provisioner.workflow.begin import authorised, begin, grace_ended, same_plan
from provisioner.workflow.carrying import MAKE, Carrying, TakenOver, carrying_of
from provisioner.workflow.deliver import deliver, verify
from provisioner.workflow.disturbed import neighbours_left_alone
from provisioner.workflow.hands import Hands
from provisioner.workflow.part import Ended, carry_through, look_when_free
from provisioner.workflow.together import carry_together
from provisioner.workflow.undo import end_undone, undo

_FAILED = frozenset({"failed", "foreign"})


def carry_out(hands: Hands, run_id: str) -> None:
    """Carry a run as far as it can go. Re-entrant as a whole: it reads our rows and the world, nothing else."""
    carry_together(hands, run_id)
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
        carrying.hold_back(fault)
        raise


def _carry(carrying: Carrying) -> None:
    state = carrying.run.state
    if state is RunState.NEEDS_ATTENTION:
        if carrying.run.look_again_at is not None:  # a person asked; the job of one who went along in a company did not
            look_at_attention(carrying)
    elif carrying.run.undo_why is not None:
        undo(carrying, carrying.run.undo_why)  # once a run goes back it never makes again
    elif state is RunState.VERIFYING:
        _finish(carrying)
    elif not _grace_holds(carrying):
        if state is not RunState.LOOKING:
            carrying.move(RunState.LOOKING)
        _parts(carrying)


def look_at_attention(carrying: Carrying) -> None:
    """A person asked for a look: nothing begun starts anew, all at after goes on, all at before ends, else it stays.

    A run that was going back goes forward again only where it ends with what nobody can take back: a password that is
    replaced, an account that is gone. Tried once more it may hold by now, and else it stands here again.
    """
    begun = [p for i, p in enumerate(carrying.plan.parts) if (i, MAKE) in carrying.intents()]
    seen = look_when_free_or_not(carrying)
    if seen is None:
        return
    if not begun:
        carrying.move(RunState.LOOKING)
        _parts(carrying)
        return
    may_go_on = carrying.run.undo_why is None or bool(cannot_be_undone(begun[-1].changes))
    if not standing(begun[-1].changes, seen).left and not standing(begun[-1].changes, seen).third:
        if len(begun) == len(carrying.plan.parts) and may_go_on:
            carrying.move(RunState.VERIFYING)
            _finish(carrying, seen, neighbours_seen=True)
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
    if carrying.verdict_has_held():
        carrying.move(RunState.APPLYING)
        _hand_over(carrying)
        return
    seen = None
    if not carrying.before_verdict() and not _may_do_nothing(carrying):
        return
    for index, part in carrying.before_verdict():
        goes_on, seen = _through(carrying, index, part)
        if not goes_on:
            return
    carrying.move(RunState.VERIFYING)
    _finish(carrying, seen)


def _finish(carrying: Carrying, seen: Observation | None = None, *, neighbours_seen: bool = False) -> None:
    """Prove it, then hand over and deliver. What was begun after a verdict is not tried again: it is in use by now."""
    if carrying.verdict_has_held():
        seen = seen or look_when_free(carrying)
    else:
        seen = verify(carrying, seen, neighbours_seen=neighbours_seen)
    if seen is not None:
        _hand_over(carrying, seen)


def _hand_over(carrying: Carrying, seen: Observation | None = None) -> None:
    """Do what waits for the verdict, all but what is seen done, and deliver."""
    for index, part in carrying.after_verdict():
        if seen is not None and (index, MAKE) in carrying.intents() and not standing(part.changes, seen).left:
            continue
        goes_on, seen = _through(carrying, index, part)
        if not goes_on or (seen is not None and not neighbours_left_alone(carrying, seen)):
            return
    if seen is not None:
        deliver(carrying, seen)


def _through(carrying: Carrying, index: int, part: Part) -> tuple[bool, Observation | None]:
    """Begin a part or go on with it; say whether the run goes on after it, and what was seen of it last."""
    fresh = None
    if (index, MAKE) not in carrying.intents():
        fresh = begin(carrying, index, part)
        if fresh is None:
            return False, None
    ended, seen = _go_on(carrying, index, part, fresh)
    if ended is Ended.STOPPED:
        return False, None
    if ended is Ended.DONE and carrying.cancel_asked() and not cannot_be_undone(part.changes):
        ended = Ended.CANCELLED  # asked during the last task: what can go back goes back
    if ended is not Ended.DONE:
        undo(carrying, _why(carrying, index, ended))
    return ended is Ended.DONE, seen


def _go_on(carrying: Carrying, index: int, part: Part, fresh: Observation | None) -> tuple[Ended, Observation | None]:
    """Go on with an intended part."""
    if (index + 1, MAKE) in carrying.intents() or _is_ending(carrying, index):
        return Ended.DONE, None  # what comes after it was begun; its spots may hold what came since
    if any(r.part == index and r.way == MAKE and r.outcome in _FAILED for r in _results(carrying)):
        return Ended.FAILED, None  # told before a kill: it is not made again
    return carry_through(carrying, index, MAKE, part, fresh)


def _may_do_nothing(carrying: Carrying) -> bool:
    """An approved plan without changes is delivered only by the same authority and the same look."""
    seen = look_when_free_or_not(carrying)
    if seen is None:
        carrying.lose_sight("host tidak terjangkau")
        return False
    return authorised(carrying) and same_plan(carrying, seen)


def _grace_holds(carrying: Carrying) -> bool:
    """A waiting run moves on when its date has come, its receipt is in, or a person cancelled."""
    if carrying.run.state is not RunState.WAITING_UNTIL:
        return False
    if carrying.run.cancel_asked_by is not None:
        undo(carrying, "dibatalkan dalam masa tenggang")
        return True
    return not grace_ended(carrying)


def _is_ending(carrying: Carrying, index: int) -> bool:
    """The part before a grace is done once the grace has begun; what was deployed since is no matter of it."""
    parts = carrying.plan.parts
    if parts[index].waits_for_grace or index + 1 >= len(parts) or not parts[index + 1].waits_for_grace:
        return False  # the second of two that wait comes straight after the first
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
