"""Does every page say of an account whose link is mailed how it is handed over, and that nothing is to be claimed?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from provisioner.digests import Value
from provisioner.facts.observation import Spot
from provisioner.runner.reach import variables_of
from tests.gate.office import Office
from tests.gate.test_pages import text_of
from tests.house import EXAMPLES, PEOPLE, EngineHouse
from tests.links import WAITING, by_link

EMAIL = "arsip@dincontoh.example"


@pytest.fixture
def cloud(office: Office) -> Office:
    """An open office that is asked for cloud accounts and has links mailed."""
    office.house.kind, office.house.document = "data_cloud", EXAMPLES["data_cloud"]
    office.house.estate = by_link(office.house.estate)
    return office


def values_of(house: EngineHouse, account: str = "arsip.dincontoh") -> Mapping[str, Value]:
    """What stands of the account in the fake world."""
    return {spot.property: value for spot, value in house.world.read().values.items() if spot.object == account}


def test_the_plan_says_to_whom_the_link_goes_when_and_that_no_mail_comes_back(cloud: Office) -> None:
    line_id = cloud.house.to_decision()
    said = text_of(cloud.browser("kabid").get(f"/baris/{line_id}/rencana"))
    for words in (
        f"Tautan untuk membuat kata sandi dikirim server ke {EMAIL} sesudah semua pemeriksaan sesuai.",
        f"tautan dikirim server ke {EMAIL} sesudah pemeriksaan; sampai saat itu surel akun {WAITING}",
        "Tautan kata sandi arsip.dincontoh di cloud1 diubah",
        "sesudah semua pemeriksaan sesuai",
        "tidak dapat dibatalkan",
        "terkirim",
    ):
        assert words in said, words


def test_once_delivered_no_page_offers_anything_to_claim_and_says_why(cloud: Office) -> None:
    line_id = cloud.house.to_decision()
    run_id = cloud.house.approve(line_id)
    assert cloud.house.carry_out(run_id) == "done"
    item_id = cloud.house.desk.run(PEOPLE["kabid"], run_id).run.item_id
    stands = values_of(cloud.house)
    assert (stands["email"], stands["link"]) == (EMAIL, {"mailed": True})
    assert cloud.house.desk.credentials(PEOPLE["teknis"], item_id) == ()
    browser = cloud.browser("teknis")
    pages = {page: text_of(browser.get(f"/layanan/{item_id}{page}")) for page in ("", "/kredensial")}
    for page, said in pages.items():
        assert "lewat tautan yang dikirim server ke surel akun" in said, page
        assert "tidak ada yang perlu diambil di Gerbang" in said, page
    assert "ditampilkan satu kali saja" not in pages["/kredensial"]
    assert not re.search(r"<form[^>]*kredensial", browser.get(f"/layanan/{item_id}/kredensial").text)
    assert "Ambil kredensial" not in text_of(browser.get("/"))
    assert cloud.house.desk.run(PEOPLE["kabid"], run_id).run.state.value == "done"


def test_a_new_password_of_it_is_claimed_as_any(cloud: Office) -> None:
    run_id = cloud.house.to_run()
    assert cloud.house.carry_out(run_id) == "done"
    item_id = cloud.house.desk.run(PEOPLE["kabid"], run_id).run.item_id
    assert cloud.house.carry_out(cloud.house.verb("rotate", item_id)) == "done"
    (offered,) = cloud.house.desk.credentials(PEOPLE["teknis"], item_id)
    assert (offered.state.value, offered.label) == ("claimable", "Kata sandi akun cloud")
    said = text_of(cloud.browser("teknis").get(f"/layanan/{item_id}/kredensial"))
    assert "tautan" not in said.lower()


def test_a_trial_that_fails_leaves_no_account_and_the_persons_address_was_never_there(cloud: Office) -> None:
    house, seen = cloud.house, []
    own = house.hands.try_all

    def failing(*asked: object) -> Mapping[str, Mapping[str, Value]]:
        seen.append(dict(values_of(house)))
        return {**own(*asked), "cloud_login": {"login": False}}  # type: ignore[arg-type]

    house.hands = replace(house.hands, try_all=failing)
    run_id = house.to_run()
    assert house.carry_out(run_id) == "failed"
    assert [(one["email"], one["link"]) for one in seen] == [(WAITING, {"mailed": False})]
    assert values_of(house) == {}


def test_what_the_office_sets_is_in_what_is_approved(cloud: Office) -> None:
    """Another setting between approval and run makes the plan stale: nobody approved that hand-over."""
    read = variables_of(cloud.house.estate)
    assert {name: value for name, value in read.items() if "handover" in name or "waiting" in name} == {
        "cloud1:nextcloud_handover": "link",
        "cloud1:nextcloud_waiting_email": WAITING,
    }
    run_id = cloud.house.to_run()
    host = cloud.house.estate.hosts["cloud1"]
    other = replace(host, variables={**host.variables, "nextcloud_waiting_email": "lain@kota.lab"})
    cloud.house.estate = replace(cloud.house.estate, hosts={**cloud.house.estate.hosts, "cloud1": other})
    assert cloud.house.carry_out(run_id) == "stale"
    assert Spot(system="nextcloud", target="cloud1/arsip.dincontoh", property="account") not in (
        cloud.house.world.read().values
    )
