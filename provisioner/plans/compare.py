"""What differs between what is wanted and what was seen? Subtracted once, here, for all kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from provisioner.digests import Value
from provisioner.facts.observation import Observation, Spot
from provisioner.facts.property import Property
from provisioner.plans.change import Change
from provisioner.plans.plan import Part, Task

Properties = Mapping[str, Mapping[str, Property]]  # system -> property name -> row


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One value wanted at one place, and the task that sees to it. A value of None asks for absence."""

    task: str
    spot: Spot
    value: Value


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What a kind wants reached at once, in order; a later stage builds on the earlier one.

    `name` 'make' | 'close' | 'remove' ...; `play` 'make' | 'unmake'; `waits_for` as `Part.waits_for`.
    One that waits for the verdict comes after all that do not.
    """

    name: str
    play: str
    playbook: str
    limit: str
    wanted: tuple[Wanted, ...]
    waits_for: str = ""


def compare(wanted: Wanted, seen: Observation, properties: Properties) -> Change | None:
    """Return the change that leads from what was seen to what is wanted, None where nothing is to do.

    What is ensured is always named, as if it were not there yet: else the first of two lines that share it would make
    the other's approved plan stale. KeyError where nobody looked, or the property has no row in its system's table.
    """
    spot, before = wanted.spot, seen.value(wanted.spot)
    row = properties[spot.system][spot.property]
    if row.is_ensured and wanted.value is not None and before == wanted.value:
        before = None
    if before == wanted.value:
        return None
    return Change(
        system=spot.system,
        target=spot.target,
        property=spot.property,
        before=before,
        after=wanted.value,
        undo=row.undo_of(before, wanted.value),
    )


def parts_of(stages: tuple[Stage, ...], seen: Observation, properties: Properties) -> tuple[Part, ...]:
    """Cut the stages into parts, one a stage that has anything to do.

    Each compared with the world the former leaves.
    """
    parts = []
    for stage in stages:
        part = _part(stage, seen, properties)
        if part.tasks:
            parts.append(part)
            seen = after(seen, part.changes)
    return tuple(parts)


def unreached(stages: tuple[Stage, ...], seen: Observation) -> tuple[Spot, ...]:
    """Return the spots where the last stage that wants something does not find it: none once all is carried out."""
    final = {wanted.spot: wanted.value for stage in stages for wanted in stage.wanted}
    return tuple(spot for spot, value in final.items() if seen.value(spot) != value)


def after(seen: Observation, changes: tuple[Change, ...]) -> Observation:
    """Return the observation as it would be with `changes` done."""
    values = dict(seen.values)
    for change in changes:
        if change.after is None:
            values.pop(change.spot, None)
        else:
            values[change.spot] = change.after
    return replace(seen, values=values)


def _part(stage: Stage, seen: Observation, properties: Properties) -> Part:
    tasks: dict[str, list[Change]] = {}
    for wanted in stage.wanted:
        change = compare(wanted, seen, properties)
        if change is not None:
            tasks.setdefault(wanted.task, []).append(change)
    return Part(
        playbook=stage.playbook,
        play=stage.play,
        limit=stage.limit,
        stage=stage.name,
        waits_for=stage.waits_for,
        tasks=tuple(Task(name=name, changes=tuple(changes)) for name, changes in tasks.items()),
    )
