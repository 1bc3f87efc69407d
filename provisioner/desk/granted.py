"""How much was granted, since when? Steps over time, from what each delivered request left of an item."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from provisioner.items.item import ItemState
from provisioner.items.life import Moment
from provisioner.kinds.port import Kind, Measure

#: (an instant, a value that holds from then on)
Steps = tuple[tuple[datetime, int], ...]


def granted(kind: Kind, lived: Iterable[Moment], measure: Measure) -> Steps:
    """Return since when how much was granted of what is measured, from the item's life; 0 once it has ended."""
    steps: list[tuple[datetime, int]] = []
    for moment in lived:
        limits = () if moment.state is ItemState.TERMINATED else kind.standing(moment.wish, moment.choices).limits
        amount = sum(limit.granted for limit in limits if limit.measure == measure.name)
        if not steps or steps[-1][1] != amount:
            steps.append((moment.at, amount))
    return tuple(steps) if any(amount for _, amount in steps) else ()


def added(many: Iterable[Steps]) -> Steps:
    """Return the sum of many steps: what all of them granted together, since when."""
    changes = [
        (at, amount - before)
        for steps in many
        if steps  # an item may never have been granted any of it
        for (at, amount), before in zip(steps, _earlier(steps), strict=True)
    ]
    total, found = 0, []
    for at, same in groupby(sorted(changes), key=lambda change: change[0]):
        total += sum(change for _, change in same)
        found.append((at, total))
    return tuple(found)


def granted_at(steps: Steps, at: datetime) -> int | None:
    """Return how much was granted at that instant, None where nothing ever was."""
    return next((amount for since, amount in reversed(steps) if since <= at), steps[0][1] if steps else None)


def _earlier(steps: Steps) -> list[int]:
    return [0, *(amount for _, amount in steps[:-1])]
