"""Which hosts do lab tests speak to? Those of this checkout's own lab, brought up if they are not."""

import json
import secrets
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
import testinfra
from testinfra.host import Host

from lab import description, verbs
from lab.instance import Instance, this_instance
from lab.machine import ssh_argv
from provisioner.facts.estate import Estate
from provisioner.runner.inventory import read_estate
from provisioner.runs.part_result import PartOutcome
from tests.lab.journal import ends_of_journals
from tests.lab.part_runner import PartRunner, part_runner
from tests.lab.site_part import Site, new_site


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a failing lab test print the end of the hosts' journals."""
    report = yield
    if report.when == "call" and report.failed:
        report.sections += ends_of_journals(this_instance())
    return report


@pytest.fixture(scope="session")
def instance() -> Instance:
    """The lab of this checkout, all of it running: what reads the inventory once must find every host there."""
    lab = this_instance()
    verbs.up(lab, ["web1", "web2", "ns1", "acme", "mail", "cloud1"])
    return lab


@pytest.fixture(scope="session")
def lab(instance: Instance) -> dict[str, Any]:
    """What the lab says of itself: var/lab/lab.json."""
    described: dict[str, Any] = json.loads(description.path(instance).read_text())
    return described


@pytest.fixture(scope="session")
def web2(instance: Instance) -> str:  # noqa: ARG001  the lab must be up
    """The second web host (Debian 13), which only tests bring up."""
    return "web2"


@pytest.fixture(scope="session")
def on(instance: Instance) -> Callable[[str], Host]:
    """A testinfra host by its lab name: `on("web1").file("/etc/hostname")`."""

    def connect(name: str) -> Host:
        *options, target = ssh_argv(instance, name)[1:]
        return testinfra.get_host(f"ssh://{target}", ssh_extra_args=" ".join(options))

    return connect


@pytest.fixture(scope="session")
def web1(on: Callable[[str], Host]) -> Host:
    """The first web host, as root."""
    return on("web1")


@pytest.fixture(scope="session")
def estate(instance: Instance) -> Estate:
    """The lab's inventory, as the engine reads it."""
    return read_estate(instance.checkout / "inventories" / "lab" / "hosts.py")


@pytest.fixture(scope="session")
def runner(instance: Instance) -> Iterator[PartRunner]:
    """What carries out a part as the worker does, with passwords of its own."""
    words = {name: f"Canary{secrets.token_hex(8)}" for name in ("sftp_password", "database_password")}
    with part_runner(instance, words) as runner:
        yield runner


@pytest.fixture
def small(runner: PartRunner) -> Iterator[Site]:
    """A site of an account only; nothing of it is left, whatever the test did."""
    site = new_site()
    result = runner.run(site.making("account"))
    assert result.outcome is PartOutcome.DONE, result
    yield site
    result = runner.run(site.unmaking("account"))
    assert result.outcome is PartOutcome.DONE, result
