"""What did earlier runs do, and how long did it take them?"""

from __future__ import annotations

from datetime import datetime
from statistics import median

import sqlalchemy as sa

from provisioner.store.tables.runs import INTENTS, RESULTS, RUNS
from provisioner.unit_of_work import UnitOfWork

_SAMPLES = 20


def items_acted_on_since(uow: UnitOfWork, at: datetime) -> frozenset[str]:
    """Return the items whose runs meant or did something at or after `at`: they explain what moved beside ours."""
    meant = sa.select(INTENTS.c.run_id).where(INTENTS.c.written_at >= at)
    did = sa.select(RESULTS.c.run_id).where(RESULTS.c.written_at >= at)
    query = sa.select(RUNS.c.item_id).where(RUNS.c.id.in_(meant) | RUNS.c.id.in_(did)).distinct()
    return frozenset(uow.connection.execute(query).scalars())


def usual_seconds(uow: UnitOfWork, task: str) -> float | None:
    """Return the median time of the last 20 runs of that duty, None where there were none."""
    query = sa.select(RESULTS.c.seconds).where(RESULTS.c.task == task, RESULTS.c.way == "make")
    query = query.where(RESULTS.c.outcome == "changed").order_by(RESULTS.c.id.desc()).limit(_SAMPLES)
    seconds = list(uow.connection.execute(query).scalars())
    return median(seconds) if seconds else None
