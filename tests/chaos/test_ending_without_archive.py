"""Does a service whose OPD wants no archive end by its date alone, closed at once, and asking nobody for a receipt?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from provisioner.errors import Refused
from provisioner.facts.observation import Spot
from provisioner.items.item import ItemState
from provisioner.workflow.housekeeping import tidy
from tests.house import PEOPLE, EngineHouse

LOCK = Spot(system="nextcloud", target="cloud1/arsip.dincontoh", property="lock")
OF_IT = {"account", "display_name", "email", "groups", "password", "quota"}


@pytest.fixture
def house(tmp_path: Path) -> EngineHouse:
    """An open office with a Nextcloud server."""
    house = EngineHouse(tmp_path, kind="data_cloud")
    house.open()
    return house


def standing(house: EngineHouse, *verbs: str) -> str:
    """Deliver the example's account, and do these verbs to it; return its item's id."""
    run_id = house.to_run()
    assert house.carry_out(run_id) == "done"
    item_id = house.desk.run(PEOPLE["kabid"], run_id).run.item_id
    for verb in verbs:
        assert house.carry_out(house.verb(verb, item_id)) == "done"
    return item_id


def of_account(house: EngineHouse) -> set[str]:
    """What stands of the account."""
    return {spot.property for spot in house.world.read().values if spot.target == LOCK.target}


def queued(house: EngineHouse, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which runs housekeeping wakes now."""
    woken: list[str] = []
    wake: Callable[..., None] = lambda _uow, run_id, _host: woken.append(run_id)  # noqa: E731
    monkeypatch.setattr(house.hands.queue, "carry_out", wake)
    tidy(house.hands, lambda _id: False)
    return woken


def test_it_is_closed_at_once_and_goes_when_the_date_has_come(
    house: EngineHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    item_id = standing(house)
    run_id = house.verb("terminate", item_id, archive="none")
    assert house.carry_out(run_id) == "waiting_until"
    assert house.desk.run(PEOPLE["kabid"], run_id).run.why == "masa tenggang"
    assert of_account(house) == {*OF_IT, "lock"}
    view = house.desk.item(PEOPLE["opd"], item_id)
    assert (view.item.state, view.awaits_receipt) == (ItemState.ENDING, False)
    assert [one.act for one in house.desk.morning(PEOPLE["teknis"]).waiting if one.act == "receipt"] == []
    with pytest.raises(Refused, match="tanpa arsip"):
        house.desk.record_download(PEOPLE["teknis"], item_id)
    assert house.carry_out(run_id) == "waiting_until"
    assert queued(house, monkeypatch) == []
    house.clock.move(days=31)
    assert queued(house, monkeypatch) == [run_id]
    assert house.carry_out(run_id) == "done"
    assert of_account(house) == set()
    assert house.desk.item(PEOPLE["opd"], item_id).item.state is ItemState.TERMINATED


def test_one_that_is_frozen_already_has_nothing_to_close_and_goes_all_the_same(house: EngineHouse) -> None:
    """The decision is a month old by then: its first act was the grace itself, and it counted on that day."""
    item_id = standing(house, "suspend")
    run_id = house.verb("terminate", item_id, archive="none")
    assert house.carry_out(run_id) == "waiting_until"
    assert of_account(house) == {*OF_IT, "lock"}
    house.clock.move(days=31)
    assert house.carry_out(run_id) == "done"
    assert of_account(house) == set()


def test_a_cancel_in_its_grace_leaves_it_frozen_as_it_was(house: EngineHouse) -> None:
    item_id = standing(house, "suspend")
    run_id = house.verb("terminate", item_id, archive="none")
    assert house.carry_out(run_id) == "waiting_until"
    house.desk.cancel(PEOPLE["pengkaji"], run_id, "OPD berubah pikiran")
    assert house.carry_out(run_id) == "cancelled"
    assert of_account(house) == {*OF_IT, "lock"}
    assert house.desk.item(PEOPLE["opd"], item_id).item.state is ItemState.SUSPENDED


def test_what_somebody_did_to_it_in_its_grace_is_a_persons_matter(house: EngineHouse) -> None:
    item_id = standing(house, "suspend")
    run_id = house.verb("terminate", item_id, archive="none")
    assert house.carry_out(run_id) == "waiting_until"
    house.world.put(Spot(system="nextcloud", target=LOCK.target, property="quota"), {"bytes": 7})
    house.clock.move(days=31)
    assert house.carry_out(run_id) == "needs_attention"
    assert of_account(house) == {*OF_IT, "lock"}


def test_where_an_archive_is_wanted_the_owner_reads_on_and_a_receipt_is_asked_for(house: EngineHouse) -> None:
    item_id = standing(house, "suspend")
    run_id = house.verb("terminate", item_id)
    assert house.carry_out(run_id) == "waiting_until"
    assert of_account(house) == OF_IT
    assert house.world.read().values[Spot(system="nextcloud", target=LOCK.target, property="quota")] == {"bytes": 1}
    assert [one.act for one in house.desk.morning(PEOPLE["teknis"]).waiting if one.act == "receipt"] == ["receipt"]
    house.clock.move(days=31)
    assert house.carry_out(run_id) == "waiting_until"
    house.desk.record_download(PEOPLE["teknis"], item_id)
    assert house.carry_out(run_id) == "done"
    assert of_account(house) == set()
