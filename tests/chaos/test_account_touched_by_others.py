"""What becomes of an account that its owner, an administrator or the inventory changed meanwhile? The engine on fakes.

An owner may rename the account and an administrator may give it a group at any time: no request takes that back, none
stops over it. What is ours to judge and stands otherwise is named.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from provisioner.digests import Value
from provisioner.facts.estate import Host
from provisioner.facts.observation import Spot
from provisioner.items.item import ItemState
from provisioner.kinds.catalogue import KINDS
from provisioner.plans.plan import PlanState
from tests.house import PEOPLE, EngineHouse

ACCOUNT = "cloud1/arsip.dincontoh"
RULES = "cloud1/gerbang-limit-512mb-dokumen-gambar"
GROUPS: Value = ["gerbang-limit-512mb-dokumen-gambar", "opd-dincontoh", "proyek-x"]
GIB = 1024**3
FRONT = {"traffic_driver": "nginx", "traffic_proxy": "proxy1"}


@pytest.fixture
def house(tmp_path: Path) -> EngineHouse:
    """An open office with a Nextcloud server."""
    house = EngineHouse(tmp_path, kind="data_cloud")
    house.open()
    return house


def standing(house: EngineHouse) -> str:
    """Deliver the example's account; return its item's id."""
    run_id = house.to_run()
    assert house.carry_out(run_id) == "done"
    return house.desk.run(PEOPLE["kabid"], run_id).run.item_id


def at(prop: str, target: str = ACCOUNT) -> Spot:
    """A spot of the account, or of another object there."""
    return Spot(system="nextcloud", target=target, property=prop)


def of_account(house: EngineHouse) -> dict[str, Value]:
    """What stands of the account."""
    return {spot.property: value for spot, value in house.world.read().values.items() if spot.target == ACCOUNT}


def touched(house: EngineHouse) -> None:
    """Let the owner rename it and write another address, and an administrator give it a group."""
    house.world.put(at("display_name"), "Arsip kita")
    house.world.put(at("email"), "kita@dincontoh.example")
    house.world.put(at("groups"), GROUPS)


def page(house: EngineHouse, line_id: str) -> Any:
    """What the line's plan shows."""
    record = house.desk.plan(PEOPLE["kabid"], line_id).record
    assert (record.state, record.reasons) == (PlanState.CURRENT, ())
    assert record.plan is not None
    return record.plan.page


def in_front(house: EngineHouse, proxy: str = "") -> None:
    """Let the inventory know this proxy, and no other, in front of the cloud; '' none."""
    hosts = {name: host for name, host in house.estate.hosts.items() if not name.startswith("proxy")}
    cloud, variables = hosts["cloud1"], {"traffic_driver": "none"}
    if proxy:
        hosts[proxy] = Host(name=proxy, groups=frozenset({"cloud_proxy"}), variables={})
        variables = {"traffic_driver": "nginx", "traffic_proxy": proxy}
    own = {name: value for name, value in cloud.variables.items() if name not in FRONT}
    house.estate = replace(house.estate, hosts={**hosts, "cloud1": replace(cloud, variables={**own, **variables})})


def told(house: EngineHouse, item_id: str) -> str:
    """What is said of the account that stands there."""
    item = house.desk.item(PEOPLE["kabid"], item_id).item
    return KINDS["data_cloud"].standing(item.wish, item.choices).sentence


def approve(house: EngineHouse, line_id: str) -> str:
    """Let it be reviewed and approved; return the run's id."""
    house.desk.do_step(PEOPLE["pengkaji"], house.request_of(line_id), "review")
    return house.approve(line_id)


# -- A change ---------------------------------------------------------------------------------------------------------


def test_a_larger_quota_takes_back_nothing_that_others_changed(house: EngineHouse) -> None:
    item_id = standing(house)
    touched(house)
    before = of_account(house)
    assert house.carry_out(house.verb("change", item_id, quota_gb=9)) == "done"
    assert of_account(house) == {**before, "quota": {"bytes": 9 * GIB}}


