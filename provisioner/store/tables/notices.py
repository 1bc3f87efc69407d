"""How is it kept what a person is to be told, and in which mail it was?"""

from __future__ import annotations

import sqlalchemy as sa

from provisioner.letters.notice import Topic
from provisioner.store.tables.columns import METADATA, Instant, one_of

NOTICE_MAILS = sa.Table(
    "notice_mails",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("person_id", sa.ForeignKey("persons.id"), nullable=False),
    sa.Column("written_at", Instant, nullable=False),
    sa.Column("sent_at", Instant),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_try_at", Instant),
    sa.Column("why", sa.Text, nullable=False),
    sa.Index("ix_notice_mails_person_id", "person_id", "sent_at"),
)

NOTICES = sa.Table(
    "notices",
    METADATA,
    sa.Column("person_id", sa.ForeignKey("persons.id"), primary_key=True),
    sa.Column("topic", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("since", Instant, nullable=False),
    sa.Column("mail_id", sa.ForeignKey("notice_mails.id")),
    one_of("topic", Topic),
    sa.Index("ix_notices_mail_id", "mail_id"),
)
