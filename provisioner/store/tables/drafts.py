"""How are drafts and scanned letters kept? Both are personal data and can be deleted."""

from __future__ import annotations

import sqlalchemy as sa

from provisioner.store.tables.columns import METADATA, Instant, Json

DRAFTS = sa.Table(
    "drafts",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("author_id", sa.ForeignKey("persons.id"), nullable=False),
    sa.Column("request_id", sa.ForeignKey("requests.id")),
    # The request it was sent as: then nothing else is left of it, and the back button finds its way.
    sa.Column("sent_as", sa.ForeignKey("requests.id")),
    sa.Column("document", Json, nullable=False),
    sa.Column("saved_at", Instant, nullable=False, index=True),
    # One draft a person of one returned request; new requests are told apart by their ids.
    sa.UniqueConstraint("author_id", "request_id"),
)

# In the database and not in a folder: a scan is there exactly when its request is, whatever is killed when (ADR 21).
SCANS = sa.Table(
    "scans",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("draft_id", sa.ForeignKey("drafts.id", ondelete="CASCADE"), unique=True),
    sa.Column("request_id", sa.ForeignKey("requests.id")),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("size_bytes", sa.Integer, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("filed_by", sa.ForeignKey("persons.id"), nullable=False),
    sa.Column("filed_at", Instant, nullable=False),
    sa.CheckConstraint("(draft_id IS NULL) <> (request_id IS NULL)", name="one_owner"),
    sa.UniqueConstraint("request_id", "sha256"),
    sa.Index("ix_scans_request", "request_id", "filed_at"),
)
