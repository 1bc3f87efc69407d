"""What has a person typed and not sent yet?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from provisioner.errors import NotFound, Refused
from provisioner.requests.saved_draft import LIFETIME, SavedDraft
from provisioner.store.refusals import refusing
from provisioner.store.tables.drafts import DRAFTS, SCANS
from provisioner.unit_of_work import UnitOfWork


def begin(uow: UnitOfWork, draft: SavedDraft) -> None:
    """Keep a new draft; Refused where the author has one of that id or of that returned request already."""
    row = {name: value for name, value in vars(draft).items() if name in DRAFTS.c}
    with refusing(uow, Refused("draf ini sudah ada", "draf", "Buka draf yang sudah ada.")):
        uow.connection.execute(sa.insert(DRAFTS).values({**row, "document": dict(draft.document)}))


def save(uow: UnitOfWork, draft_id: str, document: Mapping[str, Any], now: datetime) -> None:
    """Keep what was typed in place of what was; the draft lives on from `now`."""
    mine = sa.update(DRAFTS).where(DRAFTS.c.id == draft_id)
    uow.connection.execute(mine.values(document=dict(document), saved_at=now))


def draft(uow: UnitOfWork, author_id: str, draft_id: str, now: datetime) -> SavedDraft:
    """Return the author's draft; NotFound where there is none, it is another's, or its time is over."""
    found = _drafts(uow, (DRAFTS.c.id == draft_id) & (DRAFTS.c.author_id == author_id), now)
    if not found:
        mend = "Mulai permohonan baru, atau lihat daftar permohonan: mungkin sudah terkirim."
        raise NotFound("draf tidak ada", draft_id[:40], mend)
    return found[0]


def of_request(uow: UnitOfWork, author_id: str, request_id: str, now: datetime) -> SavedDraft | None:
    """Return the author's draft of a returned request, None where it was not begun."""
    found = _drafts(uow, (DRAFTS.c.request_id == request_id) & (DRAFTS.c.author_id == author_id), now)
    return found[0] if found else None


def of_author(uow: UnitOfWork, author_id: str, now: datetime) -> tuple[SavedDraft, ...]:
    """Return the author's drafts, the last saved first."""
    return _drafts(uow, DRAFTS.c.author_id == author_id, now)


def send(uow: UnitOfWork, draft_id: str, request_id: str) -> None:
    """Keep of a draft nothing but which request it became."""
    mine = sa.update(DRAFTS).where(DRAFTS.c.id == draft_id)
    uow.connection.execute(mine.values(sent_as=request_id, request_id=None, document={}))


def sent_as(uow: UnitOfWork, author_id: str, draft_id: str) -> str | None:
    """Return the request that the author's draft was sent as; None where it was not sent, or is no draft of theirs."""
    mine = (DRAFTS.c.id == draft_id) & (DRAFTS.c.author_id == author_id)
    found = uow.connection.execute(sa.select(DRAFTS.c.sent_as).where(mine)).scalar()
    return None if found is None else str(found)


def delete(uow: UnitOfWork, draft_id: str) -> None:
    """Forget the draft and the scan that lies with it; again, nothing happens."""
    uow.connection.execute(sa.delete(DRAFTS).where(DRAFTS.c.id == draft_id))


def is_any_due(uow: UnitOfWork, now: datetime) -> bool:
    """Tell whether a draft's time is over, without standing in any writer's way."""
    due = sa.select(DRAFTS.c.id).where(DRAFTS.c.saved_at <= now - LIFETIME).limit(1)
    return uow.connection.execute(due).first() is not None


def expire(uow: UnitOfWork, now: datetime) -> None:
    """Forget the drafts whose time is over, and the scans with them."""
    uow.connection.execute(sa.delete(DRAFTS).where(DRAFTS.c.saved_at <= now - LIFETIME))


def _drafts(uow: UnitOfWork, condition: sa.ColumnElement[bool], now: datetime) -> tuple[SavedDraft, ...]:
    columns = (column for column in DRAFTS.c if column.name != "sent_as")
    query = sa.select(*columns, SCANS.c.id.label("scan_id")).outerjoin(SCANS, SCANS.c.draft_id == DRAFTS.c.id)
    living = query.where(condition, DRAFTS.c.sent_as.is_(None), DRAFTS.c.saved_at > now - LIFETIME).order_by(
        DRAFTS.c.saved_at.desc(), DRAFTS.c.id
    )
    return tuple(SavedDraft(**row._mapping) for row in uow.connection.execute(living))
