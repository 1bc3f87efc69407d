"""Was anybody else's thing touched? A fingerprint of every other tenant before and after a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from provisioner.digests import Value, canonical_json, digest_of_bytes
from provisioner.facts import nextcloud
from provisioner.facts.observation import Observation, Spot
from provisioner.names import read_mark

LONGEST = 160  # a fingerprint is kept in every run's rows: a vhost is kept as its digest, a quota as it is


@dataclass(frozen=True, kw_only=True)
class Moved:
    """One neighbour's value that is not what it was: 'apache web1/ga2b3c4d5e vhost', both values (None: absent)."""

    place: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        """One line in Indonesian: `account web1/ga2b3c4d5e storage: {...} menjadi tidak ada`."""
        return f"{self.place}: {self.before or 'tidak ada'} menjadi {self.after or 'tidak ada'}"


def fingerprint(observation: Observation, own: frozenset[str]) -> dict[str, str]:
    """Return place -> value of all that is not ours: {'account web1/ga2b3c4d5e storage': '{"driver":...}'}.

    Ours is an object or target named in `own` ('g7kq2mx4pd', 'cloud1/arsip'), and a DNS name whose mark bears one of
    these item ids. A value of more than 160 characters is kept as 'sha256:<64 digits> of 2411 characters'. On a cloud
    that others use too, their accounts are no neighbours of ours.
    """
    mine, values = own | _names_marked(observation, own), observation.values
    others = {s: value for s, value in values.items() if s.object not in mine and s.target not in mine}
    others = {s: v for s, v in others.items() if s.system != nextcloud.SYSTEM or nextcloud.is_neighbour(s, values)}
    return {_place(spot): _kept(value) for spot, value in sorted(others.items())}


def moved(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Moved, ...]:
    """Return every place whose value differs, by place; appeared and vanished ones included."""
    places = sorted(place for place in before.keys() | after.keys() if before.get(place) != after.get(place))
    return tuple(Moved(place=place, before=before.get(place), after=after.get(place)) for place in places)


def _names_marked(observation: Observation, own: frozenset[str]) -> frozenset[str]:
    marks = {
        spot: value for spot, value in observation.values.items() if (spot.system, spot.property) == ("dns", "mark")
    }
    return frozenset(spot.object for spot, value in marks.items() if read_mark(str(value)) in own)


def _place(spot: Spot) -> str:
    return f"{spot.system} {spot.target} {spot.property}"


def _kept(value: Value) -> str:
    text = canonical_json(value)
    if len(text) <= LONGEST:
        return text
    return f"sha256:{digest_of_bytes(text.encode())} of {len(text)} characters"
