"""undo: what was done is taken back in reverse, and its absence is seen."""

from __future__ import annotations

from datetime import datetime

from provisioner.audit_events import AuditEvent
from provisioner.plans.change import Change
from provisioner.plans.plan import Part
from provisioner.runs.resume import cannot_be_undone, not_taken_back, standing, undo_of
from provisioner.runs.run import Intent, RunState
from provisioner.store import audit, holds, items, life, runs, secrets
from provisioner.unit_of_work import UnitOfWork
from provisioner.workflow.carrying import MAKE, UNDO, Carrying
from provisioner.workflow.disturbed import neighbours_left_alone
from provisioner.workflow.look import RETRY_WORKING_DAYS, held_until
from provisioner.workflow.part import Ended, carry_through, look_when_free, unheard, write_intent


def undo(carrying: Carrying, why: str) -> None:
    """Take back every begun part, the last first; end failed(undone) or cancelled(undone), else ask for a person."""
    if carrying.state() is not RunState.UNDOING:
        carrying.move(RunState.UNDOING, why)
    for index, part in reversed(list(enumerate(carrying.plan.parts))):
        if (index, MAKE) in carrying.intents() and not _part(carrying, index, part, why):
            return
    seen = look_when_free(carrying)
    if seen is not None and neighbours_left_alone(carrying, seen):
        end_undone(carrying, why)


def _part(carrying: Carrying, index: int, part: Part, why: str) -> bool:
    """Take one part back; False where a person has to go on, with the exact list of what stands there."""
    intent, seen = carrying.intents().get((index, UNDO)), look_when_free(carrying)
    if seen is None:
        return False
    now_at = standing(part.changes, seen)
    if now_at.third and intent is None:
        _attention(carrying, [f"{c.system} {c.target} {c.property} diubah pihak lain" for c, _ in now_at.third])
        return False
    stuck = cannot_be_undone(now_at.begun)
    if stuck:
        _attention(carrying, [f"{c.system} {c.target} {c.property} tidak dapat dikembalikan" for c in stuck])
        return False
    back = undo_of(part, (*now_at.begun, *_taken_back_unheard(carrying, index, part, intent)))
    if back.tasks:
        if intent is None:
            write_intent(carrying, index, UNDO, back, seen, why)
        ended, _ = carry_through(carrying, index, UNDO, back)
        if ended is Ended.STOPPED:
            return False
    return _absence_seen(carrying, part)


def _taken_back_unheard(carrying: Carrying, index: int, part: Part, intent: Intent | None) -> tuple[Change, ...]:
    """Return what an undo that was killed was at, and nobody heard it end: it may be gone and still be in force."""
    if intent is None:
        return ()
    open_ends = unheard(carrying, index, UNDO, undo_of(part, part.changes))
    return tuple(one for one in part.changes if one.reversed() in intent.changes and one.reversed() in open_ends)


def _absence_seen(carrying: Carrying, part: Part) -> bool:
    seen = look_when_free(carrying)
    if seen is None:
        return False
    left = not_taken_back(part.changes, seen)
    if left:
        _attention(carrying, [f"{c.system} {c.target} {c.property} masih ada" for c in left])
    return not left


def _attention(carrying: Carrying, tasks: list[str]) -> None:
    carrying.move(RunState.NEEDS_ATTENTION, "; ".join(tasks))


def end_undone(carrying: Carrying, why: str) -> None:
    """Absence is proved: secrets are destroyed, the line keeps its holds three working days for a retry.

    An item is again in the state that its last delivered line left; what it keeps was never touched.
    """

    def also(uow: UnitOfWork, now: datetime) -> None:
        secrets.destroy(uow, carrying.run.id)
        audit.append(uow, AuditEvent.SECRET_DESTROY, actor="worker", subject=carrying.run.id, data={}, at=now)
        holds.give_time(uow, carrying.line.id, held_until(carrying.hands, RETRY_WORKING_DAYS))
        if not carrying.verb.makes_item:
            back = life.delivered_state(uow, carrying.run.item_id)
            items.change(uow, carrying.run.item_id, state=back, ending_until=None)

    with carrying.hands.database.reading() as uow:
        asked = runs.run(uow, carrying.run.id).cancel_asked_by is not None
    carrying.move(RunState.CANCELLED if asked else RunState.FAILED, why, also=also)
