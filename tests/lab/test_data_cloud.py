"""Does an approved request become an account on the lab's Nextcloud, with its four limits, and end as agreed?

The whole walk with the worker's own hands: look, plan, approve, the real runner, the trials, and every verb after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from lab import cloud
from lab.instance import Instance
from provisioner.items.item import ItemState
from provisioner.ocs import Nextcloud
from tests.house import PEOPLE
from tests.lab.office_house import OfficeHouse, drawn_name, office_house
from tests.verbs import SUCCESSOR, technical_of

MIB, GIB = 1024**2, 1024**3
OF_IT = {"account", "display_name", "email", "groups", "password", "quota"}


@dataclass(kw_only=True)
class Made:
    """The account that every test here goes on with, and what the server was like before it."""

    instance: Instance
    house: OfficeHouse
    run_id: str
    item: str
    account: str
    foreign: str
    before: dict[str, Any]
    password: str = ""

    def verdicts(self, run_id: str) -> dict[str, bool]:
        """Verdict -> whether it holds."""
        return {v.name: v.holds for v in self.house.desk.run(PEOPLE["kabid"], run_id).verdicts}

    def do(self, verb: str, *, letter: dict[str, Any] | None = None, **fields: Any) -> str:
        """Ask a verb of the account and carry it out to its end; return the run's id."""
        run_id = self.house.verb(verb, self.item, letter=letter, **fields)
        state = self.house.carry_out(run_id)
        assert (state, self.house.desk.run(PEOPLE["kabid"], run_id).run.why) == ("done", "")
        return run_id

    def values(self) -> dict[str, Any]:
        """What stands of the account: property -> value."""
        seen = self.house.look().values
        return {spot.property: value for spot, value in seen.items() if spot.object == self.account}

    def enters(self, password: str) -> bool:
        """Tell whether the account can be entered with that password."""
        address, ca = cloud.address(self.instance), str(cloud.ca_path(self.instance))
        with Nextcloud(cloud.url(), self.account, password, address=address, ca_file=ca) as server:
            return server.get("/cloud/user").ok

    def touched(self, name: str) -> None:
        """Let an administrator call the account otherwise and give it a group of the server's own."""
        address, ca = cloud.address(self.instance), str(cloud.ca_path(self.instance))
        secret = cloud.app_password_path(self.instance).read_text().strip()
        with Nextcloud(cloud.url(), cloud.USER, secret, address=address, ca_file=ca) as server:
            server.post("/cloud/groups", {"groupid": "proyek-x"})
            assert server.put(f"/cloud/users/{self.account}", {"key": "displayname", "value": name}).ok
            assert server.post(f"/cloud/users/{self.account}/groups", {"groupid": "proyek-x"}).ok

    def server(self) -> dict[str, Any]:
        """All that the server remembers."""
        known: dict[str, Any] = cloud.ask(self.instance, do="dump")
        return known


def others(server: dict[str, Any]) -> dict[str, Any]:
    """Every account with all it has, but the one by which we come."""
    return {name: account for name, account in server["accounts"].items() if name != cloud.USER}


@pytest.fixture(scope="module")
def made(instance: Instance) -> Iterator[Made]:
    """Make the account, beside one that others made; at the end neither it nor a probe is left."""
    foreign = drawn_name()
    cloud.ask(instance, do="account", id=foreign, password="Sandi-tetangga-rekaan-2026")
    with office_house(kind="data_cloud", hosts=("cloud1",)) as house:
        before = cloud.ask(instance, do="dump")
        run_id = house.to_run()
        state = house.carry_out(run_id)
        assert (state, house.desk.run(PEOPLE["kabid"], run_id).run.why) == ("done", "")
        account: Any = house.approved(run_id).choices["account"]
        yield Made(
            instance=instance,
            house=house,
            run_id=run_id,
            item=house.item_of(run_id),
            account=account,
            foreign=foreign,
            before=before,
        )


def test_the_account_stands_with_its_four_limits_and_each_was_tried(made: Made) -> None:
    assert made.values() == {
        "account": {"mark": "gerbang"},
        "display_name": "Arsip Dinas Contoh",
        "email": "arsip@dincontoh.example",
        "groups": ["gerbang-limit-1mb-dokumen-gambar", "opd-dincontoh"],
        "password": {"version": 1},
        "quota": {"bytes": GIB},
    }
    rules = {
        spot.property: value
        for spot, value in made.house.look().values.items()
        if spot.object == "gerbang-limit-1mb-dokumen-gambar"
    }
    assert rules["size_rule"] == {"largest_bytes": MIB}
    assert rules["type_rule"] == {"types": made.house.approved(made.run_id).choices["types"]}
    assert made.verdicts(made.run_id) == dict.fromkeys(
        (
            "plan_empty",
            "cloud_login",
            "cloud_quota_bites",
            "cloud_size_bites",
            "cloud_types_bite",
            "cloud_neighbour_unreachable",
        ),
        True,
    )


