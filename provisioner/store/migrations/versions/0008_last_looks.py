"""What did the nightly look measure? One row a host or item; and who recorded an act is found by an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_RECORDED = sa.text("recorder IS NOT NULL")


def upgrade() -> None:
    """Make the table and the index."""
    op.create_table(
        "last_looks",
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("measures", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_last_looks"),
    )
    op.create_index(
        "ix_audit_recorder_sequence",
        "audit",
        ["recorder", "sequence"],
        sqlite_where=_RECORDED,
        postgresql_where=_RECORDED,
    )


def downgrade() -> None:
    """Take them away; the next look measures again."""
    op.drop_index("ix_audit_recorder_sequence", "audit")
    op.drop_table("last_looks")
