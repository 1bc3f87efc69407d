"""Does the provider see and try the lab's Nextcloud, a process behind a network of its own, as the inventory says?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lab import cloud, faults, verbs
from lab.instance import Instance, this_instance
from provisioner import providers
from provisioner.digests import Value
from provisioner.errors import Unreachable
from provisioner.facts.estate import Estate
from provisioner.facts.nextcloud import create_form, rule_body
from provisioner.providers.base import Attempt
from provisioner.providers.nextcloud.check import check_servers
from provisioner.providers.nextcloud.look import RULES
from provisioner.providers.nextcloud.service import admin
from provisioner.runner.inventory import read_estate
from provisioner.verification import verify
from provisioner.verification.verdict import Trial
from tests.contract.cloud_suite import BY_PROBE

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
PASSWORD, OLD = "Kenari-di-dahan-2026", "Kutilang-di-dahan-2025"
GROUP, OPD, MB = "gerbang-limit-2mb-dokumen", "opd-diskominfo", 1 << 20
LIMITS: dict[str, Any] = {"ending": "pdf", "largest_bytes": 2 * MB, "allowed": ["pdf"], "refused": ["mp4"]}


@pytest.fixture(scope="module")
def instance() -> Instance:
    """The lab, of which this needs the cloud alone."""
    lab = this_instance()
    verbs.up(lab, [cloud.NAME])
    return lab


@pytest.fixture
def estate(instance: Instance) -> Iterator[Estate]:
    """The lab's inventory; on a fresh server stand a limit class and the account 'sari' in it, and 'ani' beside it."""
    read = read_estate(instance.checkout / "inventories" / "lab" / "hosts.py")
    cloud.ask(instance, do="reset")
    with admin(read.hosts[cloud.NAME]) as client:
        for group in ("gerbang", OPD, GROUP):
            assert client.post("/cloud/groups", {"groupid": group}).ok
        assert client.post(RULES, json=rule_body(GROUP, "size_rule", {"largest_bytes": 2 * MB})).ok
        assert client.post(RULES, json=rule_body(GROUP, "type_rule", {"types": ["application/pdf"]})).ok
        for name in ("sari", "ani"):
            values = {"groups": [OPD, GROUP], "quota": {"bytes": 200 * MB}}
            assert client.post("/cloud/users", create_form(name, values, PASSWORD)).ok
    yield read
    cloud.ask(instance, do="reset")


def trial(name: str, wanted: dict[str, Value], **arguments: Any) -> Trial:
    given = {"host": cloud.NAME, "account": "sari", "secret": "account_password", **LIMITS, **arguments}
    return Trial(name=name, system="nextcloud", label=name, wanted=wanted, arguments=given)


def as_owner() -> tuple[Trial, ...]:
    """What is tried where the password is known."""
    by = "declared length, the size rule alone refused what fits"
    return (
        trial("cloud_login", {"login": True, "folder": "made"}),
        trial("cloud_quota_bites", {"under": "not full", "over": "full", "by": by}, limit_bytes=200 * MB),
        trial("cloud_size_bites", {"under": "accepted", "over": "forbidden", "by": "bytes sent"}, limit_bytes=2 * MB),
        trial("cloud_types_bite", {"allowed": ["pdf"], "refused": ["mp4"]}),
        trial("cloud_neighbour_unreachable", {"readable": [], "tried": 2}, neighbours=["ani"]),
    )


def by_probe() -> tuple[Trial, ...]:
    """What is tried where it is not; each makes and removes the run's probe account."""
    limits: dict[str, Value] = {**BY_PROBE}
    doors = dict.fromkeys(("login", "webdav", "app_password", "session"), "refused")
    in_group = {"groups": [OPD, GROUP], "quota_bytes": 200 * MB}
    return (
        trial("cloud_limits_bite_probe", {**limits, "other_type": "forbidden"}, **in_group),
        trial("cloud_refused", {**doors}, account="ani"),
        trial("cloud_old_refused", {"login": False}, secret="earlier_account_password"),
        trial("cloud_absent", {"found": False}, account="tidak-ada"),
    )


def attempt(estate: Estate, folder: Path, run_id: str) -> Attempt:
    secrets = {"account_password": PASSWORD, "earlier_account_password": OLD}
    return Attempt(run_id=run_id, estate=estate, folder=folder, secrets=secrets, patience_seconds=0)


@contextmanager
def broken(instance: Instance, fault: str) -> Iterator[None]:
    faults.switch(instance, fault, cloud.NAME, on=True)
    try:
        yield
    finally:
        faults.switch(instance, fault, cloud.NAME, on=False)


def test_all_that_was_granted_is_proved_and_nothing_of_ours_is_left(
    instance: Instance, estate: Estate, tmp_path: Path
) -> None:
    before = cloud.ask(instance, do="dump")["accounts"]
    with admin(estate.hosts[cloud.NAME]) as client:
        assert client.put("/cloud/users/ani/disable").ok
    trials = as_owner()
    seen = dict(providers.try_all(trials, attempt(estate, tmp_path, "run_a")))
    for number, one in enumerate(by_probe()):
        trials += (one,)
        seen |= providers.try_all((one,), attempt(estate, tmp_path, f"run_b{number}"))
    verdicts = verify(trials, seen)
    assert [(one.name, one.note, one.seen) for one in verdicts if not one.holds] == []
    dump = cloud.ask(instance, do="dump")
    assert set(dump["accounts"]) == set(before)
    left = [path for one in dump["accounts"].values() for path in (*one["files"], *one["trash"]) if "gerbang" in path]
    assert (left, sum(dump["wrong_passwords"].values())) == ([], 0)


def test_a_look_sees_all_and_a_whole_server_lacks_nothing(estate: Estate) -> None:
    begun = time.monotonic()
    seen = providers.look(("nextcloud",), (cloud.NAME,), estate, lambda: NOW)
    assert time.monotonic() - begun < 2
    ours = {spot.object: value for spot, value in seen.values.items() if spot.property == "quota"}
    assert ours == {"sari": {"bytes": 200 * MB}, "ani": {"bytes": 200 * MB}}
    assert seen.measurements["cloud1:quotas_bytes"] == 400 * MB
    assert check_servers(estate) == []


@pytest.mark.parametrize(
    ("fault", "says"), [("stopped_service", "no connection"), ("wrong_certificate", "certificate is not the right one")]
)
def test_a_server_that_does_not_answer_is_unreachable_until_it_does(
    instance: Instance, estate: Estate, fault: str, says: str
) -> None:
    with broken(instance, fault), pytest.raises(Unreachable, match=says) as off:
        providers.look(("nextcloud",), (cloud.NAME,), estate, lambda: NOW)
    assert off.value.where == cloud.NAME
    assert providers.look(("nextcloud",), (cloud.NAME,), estate, lambda: NOW).values
