"""Which plans were made for a line, and how do they stand?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provisioner.errors import Refused
from provisioner.plans.change import Change
from provisioner.plans.hold import Thing
from provisioner.plans.plan import Part, Plan, PlanState, Reach, Reason, Task
from provisioner.plans.record import PlanBrief, PlanRecord
from provisioner.store.asking import changed_one, only
from provisioner.store.refusals import refusing
from provisioner.store.tables.plans import PLANS
from provisioner.unit_of_work import UnitOfWork


def ask(
    uow: UnitOfWork,
    plan_id: str,
    line_id: str,
    asked_by: str | None,
    reason: str,
    wishes: Mapping[str, str],
    now: datetime,
) -> None:
    """Ask for a look; what was asked, looking or current for the line before is superseded."""
    waiting = (PlanState.ASKED, PlanState.LOOKING, PlanState.CURRENT)
    older = sa.update(PLANS).where(PLANS.c.line_id == line_id, PLANS.c.state.in_([state.value for state in waiting]))
    uow.connection.execute(older.values(state=PlanState.SUPERSEDED.value))
    row = {"id": plan_id, "line_id": line_id, "state": PlanState.ASKED.value, "reasons": [], "moved": []}
    asked = {"asked_by": asked_by, "asked_reason": reason, "wishes": dict(wishes), "asked_at": now}
    uow.connection.execute(sa.insert(PLANS).values(**row, **asked))


def start(uow: UnitOfWork, plan_id: str) -> None:
    """Note that the look began, or begins again after a crash; Refused where a newer one was asked."""
    begun = PLANS.c.state.in_([PlanState.ASKED.value, PlanState.LOOKING.value])
    _change(uow, plan_id, begun, {"state": PlanState.LOOKING.value})


def finish(
    uow: UnitOfWork,
    plan_id: str,
    state: PlanState,
    plan: Plan | None,
    reasons: Iterable[Reason],
    looked_at: datetime | None,
) -> None:
    """Write what the look found; what is written never changes. Refused where a newer look was asked meanwhile."""
    values = {
        "state": PlanState(state).value,
        "plan": None if plan is None else _plan_data(plan),
        "digest": None if plan is None else plan.digest,
        "reasons": [vars(reason) for reason in reasons],
        "looked_at": looked_at,
    }
    begun = PLANS.c.state.in_([PlanState.ASKED.value, PlanState.LOOKING.value])
    with refusing(uow, Refused("baris ini sudah mempunyai rencana yang berlaku", "rencana", "Lihat ulang.")):
        _change(uow, plan_id, begun, values)


def plan(uow: UnitOfWork, plan_id: str) -> PlanRecord:
    """Return the plan's record; NotFound where there is none."""
    return _from_row(only(uow, sa.select(PLANS).where(PLANS.c.id == plan_id), f"rencana {plan_id}"))


def by_id(uow: UnitOfWork, plan_ids: Iterable[str]) -> Mapping[str, PlanRecord]:
    """Return many at once: id -> record."""
    rows = uow.connection.execute(sa.select(PLANS).where(PLANS.c.id.in_(sorted(set(plan_ids)))))
    return {row.id: _from_row(row) for row in rows}


def briefs(uow: UnitOfWork, plan_ids: Iterable[str]) -> Mapping[str, PlanBrief]:
    """Return how many plans stand, without what they would change: id -> brief."""
    columns = (PLANS.c.id, PLANS.c.state, PLANS.c.digest, PLANS.c.reasons, PLANS.c.looked_at)
    rows = uow.connection.execute(sa.select(*columns).where(PLANS.c.id.in_(sorted(set(plan_ids)))))
    return {
        row.id: PlanBrief(
            id=row.id,
            state=PlanState(row.state),
            digest=row.digest or "",
            reasons=tuple(Reason(**reason) for reason in row.reasons),
            looked_at=row.looked_at,
        )
        for row in rows
    }


def of_line(uow: UnitOfWork, line_id: str) -> tuple[PlanRecord, ...]:
    """Return the line's plans, the oldest first."""
    query = sa.select(PLANS).where(PLANS.c.line_id == line_id).order_by(PLANS.c.asked_at, PLANS.c.id)
    return tuple(_from_row(row) for row in uow.connection.execute(query))


def set_state(uow: UnitOfWork, plan_id: str, state: PlanState, moved: Iterable[str] = ()) -> None:
    """Set the plan's state, for a stale one with what moved."""
    values = {"state": PlanState(state).value, "moved": list(moved)}
    changed_one(uow, sa.update(PLANS).where(PLANS.c.id == plan_id).values(values), f"rencana {plan_id}")


def _change(uow: UnitOfWork, plan_id: str, condition: sa.ColumnElement[bool], values: Mapping[str, Any]) -> None:
    statement = sa.update(PLANS).where(PLANS.c.id == plan_id, condition).values(values)
    if uow.connection.execute(statement).rowcount != 1:
        state = plan(uow, plan_id).state
        raise Refused(f"rencana {plan_id} sudah '{state}'", "rencana", "Pakai rencana yang terbaru.")


def _from_row(row: Any) -> PlanRecord:
    return PlanRecord(
        id=row.id,
        line_id=row.line_id,
        state=PlanState(row.state),
        plan=None if row.plan is None else _plan(row.plan),
        reasons=tuple(Reason(**reason) for reason in row.reasons),
        asked_by=row.asked_by,
        asked_reason=row.asked_reason,
        wishes=row.wishes,
        asked_at=row.asked_at,
        looked_at=row.looked_at,
        moved=tuple(row.moved),
    )


def _plan_data(plan: Plan) -> dict[str, Any]:
    return {
        "kind": plan.kind,
        "verb": plan.verb,
        "wish_digest": plan.wish_digest,
        "choices": dict(plan.choices),
        "parts": [part.as_data() for part in plan.parts],
        "things": [vars(thing) for thing in plan.things],
        "reach": {name: dict(value) for name, value in vars(plan.reach).items()},
        "page": dict(plan.page),
    }


def _plan(data: Mapping[str, Any]) -> Plan:
    return Plan(
        kind=data["kind"],
        verb=data["verb"],
        wish_digest=data["wish_digest"],
        choices=data["choices"],
        parts=tuple(_part(part) for part in data["parts"]),
        things=tuple(Thing(**thing) for thing in data["things"]),
        reach=Reach(**data["reach"]),
        page=data["page"],
    )


def _part(data: Mapping[str, Any]) -> Part:
    tasks = tuple(
        Task(name=task["name"], changes=tuple(Change.from_data(change) for change in task["changes"]))
        for task in data["tasks"]
    )
    return Part(**{**data, "tasks": tasks})
