"""Which ids in the chain are about one request?"""

from __future__ import annotations

import sqlalchemy as sa

from provisioner.store.tables.items import SECRETS
from provisioner.store.tables.plans import DECISIONS, PLANS
from provisioner.store.tables.requests import LINES, REQUESTS
from provisioner.store.tables.runs import RUNS
from provisioner.unit_of_work import UnitOfWork


def of_request(uow: UnitOfWork, number: str) -> frozenset[str]:
    """Return the ids of the request of that number, its lines, plans, decisions, runs, secrets and items."""
    request = sa.select(REQUESTS.c.id).where(REQUESTS.c.number == number)
    lines = sa.select(LINES.c.id).where(LINES.c.request_id.in_(request))
    runs = sa.select(RUNS.c.id).where(RUNS.c.line_id.in_(lines))
    found = sa.union_all(
        request,
        lines,
        sa.select(LINES.c.item_id).where(LINES.c.request_id.in_(request), LINES.c.item_id.is_not(None)),
        sa.select(PLANS.c.id).where(PLANS.c.line_id.in_(lines)),
        sa.select(DECISIONS.c.id).where(DECISIONS.c.line_id.in_(lines)),
        runs,
        sa.select(SECRETS.c.id).where(SECRETS.c.run_id.in_(runs)),
    )
    return frozenset(uow.connection.execute(found).scalars())
