"""How are the office's letters kept?"""

from __future__ import annotations

import sqlalchemy as sa

from provisioner.letters.letter import LetterKind, LetterState
from provisioner.store.tables.columns import METADATA, Instant, Json, one_of

LETTER_NUMBERS = sa.Table(
    "letter_numbers",
    METADATA,
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last", sa.Integer, nullable=False),
)

LETTERS = sa.Table(
    "letters",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("request_id", sa.ForeignKey("requests.id"), nullable=False, index=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("lines", Json, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("serial", sa.Integer),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("written_at", Instant, nullable=False),
    sa.Column("pdf_sha256", sa.Text),
    sa.Column("filed_at", Instant),
    sa.Column("sent_at", Instant),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_try_at", Instant),
    sa.Column("why", sa.Text, nullable=False),
    one_of("kind", LetterKind),
    one_of("state", LetterState),
    sa.Index("ix_letters_state", "state", "next_try_at"),
)

# The paper names persons, and so may an official's reason: they stand apart, so that they can be erased.
LETTER_PAPERS = sa.Table(
    "letter_papers",
    METADATA,
    sa.Column("letter_id", sa.ForeignKey("letters.id"), primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("pdf", sa.LargeBinary),
)
