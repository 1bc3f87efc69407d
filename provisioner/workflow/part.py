"""How is one part carried out, so that a kill anywhere ends as it would have?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from provisioner.audit_events import AuditEvent
from provisioner.digests import Value
from provisioner.errors import Unreachable
from provisioner.facts.neighbours import fingerprint
from provisioner.facts.observation import Observation
from provisioner.items.order import Order
from provisioner.items.sealed_secret import SealedSecret
from provisioner.plans.change import Change
from provisioner.plans.plan import Part
from provisioner.runs.part_result import PartOutcome, PartResult, TaskResult
from provisioner.runs.resume import left_of, name_of, standing
from provisioner.runs.run import Intent, Result, RunState
from provisioner.store import audit, runs, secrets
from provisioner.unit_of_work import UnitOfWork
from provisioner.workflow.carrying import MAKE, UNDO, Carrying
from provisioner.workflow.live import LiveLines

_ENDED_WELL = frozenset({"changed", "same"})
_TRIES = 2  # a part whose outcome was unknown is looked at and, where all stands at before or after, gone on with once


class Ended(StrEnum):
    """How a part ended for the run: `stopped` means the run's state already says why."""

    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    STOPPED = "stopped"


_ENDED = {
    PartOutcome.DONE: Ended.DONE,
    PartOutcome.FAILED: Ended.FAILED,
    PartOutcome.CANCELLED: Ended.CANCELLED,
    PartOutcome.UNKNOWN: Ended.UNKNOWN,
}


def write_intent(carrying: Carrying, index: int, way: str, part: Part, seen: Observation, why: str = "") -> None:
    """Commit what is about to be done, with the neighbours as they are, before anything is done.

    The first intent of a run also makes and seals its secrets in the same transaction: a restart applies the same ones.
    """
    sealed = _secrets_to_make(carrying, index, way, seen)

    def also(uow: UnitOfWork, now: datetime) -> None:
        runs.write_intent(uow, _intent(carrying, index, way, part, seen, now))
        for secret in sealed:
            secrets.add(uow, secret)
            audit.append(
                uow, AuditEvent.SECRET_SEAL, actor="worker", subject=secret.id, data={"name": secret.name}, at=now
            )
        data: dict[str, Value] = {"part": index, "way": way, "changes": len(part.changes)}
        audit.append(uow, AuditEvent.INTENT_WRITE, actor="worker", subject=carrying.run.id, data=data, at=now)

    carrying.move(RunState.APPLYING if way == MAKE else RunState.UNDOING, why, also=also)


def carry_through(
    carrying: Carrying, index: int, way: str, part: Part, seen: Observation | None = None
) -> tuple[Ended, Observation | None]:
    """Do what is left of an intended part, then look: done only when every change is seen at `after`.

    `seen`: what was seen when the intent was written a moment ago; a part taken up again waits for an earlier worker's
    duty, looks anew and asks again for what nobody heard the end of. Returns how it ended, and the look that showed it
    done.
    """
    ended = Ended.FAILED
    for _ in range(_TRIES):
        again = () if seen else unheard(carrying, index, way, part)
        seen = seen or look_when_free(carrying)
        if seen is None:
            return Ended.STOPPED, None
        ended = _once(carrying, index, way, part, seen, again)
        seen = None
        if ended is not Ended.UNKNOWN:
            break
    if ended not in {Ended.UNKNOWN, Ended.DONE}:
        return ended, None
    seen = look_when_free(carrying) if ended is Ended.UNKNOWN else _look(carrying)
    if seen is None:
        return Ended.STOPPED, None
    return (Ended.FAILED, None) if standing(part.changes, seen).left else (Ended.DONE, seen)


def unheard(carrying: Carrying, index: int, way: str, part: Part) -> tuple[Change, ...]:
    """Return the changes of the part's tasks that nobody heard ending well.

    All of them may stand although a duty that was killed has not had its daemon take them up, which no look shows: it
    is asked again, touches nothing that stands, and does what it does once all stands (`settle` of duties/duty.py).
    """
    with carrying.hands.database.reading() as uow:
        rows = runs.results(uow, carrying.run.id)
    heard = {row.task for row in rows if (row.part, row.way) == (index, way) and row.outcome in _ENDED_WELL}
    return tuple(change for task in part.tasks if task.name not in heard for change in task.changes)


def _once(carrying: Carrying, index: int, way: str, part: Part, seen: Observation, again: tuple[Change, ...]) -> Ended:
    left = left_to_do(carrying, way, part, seen, again)
    if isinstance(left, Ended):
        return left
    live = LiveLines(carrying.hands, carrying.run.id)
    order = order_of(carrying, index, way, left, live)
    result = carrying.hands.do(
        order.part,
        run_id=order.run_id,
        item_id=order.item_id,
        sealed=order.sealed,
        told=order.told,
        finished=order.finished,
        cancelled=order.cancelled,
    )
    live.flush()
    return settle(carrying, index, way, part, result)


