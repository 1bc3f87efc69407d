"""Where do the office's letters stand? The letter in one table, what names persons in another; a filed one is kept."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_SQL = Path(__file__).resolve().parents[1] / "sql"
_KINDS = "kind IN ('delivered', 'refused', 'failed')"
_STATES = "state IN ('drafted', 'due', 'filed', 'sent')"


def upgrade() -> None:
    """Make the tables, then the laws on them."""
    op.create_table(
        "letter_numbers",
        sa.Column("year", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("year", name="pk_letter_numbers"),
    )
    op.create_table(
        "letters",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("lines", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("serial", sa.Integer),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pdf_sha256", sa.Text),
        sa.Column("filed_at", sa.DateTime(timezone=True)),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True)),
        sa.Column("why", sa.Text, nullable=False),
        sa.CheckConstraint(_KINDS, name="kind_known"),
        sa.CheckConstraint(_STATES, name="state_known"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_letters_request_id_requests"),
        sa.PrimaryKeyConstraint("id", name="pk_letters"),
    )
    op.create_index("ix_letters_request_id", "letters", ["request_id"])
    op.create_index("ix_letters_state", "letters", ["state", "next_try_at"])
    op.create_table(
        "letter_papers",
        sa.Column("letter_id", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("pdf", sa.LargeBinary),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"], name="fk_letter_papers_letter_id_letters"),
        sa.PrimaryKeyConstraint("letter_id", name="pk_letter_papers"),
    )
    connection = op.get_bind()
    text = (_SQL / f"{revision}_laws.{connection.dialect.name}.sql").read_text()
    for statement in text.split("\n--;\n"):
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def downgrade() -> None:
    """Nothing leads back: what the office sent is not thrown away."""
    msg = "letters are evidence and are not taken back"
    raise NotImplementedError(msg)
