"""Which granted wish is proposed for a line, beside the one that was asked?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provisioner.decisions.adjustment import Adjustment
from provisioner.store.asking import changed_one, only
from provisioner.store.tables.requests import ADJUSTMENTS, LINE_WISHES, LINES
from provisioner.unit_of_work import UnitOfWork


def propose(
    uow: UnitOfWork,
    line_id: str,
    granted: Mapping[str, Any],
    *,
    proposer_id: str,
    proposer_name: str,
    position: str,
    reason: str,
    now: datetime,
) -> int:
    """Let `granted` be the line's next wish version and the one that counts; return its number.

    Refused where the line is not open any more (by trigger): what was decided is what runs.
    """
    version = last_version(uow, line_id) + 1
    key = {"line_id": line_id, "version": version}
    wish = {"standing": "proposed", "wish": dict(granted), "author_id": proposer_id, "written_at": now}
    uow.connection.execute(sa.insert(LINE_WISHES).values(**key, **wish))
    words = {"proposer_name": proposer_name, "position": position, "reason": reason}
    uow.connection.execute(sa.insert(ADJUSTMENTS).values(**key, **words))
    _let_count(uow, line_id, version)
    return version


def withdraw(uow: UnitOfWork, line_id: str) -> bool:
    """Let the wish asked last count again; False where no proposal stood. What was proposed stays written."""
    if standing(uow, line_id) is None:
        return False
    _let_count(uow, line_id, int(_asked(uow, line_id).version))
    return True


def standing(uow: UnitOfWork, line_id: str) -> Adjustment | None:
    """Return the proposal that counts for the line now, None where the wish as asked does."""
    current = (LINES.c.id == LINE_WISHES.c.line_id) & (LINES.c.wish_version == LINE_WISHES.c.version)
    query = sa.select(LINE_WISHES, ADJUSTMENTS.c.proposer_name, ADJUSTMENTS.c.position, ADJUSTMENTS.c.reason)
    query = query.join(ADJUSTMENTS).join(LINES, current).where(LINES.c.id == line_id)
    row = uow.connection.execute(query).one_or_none()
    if row is None:
        return None
    return Adjustment(
        line_id=line_id,
        version=row.version,
        asked=_asked(uow, line_id).wish,
        granted=row.wish,
        proposer_id=row.author_id,
        proposer_name=row.proposer_name,
        position=row.position,
        reason=row.reason,
        proposed_at=row.written_at,
    )


def of_request(uow: UnitOfWork, request_id: str) -> Mapping[str, Adjustment]:
    """Return the proposals that count for the lines of a request now: line id -> proposal."""
    current = (LINES.c.id == LINE_WISHES.c.line_id) & (LINES.c.wish_version == LINE_WISHES.c.version)
    query = sa.select(LINES.c.id).join(LINE_WISHES, current).join(ADJUSTMENTS).where(LINES.c.request_id == request_id)
    found = {row.id: standing(uow, row.id) for row in uow.connection.execute(query).all()}
    return {line_id: proposal for line_id, proposal in found.items() if proposal is not None}


def asked(uow: UnitOfWork, line_id: str) -> Mapping[str, Any]:
    """Return the wish as the OPD asked it last, whatever counts now."""
    wish: Mapping[str, Any] = _asked(uow, line_id).wish
    return wish


def last_version(uow: UnitOfWork, line_id: str) -> int:
    """Return the number of the line's newest wish, asked or proposed, whether it counts or not."""
    query = sa.select(sa.func.max(LINE_WISHES.c.version)).where(LINE_WISHES.c.line_id == line_id)
    return int(uow.connection.execute(query).scalar() or 0)


def _asked(uow: UnitOfWork, line_id: str) -> Any:
    mine = (LINE_WISHES.c.line_id == line_id) & (LINE_WISHES.c.standing == "asked")
    query = sa.select(LINE_WISHES.c.version, LINE_WISHES.c.wish).where(mine)
    return only(uow, query.order_by(LINE_WISHES.c.version.desc()).limit(1), f"isian baris {line_id}")


def _let_count(uow: UnitOfWork, line_id: str, version: int) -> None:
    mine = sa.update(LINES).where(LINES.c.id == line_id).values(wish_version=version)
    changed_one(uow, mine, f"baris {line_id}")
