"""Which hosts do lab tests speak to? Those of this checkout's own lab, brought up if they are not."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import testinfra
from testinfra.host import Host

from lab import description, verbs
from lab.instance import Instance, this_instance
from lab.machine import ssh_argv


@pytest.fixture(scope="session")
def instance() -> Instance:
    """The lab of this checkout, with web1, ns1 and acme running."""
    lab = this_instance()
    verbs.up(lab, ["web1", "ns1", "acme"])
    return lab


@pytest.fixture(scope="session")
def lab(instance: Instance) -> dict[str, Any]:
    """What the lab says of itself: var/lab/lab.json."""
    described: dict[str, Any] = json.loads(description.path(instance).read_text())
    return described


@pytest.fixture(scope="session")
def web2(instance: Instance) -> str:
    """The second web host (Debian 13), which only tests bring up."""
    verbs.up(instance, ["web2"])
    return "web2"


@pytest.fixture(scope="session")
def on(instance: Instance) -> Callable[[str], Host]:
    """A testinfra host by its lab name: `on("web1").file("/etc/hostname")`."""

    def connect(name: str) -> Host:
        *options, target = ssh_argv(instance, name)[1:]
        return testinfra.get_host(f"ssh://{target}", ssh_extra_args=" ".join(options))

    return connect
