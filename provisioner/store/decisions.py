"""Who decided what on a line?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provisioner.decisions.decision import Decision, Outcome
from provisioner.errors import Refused
from provisioner.store.asking import changed_one, only
from provisioner.store.refusals import refusing
from provisioner.store.tables.plans import DECISIONS
from provisioner.unit_of_work import UnitOfWork


def add(uow: UnitOfWork, decision: Decision) -> None:
    """Write a decision; NotAllowed where the decider asked, wrote a version of the wish or proposed it (by trigger)."""
    with refusing(uow, Refused("keputusan tidak dapat dicatat", "keputusan", "Periksa baris, orang dan sidiknya.")):
        uow.connection.execute(sa.insert(DECISIONS).values({**vars(decision), "outcome": decision.outcome.value}))


def decision(uow: UnitOfWork, decision_id: str) -> Decision:
    """Return the decision; NotFound where there is none."""
    query = sa.select(DECISIONS).where(DECISIONS.c.id == decision_id)
    return _from_row(only(uow, query, f"keputusan {decision_id}"))


def of_line(uow: UnitOfWork, line_id: str) -> tuple[Decision, ...]:
    """Return the line's decisions, the oldest first, voided ones included."""
    query = sa.select(DECISIONS).where(DECISIONS.c.line_id == line_id)
    return tuple(
        _from_row(row) for row in uow.connection.execute(query.order_by(DECISIONS.c.decided_at, DECISIONS.c.id))
    )


def of_lines(uow: UnitOfWork, line_ids: Iterable[str]) -> tuple[Decision, ...]:
    """Return the decisions of many lines, the oldest first."""
    query = sa.select(DECISIONS).where(DECISIONS.c.line_id.in_(sorted(set(line_ids))))
    rows = uow.connection.execute(query.order_by(DECISIONS.c.decided_at, DECISIONS.c.id))
    return tuple(_from_row(row) for row in rows)


def void(uow: UnitOfWork, decision_id: str, now: datetime) -> None:
    """Make the decision count no more; what it said stays. Voiding it again changes nothing."""
    known = decision(uow, decision_id)
    if known.voided_at is None:
        statement = sa.update(DECISIONS).where(DECISIONS.c.id == decision_id).values(voided_at=now)
        changed_one(uow, statement, f"keputusan {decision_id}")


def _from_row(row: Any) -> Decision:
    return Decision(**{**row._mapping, "outcome": Outcome(row.outcome)})
