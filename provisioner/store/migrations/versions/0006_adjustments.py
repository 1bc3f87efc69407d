"""Where does a granted wish stand that somebody proposes? Beside the asked one, with who and why: sql/0006_*.sql."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_SQL = Path(__file__).resolve().parents[1] / "sql"


def upgrade() -> None:
    """Make the table, then its laws."""
    op.create_table(
        "adjustments",
        sa.Column("line_id", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("proposer_name", sa.Text, nullable=False),
        sa.Column("position", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["line_id", "version"],
            ["line_wishes.line_id", "line_wishes.version"],
            name="fk_adjustments_line_id_line_wishes",
        ),
        sa.PrimaryKeyConstraint("line_id", "version", name="pk_adjustments"),
    )
    connection = op.get_bind()
    text = (_SQL / f"0006_adjustments.{connection.dialect.name}.sql").read_text()
    for statement in text.split("\n--;\n"):
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def downgrade() -> None:
    """Nothing leads back: what was proposed is evidence."""
    msg = "proposals are evidence and are not taken back"
    raise NotImplementedError(msg)
