"""How is kept what items used over time?"""

from __future__ import annotations

import sqlalchemy as sa

from provisioner.store.tables.columns import METADATA, Instant

# One point a period and measure: the key itself keeps a series from growing faster than that.
USAGE = sa.Table(
    "usage",
    METADATA,
    sa.Column("item_id", sa.ForeignKey("items.id"), primary_key=True),
    sa.Column("period", Instant, primary_key=True),
    sa.Column("measure", sa.Text, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("value", sa.BigInteger, nullable=False),
    sa.CheckConstraint("value >= 0", name="not_negative"),
    sa.Index("ix_usage_period", "period"),
)
