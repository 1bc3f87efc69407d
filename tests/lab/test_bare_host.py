"""Does site.yml make a web host of a Debian that has nothing but systemd, sshd and Python, as in production?"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from testinfra.host import Host

from lab import description, verbs
from lab.images import BARE
from lab.instance import Instance
from tests.lab.site_run import SiteRun, run_site
from tests.lab.web_host import WebHostPromises


@pytest.fixture(scope="module")
def prepared(
    instance: Instance, on: Callable[[str], Host], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SiteRun]:
    """A bare host after site.yml, its packages fetched by apt; the host is gone afterwards."""
    verbs.up(instance, ["bare"])
    assert not on("bare").exists("apache2ctl"), "the bare host has been prepared before"
    inventory = tmp_path_factory.mktemp("inventory") / "bare.ini"
    inventory.write_text("[shared_web]\nbare\n")
    yield run_site(instance, "-i", str(inventory), "--limit", "bare")
    verbs.take_away(instance, "bare")


def test_it_was_bare(instance: Instance) -> None:
    del instance
    assert {"systemd", "openssh-server", "python3"} <= set(BARE)
    assert not {name for name in BARE if name.startswith(("apache", "php", "mariadb", "postgresql", "certbot"))}


class TestBareHost(WebHostPromises):
    @pytest.fixture
    def name(self) -> str:
        return "bare"

    @pytest.fixture
    def lab(self, instance: Instance, prepared: SiteRun) -> dict[str, Any]:
        assert prepared.returncode == 0, prepared.output
        described: dict[str, Any] = json.loads(description.path(instance).read_text())
        return described

    @pytest.fixture
    def host(self, on: Callable[[str], Host], prepared: SiteRun) -> Host:
        assert prepared.returncode == 0, prepared.output
        return on("bare")


def test_a_second_run_changes_nothing(instance: Instance, prepared: SiteRun, tmp_path: Path) -> None:
    assert prepared.returncode == 0, prepared.output
    inventory = tmp_path / "bare.ini"
    inventory.write_text("[shared_web]\nbare\n")
    again = run_site(instance, "-i", str(inventory), "--limit", "bare")
    assert again.count("bare", "changed") == 0, again.output
