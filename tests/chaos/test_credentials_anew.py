"""Which password opens a site after its first was lost, replaced, or was to be replaced and was not?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from provisioner.errors import BadInput, Refused
from provisioner.items.item import ItemState
from provisioner.items.sealed_secret import SealedSecret
from provisioner.workflow.housekeeping import tidy
from provisioner.workflow.watch import watch
from tests.house import PEOPLE, EngineHouse, password_of, sha256_of

BOTH = {"sftp_password", "database_password"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[EngineHouse]:
    """An open office with one site."""
    house = EngineHouse(tmp_path)
    house.open()
    assert house.carry_out(house.to_run()) == "done"
    yield house
    house.close()


def item_of(house: EngineHouse) -> str:
    """The id of its one site."""
    return house.desk.items(PEOPLE["opd"])[0].id


def offered(house: EngineHouse) -> dict[str, SealedSecret]:
    """What can be claimed now."""
    known = house.desk.credentials(PEOPLE["teknis"], item_of(house))
    return {secret.name: secret for secret in known if secret.state == "claimable"}


def open_the_site(house: EngineHouse, *names: str) -> None:
    """Claim these, and see that each is the one that stands on the host."""
    for name in names:
        secret = offered(house)[name]
        _, word = house.desk.claim(PEOPLE["teknis"], secret.id, statement_accepted=True, open_envelope=password_of)
        assert house.world.read().secret_digests[f"web1/{item_of(house)}:{name}"] == sha256_of(word)


def test_what_nobody_claimed_in_72_hours_is_destroyed_and_a_rotation_hands_over_new_ones(house: EngineHouse) -> None:
    lost = offered(house)["sftp_password"]
    house.clock.move(hours=73)
    tidy(house.hands, lambda _: True)
    assert offered(house) == {}
    with pytest.raises(Refused, match="rotate"):
        house.desk.claim(PEOPLE["teknis"], lost.id, statement_accepted=True, open_envelope=password_of)
    assert house.carry_out(house.verb("rotate", item_of(house), credential="all")) == "done"
    assert {name: secret.version for name, secret in offered(house).items()} == dict.fromkeys(BOTH, 2)
    open_the_site(house, *BOTH)


def test_one_credential_is_replaced_and_the_other_stays_to_be_claimed(house: EngineHouse) -> None:
    assert house.carry_out(house.verb("rotate", item_of(house), credential="sftp")) == "done"
    assert {name: secret.version for name, secret in offered(house).items()} == {
        "sftp_password": 2,
        "database_password": 1,
    }
    open_the_site(house, *BOTH)


def test_a_rotation_that_fails_leaves_the_old_ones_to_be_claimed_and_its_own_are_never_seen(house: EngineHouse) -> None:
    house.world.plant({"kind": "fail_after", "task": "database"})
    run_id = house.verb("rotate", item_of(house), credential="all")
    assert house.carry_out(run_id) == "failed"
    assert {name: secret.version for name, secret in offered(house).items()} == dict.fromkeys(BOTH, 1)
    seen = house.desk.credentials(PEOPLE["teknis"], item_of(house))
    assert run_id not in {secret.run_id for secret in seen}
    open_the_site(house, *BOTH)


def test_the_passwords_of_a_suspended_site_wait_for_its_return(house: EngineHouse) -> None:
    item_id = item_of(house)
    assert house.carry_out(house.verb("suspend", item_id)) == "done"
    assert {secret.name for secret in house.desk.credentials(PEOPLE["teknis"], item_id)} == BOTH  # no probe among them
    watch(house.hands, "hosting")
    for verb, fields in (("rotate", {"credential": "all"}), ("suspend", {}), ("change", {"storage_gb": 6})):
        with pytest.raises(BadInput, match=r"lines\[0\]"):
            house.verb(verb, item_id, **fields)
    assert house.carry_out(house.verb("resume", item_id)) == "done"
    assert house.desk.item(PEOPLE["opd"], item_id).item.state is ItemState.ACTIVE
    open_the_site(house, *BOTH)


def test_a_claim_during_a_suspension_hands_over_what_opens_the_site_when_it_is_back(house: EngineHouse) -> None:
    item_id = item_of(house)
    assert house.carry_out(house.verb("suspend", item_id)) == "done"
    secret = offered(house)["sftp_password"]
    _, word = house.desk.claim(PEOPLE["teknis"], secret.id, statement_accepted=True, open_envelope=password_of)
    assert house.carry_out(house.verb("resume", item_id)) == "done"
    assert house.world.read().secret_digests[f"web1/{item_id}:sftp_password"] == sha256_of(word)
