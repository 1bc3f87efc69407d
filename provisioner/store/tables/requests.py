"""How are requests, their versions, lines, wishes and the steps done kept?"""

from __future__ import annotations

import sqlalchemy as sa

from provisioner.requests.request import LineState, RequestState
from provisioner.store.tables.columns import METADATA, Instant, Json, one_of

NUMBERS = sa.Table(
    "numbers",
    METADATA,
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last", sa.Integer, nullable=False),
)

PROCEDURES = sa.Table(
    "procedures",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
)

REQUESTS = sa.Table(
    "requests",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    sa.Column("opd", sa.ForeignKey("opds.code"), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("procedure_id", sa.Text, nullable=False),
    sa.Column("procedure_sha256", sa.Text, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("requester_id", sa.ForeignKey("persons.id"), nullable=False),
    sa.Column("recorder_id", sa.ForeignKey("persons.id")),
    sa.Column("technical_person_id", sa.ForeignKey("persons.id")),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("submitted_at", Instant, nullable=False),
    one_of("state", RequestState),
    sa.ForeignKeyConstraint(["procedure_id", "procedure_sha256"], ["procedures.id", "procedures.sha256"]),
    sa.Index("ix_requests_page", "submitted_at", "id"),
    sa.Index("ix_requests_opd_page", "opd", "submitted_at", "id"),
    sa.Index("ix_requests_state_page", "state", "submitted_at", "id"),
    sa.Index("ix_requests_technical_person_id", "technical_person_id"),
)

REQUEST_VERSIONS = sa.Table(
    "request_versions",
    METADATA,
    sa.Column("request_id", sa.ForeignKey("requests.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("author_id", sa.ForeignKey("persons.id"), nullable=False),
    sa.Column("application_name", sa.Text, nullable=False),
    sa.Column("letter", Json, nullable=False),
    sa.Column("received_sha256", sa.Text, nullable=False),
    sa.Column("written_at", Instant, nullable=False),
)

# The letter as received and the persons it names are personal data: they stand apart, so that they can be erased.
ORIGINALS = sa.Table(
    "originals",
    METADATA,
    sa.Column("request_id", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.ForeignKeyConstraint(["request_id", "version"], ["request_versions.request_id", "request_versions.version"]),
)

REQUEST_PERSONS = sa.Table(
    "request_persons",
    METADATA,
    sa.Column("request_id", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("salt", sa.Text, nullable=False),
    sa.Column("administrative", Json, nullable=False),
    sa.Column("technical", Json, nullable=False),
    sa.Column("technical_of_lines", Json),
    sa.ForeignKeyConstraint(["request_id", "version"], ["request_versions.request_id", "request_versions.version"]),
)

_ON_ITEM = sa.text("verb <> 'create' AND state IN ('open', 'decided', 'running')")

LINES = sa.Table(
    "lines",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("request_id", sa.ForeignKey("requests.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("verb", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("item_id", sa.Text, index=True),
    sa.Column("wish_version", sa.Integer, nullable=False),
    sa.Column("plan_id", sa.Text),
    sa.Column("run_id", sa.Text),
    sa.Column("technical_person_id", sa.ForeignKey("persons.id")),
    one_of("state", LineState),
    sa.UniqueConstraint("request_id", "number"),
    sa.Index("ix_lines_state", "state"),
    sa.Index("ix_lines_technical_person_id", "technical_person_id", "request_id"),
    # One thing at a time is done to an item: two terminations would each take the other's grace for its own.
    sa.Index("uq_lines_open_of_item", "item_id", unique=True, sqlite_where=_ON_ITEM, postgresql_where=_ON_ITEM),
)

LINE_WISHES = sa.Table(
    "line_wishes",
    METADATA,
    sa.Column("line_id", sa.ForeignKey("lines.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("standing", sa.Text, nullable=False),
    sa.Column("wish", Json, nullable=False),
    sa.Column("author_id", sa.ForeignKey("persons.id"), nullable=False),
    sa.Column("written_at", Instant, nullable=False),
    one_of("standing", ("asked", "proposed")),
)

# A granted wish that somebody proposes: who and why; the wish itself and its author stand in line_wishes.
ADJUSTMENTS = sa.Table(
    "adjustments",
    METADATA,
    sa.Column("line_id", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("proposer_name", sa.Text, nullable=False),
    sa.Column("position", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.ForeignKeyConstraint(["line_id", "version"], ["line_wishes.line_id", "line_wishes.version"]),
)

STEPS_DONE = sa.Table(
    "steps_done",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("request_id", sa.ForeignKey("requests.id"), nullable=False, index=True),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text),
    sa.Column("actor_id", sa.Text, nullable=False),
    sa.Column("actor_name", sa.Text, nullable=False),
    sa.Column("position", sa.Text, nullable=False),
    sa.Column("office", sa.Text, nullable=False),
    sa.Column("recorder_id", sa.ForeignKey("persons.id")),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("number", sa.Text),
    sa.Column("happened_at", Instant, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
    sa.Column("marks", Json),
)
