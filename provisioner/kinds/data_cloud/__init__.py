"""A Nextcloud account with its four limits: storage, largest file, file types, traffic."""

from __future__ import annotations

from provisioner.kinds.data_cloud import (
    checks,
    ending,
    letter,
    page,
    place,
    plan,
    server,
    stages,
    standing,
    wish,
)
from provisioner.kinds.port import Kind
from provisioner.requests.availability import NOT_YET, Availability

KIND = Kind(
    name="data_cloud",
    label="Data cloud",
    fields=wish.FIELDS,
    systems=tuple(stages.PROPERTIES),
    properties=stages.PROPERTIES,
    verbs={
        **NOT_YET,
        "create": Availability(state="available", fields=wish.FIELDS, names_item=False, appoints=True),
        "change": Availability(state="available", fields=wish.FIELDS, partial=True),
        "suspend": Availability(state="available"),
        "resume": Availability(state="available"),
        "rotate": Availability(state="available"),
        "appoint": Availability(state="available", appoints=True),
        "terminate": Availability(state="available", fields=ending.FIELDS),
    },
    task_labels=stages.TASK_LABELS,
    title=place.title,
    hosts=server.hosts,
    places=place.places,
    target=place.target,
    name_pools=plan.NAME_POOLS,
    sums=server.SUMS,
    choose=plan.choose,
    stages=stages.stages,
    things=plan.things,
    page=page.page,
    standing=standing.standing,
    secrets=plan.secrets,
    measures=standing.MEASURES,
    trials=checks.trials,
    report=letter.report,
    shares_calls=True,
)
