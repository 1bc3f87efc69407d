"""Has every registered Nextcloud what it must have? Asked at the worker's start and by `gerbang-admin check`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from provisioner.errors import GerbangError
from provisioner.facts import nextcloud_handover as handover
from provisioner.facts.estate import Estate, Host
from provisioner.facts.nextcloud import PROBE_PREFIX
from provisioner.facts.nextcloud_server import LACKS, missing
from provisioner.ocs import Nextcloud
from provisioner.providers.nextcloud.service import GROUP, admin, app_password

APP_PASSWORD_LENGTH = 72
CONFIG = "/apps/provisioning_api/api/v1/config/apps"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing found of a server, in Indonesian; `is_needed`: without it no account can be made there."""

    host: str
    what: str
    is_needed: bool

    def __str__(self) -> str:
        """One line: `cloud1: aplikasi ... tidak aktif. aktifkan: ...`."""
        return f"{self.host}: {self.what}"


def check_servers(estate: Estate) -> list[Finding]:
    """Ask each server of the group `nextcloud`; an empty list says that nothing is missing. It changes nothing."""
    found: list[Finding] = []
    for host in estate.in_group(GROUP):
        found += [
            Finding(host=host.name, what=f"{one.what}. {one.mend}", is_needed=True)
            for one in handover.faults(host.variables)
        ]
        try:
            codes = check_server(host)
        except GerbangError as off:
            found.append(Finding(host=host.name, what=f"tidak dapat diperiksa: {off}", is_needed=True))
            continue
        lacks = [LACKS[code] for code in codes]
        found += [Finding(host=host.name, what=f"{one.what}. {one.mend}", is_needed=one.is_needed) for one in lacks]
    return found


def check_server(host: Host) -> list[str]:
    """Return the codes of what `host` lacks; GerbangError where it gives no answer or the inventory is not whole."""
    codes = [] if len(app_password(host)) == APP_PASSWORD_LENGTH else ["app_password"]
    with admin(host) as cloud:
        me = cloud.fetched("/cloud/user")
        if "admin" not in _at(me, "groups", default=()):
            return ["admin", *codes]  # nothing else can be asked
        said = cloud.fetched("/cloud/capabilities")
        apps = _at(cloud.fetched("/cloud/apps", {"filter": "enabled"}), "apps")
        codes = [*missing(apps, _at(said, "version", "major")), *codes]
        codes += ["slowed"] if _is_slowed(_at(said, "capabilities", "bruteforce")) else []
        codes += ["max_quota"] if _setting(cloud, "files", "max_quota") not in {"", "-1", "none"} else []
        codes += _mail(handover.mode_of(host.variables), _setting(cloud, "core", "newUser.sendEmail"))
        codes += ["probes"] if _at(cloud.fetched("/cloud/users", {"search": PROBE_PREFIX}), "users") else []
    return codes


def _mail(mode: str, setting: str) -> list[str]:
    """A link is mailed only by a server that writes to new accounts; else that costs an edit for each of them."""
    if mode == handover.LINK:
        return [] if handover.is_mailing({"data": setting}) else ["link_mail"]
    return [] if setting == "no" else ["welcome_mail"]


def _is_slowed(said: Any) -> bool:
    return bool(_at(said, "delay")) and _at(said, "allow-listed") is not True


def _setting(cloud: Nextcloud, app: str, key: str) -> str:
    """Return an app's setting; '' where it is not set or not told."""
    answer = cloud.get(f"{CONFIG}/{app}/{key}")
    value = _at(answer.data, "data") if answer.ok else ""
    return value if isinstance(value, str) else ""


def _at(data: Any, *names: str, default: Any = None) -> Any:
    for name in names:
        data = data.get(name) if isinstance(data, dict) else None
    return default if data is None or (default is not None and not isinstance(data, list)) else data
