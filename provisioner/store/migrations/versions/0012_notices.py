"""Where does it stand what a person was told by mail, and when? In tables: a restart forgets nothing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TOPICS = "topic IN ('waiting', 'access_ready', 'access_ending')"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "notice_mails",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True)),
        sa.Column("why", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_notice_mails_person_id_persons"),
        sa.PrimaryKeyConstraint("id", name="pk_notice_mails"),
    )
    op.create_index("ix_notice_mails_person_id", "notice_mails", ["person_id", "sent_at"])
    op.create_table(
        "notices",
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mail_id", sa.Text),
        sa.CheckConstraint(_TOPICS, name="topic_known"),
        sa.ForeignKeyConstraint(["mail_id"], ["notice_mails.id"], name="fk_notices_mail_id_notice_mails"),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_notices_person_id_persons"),
        sa.PrimaryKeyConstraint("person_id", "topic", "subject", name="pk_notices"),
    )
    op.create_index("ix_notices_mail_id", "notices", ["mail_id"])


def downgrade() -> None:
    """Take them away; whoever is awaited then is told once more."""
    op.drop_table("notices")
    op.drop_table("notice_mails")
