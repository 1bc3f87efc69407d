"""How does it stand that something arrived of which there is no sha256: the owner's own files, or a word on paper?"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_PAPER = "(letter_number IS NULL) = (letter_date IS NULL) AND (letter_number IS NULL) = (recorder_id IS NULL)"
_OTHER = "recorder_id IS NULL OR recorder_id <> person_id"
# SQLite takes no NOT NULL back: the table is made anew. Its rows go over as they are, and its laws come with it.
_SQLITE = (
    f"""CREATE TABLE receipts_anew (
        id INTEGER NOT NULL,
        item_id TEXT NOT NULL,
        person_id TEXT NOT NULL,
        sha256 TEXT,
        at DATETIME NOT NULL,
        position TEXT,
        recorder_id TEXT,
        letter_number TEXT,
        letter_date DATE,
        CONSTRAINT pk_receipts PRIMARY KEY (id),
        CONSTRAINT ck_receipts_sha256 CHECK (length(sha256) = 64),
        CONSTRAINT ck_receipts_whole_paper CHECK ({_PAPER}),
        CONSTRAINT ck_receipts_recorded_by_another CHECK ({_OTHER}),
        CONSTRAINT fk_receipts_item_id_items FOREIGN KEY(item_id) REFERENCES items (id),
        CONSTRAINT fk_receipts_person_id_persons FOREIGN KEY(person_id) REFERENCES persons (id),
        CONSTRAINT fk_receipts_recorder_id_persons FOREIGN KEY(recorder_id) REFERENCES persons (id)
    )""",
    """INSERT INTO receipts_anew (id, item_id, person_id, sha256, at)
        SELECT id, item_id, person_id, sha256, at FROM receipts ORDER BY id""",
    "DROP TRIGGER receipts_stand",
    "DROP TRIGGER receipts_stay",
    "DROP TABLE receipts",
    "ALTER TABLE receipts_anew RENAME TO receipts",
    "CREATE INDEX ix_receipts_item_id ON receipts (item_id)",
    """CREATE TRIGGER receipts_stand BEFORE UPDATE ON receipts
        BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END""",
    """CREATE TRIGGER receipts_stay BEFORE DELETE ON receipts
        BEGIN SELECT RAISE(ABORT, 'gerbang law=append_only'); END""",
)


def upgrade() -> None:
    """Let a receipt be without sha256, and say of one on paper which paper it is and who wrote it down."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for statement in _SQLITE:
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
        return
    op.alter_column("receipts", "sha256", nullable=True)
    op.add_column("receipts", sa.Column("position", sa.Text))
    op.add_column("receipts", sa.Column("recorder_id", sa.Text))
    op.add_column("receipts", sa.Column("letter_number", sa.Text))
    op.add_column("receipts", sa.Column("letter_date", sa.Date))
    op.create_foreign_key("fk_receipts_recorder_id_persons", "receipts", "persons", ["recorder_id"], ["id"])
    op.create_check_constraint("whole_paper", "receipts", _PAPER)
    op.create_check_constraint("recorded_by_another", "receipts", _OTHER)


def downgrade() -> None:
    """Nothing leads back: a receipt is evidence."""
    msg = "receipts are evidence and are not taken back"
    raise NotImplementedError(msg)
