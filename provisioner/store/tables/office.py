"""How is kept what the gate must know of the inventory, which it does not read itself?"""

from __future__ import annotations

import sqlalchemy as sa

from provisioner.store.tables.columns import METADATA, Json

OFFICE = sa.Table(
    "office_settings",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", Json, nullable=False),
)
