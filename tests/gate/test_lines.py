"""Does the gate let a person read and decide many lines at once, each on its own plan, by page, API and command?"""

from __future__ import annotations

import re
from typing import Any

import pytest

from provisioner.workflow.look import look
from tests.gate.office import Office, csrf_of
from tests.gate.test_command import Gerbang, gerbang
from tests.gate.test_lists import statements
from tests.gate.test_pages import text_of
from tests.house import PEOPLE

__all__ = ["gerbang"]


def post(office: Office, request_id: str, *lines: dict[str, Any], outcome: str = "approved", **more: str) -> Any:
    """Send the table's form as the browser of the decider does: those lines ticked, with what the page showed."""
    browser = office.browser("kabid")
    path = f"/permohonan/{request_id}/baris"
    sent: dict[str, Any] = {"csrf": csrf_of(browser.get(path)), "outcome": outcome, **more}
    sent["line"] = [line["line_id"] for line in lines]
    sent |= {f"digest.{line['line_id']}": line["digest"] for line in lines}
    sent |= {f"outcome.{line['line_id']}": line["outcome"] for line in lines}
    return browser.post(path, data=sent)


def told(office: Office, request_id: str) -> list[dict[str, Any]]:
    """The lines as the API tells them to the decider."""
    answer = office.client("kabid").get(f"/api/v1/requests/{request_id}/lines")
    assert answer.status_code == 200
    lines: list[dict[str, Any]] = answer.json()["lines"]
    return lines


def again(office: Office, line: dict[str, Any]) -> None:
    """Let the line's plan be another: our own files moved since it was seen."""
    office.house.reach_files["playbooks/hosting.yml"] = "2" * 64
    look(office.house.hands, office.house.desk.look_again(PEOPLE["kabid"], line["line_id"], wishes={}, reason=""))


def test_the_page_shows_all_lines_and_ticks_those_that_are_ready(office: Office) -> None:
    request_id = office.house.lines_to_decision(12)
    browser = office.browser("kabid")
    page = browser.get(f"/permohonan/{request_id}/baris")
    text = text_of(page)
    assert page.text.count("<tr id=") == 12
    assert "ruang simpan 1 GB" in text.replace("\n", " ")
    assert page.text.count(" checked") == 0
    ready = browser.get(f"/permohonan/{request_id}/baris?pilih=siap")
    assert ready.text.count(" checked") == 12
    for line in told(office, request_id):
        assert f'href="/baris/{line["line_id"]}/rencana"' in page.text
        assert line["digest"][:12] in page.text


def test_ticked_lines_are_approved_and_the_others_refused_with_their_reason(office: Office) -> None:
    request_id = office.house.lines_to_decision(3)
    lines = told(office, request_id)
    assert post(office, request_id, *lines[:2]).status_code == 303
    assert post(office, request_id, lines[2], outcome="rejected", reason="kuota habis").status_code == 303
    assert [one["state"] for one in told(office, request_id)] == ["decided", "decided", "rejected"]
    page = office.browser("opd").get(f"/permohonan/{request_id}/baris")
    assert "kuota habis" in text_of(page)
    assert "Anda tidak dapat memutuskan" not in text_of(page)


def test_a_page_older_than_one_plan_decides_nothing_and_unticks_that_line(office: Office) -> None:
    request_id = office.house.lines_to_decision(3)
    lines = told(office, request_id)
    again(office, lines[1])
    answer = post(office, request_id, *lines, reason="sesuai")
    assert answer.status_code == 409
    assert "Baris 2: rencana sudah berubah sejak dilihat" in text_of(answer)
    assert re.findall(r'id="pilih-(\d)"[^>]* checked', answer.text) == ["1", "3"]
    assert {one["state"] for one in told(office, request_id)} == {"open"}


def test_without_a_tick_nothing_is_decided_and_the_page_says_so(office: Office) -> None:
    request_id = office.house.lines_to_decision(2)
    answer = post(office, request_id)
    assert (answer.status_code, "tidak ada baris yang dipilih" in text_of(answer)) == (422, True)


def test_a_refusal_without_a_reason_keeps_the_ticks(office: Office) -> None:
    request_id = office.house.lines_to_decision(2)
    lines = told(office, request_id)
    answer = post(office, request_id, lines[0], outcome="rejected")
    assert (answer.status_code, "alasan kosong" in text_of(answer)) == (422, True)
    assert re.findall(r'id="pilih-(\d)"[^>]* checked', answer.text) == ["1"]


