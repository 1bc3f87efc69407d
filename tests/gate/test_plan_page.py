"""Does the plan page say what each button binds to, what has changed, and why it cannot be, to each in their words?"""

from __future__ import annotations

import ast
import re
from datetime import date

import pytest

from provisioner.decisions.decision import Outcome
from provisioner.desk.discretion import _REASONS as TOLD_TO_OPD
from provisioner.desk.discretion import FOR_STAFF
from provisioner.store import people
from provisioner.workflow.look import look
from tests.chaos.desk_hands import document, keep, submit, to_decision
from tests.gate.office import Office, csrf_of
from tests.gate.test_pages import digest_in, text_of
from tests.house import EXAMPLE
from tests.laws.sources import python_files

GIB = 1024**3


def proposed(office: Office) -> str:
    """Let a line stand at its decision with a proposal that is planned; return its id."""
    line_id = office.house.to_decision()
    propose(office, line_id)
    return line_id


def propose(office: Office, line_id: str, gigabytes: int = 3) -> None:
    """Let the reviewer propose, and look."""
    house = office.house
    house.desk.propose(office.person("pengkaji"), line_id, {"storage_gb": gigabytes}, reason="3 GB cukup")
    look(house.hands, house.desk.plan(office.person("kabid"), line_id).record.id)


def test_asked_and_granted_stand_side_by_side_and_the_button_grants_what_was_proposed(office: Office) -> None:
    line_id = proposed(office)
    browser = office.browser("kabid")
    page = browser.get(f"/baris/{line_id}/rencana")
    said = text_of(page)
    assert "Usulan penyesuaian: yang direncanakan bukan yang diminta" in said
    assert "Ruang simpan 5 GB 3 GB" in said
    assert "Pengkaji Rekaan, Sub Koordinator Aplikasi" in said
    assert re.findall(r'name="outcome" value="([a-z]+)"', page.text) == ["adjusted", "returned", "rejected"]
    sent = {"csrf": csrf_of(page), "digest": digest_in(page), "outcome": "adjusted"}
    answer = browser.post(f"/baris/{line_id}/keputusan", data=sent)
    assert answer.headers["location"].startswith("/pelaksanaan/")
    assert "disetujui dengan penyesuaian" in text_of(browser.get(f"/baris/{line_id}/rencana"))


ENDS_BY_ITSELF = "sesudahnya aksesnya berakhir sendiri"


@pytest.mark.parametrize(
    ("opd", "recorded", "said", "unsaid"),
    [
        (EXAMPLE["opd"], None, f"kontrak sampai 31 Desember 2026; {ENDS_BY_ITSELF}", "surat"),
        (EXAMPLE["opd"], date(2027, 6, 30), f"kontrak sampai 30 Juni 2027; {ENDS_BY_ITSELF} (surat", "tidak berakhir"),
        ("DINLAIN", None, "surat menyebut kontrak sampai 31 Desember 2026, tetapi aksesnya tidak", ENDS_BY_ITSELF),
        ("DINLAIN", date(2026, 12, 15), f"kontrak sampai 15 Desember 2026; {ENDS_BY_ITSELF} (surat", "tidak berakhir"),
    ],
)
def test_the_end_of_access_that_the_plan_tells_is_the_one_that_is_recorded(
    office: Office, opd: str, recorded: date | None, said: str, unsaid: str
) -> None:
    """Not the one that the letter hopes for: what is not recorded shuts no door."""
    house = office.house
    known = keep(house, "tetap", "opd_technical_team", "", opd=opd)
    if recorded:
        with house.database.transaction() as uow:
            people.set_contract(uow, known.id, "800/1", recorded)
    technical = {**EXAMPLE["technical"], "name": known.name, "email": known.email}
    request = submit(house, technical=technical)
    line = to_decision(house, request)[0]
    told = text_of(office.browser("kabid").get(f"/baris/{line.id}/rencana"))
    sentence = re.search(rf"Penanggung jawab teknis: {known.name}[^.]*\.", told)
    assert sentence is not None
    assert said in sentence[0]
    assert unsaid not in sentence[0]


def test_who_proposed_sees_why_no_button_is_theirs(office: Office) -> None:
    said = text_of(office.browser("pengkaji").get(f"/baris/{proposed(office)}/rencana"))
    assert "Anda tidak dapat memutuskan sekarang: tidak memiliki hak" in said


