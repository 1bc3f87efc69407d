"""Where does each value of a site belong, by the choices that were made?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.digests import Value
from provisioner.facts.observation import Spot
from provisioner.names import mark
from provisioner.plans.compare import Stage, Wanted

PLAYBOOK = "hosting"


def places(choices: Mapping[str, Value]) -> tuple[str, ...]:
    """Return the one host that carries the site: ('web1',)."""
    return (str(choices["host"]),)


def target(choices: Mapping[str, Value]) -> str:
    """Return where the site stands: 'web1/g7kq2mx4pd'."""
    return f"{choices['host']}/{choices['item_id']}"


class Place:
    """The choices, read once: where each value belongs."""

    def __init__(self, choices: Mapping[str, Any]) -> None:
        self.choices = choices
        self.item, self.host = str(choices["item_id"]), str(choices["host"])
        self.zone, self.names = str(choices["zone"]), tuple(str(name) for name in choices["names"])
        self.mark = mark(self.item)
        self.database = str(choices["database"])

    def secret_mark(self, secret: str) -> str:
        """Return the mark on what bears that secret ('sftp_password'): its version is what is compared."""
        return mark(self.item, self.secret_version(secret))

    def secret_version(self, secret: str) -> int:
        """Return the version of that secret that counts: 1, and one more at each rotation."""
        return int(self.choices["secret_versions"][secret])

    def stage(self, name: str, play: str, wanted: tuple[Wanted, ...], waits_for: str = "") -> Stage:
        """A stage of this kind's playbook on the chosen host."""
        return Stage(name=name, play=play, playbook=PLAYBOOK, limit=self.host, wanted=wanted, waits_for=waits_for)

    def on_host(self, task: str, system: str, prop: str, value: Value) -> Wanted:
        """A value of the item on its host."""
        return Wanted(
            task=task, spot=Spot(system=system, target=f"{self.host}/{self.item}", property=prop), value=value
        )

    def in_zone(self, task: str, name: str, prop: str, value: Value) -> Wanted:
        """A value at a name of the zone."""
        return Wanted(task=task, spot=Spot(system="dns", target=f"{self.zone}/{name}", property=prop), value=value)
