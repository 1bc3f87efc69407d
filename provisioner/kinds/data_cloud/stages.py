"""What does each verb want reached of an account, in which order?"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from provisioner.digests import Value
from provisioner.facts import nextcloud
from provisioner.facts import traffic as proxy
from provisioner.kinds.data_cloud import account, change, ending, handover, rotation, traffic
from provisioner.kinds.data_cloud.place import Place
from provisioner.kinds.port import Question
from provisioner.plans.compare import Properties, Stage

PROPERTIES: Properties = {nextcloud.SYSTEM: nextcloud.PROPERTIES, proxy.SYSTEM: proxy.PROPERTIES}
TASK_LABELS: Mapping[str, str] = {
    "limit_class": "Kelompok batas",
    "cloud_account": "Akun cloud",
    traffic.TASK: "Batas traffic",
}


def stages(question: Question, choices: Mapping[str, Value]) -> tuple[Stage, ...]:
    """Return what the verb wants reached, in order."""
    return _STAGES[question.verb](question, Place(choices))


def _create(question: Question, at: Place) -> tuple[Stage, ...]:
    wanted = (
        *account.limit_class(at),
        *handover.groups(at),
        *account.account(question.wish, at, handover.first_email(question, at)),
        *handover.waits(question, at),
        account.lock(at, is_locked=False),
    )
    made = (*traffic.limited(question.wish, at), at.stage("make", "make", wanted))
    return (*made, *handover.stages(question, at))


def _suspend(_: Question, at: Place) -> tuple[Stage, ...]:
    return (at.stage("suspend", "unmake", (account.lock(at, is_locked=True),)),)


def _resume(_: Question, at: Place) -> tuple[Stage, ...]:
    return (at.stage("resume", "make", (account.lock(at, is_locked=False),)),)


_STAGES: Mapping[str, Callable[[Question, Place], tuple[Stage, ...]]] = {
    "create": _create,
    "change": change.stages,
    "suspend": _suspend,
    "resume": _resume,
    "rotate": rotation.stages,
    "appoint": rotation.stages,
    "terminate": ending.stages,
}
