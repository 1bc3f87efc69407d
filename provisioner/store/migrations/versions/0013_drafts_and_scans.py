"""Where does it stand what was typed and not sent, how the letter looks, and how it was compared with the fields?"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# What was scanned may be erased when its time has come (a delete), but never rewritten; a draft's becomes a request's.
_KEPT = ("id", "sha256", "media_type", "size_bytes", "body", "filed_by")
_NEW, _OLD = (", ".join(f"{row}.{name}" for name in _KEPT) for row in ("NEW", "OLD"))
_STAND = {
    "sqlite": f"""CREATE TRIGGER scans_stand BEFORE UPDATE ON scans
        WHEN OLD.request_id IS NOT NULL OR ({_NEW}) IS NOT ({_OLD})
        BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END""",
    "postgresql": f"""CREATE TRIGGER scans_stand BEFORE UPDATE ON scans FOR EACH ROW
        WHEN (OLD.request_id IS NOT NULL OR ({_NEW}) IS DISTINCT FROM ({_OLD}))
        EXECUTE FUNCTION gerbang_refuse('append_only')""",
}


def upgrade() -> None:
    """Make the tables, and room for the reviewer's marks in the record of a step."""
    op.create_table(
        "drafts",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("author_id", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text),
        sa.Column("sent_as", sa.Text),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["persons.id"], name="fk_drafts_author_id_persons"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_drafts_request_id_requests"),
        sa.ForeignKeyConstraint(["sent_as"], ["requests.id"], name="fk_drafts_sent_as_requests"),
        sa.UniqueConstraint("author_id", "request_id", name="uq_drafts_author_id_request_id"),
    )
    op.create_index("ix_drafts_saved_at", "drafts", ["saved_at"])
    op.create_table(
        "scans",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("draft_id", sa.Text),
        sa.Column("request_id", sa.Text),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("filed_by", sa.Text, nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["drafts.id"], name="fk_scans_draft_id_drafts", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name="fk_scans_request_id_requests"),
        sa.ForeignKeyConstraint(["filed_by"], ["persons.id"], name="fk_scans_filed_by_persons"),
        sa.UniqueConstraint("draft_id", name="uq_scans_draft_id"),
        sa.UniqueConstraint("request_id", "sha256", name="uq_scans_request_id_sha256"),
        sa.CheckConstraint("(draft_id IS NULL) <> (request_id IS NULL)", name="one_owner"),
    )
    op.create_index("ix_scans_request", "scans", ["request_id", "filed_at"])
    connection = op.get_bind()
    connection.exec_driver_sql(_STAND[connection.dialect.name], execution_options={"no_parameters": True})
    op.add_column("steps_done", sa.Column("marks", sa.Text))


def downgrade() -> None:
    """Nothing leads back: scans and marks are evidence."""
    msg = "scans and marks are evidence and are not taken back"
    raise NotImplementedError(msg)
