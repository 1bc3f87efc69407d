"""May this person do this, today, and as what?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from provisioner.errors import NotAllowed
from provisioner.people.person import Person, Position, Right

PartOf = Mapping[str, str | None]  # actor -> the actor it is part of


def satisfies(actor: str, wanted: str, part_of: PartOf) -> bool:
    """Tell whether a position as `actor` satisfies a step of `wanted`: it is that actor, or part of it."""
    seen: str | None = actor
    while seen is not None:
        if seen == wanted:
            return True
        seen = part_of.get(seen)
    return False


def acting_position(
    person: Person, right: Right, actors: tuple[str, ...], part_of: PartOf, today: date, opd: str | None = None
) -> Position:
    """Return the position in which `person` acts.

    `actors`: the step's actor and its co-actors. For an OPD-side step the position must be of `opd`.
    NotAllowed says whether right or position is missing.
    """
    if person.access_ended_on(today):
        raise NotAllowed("masa kontrak telah berakhir", person.name, "Perpanjang kontrak lebih dahulu.")
    if not person.may(right):
        raise NotAllowed(f"tidak memiliki hak '{right}'", person.name, "Mintalah kepada administrator.")
    for position in person.positions_on(today):
        if position.opd is not None and opd is not None and position.opd != opd:
            continue
        if any(satisfies(position.actor, actor, part_of) for actor in actors):
            return position
    wanted = " atau ".join(actors)
    raise NotAllowed(f"jabatan {wanted} tidak dipegang hari ini", person.name, "Langkah ini milik jabatan lain.")
