"""What did the first schema hold? Its tables and, as triggers, the laws among them: sql/0001_*.sql."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SQL = Path(__file__).resolve().parents[1] / "sql"


def upgrade() -> None:
    """Make every table, then the laws among them."""
    connection = op.get_bind()
    for what in ("tables", "laws"):
        text = (_SQL / f"{revision}_{what}.{connection.dialect.name}.sql").read_text()
        for statement in text.split("\n--;\n"):
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def downgrade() -> None:
    """Nothing leads back: evidence is not thrown away."""
    msg = "the first schema holds evidence and is not taken back"
    raise NotImplementedError(msg)
