"""Where does it stand that an item is over a limit? In a row for each, as long as it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "alarms",
        sa.Column("item_id", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("mend", sa.Text, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_alarms_item_id_items"),
        sa.PrimaryKeyConstraint("item_id", "code", name="pk_alarms"),
    )


def downgrade() -> None:
    """Take it away; the next watch finds again what is over its limits."""
    op.drop_table("alarms")