def test_the_whole_request_goes_back_from_the_table(office: Office) -> None:
    request_id = office.house.lines_to_decision(2)
    assert post(office, request_id, outcome="returned", reason="kode kelurahan kurang").status_code == 303
    assert office.house.desk.request(PEOPLE["opd"], request_id).request.state == "waiting_for_opd"


def test_lines_that_are_not_ready_are_looked_at_again_with_one_button(office: Office) -> None:
    """The host is silent: every plan is unreachable; once it answers one press asks for all."""
    house = office.house
    house.world.silence("web1")
    request_id = house.lines_to_decision(2)
    lines = told(office, request_id)
    assert [one["plan_state"] for one in lines] == ["unreachable", "unreachable"]
    browser = office.browser("kabid")
    page = browser.get(f"/permohonan/{request_id}/baris")
    assert "Lihat ulang 2 baris yang belum siap" in text_of(page)
    sent = {"csrf": csrf_of(page), "line": [one["line_id"] for one in lines]}
    assert browser.post(f"/permohonan/{request_id}/baris/lihat-ulang", data=sent).status_code == 303
    assert [one["plan_state"] for one in told(office, request_id)] == ["asked", "asked"]


def test_the_api_decides_many_and_says_of_each_what_moved(office: Office) -> None:
    request_id = office.house.lines_to_decision(2)
    lines = told(office, request_id)
    assert [one["told_apart"] for one in lines] == [{"Sub domain": "kelurahan1"}, {"Sub domain": "kelurahan2"}]
    words = [{name: one[name] for name in ("line_id", "outcome", "digest")} for one in lines]
    again(office, lines[0])
    client = office.client("kabid")
    refused = client.post(f"/api/v1/requests/{request_id}/decisions", json={"decisions": words})
    told_of = [(fault["where"], fault["what"].partition(":")[0]) for fault in refused.json()["faults"]]
    assert (refused.status_code, told_of) == (409, [("baris 1", "rencana sudah berubah sejak dilihat")])
    assert "tidak satu pun diputuskan" in refused.json()["detail"]
    now = [{name: one[name] for name in ("line_id", "outcome", "digest")} for one in told(office, request_id)]
    made = client.post(f"/api/v1/requests/{request_id}/decisions", json={"decisions": now})
    assert (made.status_code, [one["outcome"] for one in made.json()["decisions"]]) == (201, ["approved", "approved"])


def test_the_command_decides_what_its_table_showed(office: Office, gerbang: Gerbang) -> None:
    request_id = office.house.lines_to_decision(5)
    number = office.house.desk.request(PEOPLE["kabid"], request_id).request.number
    shown = gerbang("kabid", "request", "lines", number)
    assert "kelurahan3" in shown.out
    seen = re.search(r"Sidik tabel ([0-9a-f]{64})", shown.out)
    assert seen is not None
    decide = ("decide-lines", number, "approved", "--lines", "1-3,5")
    assert gerbang("kabid", *decide).code == 2
    assert gerbang("kabid", *decide, "--seen", "0" * 64).code == 4
    assert gerbang("kabid", *decide, "--seen", seen[1]).code == 0
    assert gerbang("kabid", "decide-lines", number, "rejected", "--lines", "4", "--reason", "kuota habis").code == 0
    assert [one["state"] for one in told(office, request_id)] == ["decided"] * 3 + ["rejected", "decided"]


@pytest.mark.parametrize("words", ["0", "6", "1-9", "satu", ""])
def test_the_command_says_which_lines_it_does_not_know(office: Office, gerbang: Gerbang, words: str) -> None:
    request_id = office.house.lines_to_decision(5)
    said = gerbang("kabid", "decide-lines", request_id, "rejected", "--lines", words, "--reason", "x")
    assert (said.code, "--lines" in said.error) == (2, True)


@pytest.mark.parametrize("username", ["kabid", "opd"])
@pytest.mark.parametrize("path", ["/permohonan/{}/baris", "/permohonan/{}", "/", "/permohonan"])
def test_a_request_of_many_lines_asks_the_store_no_more_questions(office: Office, username: str, path: str) -> None:
    few = office.house.lines_to_decision(6)
    before = statements(office, path.format(few), username)
    many = office.house.lines_to_decision(18, first=7)
    assert statements(office, path.format(many), username) == before