def test_what_others_change_between_plan_and_run_of_a_larger_quota_makes_nothing_stale(house: EngineHouse) -> None:
    run_id = house.verb("change", standing(house), quota_gb=9)
    touched(house)
    before = of_account(house)
    assert house.carry_out(run_id) == "done"
    assert of_account(house) == {**before, "quota": {"bytes": 9 * GIB}}


def test_another_class_takes_the_place_of_ours_alone(house: EngineHouse) -> None:
    item_id = standing(house)
    touched(house)
    before = of_account(house)
    assert house.carry_out(house.verb("change", item_id, file_types=["peta"])) == "done"
    assert of_account(house) == {**before, "groups": ["gerbang-limit-512mb-peta", "opd-dincontoh", "proyek-x"]}


def test_rule_quota_and_lock_that_stand_otherwise_are_named_and_left(house: EngineHouse) -> None:
    item_id = standing(house)
    house.world.put(at("lock"), {"disabled": True})
    house.world.put(at("size_rule", RULES), None)
    line_id = house.to_plan_of("change", item_id, quota_gb=9)
    said = page(house, line_id)["drift"]
    assert [line.partition(":")[0] for line in said] == [
        "Akun arsip.dincontoh dinonaktifkan di cloud1, bukan oleh Gerbang",
        "Aturan berkas terbesar kelompok gerbang-limit-512mb-dokumen-gambar menyimpang di server",
    ]
    before = dict(house.world.read().values)
    assert house.carry_out(approve(house, line_id)) == "done"
    assert house.world.read().values == {**before, at("quota"): {"bytes": 9 * GIB}}


# -- The end ----------------------------------------------------------------------------------------------------------


def test_an_owner_who_renames_the_account_in_its_grace_stops_its_end_nowhere(house: EngineHouse) -> None:
    run_id = house.verb("terminate", standing(house), archive="none")
    assert house.carry_out(run_id) == "waiting_until"
    touched(house)
    house.clock.move(days=31)
    assert house.carry_out(run_id) == "done"
    assert of_account(house) == {}


def test_an_owner_who_renames_it_between_plan_and_run_makes_its_end_not_stale(house: EngineHouse) -> None:
    item_id = standing(house)
    run_id = house.verb("terminate", item_id, archive="none")
    touched(house)
    assert house.carry_out(run_id) == "waiting_until"
    house.clock.move(days=31)
    assert house.carry_out(run_id) == "done"
    assert of_account(house) == {}
    assert house.desk.item(PEOPLE["kabid"], item_id).item.state is ItemState.TERMINATED


def test_a_quota_set_in_the_grace_is_named_and_once_put_right_a_persons_look_goes_on(house: EngineHouse) -> None:
    """docs/runbook.md: put it back as it was at the closing, then look again."""
    run_id = house.verb("terminate", standing(house), archive="none")
    assert house.carry_out(run_id) == "waiting_until"
    closed = of_account(house)["quota"]
    house.clock.move(days=31)
    house.world.put(at("quota"), {"bytes": 7})
    assert house.carry_out(run_id) == "needs_attention"
    why = f"dunia berubah di antara dua bagian: nextcloud {ACCOUNT} quota"
    assert house.desk.run(PEOPLE["kabid"], run_id).run.why == why
    house.desk.look_at(PEOPLE["pengkaji"], run_id)
    assert house.carry_out(run_id) == "needs_attention"
    house.world.put(at("quota"), closed)
    house.desk.look_at(PEOPLE["pengkaji"], run_id)
    assert house.carry_out(run_id) == "done"
    assert of_account(house) == {}


# -- Its proxy --------------------------------------------------------------------------------------------------------


def behind(house: EngineHouse) -> str:
    """Deliver the example's account behind proxy1, and take that proxy out of the inventory; return the item's id."""
    in_front(house, "proxy1")
    item_id = standing(house)
    rate = Spot(system="traffic", target="proxy1/arsip.dincontoh", property="rate")
    assert rate in house.world.read().values
    in_front(house)
    return item_id