def test_a_page_older_than_the_plan_decides_nothing_and_says_what_changed(office: Office) -> None:
    line_id = office.house.to_decision()
    browser = office.browser("kabid")
    old = browser.get(f"/baris/{line_id}/rencana")
    propose(office, line_id)
    sent = {"csrf": csrf_of(old), "digest": digest_in(old), "outcome": "approved", "reason": "ketikan saya"}
    answer = browser.post(f"/baris/{line_id}/keputusan", data=sent)
    said = text_of(answer)
    assert answer.status_code == 409
    assert "Yang berubah sejak halaman Anda dibuka ruang simpan web1: 5 GB menjadi 3 GB" in said
    assert "ketikan saya" in answer.text
    assert digest_in(answer) != digest_in(old)
    assert office.house.desk.plan(office.person("kabid"), line_id).decisions == ()


def test_a_page_that_meets_a_look_under_way_is_told_so(office: Office) -> None:
    line_id = office.house.to_decision()
    browser = office.browser("kabid")
    old = browser.get(f"/baris/{line_id}/rencana")
    office.house.desk.look_again(office.person("pengkaji"), line_id, wishes={}, reason="")
    sent = {"csrf": csrf_of(old), "digest": digest_in(old), "outcome": "approved"}
    answer = browser.post(f"/baris/{line_id}/keputusan", data=sent)
    assert (answer.status_code, "rencana baru sedang dibuat" in text_of(answer)) == (409, True)


def test_what_moved_stands_above_the_sentence_with_the_button_that_looks_again(office: Office) -> None:
    run_id = office.house.to_run()
    office.house.reach_files["playbooks/hosting.yml"] = "2" * 64
    assert office.house.carry_out(run_id) == "stale"
    line_id = office.house.desk.run(office.person("kabid"), run_id).line.id
    said = text_of(office.browser("kabid").get(f"/baris/{line_id}/rencana"))
    moved, sentence = said.index("Yang berubah sejak rencana disetujui"), said.index("Jika disetujui")
    assert moved < said.index("Lihat ulang keadaan") < sentence
    assert "Belum ada rencana yang dapat disetujui: rencana ini sudah berubah" in said


def test_another_host_is_chosen_from_the_offices_own_and_needs_a_reason(office: Office) -> None:
    line_id = office.house.to_decision()
    browser = office.browser("pengkaji")
    page = browser.get(f"/baris/{line_id}/rencana")
    assert re.findall(r'<option value="([a-z0-9]*)"', page.text) == ["", "web1"]
    sent = {"csrf": csrf_of(page), "host": "web1", "reason": " "}
    answer = browser.post(f"/baris/{line_id}/lihat-ulang", data=sent)
    assert answer.status_code == 422
    assert '<a href="#look-reason">alasan kosong</a>' in answer.text
    assert '<option value="web1" selected>' in answer.text
    done = browser.post(f"/baris/{line_id}/lihat-ulang", data={**sent, "reason": "disk web1 lebih cepat"})
    assert done.headers["location"] == f"/baris/{line_id}/rencana"
    assert "disk web1 lebih cepat" in text_of(browser.get(done.headers["location"]))


def test_who_is_silent_is_said_in_the_offices_words(office: Office) -> None:
    house = office.house
    house.world.silence("web1")
    line_id = house.to_decision()
    told = {name: text_of(office.browser(name).get(f"/baris/{line_id}/rencana")) for name in ("kabid", "opd")}
    assert "web1 tidak menjawab, atau jawabannya tidak terbaca" in told["kabid"]
    assert "sistem yang diperlukan belum menjawab" in told["opd"]
    assert [word for word in ("web1", "no answer", "World", "silent") if word in told["opd"]] == []
    assert "no answer" not in told["kabid"]


def test_why_it_cannot_be_tells_an_opd_nothing_of_others(office: Office) -> None:
    """A name that another holds, and a host that others fill."""
    house = office.house
    assert house.carry_out(house.to_run()) == "done"
    item = house.desk.items(office.person("opd"))[0]
    raw = document(opd="DINLAIN", second_name="none", storage_gb=30)
    line = to_decision(house, house.desk.submit(office.person("lain"), raw, "application/json"))[0]
    staff = office.client("kabid").get(f"/api/v1/lines/{line.id}/plan").json()["reasons"]
    told = office.client("lain").get(f"/api/v1/lines/{line.id}/plan").json()["reasons"]
    asked = office.client("lain").get(f"/api/v1/requests/{line.request_id}").text
    assert [reason["code"] for reason in told] == [reason["code"] for reason in staff] == ["name_taken", "host_full"]
    shown = text_of(office.browser("lain").get(f"/baris/{line.id}/rencana"))
    for words in (str(told), asked, shown):
        assert [word for word in (item.id, "web1", "10.77", "GB dari") if word in words] == []
    assert "nama yang diminta sudah terpakai atau dicadangkan" in shown
    assert item.id in str(staff)


