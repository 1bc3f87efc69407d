"""How are persons, their positions, rights and logins kept? What names a person can be erased in one place."""

from __future__ import annotations

import sqlalchemy as sa

from provisioner.people.code import CodeState
from provisioner.people.person import Right
from provisioner.store.tables.columns import METADATA, Instant, one_of

OPDS = sa.Table(
    "opds",
    METADATA,
    sa.Column("code", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
)

PERSONS = sa.Table("persons", METADATA, sa.Column("id", sa.Text, primary_key=True))

PERSON_DETAILS = sa.Table(
    "person_details",
    METADATA,
    sa.Column("person_id", sa.ForeignKey("persons.id"), primary_key=True),
    sa.Column("salt", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("employment", sa.Text, nullable=False),
    sa.Column("nip", sa.Text),
    sa.Column("contract_number", sa.Text),
    sa.Column("contract_end", sa.Date),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("phone", sa.Text, nullable=False),
    one_of("employment", ("asn", "non_asn")),
    # Four eyes go by person: one human being twice in this table would be two pairs of eyes.
    sa.Index("uq_person_details_nip", "nip", unique=True),
    sa.Index(
        "uq_person_details_email",
        "email",
        unique=True,
        sqlite_where=sa.text("email <> ''"),
        postgresql_where=sa.text("email <> ''"),
    ),
)

PERSON_RIGHTS = sa.Table(
    "person_rights",
    METADATA,
    sa.Column("person_id", sa.ForeignKey("persons.id"), primary_key=True),
    sa.Column("right_word", sa.Text, primary_key=True),
    one_of("right_word", Right),
)

POSITIONS = sa.Table(
    "positions",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("person_id", sa.ForeignKey("persons.id"), nullable=False, index=True),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("opd", sa.ForeignKey("opds.code")),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("until", sa.Date),
    sa.CheckConstraint("until IS NULL OR since <= until", name="in_order"),
)

# `password_hash` '' is a login without password: made at the first approval, or lost; a code from the counter sets it.
LOGINS = sa.Table(
    "logins",
    METADATA,
    sa.Column("username", sa.Text, primary_key=True),
    sa.Column("person_id", sa.ForeignKey("persons.id"), nullable=False, index=True),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("must_change", sa.Boolean(create_constraint=False), nullable=False),
)

_OPEN_CODE = sa.text("state = 'open'")

CODES = sa.Table(
    "codes",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("username", sa.ForeignKey("logins.username"), nullable=False),
    sa.Column("code_hash", sa.Text, nullable=False),
    sa.Column("letter", sa.Text, nullable=False),
    sa.Column("issued_by", sa.ForeignKey("persons.id"), nullable=False),
    sa.Column("issued_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("failed_count", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    one_of("state", CodeState),
    sa.CheckConstraint("(state = 'open') = (code_hash <> '')", name="wiped_when_ended"),
    # The newest code is the one that counts.
    sa.Index("uq_codes_open", "username", unique=True, sqlite_where=_OPEN_CODE, postgresql_where=_OPEN_CODE),
)

SESSIONS = sa.Table(
    "sessions",
    METADATA,
    sa.Column("token_sha256", sa.Text, primary_key=True),
    sa.Column("person_id", sa.ForeignKey("persons.id"), nullable=False, index=True),
    sa.Column("csrf", sa.Text, nullable=False),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
)

TOKENS = sa.Table(
    "tokens",
    METADATA,
    sa.Column("token_sha256", sa.Text, primary_key=True),
    sa.Column("person_id", sa.ForeignKey("persons.id"), nullable=False, index=True),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("issued_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
)

# What a person sent under a key of theirs, and what they were answered; forgotten after 30 days.
SENDINGS = sa.Table(
    "sendings",
    METADATA,
    sa.Column("person_id", sa.ForeignKey("persons.id"), primary_key=True),
    sa.Column("key_sha256", sa.Text, primary_key=True),
    sa.Column("content_sha256", sa.Text, nullable=False),
    sa.Column("sent_at", Instant, nullable=False, index=True),
    sa.Column("status", sa.Integer),
    sa.Column("location", sa.Text),
    sa.Column("media_type", sa.Text),
    sa.Column("body", sa.LargeBinary),
)

# How often a name or an address was tried, by the digest of which; no name that was typed is kept.
TRIES = sa.Table(
    "tries",
    METADATA,
    sa.Column("key_sha256", sa.Text, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("ends_at", Instant, nullable=False, index=True),
)
