"""What is tried from outside after a run of each verb?"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from provisioner.digests import Value
from provisioner.kinds.data_cloud import change
from provisioner.kinds.data_cloud.tried import Tried
from provisioner.kinds.port import Question
from provisioner.verification.verdict import Trial


def trials(question: Question, choices: Mapping[str, Value]) -> tuple[Trial, ...]:
    """Return the trials after a run of the verb; their names and arguments are those of the provider."""
    return _TRIALS[question.verb](Tried(question, choices))


def _after_create(at: Tried) -> tuple[Trial, ...]:
    """All as the owner, whose password is known to this run; where all types are granted there is none to refuse."""
    types = (at.types(),) if at.refused else ()
    return (at.login(), at.quota(), at.size(), *types, at.neighbours(), *at.traffic())


def _after_change(at: Tried) -> tuple[Trial, ...]:
    """The account's own settings are read back; that such limits bite is tried with a probe, where one was changed."""
    is_limited = change.moves_class(at.question) or "quota_gb" in change.moves(at.question)
    return (at.limits_by_probe(),) if is_limited else ()


def _after_resume(at: Tried) -> tuple[Trial, ...]:
    return (at.limits_by_probe(),)


def _after_suspend(at: Tried) -> tuple[Trial, ...]:
    return (at.closed(),)


def _after_rotate(at: Tried) -> tuple[Trial, ...]:
    return (at.login(), at.old_password_refused())


def _after_terminate(at: Tried) -> tuple[Trial, ...]:
    return (at.absent(),)


_TRIALS: Mapping[str, Callable[[Tried], tuple[Trial, ...]]] = {
    "create": _after_create,
    "change": _after_change,
    "suspend": _after_suspend,
    "resume": _after_resume,
    "rotate": _after_rotate,
    "appoint": _after_rotate,
    "terminate": _after_terminate,
}
