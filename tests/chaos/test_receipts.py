"""Who says that an ending service's contents have arrived, in which form, and does every end come to its end?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from provisioner.errors import BadInput, NotAllowed, NotFound, Refused
from provisioner.items.item import ItemState
from provisioner.people.person import Position, Right
from provisioner.store import people, receipts
from provisioner.workflow.housekeeping import tidy
from tests.chaos.desk_hands import chain
from tests.house import PEOPLE, EngineHouse

KINDS = ("hosting", "data_cloud")
SHA256 = "ab" * 32
#: the day on which every ending here begins, in the office's zone
TODAY = date(2026, 11, 23)
PAPER = {"number": "800/77/DINCONTOH/2026", "date": "2026-11-23", "signed_by": PEOPLE["opd"].id}


@pytest.fixture
def house(tmp_path: Path, request: pytest.FixtureRequest) -> EngineHouse:
    """An open office of the kind that the test names."""
    house = EngineHouse(tmp_path, kind=getattr(request, "param", "data_cloud"))
    house.open()
    return house


def of(*kinds: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("house", kinds, indirect=True)


def ending(house: EngineHouse) -> tuple[str, str]:
    """Deliver the example and ask for its end, in its kind's default form: return the item's and the run's id."""
    run_id = house.to_run()
    assert house.carry_out(run_id) == "done"
    item_id = house.desk.run(PEOPLE["kabid"], run_id).run.item_id
    run_id = house.terminate(item_id)
    assert house.carry_out(run_id) == "waiting_until"
    return item_id, run_id


