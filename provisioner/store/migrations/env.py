"""How does Alembic meet our database? On the connection that Database.migrate hands in, inside its transaction."""

from __future__ import annotations

from alembic import context

from provisioner.store.tables.alarms import ALARMS
from provisioner.store.tables.columns import METADATA
from provisioner.store.tables.drafts import DRAFTS
from provisioner.store.tables.evidence import AUDIT  # each import fills METADATA
from provisioner.store.tables.items import ITEMS
from provisioner.store.tables.office import OFFICE
from provisioner.store.tables.people import PERSONS
from provisioner.store.tables.plans import PLANS
from provisioner.store.tables.requests import REQUESTS
from provisioner.store.tables.runs import RUNS

TABLES = (ALARMS, AUDIT, DRAFTS, ITEMS, OFFICE, PERSONS, PLANS, REQUESTS, RUNS)

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, transactional_ddl=True)
context.run_migrations()
