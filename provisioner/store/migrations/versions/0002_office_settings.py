"""Where does the office's part of the inventory stand? In its own table: the gate reads no inventory."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "office_settings",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_office_settings"),
    )


def downgrade() -> None:
    """Take it away; `office sync` fills it again."""
    op.drop_table("office_settings")
