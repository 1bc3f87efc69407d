"""Is an account of an office that has links mailed proved first, and its person mailed then, and nobody before?

The whole walk with the worker's own hands and the real runner, on the lab's Nextcloud, whose outbox is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from lab import cloud
from lab.instance import Instance
from provisioner.ocs import Nextcloud
from tests.cloud_errands import mailed
from tests.house import PEOPLE
from tests.lab.office_house import OfficeHouse, office_house
from tests.links import WAITING, by_link

CONFIG = "/apps/provisioning_api/api/v1/config/apps/core/newUser.sendEmail"
NEW = "Sandi-pemilik-4j7q-y"


def asked_as(instance: Instance, user: str, password: str) -> Nextcloud:
    address, ca = cloud.address(instance), str(cloud.ca_path(instance))
    return Nextcloud(cloud.url(), user, password, address=address, ca_file=ca)


@pytest.fixture(scope="module")
def house(instance: Instance) -> Iterator[OfficeHouse]:
    """An office that has links mailed, by a server that mails; afterwards the server mails nobody again."""
    with (
        asked_as(instance, cloud.USER, cloud.app_password_path(instance).read_text().strip()) as admin,
        office_house(kind="data_cloud", hosts=("cloud1",)) as office,
    ):
        assert admin.post(CONFIG, {"value": "yes"}).ok
        own = office.hands.estate
        office.hands = replace(office.hands, estate=lambda: by_link(own()))
        yield office
        assert admin.post(CONFIG, {"value": "no"}).ok


def outbox(instance: Instance, since: int) -> list[tuple[str, str]]:
    """What the server wrote since: to whom, and the link in it."""
    return mailed(cloud.ask(instance, do="dump"))[since:]


def values(house: OfficeHouse, account: str) -> dict[str, Any]:
    return {spot.property: value for spot, value in house.look().values.items() if spot.object == account}


def test_the_person_is_mailed_once_all_was_tried_and_the_link_opens_the_account(
    instance: Instance, house: OfficeHouse
) -> None:
    since, tried = len(outbox(instance, 0)), []
    own = house.hands.try_all

    def watched(*asked: Any) -> Mapping[str, Any]:
        verdicts = own(*asked)
        tried.append([to for to, _ in outbox(instance, since)])
        return verdicts

    house.hands = replace(house.hands, try_all=watched)
    run_id = house.to_run()
    state = house.carry_out(run_id)
    assert (state, house.desk.run(PEOPLE["kabid"], run_id).run.why) == ("done", "")
    house.hands = replace(house.hands, try_all=own)
    account, item = str(house.approved(run_id).choices["account"]), house.item_of(run_id)
    assert tried == [[WAITING]], "tried once, and nobody but the office's own address was mailed by then"
    (to_waiting, thrown_away), (to, link) = outbox(instance, since)
    assert (to_waiting, to) == (WAITING, "arsip@dincontoh.example")
    assert {prop: values(house, account)[prop] for prop in ("email", "link", "groups")} == {
        "email": "arsip@dincontoh.example",
        "link": {"mailed": True},
        "groups": ["gerbang-limit-1mb-dokumen-gambar", "opd-dincontoh"],
    }
    assert house.secret_states(run_id) == ["destroyed"]
    assert house.claimed(item) == {}
    assert [set_by(instance, thrown_away), set_by(instance, link)] == ["error", "success"]
    with asked_as(instance, account, NEW) as owner:
        assert owner.get("/cloud/user").ok
    house.end(item)
    assert values(house, account) == {}


def test_a_trial_that_fails_leaves_no_account_and_its_person_is_never_mailed(
    instance: Instance, house: OfficeHouse
) -> None:
    since, own = len(outbox(instance, 0)), house.hands.try_all

    def failing(*asked: Any) -> Mapping[str, Any]:
        return {**own(*asked), "cloud_size_bites": {"under": "accepted", "over": "accepted"}}

    house.hands = replace(house.hands, try_all=failing)
    run_id = house.to_run()
    assert house.carry_out(run_id) == "failed"
    house.hands = replace(house.hands, try_all=own)
    assert values(house, str(house.approved(run_id).choices["account"])) == {}
    assert [to for to, _ in outbox(instance, since)] == [WAITING]
    assert house.secret_states(run_id) == ["destroyed"]


def set_by(instance: Instance, link: str) -> str:
    """Set a password by a link, as its page does: 'success' or 'error'."""
    with asked_as(instance, "", "") as nobody:
        body = json.dumps({"password": NEW, "proceed": True}).encode()
        headers = {"OCS-APIRequest": "true", "Content-Type": "application/json"}
        said = nobody.line.exchange("POST", link, headers, body)
        return str(json.loads(said.body)["status"])
