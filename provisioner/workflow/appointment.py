"""Who no longer works with an item once another person was appointed, and what does that end?"""

from __future__ import annotations

from datetime import datetime, timedelta

from provisioner.audit_events import AuditEvent
from provisioner.items.item import Item
from provisioner.store import audit, items, people
from provisioner.unit_of_work import UnitOfWork
from provisioner.workflow.carrying import Carrying

TECHNICAL_TEAM = "opd_technical_team"


def take_leave(carrying: Carrying, item: Item, uow: UnitOfWork, now: datetime) -> None:
    """End the former technical person's place in the OPD's team, unless another item of that OPD still names them.

    By that place they saw what the OPD has; a letter of theirs they may still read, for it is theirs.
    """
    former, appointed = item.technical_person_id, carrying.request.appointed_to(carrying.line)
    if former is None or former == appointed or items.names_technical(uow, former, item.opd, but=item.id):
        return
    yesterday = now.astimezone(carrying.hands.zone).date() - timedelta(days=1)
    if people.end_positions(uow, former, TECHNICAL_TEAM, item.opd, yesterday):
        data = {"opd": item.opd, "item": item.id}
        audit.append(uow, AuditEvent.POSITION_END, actor="worker", subject=former, data=data, at=now)
