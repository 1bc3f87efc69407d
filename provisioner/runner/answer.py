"""How much of a task's answer is believed? Only what was planned: a taken host may print whatever it likes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from provisioner.digests import canonical_json
from provisioner.plans.change import Change
from provisioner.runner.redaction import Redactor

SHOWN_CHARACTERS = 2000
SEEN_CHARACTERS = 200
FLAGS = ("changed", "failed", "cancelled")
STRANGE = "the answer names what was not planned or is not in our words; it was thrown away, look again"
HELD_SECRET = "the answer held a secret"  # noqa: S105 - a message


class StrangeAnswer(ValueError):
    """The answer is not one that our duty gives."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What is kept. `outcome` 'changed' | 'same' | 'failed' | 'foreign' | 'cancelled'; `changes` are planned ones."""

    outcome: str
    changes: tuple[Change, ...]
    message: str


def judge(answer: Mapping[str, Any], planned: Sequence[Change], redactor: Redactor) -> Judged:
    """Take from the answer the planned changes it names, and its message rid of secrets.

    'failed' with no change and no word of the host where it says anything that our duty would not; 'failed' too where
    a secret stands anywhere in it, in whichever form.
    """
    try:
        texts = [_canonical(answer), *_words(answer)]
        judged = _believed(answer, planned, redactor)
    except StrangeAnswer:
        return Judged(outcome="failed", changes=(), message=STRANGE)
    if any(redactor.finds(text) for text in texts):
        message = f"{HELD_SECRET}: {judged.message}"[:SHOWN_CHARACTERS]
        return Judged(outcome="failed", changes=judged.changes, message=message)
    return judged


def _believed(answer: Mapping[str, Any], planned: Sequence[Change], redactor: Redactor) -> Judged:
    if any(type(answer.get(flag)) is not bool for flag in FLAGS) or not isinstance(answer.get("msg"), str):
        raise StrangeAnswer
    changes = _planned_ones(answer.get("changes"), planned)
    foreign = _foreign_ones(answer.get("foreign"), planned, redactor)
    said = f"stands at a third value: {'; '.join(foreign)}" if foreign else redactor.clean(answer["msg"])
    return Judged(outcome=outcome_of(answer), changes=changes, message=said[:SHOWN_CHARACTERS])


def outcome_of(answer: Mapping[str, Any]) -> str:
    """'cancelled' | 'foreign' | 'failed' | 'changed' | 'same' of a duty's answer."""
    if answer["cancelled"]:
        return "cancelled"
    if answer["foreign"]:
        return "foreign"
    if answer["failed"]:
        return "failed"
    return "changed" if answer["changed"] else "same"


def _planned_ones(said: object, planned: Sequence[Change]) -> tuple[Change, ...]:
    """Return the planned changes whose data the answer repeats; each at most once, and none that was not planned."""
    left = {canonical_json(change.as_data()): change for change in planned}
    found = []
    for data in _dictionaries(said):
        change = left.pop(_canonical(data), None)
        if change is None:
            raise StrangeAnswer
        found.append(change)
    return tuple(found)


def _foreign_ones(said: object, planned: Sequence[Change], redactor: Redactor) -> list[str]:
    """Return 'account web1/g7kq2mx4pd user = {...}' of each planned place that stands at a third value."""
    places = {_canonical([change.system, change.target, change.property]) for change in planned}
    found = []
    for data in _dictionaries(said):
        place = [data.get("system"), data.get("target"), data.get("property")]
        if set(data) != {"system", "target", "property", "seen"} or _canonical(place) not in places:
            raise StrangeAnswer
        seen = redactor.clean(_canonical(_cleaned(data["seen"], redactor)))[:SEEN_CHARACTERS]
        found.append(f"{' '.join(map(str, place))} = {seen}")
    return found


def _dictionaries(said: object) -> list[dict[str, Any]]:
    if not isinstance(said, list) or not all(isinstance(data, dict) for data in said):
        raise StrangeAnswer
    return said


def _canonical(value: Any) -> str:
    """JSON, in which true is not 1 and 1 is not 1.0, as Python's == would have it; half a character is refused."""
    try:
        return canonical_json(value).encode().decode()
    except (ValueError, TypeError, RecursionError):
        raise StrangeAnswer from None


def _cleaned(value: Any, redactor: Redactor) -> Any:
    """Clean every text in it by itself: an escape that is written as JSON no longer looks like one."""
    if isinstance(value, str):
        return redactor.clean(value)
    if isinstance(value, list):
        return [_cleaned(inner, redactor) for inner in value]
    if isinstance(value, dict):
        return {redactor.clean(str(key)): _cleaned(inner, redactor) for key, inner in value.items()}
    return value


def _words(value: Any) -> Iterator[str]:
    """Yield every text in it, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for inner in value:
            yield from _words(inner)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _words(inner)