def test_who_comes_second_is_told_until_when_the_name_is_held_and_not_by_whom(office: Office) -> None:
    house = office.house
    first = house.to_decision()
    raw = document(opd="DINLAIN", second_name="none", storage_gb=1)
    line = to_decision(house, house.desk.submit(office.person("lain"), raw, "application/json"))[0]
    staff = office.client("kabid").get(f"/api/v1/lines/{line.id}/plan").json()["reasons"][0]["what"]
    told = office.client("lain").get(f"/api/v1/lines/{line.id}/plan").json()["reasons"]
    held = re.search(r"[0-9]{2}-[0-9]{2}-[0-9]{4}", staff)
    assert held is not None
    assert [reason["what"] for reason in told] == [
        f"nama yang diminta sudah terpakai atau dicadangkan, cadangan lepas {held[0]}"
    ]
    assert first not in str(told)


def test_a_reason_nobody_gave_words_to_tells_an_opd_least() -> None:
    """Each reason of the engine either has words for an OPD, or says that staff look after it."""
    codes = {
        keyword.value.value
        for source in python_files("provisioner")
        for node in ast.walk(source.tree())
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Reason"
        for keyword in node.keywords
        if keyword.arg == "code" and isinstance(keyword.value, ast.Constant)
    }
    assert set(TOLD_TO_OPD) <= codes
    assert all("web" not in what + mend for what, mend in TOLD_TO_OPD.values())
    assert FOR_STAFF == "perlu ditangani petugas"


@pytest.mark.parametrize("outcome", ["approved", "rejected"])
def test_the_same_click_twice_or_from_the_page_gone_back_to_decides_once(office: Office, outcome: str) -> None:
    line_id = office.house.to_decision()
    browser = office.browser("kabid")
    page = browser.get(f"/baris/{line_id}/rencana")
    sent = {"csrf": csrf_of(page), "digest": digest_in(page), "outcome": outcome, "reason": "sesuai"}
    first, second = (browser.post(f"/baris/{line_id}/keputusan", data=sent) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["location"] == second.headers["location"]
    # The page as the back button shows it, drawn anew by nobody: another word in it, the same decision asked again.
    other = browser.post(f"/baris/{line_id}/keputusan", data={**sent, "outcome": "returned"})
    assert (other.status_code, "sudah" in text_of(other)) == (409, True)
    made = office.house.desk.plan(office.person("kabid"), line_id).decisions
    assert [decision.outcome for decision in made] == [Outcome(outcome)]


def test_a_change_reads_as_what_was_and_what_shall_be_and_offers_no_other_host(office: Office) -> None:
    house = office.house
    assert house.carry_out(house.to_run()) == "done"
    item = house.desk.items(office.person("opd"))[0]
    raw = document(lines=[{"kind": "hosting", "verb": "change", "item": item.id, "storage_gb": 4}])
    line = to_decision(house, house.desk.submit(office.person("opd"), raw, "application/json"))[0]
    page = office.browser("kabid").get(f"/baris/{line.id}/rencana")
    said = text_of(page)
    assert "Ruang simpan 4 GB semula 5 GB, menjadi 4 GB" in said
    assert "simpeg.kota.lab DINCONTOH, layanan ini" in said
    assert 'id="host"' not in page.text


def test_the_reviewer_sees_capacity_as_figures_and_as_a_picture_and_the_opd_does_not(office: Office) -> None:
    for name, amount in {"storage_size_bytes": 12 * GIB, "storage_free_bytes": 9 * GIB}.items():
        office.house.world.measure(f"web1:{name}", amount)
    office.house.to_decision(sub_domain="lain", second_name="none", storage_gb=6)
    line_id = office.house.to_decision(storage_gb=8)
    page = office.browser("pengkaji").get(f"/baris/{line_id}/rencana")
    said = text_of(page)
    for words in (
        "Kapasitas Seluruhnya Terpakai Dijanjikan Bila disetujui",
        "ruang simpan web1 20 GB tidak diukur 6 GB 14 GB 70 %",
        "disk web1 12 GB 3 GB kosong 9 GB 6 GB 14 GB 116,7 %",
    ):
        assert words in said, said
    assert 'aria-label="disk web1: terpakai 25 %, dijanjikan 50 %, bila disetujui 116,7 % dari seluruhnya"' in page.text
    told = office.browser("opd").get(f"/baris/{line_id}/rencana")
    assert "setelahnya" not in text_of(told)
    assert "ruang simpan web1 8 GB 8 GB" in text_of(told)
    hidden = (text_of(told), text_of(told), told.text)
    assert [
        word for word, said in zip(("Kapasitas Seluruhnya", "GB dari", "g-bar"), hidden, strict=True) if word in said
    ] == []
    columns = office.client("opd").get(f"/api/v1/lines/{line_id}/plan").json()["page"]["columns"]
    assert (columns[0]["label"], [row for row in columns if {"left", "bar"} & {*row}]) == ("Nama", [])
