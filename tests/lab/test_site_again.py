"""Does a second site.yml leave the hosts alone?"""

import pytest

from lab.instance import Instance
from lab.verbs import running
from tests.lab.site_run import run_site

# The proxies come and go with the tests that run beside.
HOSTS = ("web1", "ns1", "web2")
ALL_OF_THEM = ("--limit", ",".join(HOSTS))


@pytest.fixture(scope="module", autouse=True)
def probe_of_today(instance: Instance, web2: str) -> None:
    """Who works on the probe has running hosts with yesterday's."""
    assert web2 in running(instance)
    assert run_site(instance, *ALL_OF_THEM, "--tags", "ground").returncode == 0


def test_running_site_yml_again_changes_nothing(instance: Instance) -> None:
    again = run_site(instance, *ALL_OF_THEM, "--diff")
    assert {host: again.count(host, "changed") for host in HOSTS} == dict.fromkeys(HOSTS, 0), again.output
    assert again.returncode == 0


def test_check_mode_on_prepared_hosts_changes_nothing_and_fails_nowhere(instance: Instance) -> None:
    foreseen = run_site(instance, *ALL_OF_THEM, "--check", "--diff")
    assert {host: foreseen.count(host, "changed") for host in HOSTS} == dict.fromkeys(HOSTS, 0), foreseen.output
    assert foreseen.returncode == 0
