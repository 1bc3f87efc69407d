"""What does the page of an ending service ask of whom, and what does it say once it was answered?"""

from __future__ import annotations

import re

import pytest

from provisioner.store import receipts
from tests.gate.office import Office, csrf_of
from tests.gate.test_pages import text_of
from tests.house import EXAMPLES, PEOPLE

KINDS = ("hosting", "data_cloud")
CONTROLS = re.compile(r'<(?:input|select)[^>]* name="([a-z0-9_]+)"')
PAPER = {"number": "800/77/DINCONTOH/2026", "date": "2026-11-23", "signed_by": PEOPLE["opd"].id}


def ending(office: Office, kind: str) -> str:
    """Deliver the example of the kind and ask for its end; return the item's id."""
    office.house.kind, office.house.document = kind, EXAMPLES[kind]
    run_id = office.house.to_run()
    assert office.house.carry_out(run_id) == "done"
    item_id = office.house.desk.run(PEOPLE["kabid"], run_id).run.item_id
    assert office.house.carry_out(office.house.terminate(item_id)) == "waiting_until"
    return item_id


def asked(office: Office, who: str, item_id: str) -> dict[str, set[str]]:
    """The forms about the receipt on that person's page: address -> names of its controls."""
    text = office.browser(who).get(f"/layanan/{item_id}").text
    forms = re.findall(
        rf'<form method="post" action="/layanan/{item_id}/(tanda-terima[a-z/]*)">(.*?)</form>', text, re.DOTALL
    )
    return {address: set(CONTROLS.findall(form)) - {"csrf"} for address, form in forms}


def given(office: Office, item_id: str) -> int:
    """How many receipts the item has."""
    with office.house.database.reading() as uow:
        return len(receipts.of_item(uow, item_id))


@pytest.mark.parametrize(("kind", "named"), [("hosting", {"sha256"}), ("data_cloud", {"downloaded"})])
def test_the_technical_person_is_asked_for_what_exists_and_general_affairs_for_the_paper(
    office: Office, kind: str, named: set[str]
) -> None:
    item_id = ending(office, kind)
    paper = {"tanda-terima/kertas": {"number", "date", "signed_by"}}
    told = {who: asked(office, who, item_id) for who in PEOPLE if who != "lain"}
    assert told == {**{who: {} for who in told}, "teknis": {"tanda-terima": named}, "umum": paper}


def test_one_word_of_the_technical_person_is_enough_for_single_files_and_the_page_says_who_gave_it(
    office: Office,
) -> None:
    item_id = ending(office, "data_cloud")
    browser = office.browser("teknis")
    form = {"csrf": csrf_of(browser.get(f"/layanan/{item_id}")), "downloaded": "ya"}
    answer = browser.post(f"/layanan/{item_id}/tanda-terima", data=form)
    assert (answer.status_code, given(office, item_id)) == (303, 1)
    for who in ("teknis", "opd", "umum", "kabid"):
        said = text_of(office.browser(who).get(f"/layanan/{item_id}"))
        assert f"Isinya sudah diunduh menurut {PEOPLE['teknis'].name}" in said
        assert asked(office, who, item_id) == {}


def test_without_the_tick_nothing_is_recorded_and_the_page_says_why(office: Office) -> None:
    item_id = ending(office, "data_cloud")
    browser = office.browser("teknis")
    csrf = csrf_of(browser.get(f"/layanan/{item_id}"))
    answer = browser.post(f"/layanan/{item_id}/tanda-terima", data={"csrf": csrf})
    assert (answer.status_code, given(office, item_id)) == (422, 0)
    assert "sudah diunduh" in text_of(answer)


@pytest.mark.parametrize("kind", KINDS)
def test_a_paper_is_written_down_with_number_date_and_signer(office: Office, kind: str) -> None:
    item_id = ending(office, kind)
    browser = office.browser("umum")
    form = {"csrf": csrf_of(browser.get(f"/layanan/{item_id}")), **PAPER}
    assert browser.post(f"/layanan/{item_id}/tanda-terima/kertas", data=form).status_code == 303
    said = text_of(office.browser("opd").get(f"/layanan/{item_id}"))
    assert f"nomor {PAPER['number']} tanggal 23 November 2026" in said
    assert f"ditandatangani {PEOPLE['opd'].name} (Kepala Dinas)" in said
    told = office.client("opd").get(f"/api/v1/items/{item_id}").json()
    assert (told["awaits_receipt"], told["signers"]) == (False, {})
    assert {name: told["receipt"][name] for name in ("letter_number", "letter_date", "recorder_id", "sha256")} == {
        "letter_number": PAPER["number"],
        "letter_date": "2026-11-23",
        "recorder_id": PEOPLE["umum"].id,
        "sha256": None,
    }


def test_a_paper_at_fault_keeps_what_was_typed_and_leads_to_each_field(office: Office) -> None:
    item_id = ending(office, "hosting")
    browser = office.browser("umum")
    form = {"csrf": csrf_of(browser.get(f"/layanan/{item_id}")), **PAPER, "date": "2026-11-22", "signed_by": ""}
    answer = browser.post(f"/layanan/{item_id}/tanda-terima/kertas", data=form)
    assert (answer.status_code, given(office, item_id)) == (422, 0)
    assert re.findall(r'<a href="#([a-z_]+)"', answer.text.split('role="alert"')[1].split("</ul>")[0]) == [
        "signed_by",
        "date",
    ]
    assert f'value="{PAPER["number"]}"' in answer.text
    assert 'value="2026-11-22"' in answer.text


def test_an_item_tells_by_api_which_word_it_waits_for(office: Office) -> None:
    item_id = ending(office, "data_cloud")
    told = office.client("umum").get(f"/api/v1/items/{item_id}").json()
    assert (told["awaits_receipt"], told["fetches_single_files"], told["receipt"]) == (True, True, None)
    assert set(told["signers"]) == {PEOPLE["opd"].id, PEOPLE["teknis"].id}
    client = office.client("teknis")
    for body in ({}, {"sha256": "ab" * 32}, {"downloaded": False}):
        answer = client.post(f"/api/v1/items/{item_id}/receipt", json=body)
        assert (answer.status_code, [one["where"] for one in answer.json()["faults"]]) == (422, ["sha256"])
    assert client.post(f"/api/v1/items/{item_id}/receipt", json={"downloaded": True}).status_code == 201
    assert client.post(f"/api/v1/items/{item_id}/receipt", json={"downloaded": True}).status_code == 409
    assert given(office, item_id) == 1
