"""How is kept what the nightly look measured?"""

from __future__ import annotations

import sqlalchemy as sa

from provisioner.store.tables.columns import METADATA, Instant, Json

LAST_LOOKS = sa.Table(
    "last_looks",
    METADATA,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("measures", Json, nullable=False),
    sa.Column("at", Instant, nullable=False),
)
