"""How is kept what the watch found over its limits?"""

from __future__ import annotations

import sqlalchemy as sa

from provisioner.store.tables.columns import METADATA, Instant

ALARMS = sa.Table(
    "alarms",
    METADATA,
    sa.Column("item_id", sa.ForeignKey("items.id"), primary_key=True),
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("mend", sa.Text, nullable=False),
    sa.Column("since", Instant, nullable=False),
)