@pytest.mark.parametrize(("verb", "more"), [("suspend", {}), ("rotate", {}), ("change", {"quota_gb": 9})])
def test_what_does_not_touch_the_proxy_goes_on_without_it(house: EngineHouse, verb: str, more: dict[str, Any]) -> None:
    item_id = behind(house)
    line_id = house.to_plan_of(verb, item_id, **more)
    gone = "proksi proxy1, tempat batasnya, tidak ada lagi di inventaris"
    assert [gone in line for line in page(house, line_id)["drift"]] == [True]
    assert house.carry_out(approve(house, line_id)) == "done"
    assert gone in told(house, item_id)


def test_a_suspended_account_is_resumed_without_its_proxy(house: EngineHouse) -> None:
    item_id = behind(house)
    assert house.carry_out(house.verb("suspend", item_id)) == "done"
    assert house.carry_out(house.verb("resume", item_id)) == "done"
    assert "lock" not in of_account(house)


def test_an_account_ends_without_its_proxy_and_what_is_left_there_is_said(house: EngineHouse) -> None:
    item_id = behind(house)
    line_id = house.to_plan_of("terminate", item_id, archive="none")
    (said,) = page(house, line_id)["drift"]
    assert said.startswith("Batas traffic lama di proksi proxy1 tidak dihapus: proksi itu tidak ada lagi di inventaris")
    run_id = approve(house, line_id)
    assert house.carry_out(run_id) == "waiting_until"
    house.clock.move(days=31)
    assert house.carry_out(run_id) == "done"
    assert of_account(house) == {}


def test_traffic_asked_anew_moves_to_the_new_proxy(house: EngineHouse) -> None:
    item_id = behind(house)
    in_front(house, "proxy2")
    assert house.carry_out(house.verb("change", item_id, traffic_mbit=20)) == "done"
    rate: Any = house.world.read().values[Spot(system="traffic", target="proxy2/arsip.dincontoh", property="rate")]
    assert "bytes_per_second=2500000" in rate["text"]
    assert "nginx di proxy2" in told(house, item_id)


def test_a_proxy_that_leaves_between_plan_and_run_makes_the_plan_stale_and_touches_nothing(house: EngineHouse) -> None:
    in_front(house, "proxy1")
    run_id = house.verb("suspend", standing(house))
    before = dict(house.world.read().values)
    in_front(house)
    assert house.carry_out(run_id) == "stale"
    assert house.world.read().values == before


def test_traffic_whose_proxy_is_replaced_before_its_run_is_stale_and_names_the_new_one(
    house: EngineHouse,
) -> None:
    in_front(house, "proxy1")
    run_id = house.verb("change", standing(house), traffic_mbit=20)
    before = dict(house.world.read().values)
    in_front(house, "proxy2")
    assert house.carry_out(run_id) == "stale"
    assert house.world.read().values == before
    assert house.desk.run(PEOPLE["kabid"], run_id).run.why == "proxy2 ikut disentuh, saat disetujui tidak"


def test_a_proxy_that_leaves_in_the_grace_waits_for_a_person_and_is_named(house: EngineHouse) -> None:
    in_front(house, "proxy1")
    run_id = house.verb("terminate", standing(house), archive="none")
    assert house.carry_out(run_id) == "waiting_until"
    in_front(house)
    house.clock.move(days=31)
    assert house.carry_out(run_id) == "needs_attention"
    why = house.desk.run(PEOPLE["kabid"], run_id).run.why
    assert why.startswith("dunia berubah di antara dua bagian: traffic proxy1/arsip.dincontoh rate tidak dapat dilihat")
    in_front(house, "proxy1")
    house.desk.look_at(PEOPLE["pengkaji"], run_id)
    assert house.carry_out(run_id) == "done"
    assert of_account(house) == {}
