"""Where does an act keep the key it was sent under? In one table for every act; that of requests alone goes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and drop the keys of requests alone: they named no content and kept no answer."""
    op.create_table(
        "sendings",
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("key_sha256", sa.Text, nullable=False),
        sa.Column("content_sha256", sa.Text, nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("location", sa.Text),
        sa.Column("media_type", sa.Text),
        sa.Column("body", sa.LargeBinary),
        sa.PrimaryKeyConstraint("person_id", "key_sha256", name="pk_sendings"),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_sendings_person_id_persons"),
    )
    op.create_index("ix_sendings_sent_at", "sendings", ["sent_at"])
    op.drop_table("request_keys")


def downgrade() -> None:
    """Take it away; what was sent before counts as new."""
    op.drop_table("sendings")
    op.create_table(
        "request_keys",
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("idempotency_key", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "idempotency_key", name="pk_request_keys"),
    )
