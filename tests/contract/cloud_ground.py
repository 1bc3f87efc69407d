"""How does an inventory describe the lab's Nextcloud that serves within the test?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from provisioner import providers
from provisioner.facts.estate import Estate, Host
from provisioner.facts.observation import Observation
from tests.cloud import Served

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
PASSWORD = "Kenari-di-dahan-2026"


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
