"""Where does a code from the counter stand? As its hash, with who gave it on which letter: sql/0010_*.sql."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_SQL = Path(__file__).resolve().parents[1] / "sql"
_OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    """Make the table, then its laws."""
    op.create_table(
        "codes",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("username", sa.Text, nullable=False),
        sa.Column("code_hash", sa.Text, nullable=False),
        sa.Column("letter", sa.Text, nullable=False),
        sa.Column("issued_by", sa.Text, nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failed_count", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.CheckConstraint("state IN ('open', 'used', 'replaced', 'locked')", name="state_known"),
        sa.CheckConstraint("(state = 'open') = (code_hash <> '')", name="wiped_when_ended"),
        sa.ForeignKeyConstraint(["username"], ["logins.username"], name="fk_codes_username_logins"),
        sa.ForeignKeyConstraint(["issued_by"], ["persons.id"], name="fk_codes_issued_by_persons"),
        sa.PrimaryKeyConstraint("id", name="pk_codes"),
    )
    op.create_index("uq_codes_open", "codes", ["username"], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)
    connection = op.get_bind()
    text = (_SQL / f"0010_codes.{connection.dialect.name}.sql").read_text()
    for statement in text.split("\n--;\n"):
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def downgrade() -> None:
    """Nothing leads back: who gave a code to whom is evidence."""
    msg = "who gave a code to whom is evidence and is not taken back"
    raise NotImplementedError(msg)
