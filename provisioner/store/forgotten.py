"""Which work has begun or been asked for, and has not come to an end?"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from provisioner.plans.plan import PlanState
from provisioner.requests.request import LineState
from provisioner.runs.run import ENDED, RunState
from provisioner.store.tables.plans import PLANS
from provisioner.store.tables.requests import LINES
from provisioner.store.tables.runs import RUNS
from provisioner.unit_of_work import UnitOfWork

_RESTING = frozenset({RunState.NEEDS_ATTENTION, RunState.WAITING_FOR_PERSON, RunState.WAITING_UNTIL})
_LOOKING = frozenset({PlanState.ASKED, PlanState.LOOKING})


def runs(uow: UnitOfWork, now: datetime) -> tuple[tuple[str, str], ...]:
    """Return (run id, host) of the runs that neither ended nor wait for a person or a date, the oldest first.

    One whose host could not be seen is left alone until its next look is due.
    """
    still: sa.ColumnElement[bool] = RUNS.c.state.not_in(sorted(state.value for state in ENDED | _RESTING))
    still &= RUNS.c.look_again_at.is_(None) | (RUNS.c.look_again_at <= now)
    query = sa.select(RUNS.c.id, RUNS.c.host).where(still).order_by(RUNS.c.queued_at, RUNS.c.id)
    return tuple((row.id, row.host) for row in uow.connection.execute(query))


def plans(uow: UnitOfWork) -> tuple[str, ...]:
    """Return the plans that were asked for and not made, the oldest first."""
    still = PLANS.c.state.in_(sorted(state.value for state in _LOOKING))
    return tuple(uow.connection.execute(sa.select(PLANS.c.id).where(still).order_by(PLANS.c.asked_at)).scalars())


def undone_lines(uow: UnitOfWork) -> tuple[tuple[str, str, str, datetime], ...]:
    """Return (line, request, run, when it ended) of the lines whose run was undone and that nobody tried again."""
    undone = RUNS.c.state.in_([RunState.FAILED.value, RunState.CANCELLED.value]) & RUNS.c.ended_at.is_not(None)
    query = sa.select(LINES.c.id, LINES.c.request_id, RUNS.c.id, RUNS.c.ended_at)
    query = query.join(RUNS, RUNS.c.id == LINES.c.run_id).where(LINES.c.state == LineState.DECIDED.value, undone)
    return tuple(tuple(row) for row in uow.connection.execute(query.order_by(RUNS.c.ended_at)))
