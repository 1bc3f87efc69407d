"""Who works with what one line asks, where the letter names another than for all? Lines filed before name nobody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# Alembic adds the key as a statement of its own, which SQLite does not know; so written, both databases take it.
_PERSON = """ALTER TABLE lines ADD COLUMN technical_person_id TEXT
    CONSTRAINT fk_lines_technical_person_id_persons REFERENCES persons (id)"""


def upgrade() -> None:
    """Make room for the person's id with the line; what the letter says of them can be erased, and stands apart."""
    op.get_bind().exec_driver_sql(_PERSON)
    op.create_index("ix_lines_technical_person_id", "lines", ["technical_person_id", "request_id"])
    op.add_column("request_persons", sa.Column("technical_of_lines", sa.Text))


def downgrade() -> None:
    """Nothing leads back: whose credentials a line's are is not forgotten."""
    msg = "the persons of lines are not taken back"
    raise NotImplementedError(msg)
