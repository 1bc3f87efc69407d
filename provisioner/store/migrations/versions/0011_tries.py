"""Where are tries of a login counted? In a table of their own, by name, by address and by both."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; a login itself counts nothing any more: who tried it often enough kept its owner out."""
    op.create_table(
        "tries",
        sa.Column("key_sha256", sa.Text, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_sha256", name="pk_tries"),
    )
    op.create_index("ix_tries_ends_at", "tries", ["ends_at"])
    for name in ("failed_count", "locked_until"):
        op.drop_column("logins", name)


def downgrade() -> None:
    """Take it away; no login is locked then."""
    op.add_column("logins", sa.Column("failed_count", sa.Integer, nullable=False, server_default="0"))
    op.add_column("logins", sa.Column("locked_until", sa.DateTime(timezone=True)))
    op.drop_table("tries")
