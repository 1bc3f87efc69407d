"""Do the fake world and a Nextcloud keep one contract of looking and trying?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner import providers
from provisioner.facts.estate import Estate, Host
from provisioner.facts.nextcloud import LOCKED, create_form, rule_body
from provisioner.facts.observation import Spot
from provisioner.ocs import Nextcloud
from provisioner.providers.fake import FakeProviders, World
from provisioner.providers.nextcloud.look import RULES
from tests.cloud import Served, serving
from tests.contract.cloud_ground import estate
from tests.contract.cloud_suite import ACCOUNT, FOREIGN, HOST, NEIGHBOUR, PASSWORD, STANDING, CloudSuite, Ground


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("cloud")) as cloud:
        yield cloud


class TestNextcloud(CloudSuite):
    """The suite on the lab's stand-in, by the real provider."""

    @pytest.fixture
    def ground(self, served: Served, tmp_path: Path) -> Iterator[Ground]:
        served.ask(do="reset")
        with Nextcloud(
            served.url, served.user, served.app_password, address=served.address, ca_file=str(served.ca_file)
        ) as admin:
            fill(admin)
            yield Ground(
                looker=providers,
                estate=estate(served),
                folder=tmp_path,
                lock=lambda account: assert_done(admin.put(f"/cloud/users/{account}/disable").ok),
                remove=lambda account: assert_done(admin.delete(f"/cloud/users/{account}").ok),
                silence=lambda: served.ask(do="fault", name="cut"),
            )
        served.ask(do="fault", name="cut", on=False)


class TestFakeWorld(CloudSuite):
    """The suite on a world in memory."""

    @pytest.fixture
    def ground(self, tmp_path: Path) -> Ground:
        world = World(tmp_path / "world.json")
        for (name, prop), value in STANDING.items():
            world.put(at(name, prop), value)
        with world.changing() as state:
            for account in (ACCOUNT, NEIGHBOUR):
                state.secret_digests[f"{HOST}/{account}:account_password"] = hashlib.sha256(
                    PASSWORD.encode()
                ).hexdigest()

        def remove(account: str) -> None:
            with world.changing() as state:
                state.values = {spot: v for spot, v in state.values.items() if spot.target != f"{HOST}/{account}"}

        host = Host(name=HOST, groups=frozenset({"nextcloud"}), variables={})
        return Ground(
            looker=FakeProviders(world),
            estate=Estate(hosts={HOST: host}, variables={}),
            folder=tmp_path,
            lock=lambda account: world.put(at(account, "lock"), dict(LOCKED)),
            remove=remove,
            silence=lambda: world.silence(HOST),
        )


def fill(admin: Nextcloud) -> None:
    """Make STANDING stand, by the calls that our plugins make."""
    accounts: dict[str, dict[str, object]] = {}
    assert_done(admin.post("/cloud/groups", {"groupid": "gerbang"}).ok)
    for (name, prop), value in STANDING.items():
        if prop == "group":
            assert_done(admin.post("/cloud/groups", {"groupid": name}).ok)
        elif prop in {"size_rule", "type_rule"}:
            assert isinstance(value, dict)
            assert_done(admin.post(RULES, json=rule_body(name, prop, value)).ok)
        else:
            accounts.setdefault(name, {})[prop] = value
    assert_done(admin.post("/cloud/users", {"userid": FOREIGN, "password": PASSWORD}).ok)
    for name in (ACCOUNT, NEIGHBOUR):
        assert_done(admin.post("/cloud/users", create_form(name, accounts[name], PASSWORD)).ok)


def at(name: str, prop: str) -> Spot:
    return Spot(system="nextcloud", target=f"{HOST}/{name}", property=prop)


def assert_done(is_done: bool) -> None:
    assert is_done
