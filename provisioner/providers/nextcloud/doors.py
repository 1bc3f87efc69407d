"""By which doors does one come into an account, and is each shut once the account is disabled?"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from provisioner.errors import Unreachable
from provisioner.https_line import HttpsLine, Reply
from provisioner.ocs import ROOT
from provisioner.providers.nextcloud.files import OPEN, REFUSED, Files
from provisioner.providers.nextcloud.probe import Probe
from provisioner.providers.nextcloud.service import as_user

WHO = f"{ROOT}/cloud/user?format=json"
DOORS = ("login", "webdav", "app_password", "session")
HEADERS = {"OCS-APIRequest": "true", "Accept": "application/json"}
CACHED_SECONDS = 15.0  # an app password may pass for ten more seconds (recording apppw-old-just-after-rotate)
PAUSE_SECONDS = 3.0


def open_doors(probe: Probe) -> Mapping[str, Callable[[], str]]:
    """Come in by each door, and return how each is tried again: name -> 'refused' or 'open'.

    Unreachable where one is not open now: what was never open proves nothing by being shut.
    """
    first = probe.cloud.exchange("GET", WHO, HEADERS)
    answer = probe.cloud.get("/core/getapppassword")
    token = answer.data.get("apppassword") if isinstance(answer.data, dict) else None
    if not answer.ok or not isinstance(token, str):
        raise Unreachable(f"gives our probe no app password ({answer.ocs_code}).", probe.host.name, "")
    doors: dict[str, Callable[[], str]] = {
        "login": lambda: _by_password(probe),
        "webdav": lambda: _by_webdav(probe),
        "app_password": lambda: _by_token(probe, token),
        "session": lambda: _by_session(probe.cloud.line, first),
    }
    shut = [name for name, door in doors.items() if door() != OPEN]
    if shut:
        raise Unreachable(f"our probe could not come in by: {', '.join(shut)}.", probe.host.name, "Try again.")
    return {name: _patient(door) for name, door in doors.items()}


def _patient(door: Callable[[], str]) -> Callable[[], str]:
    """Ask again while it is open: what was cached may pass for some seconds more."""

    def asked() -> str:
        ends_at = time.monotonic() + CACHED_SECONDS
        while (seen := door()) == OPEN and time.monotonic() < ends_at:
            time.sleep(PAUSE_SECONDS)
        return seen

    return asked


def _by_password(probe: Probe) -> str:
    with as_user(probe.host, probe.account, probe.password) as cloud:
        return _word(cloud.exchange("GET", WHO, HEADERS))


def _by_token(probe: Probe, token: str) -> str:
    with as_user(probe.host, probe.account, token) as cloud:
        return _word(cloud.exchange("GET", WHO, HEADERS))


def _by_webdav(probe: Probe) -> str:
    with as_user(probe.host, probe.account, probe.password) as cloud:
        return Files(cloud, probe.account, probe.account).enter()


def _by_session(line: HttpsLine, first: Reply) -> str:
    """Come in by the cookies of an earlier login alone."""
    return _word(line.exchange("GET", WHO, {**HEADERS, "Cookie": "; ".join(first.cookies)}))


def _word(said: Reply) -> str:
    if said.status not in {200, 401}:
        raise Unreachable(f"neither opens nor refuses ({said.status}).", "cloud", "Try again.")
    return OPEN if said.status == 200 else REFUSED
