"""What does an item's page show, to its OPD and to the office; and what is asked from it?"""

from __future__ import annotations

import html

import pytest

from provisioner.errors import NotAllowed
from provisioner.store import sums
from provisioner.workflow.watch import watch
from tests.gate.office import Office, csrf_of
from tests.gate.test_adjustment_page import typed
from tests.gate.test_lists import statements
from tests.gate.test_pages import text_of
from tests.house import EXAMPLE, PEOPLE

GIB = 1024**3


def stand(office: Office, name: str = "simpeg") -> str:
    """Let one site stand; return the item's id."""
    run_id = office.house.to_run(sub_domain=name, second_name="none")
    assert office.house.carry_out(run_id) == "done"
    return office.house.desk.run(PEOPLE["kabid"], run_id).run.item_id


def test_the_item_says_what_stands_there_whose_it_is_and_how_its_life_went(office: Office) -> None:
    item_id = stand(office)
    office.house.world.measure(f"web1/{item_id}:storage_used_bytes", 4 * GIB)
    watch(office.house.hands, "hosting")
    page = office.browser("opd").get(f"/layanan/{item_id}")
    said = text_of(page)
    proved = len(office.house.desk.item(PEOPLE["opd"], item_id).verdicts)
    for words in (
        "Situs web simpeg.kota.lab (PHP 8.2, dengan basis data MariaDB) di host bersama web1.",
        "4 GB dari 5 GB",
        "Belum ada cadangan (backup)",
        EXAMPLE["administrative"]["name"],
        EXAMPLE["technical"]["name"],
        f"{proved} dari {proved} sesuai",
        "Permohonan 2026-0001",
    ):
        assert words in said
    assert 'href="https://simpeg.kota.lab/"' in page.text


def test_a_verb_that_cannot_be_asked_says_why_and_has_no_button(office: Office) -> None:
    item_id = stand(office)
    page = office.browser("opd").get(f"/layanan/{item_id}")
    view = office.house.desk.item(PEOPLE["opd"], item_id)
    why = {verb: said.why for verb, said in view.verbs.items() if said.state != "available"}
    assert set(why) >= {"transfer", "renew", "repair"}
    for verb in ("transfer", "renew", "repair"):
        assert html.escape(why[verb]) in page.text
        assert f"/tindakan/{verb}" not in page.text
    assert f"/layanan/{item_id}/tindakan/terminate" in page.text
    assert f"/layanan/{item_id}/tindakan/terminate" not in office.browser("kabid").get(f"/layanan/{item_id}").text


def sent_form(office: Office, item_id: str, **fields: str) -> dict[str, str]:
    """The form of a verb as a browser posts it: the persons as they stand, the letter as given."""
    page = office.browser("opd").get(f"/layanan/{item_id}/tindakan/terminate")
    parts = ("administrative", "technical")
    persons = {f"{part}.{name}": str(value) for part in parts for name, value in EXAMPLE[part].items()}
    letter = {"letter.number": "900/1/2026", "letter.date": "2026-11-20", "letter.subject": "Pengakhiran layanan"}
    return {"csrf": csrf_of(page), **persons, **letter, **fields}


def test_a_verb_is_asked_from_its_own_form_and_filed_once_however_often_it_is_sent(office: Office) -> None:
    item_id = stand(office)
    browser = office.browser("opd")
    form = sent_form(office, item_id) | {"csrf": csrf_of(browser.get("/"))}
    answers = [browser.post(f"/layanan/{item_id}/tindakan/terminate", data=form) for _ in range(3)]
    assert {(one.status_code, one.headers["location"]) for one in answers} == {(303, answers[0].headers["location"])}
    filed = office.house.desk.requests(PEOPLE["opd"])
    assert [(line.verb, line.item_id) for line in filed[0].lines] == [("terminate", item_id)]
    assert len(filed) == 2


def test_a_verb_form_at_fault_keeps_what_was_typed_and_files_nothing(office: Office) -> None:
    item_id = stand(office)
    browser = office.browser("opd")
    form = sent_form(office, item_id, **{"letter.number": "", "letter.subject": "Tetap di sini"})
    answer = browser.post(f"/layanan/{item_id}/tindakan/terminate", data=form | {"csrf": csrf_of(browser.get("/"))})
    assert answer.status_code == 422
    assert 'href="#letter.number"' in answer.text
    assert 'value="Tetap di sini"' in answer.text
    assert len(office.house.desk.requests(PEOPLE["opd"])) == 1


