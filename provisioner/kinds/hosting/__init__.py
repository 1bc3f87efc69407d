"""A web site on a shared host: name, certificate, account, PHP, database, limits."""

from __future__ import annotations

from provisioner.kinds.hosting import checks, host, letter, page, plan, stages, wish
from provisioner.kinds.port import Availability, Kind
from provisioner.requests.parse import NOT_YET

KIND = Kind(
    name="hosting",
    label="Hosting situs web",
    fields=wish.FIELDS,
    systems=tuple(stages.PROPERTIES),
    properties=stages.PROPERTIES,
    verbs={
        "create": Availability(state="available"),
        "terminate": Availability(state="available"),
        **{verb: Availability(state="not_yet", why=why) for verb, why in NOT_YET.items()},
    },
    task_labels=stages.TASK_LABELS,
    title=plan.title,
    hosts=host.hosts,
    choose=plan.choose,
    stages=stages.stages,
    things=plan.things,
    page=page.page,
    secrets=plan.secrets,
    trials=checks.trials,
    report=letter.report,
)
