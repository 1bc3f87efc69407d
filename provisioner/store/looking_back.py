"""What did earlier runs do, and how long did it take them?"""

from __future__ import annotations

from datetime import datetime
from statistics import median

import sqlalchemy as sa

from provisioner.store.tables.runs import INTENTS, RESULTS
from provisioner.unit_of_work import UnitOfWork

_SAMPLES = 20


def places_of_others_since(uow: UnitOfWork, at: datetime, but_run: str) -> frozenset[str]:
    """Return what other runs meant to change that meant or did anything at or after `at`, in a fingerprint's words.

    'dns kota.lab/simpeg.kota.lab address': they explain what moved beside ours, and nothing else does.
    """
    meant = sa.select(INTENTS.c.run_id).where(INTENTS.c.written_at >= at)
    did = sa.select(RESULTS.c.run_id).where(RESULTS.c.written_at >= at)
    # One set, not two joined by OR: for those PostgreSQL would read every intent there ever was.
    of_others = INTENTS.c.run_id.in_(sa.union(meant, did)) & (INTENTS.c.run_id != but_run)
    rows = uow.connection.execute(sa.select(INTENTS.c.changes).where(of_others)).scalars()
    return frozenset(f"{c['system']} {c['target']} {c['property']}" for changes in rows for c in changes)


def usual_seconds(uow: UnitOfWork, task: str) -> float | None:
    """Return the median time of the last 20 runs of that duty, None where there were none."""
    query = sa.select(RESULTS.c.seconds).where(RESULTS.c.task == task, RESULTS.c.way == "make")
    query = query.where(RESULTS.c.outcome == "changed").order_by(RESULTS.c.id.desc()).limit(_SAMPLES)
    seconds = list(uow.connection.execute(query).scalars())
    return median(seconds) if seconds else None
