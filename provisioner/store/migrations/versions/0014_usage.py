"""What did items use over time? One row a period and measure; what was used in between is nobody's question."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; its key serves the series of an item, the index what is forgotten and what is newest."""
    op.create_table(
        "usage",
        sa.Column("item_id", sa.Text, nullable=False),
        sa.Column("period", sa.DateTime(timezone=True), nullable=False),
        sa.Column("measure", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("item_id", "period", "measure", name="pk_usage"),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_usage_item_id_items"),
        sa.CheckConstraint("value >= 0", name="not_negative"),
    )
    op.create_index("ix_usage_period", "usage", ["period"])


def downgrade() -> None:
    """Take it away; the last look at each item stays."""
    op.drop_table("usage")
