"""Does each list hold what is this person's, answer a filter, and ask the store the same few questions however long?"""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from tests.gate.office import Office
from tests.gate.test_pages import text_of
from tests.house import PEOPLE


def submit(office: Office, name: str, **fields: Any) -> str:
    """File one request for that sub domain; return its id."""
    raw = office.house.example(sub_domain=name, second_name="none", **fields)
    return office.house.desk.submit(PEOPLE["opd"], raw, "application/yaml").id


def statements(office: Office, path: str, username: str) -> int:
    """How many statements one page sends to the database."""
    browser, sent = office.browser(username), [0]
    browser.get(path)  # a procedure is read once in the life of a process

    def note(*_: Any) -> None:
        sent[0] += 1

    engine = office.house.database.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    assert browser.get(path).status_code == 200
    sa.event.remove(engine, "before_cursor_execute", note)
    return sent[0]


@pytest.mark.parametrize(("path", "username"), [("/", "umum"), ("/", "opd"), ("/permohonan", "umum")])
def test_a_longer_list_asks_the_store_no_more_questions(office: Office, path: str, username: str) -> None:
    submit(office, "satu")
    before = statements(office, path, username)
    for number in range(6):
        submit(office, f"nama-{number}")
    assert statements(office, path, username) == before


def test_a_decider_finds_every_plan_and_nothing_else(office: Office) -> None:
    line_id = office.house.to_decision()
    submit(office, "lain")
    home = office.browser("kabid").get("/")
    assert f'href="/baris/{line_id}/rencana">Baca rencana' in home.text
    assert "Kerjakan langkah" not in home.text
    assert "Tidak ada gangguan" in text_of(home)


def test_what_stopped_overnight_stands_on_top_and_a_failed_run_waits_for_follow_up(office: Office) -> None:
    run_id = office.house.to_run()
    office.house.world.plant({"kind": "fail_after", "task": "certificate"})
    assert office.house.carry_out(run_id) == "failed"
    home = office.browser("pengkaji").get("/")
    assert "Ulangi pelaksanaan, atau akhiri" in text_of(home)
    assert f'href="/pelaksanaan/{run_id}"' in home.text
    assert "/pelaksanaan/" not in office.browser("umum").get("/").text


def test_what_ended_is_shown_to_those_who_see_it(office: Office) -> None:
    office.house.carry_out(office.house.to_run())
    assert "Yang baru saja selesai" in (mine := text_of(office.browser("opd").get("/")))
    assert "2026-0001" in mine
    assert "2026-0001" not in text_of(office.browser("lain").get("/"))


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({}, {"2026-0001", "2026-0002"}),
        ({"teks": "2026-0002"}, {"2026-0002"}),
        ({"teks": "2026"}, {"2026-0001", "2026-0002"}),
        ({"teks": "kepeg"}, {"2026-0001", "2026-0002"}),
        ({"teks": "%"}, set()),
        ({"keadaan": "withdrawn"}, {"2026-0001"}),
        ({"keadaan": "tidak-ada"}, {"2026-0001", "2026-0002"}),
        ({"opd": "DINLAIN"}, set()),
        ({"teks": "2026-0001", "keadaan": "open"}, set()),
    ],
)
def test_the_filter_leaves_exactly_what_answers_it(office: Office, asked: dict[str, str], numbers: set[str]) -> None:
    first = submit(office, "satu")
    submit(office, "dua")
    office.house.desk.withdraw(PEOPLE["opd"], first, "tidak jadi")
    page = office.browser("umum").get("/permohonan", params=asked)
    assert {number for number in ("2026-0001", "2026-0002") if f">{number}</a>" in page.text} == numbers
    api = {"text": asked.get("teks", ""), "opd": asked.get("opd")}
    state = asked.get("keadaan")
    if state != "tidak-ada":
        query = {name: value for name, value in {**api, "state": state}.items() if value}
        told = office.client("umum").get("/api/v1/requests", params=query).json()["requests"]
        assert {one["number"] for one in told} == numbers


def test_the_list_goes_on_with_its_filter(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.pages.requests.SHOWN", 1)
    submit(office, "satu")
    submit(office, "dua")
    browser = office.browser("umum")
    first = browser.get("/permohonan", params={"keadaan": "open"})
    following = first.text.partition('href="/permohonan?')[2].partition('"')[0].replace("&amp;", "&")
    assert "keadaan=open" in following
    second = browser.get(f"/permohonan?{following}")
    assert (">2026-0002</a>" in first.text, ">2026-0001</a>" in second.text) == (True, True)
    assert ">2026-0002</a>" not in second.text