def test_a_change_offers_what_can_change_and_says_of_the_rest_what_to_ask_instead(office: Office) -> None:
    item_id = stand(office)
    page = office.browser("opd").get(f"/layanan/{item_id}/tindakan/change")
    fields = office.house.desk.kinds()["hosting"].fields
    controls = {field.name for field in fields if f'name="lines[0].{field.name}"' in page.text}
    assert {field.name for field in fields} - controls == {"placement", "sub_domain", "database"}
    for words in (
        "Sub domain simpeg Nama utama melekat",
        "MariaDB Isinya akan hilang",
        "host bersama Mesin tersendiri menunggu",
    ):
        assert words in text_of(page), text_of(page)
    assert 'data-needs="lines[0].database"' not in page.text


def test_a_change_from_its_form_is_filed_without_what_is_settled(office: Office) -> None:
    item_id = stand(office)
    browser = office.browser("opd")
    form = typed(browser.get(f"/layanan/{item_id}/tindakan/change"), **{"lines[0].database_gb": "2"})
    letter = {"letter.number": "900/2/2026", "letter.date": "2026-11-20", "letter.subject": "Basis data lebih besar"}
    answer = browser.post(f"/layanan/{item_id}/tindakan/change", data=form | letter)
    assert (answer.status_code, text_of(answer) if answer.status_code == 422 else "") == (303, "")
    wish = office.house.desk.requests(PEOPLE["opd"])[0].lines[0].wish
    assert wish["database_gb"] == 2
    assert not {"placement", "sub_domain", "database"} & set(wish)


def test_who_may_not_ask_is_told_so_instead_of_a_form(office: Office) -> None:
    item_id = stand(office)
    page = office.browser("kabid").get(f"/layanan/{item_id}/tindakan/terminate")
    assert "Hanya OPD pemilik" in text_of(page)
    assert 'name="letter.number"' not in page.text


@pytest.mark.parametrize("verb", ["create", "tidak-ada"])
def test_a_word_that_is_no_verb_on_an_item_is_not_found(office: Office, verb: str) -> None:
    item_id = stand(office)
    assert office.browser("opd").get(f"/layanan/{item_id}/tindakan/{verb}").status_code == 404


def test_my_services_hold_every_item_of_the_opd_with_the_same_few_questions(office: Office) -> None:
    stand(office, "satu")
    before = statements(office, "/layanan", "opd")
    stand(office, "dua")
    assert statements(office, "/layanan", "opd") == before
    said = text_of(office.browser("opd").get("/layanan"))
    assert "Layanan saya" in said
    assert {"satu.kota.lab", "dua.kota.lab"} <= set(said.split())
    assert "satu.kota.lab" not in text_of(office.browser("lain").get("/layanan"))


def test_a_look_brought_forward_is_recorded_and_queued_by_follow_up_alone(office: Office) -> None:
    item_id = stand(office)
    assert office.client("pengkaji").post(f"/api/v1/items/{item_id}/look").status_code == 202
    rows = office.house.desk.audit_rows(PEOPLE["auditor"], limit=1000)
    assert [row.actor for row in rows if row.event == "person:item:look"] == ["per_pengkaji"]
    with pytest.raises(NotAllowed):
        office.house.desk.look_at_item(PEOPLE["opd"], item_id)


def test_a_host_shows_its_sums_its_items_and_what_is_held_until_when(office: Office) -> None:
    item_id = stand(office)
    office.house.to_decision(sub_domain="lain", second_name="none")
    office.house.world.measure("web1:storage_free_bytes", 14 * GIB)
    watch(office.house.hands, "hosting")
    said = text_of(office.browser("kabid").get("/host/web1"))
    for words in ("10 GB dari 20 GB, sisa 10 GB", "Disk kosong 14 GB", "simpeg.kota.lab", "selama layanan berdiri"):
        assert words in said
    listed = text_of(office.browser("kabid").get("/host"))
    assert "Ruang simpan 10 GB dari 20 GB Disk kosong 14 GB" in listed
    told = office.client("kabid").get("/api/v1/hosts/web1").json()
    assert (told["items"], told["measures"]) == ([item_id], {"storage_free_bytes": 14 * GIB})
    assert {hold["state"] for hold in told["holds"]} == {"committed", "held"}
    assert office.client("kabid").get("/api/v1/hosts/web9").status_code == 404


def test_a_host_with_a_longer_name_is_another_host(office: Office) -> None:
    """'web1' is no beginning of 'web10': pools are cut at the colon."""
    with office.house.database.transaction() as uow:
        sums.set_sum(uow, "web10:storage_bytes", 5 * GIB)
    stand(office)
    hosts = {host["name"]: host for host in office.client("kabid").get("/api/v1/hosts").json()["hosts"]}
    assert (hosts["web10"]["holds"], len(hosts["web10"]["pools"])) == ([], 1)
    assert hosts["web1"]["holds"] != []
