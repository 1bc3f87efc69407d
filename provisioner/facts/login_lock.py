"""How does a closed login look, in whichever system? One value: that it is closed says all."""

from __future__ import annotations

from collections.abc import Mapping

from provisioner.digests import Value
from provisioner.facts.property import Property

LOCKED: Mapping[str, Value] = {"login": "refused"}


def lock_property(label: str) -> Property:
    """Return the row of a system's table: a lock is made on top of a login and taken off again, both undone."""
    return Property(name="lock", label=label)


def partly_locked(places: list[str]) -> dict[str, Value]:
    """Return what a login is that is closed from some places only: a value that no plan wants."""
    return {**LOCKED, "places": [*sorted(places)]}