def ended_when_due(house: EngineHouse, run_id: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let the date come; housekeeping wakes the run, and the worker does it. Return its state."""
    woken: list[str] = []
    wake: Callable[..., None] = lambda _uow, one, _host: woken.append(one)  # noqa: E731
    monkeypatch.setattr(house.hands.queue, "carry_out", wake)
    tidy(house.hands, lambda _id: False)
    assert woken == []
    house.clock.move(days=31)
    tidy(house.hands, lambda _id: False)
    return house.carry_out(woken[0]) if woken == [run_id] else f"woken {woken}"


def written(house: EngineHouse, item_id: str) -> list[dict[str, Any]]:
    """The item's receipts as they lie in the table, without the moment."""
    with house.database.reading() as uow:
        return [{k: v for k, v in vars(one).items() if k != "at"} for one in receipts.of_item(uow, item_id)]


def row(item_id: str, person: str, **more: Any) -> dict[str, Any]:
    """A receipt as it lies in the table."""
    empty = {"sha256": None, "position": None, "recorder_id": None, "letter_number": None, "letter_date": None}
    return {**empty, "item_id": item_id, "person_id": PEOPLE[person].id, **more}


# -- The technical person's word -------------------------------------------------------------------


def test_where_the_owner_fetches_single_files_the_word_alone_ends_it(
    house: EngineHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No archive exists of which anybody could compute a sha256."""
    item_id, run_id = ending(house)
    view = house.desk.item(PEOPLE["teknis"], item_id)
    assert (view.awaits_receipt, view.card.standing.fetches_single_files, view.receipt) == (True, True, None)
    house.desk.record_download(PEOPLE["teknis"], item_id)
    assert written(house, item_id) == [row(item_id, "teknis", position="Pengelola situs")]
    assert chain(house, "person:receipt:record") == [(item_id, {"downloaded": True})]
    view = house.desk.item(PEOPLE["teknis"], item_id)
    assert (view.awaits_receipt, view.item.receipt_sha256) == (False, None)
    assert view.receipt is not None
    assert (view.receipt.person_id, view.receipt_from) == (PEOPLE["teknis"].id, PEOPLE["teknis"].name)
    assert ended_when_due(house, run_id, monkeypatch) == "done"
    assert house.desk.item(PEOPLE["opd"], item_id).item.state is ItemState.TERMINATED


def test_a_sha256_of_what_does_not_exist_is_not_taken(house: EngineHouse) -> None:
    item_id, _ = ending(house)
    with pytest.raises(BadInput) as refused:
        house.desk.record_receipt(PEOPLE["teknis"], item_id, SHA256)
    assert [(one.where, one.seen) for one in refused.value.faults] == [("sha256", SHA256)]
    assert (written(house, item_id), chain(house, "person:receipt:record")) == ([], [])


@of("hosting")
def test_where_there_is_an_archive_the_word_alone_is_not_enough(house: EngineHouse) -> None:
    item_id, _ = ending(house)
    with pytest.raises(BadInput) as refused:
        house.desk.record_download(PEOPLE["teknis"], item_id)
    assert [one.where for one in refused.value.faults] == ["sha256"]
    assert written(house, item_id) == []
    house.desk.record_receipt(PEOPLE["teknis"], item_id, SHA256)
    assert written(house, item_id) == [row(item_id, "teknis", sha256=SHA256, position="Pengelola situs")]


@pytest.mark.parametrize("who", ["opd", "umum", "kepala", "pengkaji", "kabid", "auditor"])
def test_nobody_says_it_in_the_technical_persons_place(house: EngineHouse, who: str) -> None:
    item_id, _ = ending(house)
    with pytest.raises(NotAllowed, match="bukan penanggung jawab teknis"):
        house.desk.record_download(PEOPLE[who], item_id)
    assert written(house, item_id) == []


# -- The paper ------------------------------------------------------------------------------------


@of(*KINDS)
def test_a_receipt_on_paper_ends_it_where_the_technical_person_is_gone(
    house: EngineHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Actor is who signed, in the position held that day; general affairs stands beside as recorder (law 10)."""
    item_id, run_id = ending(house)
    gone = PEOPLE["teknis"].id
    with house.database.transaction() as uow:
        people.set_contract(uow, gone, "800/1", TODAY - timedelta(days=1))
    house.desk.record_paper_receipt(PEOPLE["umum"], item_id, PAPER)
    assert written(house, item_id) == [
        row(
            item_id,
            "opd",
            position="Kepala Dinas",
            recorder_id=PEOPLE["umum"].id,
            letter_number=PAPER["number"],
            letter_date=TODAY,
        )
    ]
    assert chain(house, "person:receipt:record") == [
        (item_id, {"letter_number": PAPER["number"], "letter_date": "2026-11-23"})
    ]
    told = [one for one in house.desk.audit_rows(PEOPLE["auditor"], limit=1000) if one.subject == item_id][-1]
    assert (told.actor, told.recorder) == (PEOPLE["opd"].id, PEOPLE["umum"].id)
    assert not house.desk.item(PEOPLE["opd"], item_id).awaits_receipt
    assert ended_when_due(house, run_id, monkeypatch) == "done"
    assert house.desk.item(PEOPLE["opd"], item_id).item.state is ItemState.TERMINATED


@pytest.mark.parametrize("who", ["opd", "teknis", "kepala", "pengkaji", "kabid", "auditor"])
def test_only_general_affairs_write_down_a_paper(house: EngineHouse, who: str) -> None:
    item_id, _ = ending(house)
    with pytest.raises(NotAllowed):
        house.desk.record_paper_receipt(PEOPLE[who], item_id, PAPER)
    assert (written(house, item_id), chain(house, "person:receipt:record")) == ([], [])
    assert house.desk.item(PEOPLE[who], item_id).signers == {}


def test_another_opd_sees_neither_item_nor_receipt(house: EngineHouse) -> None:
    item_id, _ = ending(house)
    with pytest.raises(NotFound):
        house.desk.record_paper_receipt(PEOPLE["lain"], item_id, PAPER)
    with pytest.raises(NotFound):
        house.desk.record_download(PEOPLE["lain"], item_id)


def test_an_opd_person_with_the_right_to_register_writes_down_no_paper(house: EngineHouse) -> None:
    """Who could sign it must not be who says that it was signed."""
    item_id, _ = ending(house)
    clerk = replace(PEOPLE["opd"], rights=frozenset({Right.REGISTER, Right.SUBMIT}))
    with pytest.raises(NotAllowed, match="hanya pegawai penyelenggara"):
        house.desk.record_paper_receipt(clerk, item_id, PAPER)


def test_nobody_writes_down_a_paper_of_his_own(house: EngineHouse) -> None:
    item_id, _ = ending(house)
    seat = Position(actor="opd_head", opd="DINCONTOH", title="Kepala", since=date(2026, 1, 1), until=None)
    with house.database.transaction() as uow:
        people.add_position(uow, PEOPLE["umum"].id, replace(seat, opd=PEOPLE["opd"].positions[0].opd))
    both = house.desk.person(PEOPLE["umum"].id)
    with pytest.raises(BadInput) as refused:
        house.desk.record_paper_receipt(both, item_id, {**PAPER, "signed_by": both.id})
    assert [one.where for one in refused.value.faults] == ["signed_by"]
    assert written(house, item_id) == []


@pytest.mark.parametrize(
    ("paper", "where"),
    [
        ({"number": ""}, ["number"]),
        ({"number": "800\n77"}, ["number"]),
        ({"number": "' OR 1=1"}, ["number"]),
        ({"date": "2026-11-22"}, ["date"]),
        ({"date": "2026-11-24"}, ["date"]),
        ({"date": "kemarin"}, ["date"]),
        ({"signed_by": "per_none"}, ["signed_by"]),
        ({"signed_by": PEOPLE["lain"].id}, ["signed_by"]),
        ({"signed_by": PEOPLE["kabid"].id}, ["signed_by"]),
        ({"number": " ", "date": "2026-11-24", "signed_by": "x"}, ["number", "date", "signed_by"]),
        ({"number": None, "date": None, "signed_by": None}, ["number", "date", "signed_by"]),
        ({"sha256": "x"}, ["sha256"]),
    ],
)
def test_a_paper_that_cannot_be_is_refused_with_every_fault_at_once(
    house: EngineHouse, paper: dict[str, Any], where: list[str]
) -> None:
    """Before the closing there was nothing to receive; who signs is of the item's OPD on that day."""
    item_id, _ = ending(house)
    with pytest.raises(BadInput) as refused:
        house.desk.record_paper_receipt(PEOPLE["umum"], item_id, {**PAPER, **paper})
    assert [one.where for one in refused.value.faults] == where
    assert (written(house, item_id), chain(house, "person:receipt:record")) == ([], [])


def test_general_affairs_are_offered_who_of_the_opd_can_have_signed(house: EngineHouse) -> None:
    item_id, _ = ending(house)
    names = {who: f"{PEOPLE[who].name}, {PEOPLE[who].positions[0].title}" for who in ("opd", "teknis")}
    assert house.desk.item(PEOPLE["umum"], item_id).signers == {PEOPLE[who].id: name for who, name in names.items()}


# -- Only where one is awaited --------------------------------------------------------------------


def acts(house: EngineHouse, item_id: str) -> list[Callable[[], object]]:
    """Both ways to say it."""
    return [
        lambda: house.desk.record_download(PEOPLE["teknis"], item_id),
        lambda: house.desk.record_paper_receipt(PEOPLE["umum"], item_id, PAPER),
    ]


def test_what_stands_has_no_receipt(house: EngineHouse) -> None:
    run_id = house.to_run()
    assert house.carry_out(run_id) == "done"
    item_id = house.desk.run(PEOPLE["kabid"], run_id).run.item_id
    for act in acts(house, item_id):
        with pytest.raises(Refused, match="tidak sedang diakhiri"):
            act()
    assert written(house, item_id) == []


def test_it_is_said_once(house: EngineHouse) -> None:
    item_id, _ = ending(house)
    house.desk.record_download(PEOPLE["teknis"], item_id)
    for act in acts(house, item_id):
        with pytest.raises(Refused, match="sudah dicatat"):
            act()
    assert len(written(house, item_id)) == 1


@of(*KINDS)
def test_after_a_cancel_the_next_end_asks_anew(house: EngineHouse) -> None:
    """The page too: what was received then is not what is there now."""
    item_id, first = ending(house)
    house.desk.record_paper_receipt(PEOPLE["umum"], item_id, PAPER)
    house.desk.cancel(PEOPLE["kabid"], first, "OPD berubah pikiran")
    assert house.carry_out(first) == "cancelled"
    house.desk.give_up(PEOPLE["kabid"], first, "tidak jadi")
    second = house.terminate(item_id)
    assert house.carry_out(second) == "waiting_until"
    view = house.desk.item(PEOPLE["teknis"], item_id)
    assert (view.awaits_receipt, view.receipt) == (True, None)
    assert [one.act for one in house.desk.morning(PEOPLE["teknis"]).waiting if one.act == "receipt"] == ["receipt"]
    house.clock.move(days=31)
    assert house.carry_out(second) == "waiting_until"


@of("hosting")
def test_an_archive_fetched_again_may_be_confirmed_again(house: EngineHouse) -> None:
    """A technical person who named the wrong file mends it; the first word stays in the table."""
    item_id, _ = ending(house)
    for sha256 in (SHA256, "cd" * 32):
        house.desk.record_receipt(PEOPLE["teknis"], item_id, sha256)
    assert [one["sha256"] for one in written(house, item_id)] == [SHA256, "cd" * 32]
    assert house.desk.item(PEOPLE["teknis"], item_id).item.receipt_sha256 == "cd" * 32


def test_the_waiting_list_says_what_is_to_be_done(house: EngineHouse) -> None:
    """And no longer once it is done."""
    item_id, _ = ending(house)
    told = [one.what for one in house.desk.morning(PEOPLE["teknis"]).waiting if one.act == "receipt"]
    assert told == ["Unduh isinya, lalu catat bahwa sudah diunduh"]
    assert [
        one for who in ("umum", "opd") for one in house.desk.morning(PEOPLE[who]).waiting if one.act == "receipt"
    ] == []
    house.desk.record_download(PEOPLE["teknis"], item_id)
    assert [one for one in house.desk.morning(PEOPLE["teknis"]).waiting if one.act == "receipt"] == []


def test_general_affairs_are_reminded_of_an_end_that_is_due_and_waits_for_a_receipt(house: EngineHouse) -> None:
    """Where nobody of the OPD says it any more, somebody of the office asks for the paper."""
    item_id, _ = ending(house)
    house.clock.move(days=31)
    told = {
        who: [(one.subject, one.what) for one in house.desk.morning(person).waiting if one.act == "receipt"]
        for who, person in PEOPLE.items()
    }
    assert {who: found for who, found in told.items() if found} == {
        "teknis": [(item_id, "Unduh isinya, lalu catat bahwa sudah diunduh")],
        "umum": [(item_id, "Masa tenggang sudah lewat: mintalah tanda terima OPD, lalu catat")],
    }
    house.desk.record_paper_receipt(PEOPLE["umum"], item_id, {**PAPER, "date": "2026-12-24"})
    assert [one for one in house.desk.morning(PEOPLE["umum"]).waiting if one.act == "receipt"] == []
