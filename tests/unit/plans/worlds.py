"""Which invented worlds and wishes are plans tried on?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from provisioner.digests import Value
from provisioner.facts.observation import Observation, Spot
from provisioner.facts.property import Property, Undo
from provisioner.plans.compare import Properties, Stage, Wanted

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PROPERTIES: Properties = {
    "apache": {"vhost": Property(name="vhost", label="Situs")},
    "nextcloud": {
        "size_rule": Property(name="size_rule", label="Aturan ukuran", is_ensured=True),
        "password": Property(name="password", label="Kata sandi", replacement=Undo.NONE),
    },
    "mariadb": {"database": Property(name="database", label="Basis data", removal=Undo.NONE)},
}
SPOTS = [
    Spot(system=system, target=f"web1/{name}", property=prop)
    for system, prop in (("apache", "vhost"), ("mariadb", "database"))
    for name in ("g7kq2mx4pd", "gaaaaaaaaa", "gbbbbbbbbb")
]
TASKS = ["account", "database", "apache"]

values: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(0, 3),
    st.text(max_size=3),
    st.fixed_dictionaries({"text": st.text(max_size=3), "mode": st.sampled_from(["0644", "0600"])}),
)


def seen(values_seen: dict[Spot, Value]) -> Observation:
    """A look at web1's Apache and MariaDB, and at cloud1's Nextcloud; absent spots are absent in the world."""
    there = {spot: value for spot, value in values_seen.items() if value is not None}
    looked = frozenset({("apache", "web1"), ("mariadb", "web1"), ("nextcloud", "cloud1")})
    return Observation(values=there, measurements={}, looked=looked, seen_at=NOW)


observations = st.dictionaries(st.sampled_from(SPOTS), values).map(seen)


@st.composite
def stages(draw: st.DrawFn) -> tuple[Stage, ...]:
    """One to three stages, each wanting each spot at most once."""
    return tuple(
        Stage(
            name=f"stage{number}",
            play=draw(st.sampled_from(["make", "unmake"])),
            playbook="hosting",
            limit="web1",
            wanted=tuple(
                Wanted(task=draw(st.sampled_from(TASKS)), spot=spot, value=draw(values))
                for spot in draw(st.lists(st.sampled_from(SPOTS), unique=True))
            ),
        )
        for number in range(draw(st.integers(1, 3)))
    )


def last_wanted(wanted: tuple[Stage, ...]) -> dict[Spot, Any]:
    """What each spot must hold when every stage is done."""
    return {one.spot: one.value for stage in wanted for one in stage.wanted}
