"""How are delivered things, their sealed secrets and the receipts for their archives kept?"""

from __future__ import annotations

import sqlalchemy as sa

from provisioner.items.item import ItemState
from provisioner.items.sealed_secret import SecretState
from provisioner.store.tables.columns import METADATA, Instant, Json, one_of

_STANDING = sa.text(f"state <> '{SecretState.DESTROYED}'")

ITEMS = sa.Table(
    "items",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("opd", sa.ForeignKey("opds.code"), nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("difference", sa.Text, nullable=False, server_default="none"),
    sa.Column("wish", Json, nullable=False),
    sa.Column("choices", Json, nullable=False),
    sa.Column("host", sa.Text),
    sa.Column("line_id", sa.ForeignKey("lines.id"), nullable=False),
    sa.Column("technical_person_id", sa.ForeignKey("persons.id")),
    sa.Column("ending_until", Instant),
    sa.Column("delivered_at", Instant, nullable=False),
    sa.Column("receipt_sha256", sa.Text),
    one_of("state", ItemState),
    one_of("difference", ("none", "found", "tolerated")),
    sa.CheckConstraint(f"state <> '{ItemState.ENDING}' OR ending_until IS NOT NULL", name="ending_has_a_date"),
    sa.Index("ix_items_page", "delivered_at", "id"),
    sa.Index("ix_items_opd_page", "opd", "delivered_at", "id"),
    sa.Index("ix_items_host", "host"),
    sa.Index("ix_items_technical_person_id", "technical_person_id"),
)

# The item's life: what each delivered line left, never rewritten.
ITEM_MOMENTS = sa.Table(
    "item_moments",
    METADATA,
    sa.Column("item_id", sa.ForeignKey("items.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("verb", sa.Text, nullable=False),
    sa.Column("line_id", sa.ForeignKey("lines.id"), nullable=False, unique=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("wish", Json, nullable=False),
    sa.Column("choices", Json, nullable=False),
    sa.Column("technical_person_id", sa.ForeignKey("persons.id")),
    sa.Column("at", Instant, nullable=False),
)

SECRETS = sa.Table(
    "secrets",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("item_id", sa.Text, nullable=False, index=True),
    sa.Column("run_id", sa.ForeignKey("runs.id"), nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("user", sa.Text, nullable=False),
    sa.Column("use", Json, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("claimable_at", Instant),
    sa.Column("claimed_at", Instant),
    sa.Column("claimed_by", sa.ForeignKey("persons.id")),
    sa.Column("expires_at", Instant),
    one_of("state", SecretState),
    sa.CheckConstraint("(state IN ('claimed', 'destroyed')) = (length(sealed) = 0)", name="wiped_when_gone"),
    sa.CheckConstraint("(state = 'claimed') = (claimed_by IS NOT NULL)", name="claimed_by_someone"),
    sa.Index(
        "uq_secrets_standing",
        "item_id",
        "name",
        "version",
        unique=True,
        sqlite_where=_STANDING,
        postgresql_where=_STANDING,
    ),
)

RECEIPTS = sa.Table(
    "receipts",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("item_id", sa.ForeignKey("items.id"), nullable=False, index=True),
    sa.Column("person_id", sa.ForeignKey("persons.id"), nullable=False),
    sa.Column("sha256", sa.Text),
    sa.Column("at", Instant, nullable=False),
    sa.Column("position", sa.Text),
    sa.Column("recorder_id", sa.ForeignKey("persons.id")),
    sa.Column("letter_number", sa.Text),
    sa.Column("letter_date", sa.Date),
    sa.CheckConstraint("length(sha256) = 64", name="sha256"),
    sa.CheckConstraint(
        "(letter_number IS NULL) = (letter_date IS NULL) AND (letter_number IS NULL) = (recorder_id IS NULL)",
        name="whole_paper",
    ),
    sa.CheckConstraint("recorder_id IS NULL OR recorder_id <> person_id", name="recorded_by_another"),
)
