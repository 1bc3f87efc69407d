"""How are plans, the scarce things held for them, and the decisions on them kept?"""

from __future__ import annotations

import sqlalchemy as sa

from provisioner.decisions.decision import Outcome
from provisioner.plans.hold import HoldState
from provisioner.plans.plan import PlanState
from provisioner.store.tables.columns import METADATA, Instant, Json, one_of, words_of

TAKEN = frozenset({HoldState.HELD, HoldState.COMMITTED, HoldState.QUARANTINED})
_ONE_CURRENT = sa.text(f"state = '{PlanState.CURRENT}'")
_TAKEN_KEY = sa.text(f"state IN ({words_of(TAKEN)}) AND key <> ''")
_EXPIRES = sa.text(f"state = '{HoldState.HELD}'")

PLANS = sa.Table(
    "plans",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("line_id", sa.ForeignKey("lines.id"), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("plan", Json),
    sa.Column("digest", sa.Text),
    sa.Column("reasons", Json, nullable=False),
    sa.Column("asked_by", sa.Text),
    sa.Column("asked_reason", sa.Text, nullable=False),
    sa.Column("wishes", Json, nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("looked_at", Instant),
    sa.Column("moved", Json, nullable=False),
    one_of("state", PlanState),
    sa.CheckConstraint("(plan IS NULL) = (digest IS NULL)", name="digested"),
    sa.CheckConstraint(f"state <> '{PlanState.CURRENT}' OR plan IS NOT NULL", name="current_has_a_plan"),
    sa.Index("ix_plans_line_id_asked_at", "line_id", "asked_at"),
    sa.Index("uq_plans_current", "line_id", unique=True, sqlite_where=_ONE_CURRENT, postgresql_where=_ONE_CURRENT),
)

HOLDS = sa.Table(
    "holds",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("line_id", sa.ForeignKey("lines.id"), nullable=False, index=True),
    sa.Column("item_id", sa.Text, nullable=False, index=True),
    sa.Column("of_item", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("pool", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("expires_at", Instant),
    one_of("state", HoldState),
    sa.CheckConstraint("amount >= 0", name="amount_not_negative"),
    sa.CheckConstraint("key = '' OR amount = 1", name="single_thing_is_one"),
    sa.CheckConstraint(f"state <> '{HoldState.COMMITTED}' OR expires_at IS NULL", name="committed_never_expires"),
    sa.CheckConstraint(
        f"state NOT IN ('{HoldState.HELD}', '{HoldState.QUARANTINED}') OR expires_at IS NOT NULL", name="has_an_end"
    ),
    sa.Index("uq_holds_taken", "pool", "key", unique=True, sqlite_where=_TAKEN_KEY, postgresql_where=_TAKEN_KEY),
    sa.Index("ix_holds_pool_state", "pool", "state"),
    sa.Index("ix_holds_expires_at", "expires_at", sqlite_where=_EXPIRES, postgresql_where=_EXPIRES),
)

# `held` is kept by the triggers on holds alone; the database refuses any other hand.
SUMS = sa.Table(
    "sums",
    METADATA,
    sa.Column("pool", sa.Text, primary_key=True),
    sa.Column("ceiling", sa.BigInteger, nullable=False),
    sa.Column("held", sa.BigInteger, nullable=False, server_default="0"),
    sa.CheckConstraint("held >= 0 AND held <= ceiling", name="within_ceiling"),
)

DECISIONS = sa.Table(
    "decisions",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("line_id", sa.ForeignKey("lines.id"), nullable=False, index=True),
    sa.Column("decider_id", sa.ForeignKey("persons.id"), nullable=False),
    sa.Column("decider_name", sa.Text, nullable=False),
    sa.Column("position", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("decided_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("voided_at", Instant),
    one_of("outcome", Outcome),
    sa.CheckConstraint("outcome NOT IN ('approved', 'adjusted') OR length(digest) = 64", name="binds_a_plan"),
)
