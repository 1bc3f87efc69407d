"""What has the office set? Zone, reserved words, defaults: copied from the inventory when the office opens."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from provisioner.digests import Value
from provisioner.store.tables.office import OFFICE
from provisioner.unit_of_work import UnitOfWork


def keep(uow: UnitOfWork, settings: Mapping[str, Value]) -> None:
    """Put `settings` in the place of all that was kept: {'zone': 'kota.lab', 'reserved_labels': ['www', ...]}."""
    uow.connection.execute(sa.delete(OFFICE))
    rows = [{"name": name, "value": value} for name, value in settings.items()]
    if rows:
        uow.connection.execute(sa.insert(OFFICE), rows)


def settings(uow: UnitOfWork) -> Mapping[str, Value]:
    """Return all settings by name."""
    rows = uow.connection.execute(sa.select(OFFICE).order_by(OFFICE.c.name))
    return {row.name: row.value for row in rows}
