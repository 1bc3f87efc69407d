"""Where does each value of an account belong, by the choices that were made?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from provisioner.digests import Value
from provisioner.facts import nextcloud
from provisioner.facts.observation import Spot
from provisioner.plans.compare import Stage, Wanted

PLAYBOOK = "data_cloud"
_URL = re.compile(r"https://([a-zA-Z0-9.-]+)(?::([0-9]{1,5}))?(?:/|\Z)", re.ASCII)
_HTTPS = 443
PASSWORD = "account_password"  # noqa: S105  the name of a secret, not one


def places(choices: Mapping[str, Value]) -> tuple[str, ...]:
    """Return the server that carries the account, and the proxy that limits its traffic: ('cloud1', 'proxy1')."""
    proxy = str(choices.get("traffic_proxy") or "")
    return (str(choices["host"]), proxy) if proxy else (str(choices["host"]),)


def target(choices: Mapping[str, Value]) -> str:
    """Return where the account stands: 'cloud1/arsip.disdik'."""
    return f"{choices['host']}/{choices['account']}"


def title(choices: Mapping[str, Any]) -> str:
    """Return what people call it: 'arsip.disdik @ cloud.kota.lab'."""
    return f"{choices['account']} @ {name_and_port(str(choices['url']))[0]}"


def name_and_port(url: str) -> tuple[str, int]:
    """Read an inventory's address: 'https://cloud.kota.lab:8443' -> ('cloud.kota.lab', 8443); ValueError otherwise."""
    found = _URL.match(url)
    if found is None:
        raise ValueError(f"{url!a} is no address of a server: write https://NAME or https://NAME:PORT")
    return found[1], int(found[2] or _HTTPS)


class Place:
    """The choices, read once: where each value belongs."""

    def __init__(self, choices: Mapping[str, Any]) -> None:
        self.choices = choices
        self.host, self.account = str(choices["host"]), str(choices["account"])
        self.url = str(choices["url"])
        self.opd_group, self.limit_group = str(choices["opd_group"]), str(choices["limit_group"])

    @property
    def version(self) -> int:
        """The version of the account's password: 1, and one more at each rotation."""
        return int(self.choices["secret_versions"][PASSWORD])

    def stage(
        self, name: str, play: str, wanted: tuple[Wanted, ...], waits_for: str = "", *, at: str | None = None
    ) -> Stage:
        """A stage of this kind's playbook on the chosen server, or at the proxy in front of it."""
        limit = at or self.host
        return Stage(name=name, play=play, playbook=PLAYBOOK, limit=limit, wanted=wanted, waits_for=waits_for)

    def of_account(self, prop: str, value: Value) -> Wanted:
        """A value of the account itself."""
        return self._wanted("cloud_account", self.account, prop, value)

    def of_group(self, group: str, prop: str, value: Value) -> Wanted:
        """A value of a group that many accounts share."""
        return self._wanted("limit_class", group, prop, value)

    def spot(self, name: str, prop: str) -> Spot:
        """The spot of an account or group on the server."""
        return Spot(system=nextcloud.SYSTEM, target=f"{self.host}/{name}", property=prop)

    def _wanted(self, task: str, name: str, prop: str, value: Value) -> Wanted:
        return Wanted(task=task, spot=self.spot(name, prop), value=value)
