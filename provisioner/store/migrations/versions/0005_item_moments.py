"""Where does it stand which line made an item what it is? In a row for each, which is never rewritten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# What was delivered before there was this table: each item's making, and the end of those that have ended.
_FIRST = """
INSERT INTO item_moments (item_id, number, verb, line_id, state, wish, choices, technical_person_id, at)
SELECT id, 1, 'create', line_id, 'active', wish, choices, technical_person_id, delivered_at FROM items
"""
_LAST = """
INSERT INTO item_moments (item_id, number, verb, line_id, state, wish, choices, technical_person_id, at)
SELECT items.id, 2, lines.verb, lines.id, 'terminated', items.wish, items.choices, items.technical_person_id,
  runs.ended_at
FROM items JOIN lines ON lines.item_id = items.id AND lines.verb = 'terminate' AND lines.state = 'delivered'
JOIN runs ON runs.id = lines.run_id
WHERE items.state = 'terminated'
"""
_STANDS = {
    "sqlite": """
CREATE TRIGGER item_moments_{name} BEFORE {act} ON item_moments
BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END
""",
    "postgresql": """
CREATE TRIGGER item_moments_{name} BEFORE {act} ON item_moments
FOR EACH ROW EXECUTE FUNCTION gerbang_refuse('append_only')
""",
}


def upgrade() -> None:
    """Make the table, fill it from what stands, and let nobody rewrite it."""
    op.create_table(
        "item_moments",
        sa.Column("item_id", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("verb", sa.Text, nullable=False),
        sa.Column("line_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("wish", sa.Text, nullable=False),
        sa.Column("choices", sa.Text, nullable=False),
        sa.Column("technical_person_id", sa.Text),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name="fk_item_moments_item_id_items"),
        sa.ForeignKeyConstraint(["line_id"], ["lines.id"], name="fk_item_moments_line_id_lines"),
        sa.ForeignKeyConstraint(
            ["technical_person_id"], ["persons.id"], name="fk_item_moments_technical_person_id_persons"
        ),
        sa.PrimaryKeyConstraint("item_id", "number", name="pk_item_moments"),
        sa.UniqueConstraint("line_id", name="uq_item_moments_line_id"),
    )
    op.execute(_FIRST)
    op.execute(_LAST)
    statement = _STANDS[op.get_bind().dialect.name]
    for name, act in (("stand", "UPDATE"), ("stay", "DELETE")):
        op.execute(statement.format(name=name, act=act))


def downgrade() -> None:
    """Nothing leads back: what was delivered is evidence."""
    msg = "the life of items is evidence and is not taken back"
    raise NotImplementedError(msg)
