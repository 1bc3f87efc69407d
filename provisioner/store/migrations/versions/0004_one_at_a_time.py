"""How is it known who carries a run, that it only goes back, and that nothing else is done to its item meanwhile?"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ON_ITEM = sa.text("verb <> 'create' AND state IN ('open', 'decided', 'running')")


def upgrade() -> None:
    """Add the run's columns, and the line's index."""
    op.add_column("runs", sa.Column("look_again_at", sa.DateTime(timezone=True)))
    op.add_column("runs", sa.Column("undo_why", sa.Text))
    op.add_column("runs", sa.Column("fence", sa.Integer, nullable=False, server_default="0"))
    op.create_index(
        "uq_lines_open_of_item", "lines", ["item_id"], unique=True, sqlite_where=_ON_ITEM, postgresql_where=_ON_ITEM
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_index("uq_lines_open_of_item", "lines")
    for name in ("fence", "undo_why", "look_again_at"):
        op.drop_column("runs", name)
