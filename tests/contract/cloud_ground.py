"""What does the provider try on the lab's Nextcloud that serves within the test, and how is that described to it?"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from provisioner import providers
from provisioner.digests import Value
from provisioner.facts.estate import Estate, Host
from provisioner.facts.nextcloud import create_form
from provisioner.facts.observation import Observation
from provisioner.ocs import Nextcloud
from provisioner.providers.base import Attempt
from provisioner.verification.verdict import Trial, judge
from tests.cloud import Served

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
PASSWORD, OLD = "Kenari-di-dahan-2026", "Kutilang-di-dahan-2025"
GROUP, OPD = "gerbang-limit-2mb-dokumen", "opd-diskominfo"
MB = 1 << 20
TYPES = {"types": ["application/pdf", "image/*"]}


def estate(served: Served, **other: Any) -> Estate:
    variables = {
        "nextcloud_url": served.url,
        "nextcloud_address": served.address,
        "nextcloud_ca_file": str(served.ca_file),
        "nextcloud_user": served.user,
        "nextcloud_app_password_file": str(served.app_password_file),
    } | other
    host = Host(name="cloud1", groups=frozenset({"nextcloud"}), variables=variables)
    return Estate(hosts={"cloud1": host}, variables={})


def look(served: Served, **other: Any) -> Observation:
    return providers.look(("nextcloud",), ("cloud1",), estate(served, **other), lambda: NOW)


def make(admin: Nextcloud, name: str, *, quota: int, groups: tuple[str, ...] = (OPD, GROUP)) -> None:
    form = create_form(name, {"groups": [*groups], "quota": {"bytes": quota}}, PASSWORD)
    assert admin.post("/cloud/users", form).ok


def accounts(served: Served) -> dict[str, Any]:
    return dict(served.ask(do="dump")["accounts"])


def attempt(
    served: Served, folder: Path, name: str, wanted: dict[str, Value], password: str = PASSWORD, **arguments: Any
) -> dict[str, Value]:
    """What was seen, after it was judged: the trial holds."""
    seen = tried(served, folder, name, password, **arguments)
    trial = Trial(name=name, system="nextcloud", label="", wanted=wanted, arguments={})
    assert judge(trial, seen).holds, seen
    return seen


def tried(served: Served, folder: Path, name: str, password: str = PASSWORD, **arguments: Any) -> dict[str, Value]:
    given = {"host": "cloud1", "account": "sari", "secret": "account_password", **arguments}
    secrets = {"account_password": password, "earlier_account_password": OLD}
    context = Attempt(run_id="run_abc", estate=estate(served), folder=folder, secrets=secrets, patience_seconds=0)
    trial = Trial(name=name, system="nextcloud", label="", wanted={}, arguments=given)
    return dict(providers.try_all((trial,), context)[name])
