"""How are the audit chain and the workers' signs of life kept?"""

from __future__ import annotations

import sqlalchemy as sa

from provisioner.store.tables.columns import METADATA, Instant, Json

_RECORDED = sa.text("recorder IS NOT NULL")

AUDIT = sa.Table(
    "audit",
    METADATA,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("recorder", sa.Text),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("data", Json, nullable=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Index("ix_audit_subject_sequence", "subject", "sequence"),
    sa.Index("ix_audit_actor_sequence", "actor", "sequence"),
    sa.Index("ix_audit_recorder_sequence", "recorder", "sequence", sqlite_where=_RECORDED, postgresql_where=_RECORDED),
)

EXECUTORS = sa.Table(
    "executors",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("beat_at", Instant, nullable=False),
)
