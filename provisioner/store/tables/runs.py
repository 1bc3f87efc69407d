"""How are runs kept, with what they meant to do, what came of it, and what was seen at the end?"""

from __future__ import annotations

import sqlalchemy as sa

from provisioner.runs.run import ENDED, RunState
from provisioner.store.tables.columns import METADATA, Instant, Json, one_of, words_of

_OPEN = sa.text(f"state NOT IN ({words_of(ENDED)})")
_WAITING = sa.text(f"state = '{RunState.WAITING_UNTIL}'")

RUNS = sa.Table(
    "runs",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("line_id", sa.ForeignKey("lines.id"), nullable=False),
    sa.Column("item_id", sa.Text, nullable=False, index=True),
    sa.Column("plan_id", sa.ForeignKey("plans.id"), nullable=False),
    sa.Column("decision_id", sa.ForeignKey("decisions.id"), nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("cancel_asked_by", sa.ForeignKey("persons.id")),
    sa.Column("waiting_until", Instant),
    sa.Column("queued_at", Instant, nullable=False),
    sa.Column("started_at", Instant),
    sa.Column("ended_at", Instant),
    sa.Column("look_again_at", Instant),
    sa.Column("undo_why", sa.Text),
    sa.Column("fence", sa.Integer, nullable=False, server_default="0"),
    one_of("state", RunState),
    sa.Index("uq_runs_open", "line_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    sa.Index("ix_runs_line_id_queued_at", "line_id", "queued_at"),
    sa.Index("ix_runs_page", "queued_at", "id"),
    sa.Index("ix_runs_waiting_until", "waiting_until", sqlite_where=_WAITING, postgresql_where=_WAITING),
)

INTENTS = sa.Table(
    "intents",
    METADATA,
    sa.Column("run_id", sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("way", sa.Text, primary_key=True),
    sa.Column("changes", Json, nullable=False),
    sa.Column("neighbours", Json, nullable=False),
    sa.Column("reach", Json, nullable=False),
    sa.Column("written_at", Instant, nullable=False, index=True),
    one_of("way", ("make", "undo")),
)

RESULTS = sa.Table(
    "results",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run_id", sa.ForeignKey("runs.id"), nullable=False, index=True),
    sa.Column("part", sa.Integer, nullable=False),
    sa.Column("way", sa.Text, nullable=False),
    sa.Column("task", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("changes", Json, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("seconds", sa.Double, nullable=False),
    sa.Column("written_at", Instant, nullable=False, index=True),
    # No result without its intent: what was not announced was not ours to do.
    sa.ForeignKeyConstraint(
        ["run_id", "part", "way"], ["intents.run_id", "intents.part", "intents.way"], name="fk_results_intents"
    ),
)

VERDICTS = sa.Table(
    "verdicts",
    METADATA,
    sa.Column("run_id", sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("attempt", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("wanted", Json, nullable=False),
    sa.Column("seen", Json, nullable=False),
    sa.Column("holds", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("written_at", Instant, nullable=False),
)

EVENTS = sa.Table(
    "run_events",
    METADATA,
    sa.Column("run_id", sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("task", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

RECORDS = sa.Table(
    "run_records",
    METADATA,
    sa.Column("run_id", sa.ForeignKey("runs.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("data", Json, nullable=False),
)