def test_its_password_is_claimed_once_and_opens_it(made: Made) -> None:
    (made.password,) = made.house.claimed(made.item).values()
    assert made.enters(made.password)
    assert made.house.secret_states(made.run_id) == ["claimed"]


def test_the_office_sees_what_it_promised_and_that_traffic_is_held_by_nobody(made: Made) -> None:
    page = made.house.approved(made.run_id).page
    assert {row["label"]: row["after"] - row["promised"] for row in page["capacity"]} == {
        "kuota akun Gerbang": GIB,
        "disk cloud1": GIB,
        "akun di server": 1,
    }
    assert any("Traffic tidak ditegakkan: " in said for said in page["enforcement"])


def test_a_change_moves_it_to_another_class_and_leaves_what_others_gave(made: Made) -> None:
    made.touched("Arsip kita")
    before = made.values()
    run_id = made.do("change", quota_gb=2, largest_file_mb=2, file_types=["peta"])
    groups = ["gerbang-limit-2mb-peta", "opd-dincontoh", "proyek-x"]
    assert made.values() == {**before, "groups": groups, "quota": {"bytes": 2 * GIB}}
    assert before["display_name"] == "Arsip kita"
    assert made.verdicts(run_id) == {"plan_empty": True, "cloud_limits_bite_probe": True}
    assert made.enters(made.password)


def test_a_frozen_account_lets_nobody_in_and_opens_as_it_was(made: Made) -> None:
    before = made.values()
    run_id = made.do("suspend")
    assert made.verdicts(run_id) == {"plan_empty": True, "cloud_refused": True}
    assert made.values() == {**before, "lock": {"disabled": True}}
    assert not made.enters(made.password)
    assert made.house.item(made.item).state is ItemState.SUSPENDED
    run_id = made.do("resume")
    assert made.verdicts(run_id) == {"plan_empty": True, "cloud_limits_bite_probe": True}
    assert made.values() == before
    assert made.enters(made.password)


def test_a_new_password_opens_it_and_the_old_one_nothing(made: Made) -> None:
    run_id = made.do("rotate")
    assert made.verdicts(run_id) == {"plan_empty": True, "cloud_login": True, "cloud_old_refused": True}
    assert made.values()["password"] == {"version": 2}
    old = made.password
    (made.password,) = made.house.claimed(made.item).values()
    assert made.enters(made.password)
    assert not made.enters(old)


def test_another_responsible_person_claims_the_next_one(made: Made) -> None:
    run_id = made.do("appoint", letter={"technical": SUCCESSOR})
    assert made.verdicts(run_id) == {"plan_empty": True, "cloud_login": True, "cloud_old_refused": True}
    assert made.values()["password"] == {"version": 3}
    successor = technical_of(made.house, made.item)
    assert successor.name == SUCCESSOR["name"]
    old = made.password
    (made.password,) = made.house.claimed(made.item, successor).values()
    assert made.enters(made.password)
    assert not made.enters(old)


def test_its_owner_reads_on_through_the_grace_and_then_no_trace_is_left(made: Made) -> None:
    house = made.house
    run_id = house.verb("terminate", made.item)
    assert house.carry_out(run_id) == "waiting_until"
    assert made.values()["quota"] == {"bytes": 1}
    assert made.enters(made.password)
    made.touched("Arsip lama kita")
    house.desk.record_download(technical_of(house, made.item), made.item)
    house.clock.move(days=31)
    assert house.carry_out(run_id) == "done"
    assert made.verdicts(run_id) == {"plan_empty": True, "cloud_absent": True}
    assert made.values() == {}
    assert house.item(made.item).state is ItemState.TERMINATED


def test_nobody_else_was_touched_and_no_probe_and_no_lock_out_is_left(made: Made) -> None:
    """All that stays on the server are groups and rules that hold nobody; our own account alone was used."""
    now = made.server()
    assert others(now) == others(made.before)
    assert made.foreign in others(now)
    assert max(now["wrong_passwords"].values(), default=0) < 8
