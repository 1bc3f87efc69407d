"""Is who is awaited told by mail, at most once an hour, and never a secret?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from provisioner.decisions.decision import Outcome
from provisioner.store import people
from provisioner.workflow.advance import advance
from provisioner.workflow.housekeeping import tidy
from provisioner.workflow.notice import tell_person
from tests.house import EXAMPLE, PEOPLE, EngineHouse


@pytest.fixture
def house(tmp_path: Path) -> Iterator[EngineHouse]:
    """An open office with nothing in it yet."""
    yield from opened(tmp_path, "")


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EngineHouse]:
    """The same on either database: the hour is counted in a table."""
    is_own = request.param == "postgresql"
    yield from opened(tmp_path, request.getfixturevalue("postgres_cluster").create_database() if is_own else "")


def opened(folder: Path, url: str) -> Iterator[EngineHouse]:
    """Open an office, and let go of it afterwards."""
    house = EngineHouse(folder, url)
    house.open()
    yield house
    house.queue.close()
    house.close()


def submitted(house: EngineHouse, name: str) -> str:
    """Submit a request and let the worker see who is awaited; return its id."""
    request = house.desk.submit(PEOPLE["opd"], house.example(sub_domain=name), "application/yaml")
    advance(house.hands, request.id)
    return request.id


def mails(house: EngineHouse, role: str) -> list[dict[str, object]]:
    """What that person got."""
    return [mail for mail in house.post.taken() if mail["to"] == [PEOPLE[role].email]]


def tell_everybody(house: EngineHouse) -> None:
    """Do what the worker does with every person's job, whoever it is."""
    for person in PEOPLE.values():
        tell_person(house.hands, person.id)


def test_who_is_awaited_gets_one_mail_an_hour_with_all_that_waits(either: EngineHouse) -> None:
    first = submitted(either, "satu")
    tell_everybody(either)
    assert [mail["subject"] for mail in mails(either, "umum")] == ["Gerbang: 1 menunggu Anda"]
    assert len(either.post.taken()) == 1
    submitted(either, "dua")
    submitted(either, "tiga")
    for minutes in (0, 30, 29):
        either.clock.move(minutes=minutes)
        tell_everybody(either)
        assert len(either.post.taken()) == 1
    either.clock.move(minutes=2)
    tell_everybody(either)
    tell_everybody(either)
    assert [mail["subject"] for mail in mails(either, "umum")][1:] == ["Gerbang: 2 menunggu Anda"]
    text = str(mails(either, "umum")[1]["text"])
    assert "2026-0002" in text
    assert "2026-0003" in text
    assert "2026-0001" not in text
    assert "https://gerbang.kota.lab/" in text
    either.clock.move(hours=2)
    advance(either.hands, first)
    tell_everybody(either)
    assert len(either.post.taken()) == 2


def test_what_no_longer_waits_is_not_told(house: EngineHouse) -> None:
    request_id = submitted(house, "satu")
    house.desk.do_step(PEOPLE["umum"], request_id, "register")
    tell_person(house.hands, PEOPLE["umum"].id)
    assert house.post.taken() == []
    advance(house.hands, request_id)
    tell_everybody(house)
    assert [mail["to"] for mail in house.post.taken()] == [[PEOPLE["kepala"].email]]


def test_a_silent_server_is_tried_again_under_one_id_and_counts_as_the_hours_one(either: EngineHouse) -> None:
    submitted(either, "satu")
    either.post.fault = "down"
    tell_everybody(either)
    either.post.fault = ""
    tell_everybody(either)
    assert either.post.taken() == []
    either.clock.move(minutes=2)
    submitted(either, "dua")
    tell_everybody(either)
    assert [mail["subject"] for mail in either.post.taken()] == ["Gerbang: 1 menunggu Anda"]
    tell_everybody(either)
    assert len(either.post.taken()) == 1
    either.clock.move(minutes=61)
    tell_everybody(either)
    assert len({str(mail["id"]) for mail in either.post.taken()}) == 2


def test_a_decision_waits_for_who_may_decide_and_not_for_who_asked(house: EngineHouse) -> None:
    line_id = house.to_decision()
    advance(house.hands, house.request_of(line_id))
    tell_everybody(house)
    told = {str(mail["to"]) for mail in house.post.taken() if "disetujui" in str(mail["text"])}
    assert told == {str([PEOPLE["kabid"].email])}


def test_a_return_waits_for_the_opd_that_asked(house: EngineHouse) -> None:
    line_id = house.to_decision()
    request_id = house.request_of(line_id)
    house.desk.decide(PEOPLE["kabid"], line_id, Outcome.RETURNED, digest="", reason="lengkapi")
    advance(house.hands, request_id)
    tell_everybody(house)
    assert [mail["to"] for mail in house.post.taken()] == [[PEOPLE["opd"].email]]


def test_access_that_is_ready_and_access_that_ends_are_told_to_the_technical_person_without_a_secret(
    house: EngineHouse,
) -> None:
    house.carry_out(house.to_run())
    tidy(house.hands, lambda _id: True)
    tell_person(house.hands, PEOPLE["teknis"].id)
    (ready,) = mails(house, "teknis")
    assert ready["subject"] == "Gerbang: 1 kata sandi untuk diambil"
    assert "simpeg.kota.lab, paling lambat Kamis, 26 November 2026 pukul 10.00 WITA" in str(ready["text"])
    house.clock.move(hours=47)
    tidy(house.hands, lambda _id: True)
    tell_person(house.hands, PEOPLE["teknis"].id)
    assert len(mails(house, "teknis")) == 1
    house.clock.move(hours=2)
    for _ in range(2):
        tidy(house.hands, lambda _id: True)
        tell_person(house.hands, PEOPLE["teknis"].id)
    assert "segera dimusnahkan" in str(mails(house, "teknis")[1]["text"])
    assert len(mails(house, "teknis")) == 2
    item_id = house.desk.items(PEOPLE["opd"])[0].id
    opened = [one.sealed.decode() for one in house.desk.credentials(PEOPLE["teknis"], item_id)]
    assert [secret for secret in opened if secret in str(house.post.taken())] == []


def test_a_person_whose_contract_ended_is_told_nothing(house: EngineHouse) -> None:
    house.carry_out(house.to_run())
    tidy(house.hands, lambda _id: True)
    with house.database.transaction() as uow:
        people.set_contract(uow, PEOPLE["teknis"].id, "1", house.clock.now.date() - timedelta(days=1))
    tell_person(house.hands, PEOPLE["teknis"].id)
    assert mails(house, "teknis") == []
    assert EXAMPLE["technical"]["email"] == PEOPLE["teknis"].email


def test_housekeeping_writes_again_when_the_hour_has_passed_and_to_nobody_who_has_a_job(
    house: EngineHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued: list[str] = []
    submitted(house, "satu")
    tell_everybody(house)
    submitted(house, "dua")
    monkeypatch.setattr(house.hands.queue, "notice", lambda _uow, person_id: queued.append(person_id))
    tidy(house.hands, lambda _id: False)
    assert queued == []
    house.clock.move(minutes=61)
    tidy(house.hands, lambda _id: True)
    assert queued == []
    tidy(house.hands, lambda _id: False)
    assert queued == [PEOPLE["umum"].id]
