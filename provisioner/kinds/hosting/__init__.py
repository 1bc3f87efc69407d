"""A web site on a shared host: name, certificate, account, PHP, database, limits."""

from __future__ import annotations

from provisioner.kinds.hosting import checks, host, letter, page, place, plan, rotation, stages, standing, wish
from provisioner.kinds.port import Kind
from provisioner.requests.availability import NOT_YET, Availability

KIND = Kind(
    name="hosting",
    label="Hosting situs web",
    fields=wish.FIELDS,
    systems=tuple(stages.PROPERTIES),
    properties=stages.PROPERTIES,
    verbs={
        **NOT_YET,
        "create": Availability(state="available", fields=wish.FIELDS, names_item=False, appoints=True),
        "change": Availability(state="available", fields=wish.FIELDS, partial=True),
        "suspend": Availability(state="available"),
        "resume": Availability(state="available"),
        "rotate": Availability(state="available", fields=rotation.FIELDS),
        "appoint": Availability(state="available", appoints=True),
        "terminate": Availability(state="available"),
    },
    task_labels=stages.TASK_LABELS,
    title=plan.title,
    hosts=host.hosts,
    places=place.places,
    target=place.target,
    name_pools=plan.NAME_POOLS,
    sums=host.SUMS,
    choose=plan.choose,
    stages=stages.stages,
    things=plan.things,
    page=page.page,
    standing=standing.standing,
    secrets=plan.secrets,
    trials=checks.trials,
    report=letter.report,
    measures=standing.MEASURES,
)
