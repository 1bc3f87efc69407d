"""Who is looked at for a line, or for what stands of a kind, and what if one of them is silent?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from provisioner.digests import Value
from provisioner.errors import Unreachable
from provisioner.facts.observation import Observation
from provisioner.kinds.port import Kind
from provisioner.workflow.hands import Hands


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What was seen, and who gave no answer: `silent` {'web2'}, with what was said of each in `faults`."""

    seen: Observation
    silent: frozenset[str] = frozenset()
    faults: tuple[Unreachable, ...] = ()


def observe_all(hands: Hands, kind: Kind) -> Sight:
    """Look at every host the kind could use; who is silent is left out and named.

    Unreachable where nobody at all answers, or what is silent is no host: without the zone no name is known.
    """
    left = kind.hosts(hands.estate())
    faults: list[Unreachable] = []
    silent: frozenset[str] = frozenset()
    while True:
        try:
            return Sight(seen=hands.look(kind.systems, left), silent=silent, faults=tuple(faults))
        except Unreachable as fault:
            named = frozenset(fault.where.split(", "))
            if not named < set(left):
                raise
            silent |= named
            faults.append(fault)
            left = tuple(host for host in left if host not in named)


def observe_places(hands: Hands, kind: Kind, choices: Mapping[str, Value]) -> Sight:
    """Look where these choices lead, and nowhere else, as the run will: Unreachable where one of them is silent."""
    return Sight(seen=hands.look(kind.systems, known(hands, kind.places(choices))))


def known(hands: Hands, hosts: tuple[str, ...]) -> tuple[str, ...]:
    """Return those that the inventory still names: the kind says itself what it means that one is gone."""
    estate = hands.estate().hosts
    return tuple(host for host in hosts if host in estate)
