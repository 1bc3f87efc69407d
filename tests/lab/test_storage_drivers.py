"""What does site.yml say of a host whose storage nothing limits? Just that; an inventory that denies it is refused."""

import pytest

from lab.instance import Instance
from tests.lab.site_run import run_site


@pytest.fixture
def elsewhere(instance: Instance, web2: str) -> tuple[Instance, str, str]:
    """A root of sites on the host's first disk, which has no quota."""
    return instance, web2, "storage_root=/srv"


def test_a_host_that_can_limit_nothing_is_said_so(elsewhere: tuple[Instance, str, str]) -> None:
    instance, host, root = elsewhere
    run = run_site(instance, "--limit", host, "--tags", "storage", "-e", root)
    assert run.returncode == 0, run.output
    assert f"{host}: /srv (overlay" in run.output
    assert "can limit nothing (no btrfs). Sites there are measured and alarmed only." in " ".join(run.output.split())
    assert run.count(host, "changed") == 0


def test_an_inventory_that_promises_more_than_the_host_can_is_refused(elsewhere: tuple[Instance, str, str]) -> None:
    instance, host, root = elsewhere
    run = run_site(instance, "--limit", host, "--tags", "storage,apache,host_record", "-e", root)
    assert run.returncode != 0
    said = " ".join(run.output.split())
    assert f"The inventory says that {host} limits storage by btrfs_squota" in said
    assert "but the host itself can measured and mod_ratelimit" in said
    assert run.count(host, "changed") == 0
