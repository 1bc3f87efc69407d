"""What stands on a Nextcloud? All its accounts, groups and rules, by one kept connection."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from provisioner.clock import Clock
from provisioner.digests import Value
from provisioner.errors import Unreachable
from provisioner.facts import nextcloud
from provisioner.facts import nextcloud_handover as handover
from provisioner.facts.estate import Estate, Host
from provisioner.facts.nextcloud_server import missing, server_value
from provisioner.facts.observation import Observation, Spot
from provisioner.ocs import Nextcloud
from provisioner.providers.gathering import gather
from provisioner.providers.nextcloud.service import admin

PAGE = 200
MOST_ACCOUNTS = 100_000
MOST_TRIES = 3
RULES = "/apps/workflowengine/api/v1/workflows/global"


def observe_servers(hosts: tuple[str, ...], estate: Estate, clock: Clock) -> Observation:
    """Ask every server at once; Unreachable names all that gave no answer or none that can be read."""
    answers = gather([functools.partial(_look, estate.hosts[name]) for name in hosts])
    values: dict[Spot, Value] = {}
    measurements: dict[str, int] = {}
    for of_host, measured in answers:
        values |= of_host
        measurements |= measured
    looked = frozenset((nextcloud.SYSTEM, name) for name in hosts)
    return Observation(values=values, measurements=measurements, looked=looked, seen_at=clock())


def _look(host: Host) -> tuple[dict[Spot, Value], dict[str, int]]:
    with admin(host) as cloud:
        try:
            raw = fetch(cloud)
            values, measured = nextcloud.read(raw, host.name), nextcloud.measure(raw, host.name)
            codes = [*missing(raw["apps"], raw["version"]), *_no_link(cloud, host)]
        except Unreachable as off:
            raise Unreachable(off.what, host.name, off.mend) from None
    values[Spot(system=nextcloud.SYSTEM, target=f"{host.name}/", property="server")] = server_value(codes)
    return values, measured


def _no_link(cloud: Nextcloud, host: Host) -> list[str]:
    """Say that no link could be mailed, where one shall be: one call more, on such servers alone."""
    if handover.mode_of(host.variables) != handover.LINK:
        return []
    answer = cloud.get(handover.SETTING)
    return [] if answer.ok and handover.is_mailing(answer.data) else ["link_mail"]


def fetch(cloud: Nextcloud) -> dict[str, Any]:
    """Return what the reader needs: `users`, `groups`, `rules`, `apps`, `version`, `freespace` (None: not told)."""
    apps = _field(cloud.fetched("/cloud/apps", {"filter": "enabled"}), "apps")
    return {
        "apps": apps,
        "users": fetch_users(cloud),
        "groups": _field(cloud.fetched("/cloud/groups"), "groups"),
        "rules": cloud.fetched(RULES),
        "version": _field(_field(cloud.fetched("/cloud/capabilities"), "version"), "major"),
        "freespace": _freespace(cloud) if isinstance(apps, list) and "serverinfo" in apps else None,
    }


def fetch_users(cloud: Nextcloud) -> dict[str, Any]:
    """Return id -> details of all accounts, page by page; Unreachable where they cannot be listed whole.

    The server tells no total and counts pages by position, so that a removal in between makes the next page skip one:
    each page begins with the last of the one before; where it does not, all is asked again.
    """
    for _ in range(MOST_TRIES):
        users = _all_pages(cloud)
        if users is not None:
            return users
    raise Unreachable("its accounts change while they are listed.", cloud.where, "Look again in a while.")


def _all_pages(cloud: Nextcloud) -> dict[str, Any] | None:
    users: dict[str, Any] = {}
    last = ""
    while len(users) < MOST_ACCOUNTS:
        page = _page(cloud, max(len(users) - 1, 0))
        if last and last not in page:
            return None
        is_new = page.keys() - users.keys()
        users |= page
        if len(page) < PAGE:
            return users
        if not is_new:
            raise Unreachable("gives the same page of accounts again.", cloud.where, "Look into the server's log.")
        last = next(reversed(page))
    raise Unreachable(f"lists more than {MOST_ACCOUNTS} accounts.", cloud.where, "Look into the server's log.")


def _page(cloud: Nextcloud, offset: int) -> dict[str, Any]:
    said = _field(cloud.fetched("/cloud/users/details", {"limit": PAGE, "offset": offset}), "users")
    if isinstance(said, list):  # PHP writes an empty object so, and one whose keys are 0, 1, 2
        said = {str(one.get("id") if isinstance(one, dict) else None): one for one in said}
    if not isinstance(said, dict) or not all(isinstance(one, dict) for one in said.values()):
        raise Unreachable("its list of accounts is none.", cloud.where, "Check that it is a Nextcloud 30+.")
    return said


def _freespace(cloud: Nextcloud) -> Any:
    """Return what the app serverinfo says of the disk; None where it says nothing: it is a measurement, no more."""
    answer = cloud.get("/apps/serverinfo/api/v1/info")
    if not answer.ok:
        return None
    return _field(_field(_field(answer.data, "nextcloud"), "system"), "freespace")


def _field(data: Any, name: str) -> Any:
    return data.get(name) if isinstance(data, Mapping) else None