def left_to_do(
    carrying: Carrying, way: str, part: Part, seen: Observation, again: tuple[Change, ...] = ()
) -> Part | Ended:
    """Return what of an intended part is left to do as things stand, or how it ended without doing anything.

    `again`: what is asked for even where it stands.
    """
    now_at = standing(part.changes, seen)
    if now_at.third:
        spots = ", ".join(name_of(change) for change, _ in now_at.third)
        carrying.move(RunState.NEEDS_ATTENTION, f"bukan sebelum dan bukan sesudah: {spots}")
        return Ended.STOPPED
    left = (*now_at.left, *again)
    if not left:
        return Ended.DONE
    if way == MAKE and carrying.cancel_asked():
        return Ended.CANCELLED
    if not is_as_approved(carrying):
        return Ended.STOPPED
    return left_of(part, left)


def settle(carrying: Carrying, index: int, way: str, part: Part, result: PartResult) -> Ended:
    """Judge what the runner answered: what breaks a law has failed, whatever it says."""
    broken = _broken_law(part, result)
    if broken:
        _write_result(
            carrying, index, way, TaskResult(task="", outcome="failed", changes=(), message=broken, seconds=0)
        )
    return Ended.FAILED if broken else _ENDED[result.outcome]


def _broken_law(part: Part, result: PartResult) -> str:
    """Say which law the run's own answers break: a secret in what it wrote (8), a change nobody planned (2)."""
    if result.leaks:
        return "rahasia ditemukan pada: " + ", ".join(result.leaks)
    unplanned = [change for task in result.tasks for change in task.changes if change not in part.changes]
    words = ", ".join(f"{change.system} {change.target} {change.property}" for change in unplanned)
    return f"tidak direncanakan: {words}" if unplanned else ""


def look_when_free(carrying: Carrying) -> Observation | None:
    """Wait for a duty that was left running, then look; None where the host does not answer (then unknown)."""
    try:
        busy = carrying.busy_place()
        if not busy:
            return carrying.look()
        why = f"{busy}: tugas sebelumnya masih berjalan setelah 60 detik"
    except Unreachable as fault:
        carrying.lose_sight(fault)
        return None
    carrying.lose_sight(why)
    return None


def _look(carrying: Carrying) -> Observation | None:
    try:
        return carrying.look()
    except Unreachable as fault:
        carrying.lose_sight(fault)
        return None


def is_as_approved(carrying: Carrying) -> bool:
    """Code, inventory variables and versions are those of the approved plan, make or undo; else a person must look."""
    if carrying.hands.reach(carrying.kind.name).at(carrying.places) == carrying.plan.reach:
        return True
    carrying.move(RunState.NEEDS_ATTENTION, "berkas playbook, variabel atau versi berubah sejak disetujui")
    return False


def order_of(carrying: Carrying, index: int, way: str, part: Part, live: LiveLines) -> Order:
    """Return the order to do `part`: its lines go to `live`, each task's result is a row as it ends."""

    def finished(result: TaskResult) -> None:
        live.flush()
        _write_result(carrying, index, way, result)

    return Order(
        part=part,
        run_id=carrying.run.id,
        item_id=carrying.run.item_id,
        sealed=carrying.sealed(),
        told=lambda task, text: live.tell("log", task, text),
        finished=finished,
        cancelled=_must_stop(carrying, way),
    )


def _must_stop(carrying: Carrying, way: str) -> Callable[[], bool]:
    """Between two tasks: another worker took the run up, or a person cancelled; an undo is not cancelled."""
    return lambda: not carrying.is_mine() or (way == MAKE and carrying.cancel_asked())


def _write_result(carrying: Carrying, index: int, way: str, result: TaskResult) -> None:
    now = carrying.hands.clock()
    row = Result(
        run_id=carrying.run.id,
        part=index,
        way=way,
        task=result.task,
        outcome=result.outcome,
        changes=result.changes,
        message=result.message,
        seconds=result.seconds,
        written_at=now,
    )
    with carrying.hands.database.transaction() as uow:
        carrying.check_fence(uow)
        runs.write_result(uow, row)
        line = ("task", result.task, result.outcome, now) if result.task else ("log", "", result.message, now)
        runs.add_events(uow, carrying.run.id, (line,))
        data: dict[str, Value] = {"part": index, "way": way, "task": result.task, "outcome": result.outcome}
        audit.append(uow, AuditEvent.RESULT_WRITE, actor="worker", subject=carrying.run.id, data=data, at=now)


def _intent(carrying: Carrying, index: int, way: str, part: Part, seen: Observation, now: datetime) -> Intent:
    return Intent(
        run_id=carrying.run.id,
        part=index,
        way=way,
        changes=part.changes,
        neighbours=fingerprint(seen, carrying.own),
        reach=carrying.hands.reach(carrying.kind.name).files,
        written_at=now,
    )


def _secrets_to_make(carrying: Carrying, index: int, way: str, seen: Observation) -> tuple[SealedSecret, ...]:
    if index or way == UNDO:
        return ()
    wanted = carrying.kind.secrets(carrying.question(seen), carrying.plan.choices)
    return carrying.hands.make_secrets(wanted, carrying.run.id, carrying.run.item_id)
