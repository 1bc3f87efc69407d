"""Does a request's page tell its way, take acts done on paper, and let a returned one be mended and sent again?"""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from provisioner.decisions.decision import Outcome
from provisioner.errors import BadInput
from provisioner.requests.mark import Mark
from provisioner.store import steps
from tests.gate.office import Office, csrf_of
from tests.gate.test_drafts import LINE, fields
from tests.gate.test_pages import text_of
from tests.gate.test_scans import PDF
from tests.house import EXAMPLE

DIFFERS = "lines[0].storage_gb"


def at_review(office: Office, *, scan: bool = True, **wish: Any) -> str:
    """The id of a request that stands at its review, its letter's scan beside it."""
    line_id = office.house.to_plan(**wish)
    request_id = office.house.request_of(line_id)
    if scan:
        office.house.desk.file_scan(office.person("umum"), request_id, PDF)
    return request_id


def to_compare(page: httpx.Response) -> list[str]:
    """The places that the review's form asks to mark."""
    return re.findall(r'name="marks\.([^"]+)" value="same"', page.text)


def marked(places: list[str], *, differs: str = "") -> dict[str, str]:
    """What a reviewer ticks: all as in the letter, but one."""
    ticks = {f"marks.{place}": "differs" if place == differs else "same" for place in places}
    return ticks | ({f"note.{differs}": "surat: 10 GB"} if differs else {})


def returned(office: Office) -> str:
    """The id of a request that came back to its OPD."""
    line_id = office.house.to_decision()
    office.house.desk.decide(
        office.person("kabid"), line_id, Outcome.RETURNED, digest="", reason="Ruang simpan belum sesuai surat"
    )
    return office.house.request_of(line_id)


def test_the_reviewer_sees_the_scan_beside_the_fields_that_the_letter_speaks_of(office: Office) -> None:
    request_id = at_review(office, storage_gb=8)
    page = office.browser("pengkaji").get(f"/permohonan/{request_id}")
    assert f'<iframe class="g-scan" src="/permohonan/{request_id}/pindaian"' in page.text
    asked = set(to_compare(page))
    assert {"letter.number", "administrative.nip", "technical.contract_number", "lines[0].storage_gb"} <= asked
    assert not {"lines[0].bandwidth_mbit", "lines[0].placement", "technical.nip"} & asked
    assert to_compare(office.browser("opd").get(f"/permohonan/{request_id}")) == []


def test_a_review_with_unmarked_fields_is_refused_with_the_list_and_keeps_what_was_marked(office: Office) -> None:
    request_id = at_review(office)
    browser = office.browser("pengkaji")
    page = browser.get(f"/permohonan/{request_id}")
    places = to_compare(page)
    sent = {**marked(places[2:]), f"marks.{places[3]}": "differs", "note": "catatan saya", "csrf": csrf_of(page)}
    answer = browser.post(f"/permohonan/{request_id}/langkah/review", data=sent)
    assert answer.status_code == 422
    assert re.findall(r'<li><a href="#marks\.([^"]+)">', answer.text) == [places[0], places[1], places[3]]
    assert answer.text.count(" checked>") == len(places) - 2
    assert "catatan saya" in answer.text
    assert office.house.desk.request(office.person("kabid"), request_id).request.step == "review"


def test_the_marks_stand_in_the_steps_record_and_in_the_time_line(office: Office) -> None:
    request_id = at_review(office, storage_gb=8)
    browser = office.browser("pengkaji")
    page = browser.get(f"/permohonan/{request_id}")
    places = to_compare(page)
    sent = marked(places, differs=DIFFERS) | {"csrf": csrf_of(page)}
    assert browser.post(f"/permohonan/{request_id}/langkah/review", data=sent).status_code == 303
    with office.house.database.reading() as uow:
        kept = steps.of_request(uow, request_id)[-1].marks
    same = {place: Mark(mark="same", note="") for place in places}
    assert kept == {**same, DIFFERS: Mark(mark="differs", note="surat: 10 GB")}
    said = text_of(office.browser("kabid").get(f"/permohonan/{request_id}"))
    assert f"Dibandingkan dengan surat: {len(places) - 1} sesuai, 1 berbeda" in said
    assert "Layanan 1: Ruang simpan: surat: 10 GB" in said
    told = office.client("kabid").get(f"/api/v1/requests/{request_id}").json()["steps"][3]
    assert told["marks"][DIFFERS] == {"mark": "differs", "note": "surat: 10 GB"}


@pytest.mark.parametrize("door", ["api", "desk"])
def test_no_door_ends_a_review_without_marks_where_a_scan_lies(office: Office, door: str) -> None:
    request_id = at_review(office)
    if door == "desk":
        with pytest.raises(BadInput):
            office.house.desk.do_step(office.person("pengkaji"), request_id, "review")
        return
    answer = office.client("pengkaji").post(f"/api/v1/requests/{request_id}/steps/review", json={})
    assert answer.status_code == 422
    assert {fault["where"].partition(".")[0] for fault in answer.json()["faults"]} == {"marks"}


def test_without_a_scan_a_review_may_mark_all_or_none_but_not_some(office: Office) -> None:
    request_id = at_review(office, scan=False)
    desk, reviewer = office.house.desk, office.person("pengkaji")
    with pytest.raises(BadInput):
        desk.do_step(reviewer, request_id, "review", marks={"letter.number": {"mark": "same"}})
    assert desk.do_step(reviewer, request_id, "review").step == "decide"


@pytest.mark.parametrize(
    "mark",
    [{"mark": "maybe"}, {"mark": "differs"}, {"mark": "differs", "note": " "}, {"mark": "same", "note": "a\x07"}],
)
def test_a_mark_is_one_of_two_and_a_difference_says_what_it_is(office: Office, mark: dict[str, str]) -> None:
    request_id = at_review(office)
    story = office.house.desk.story(office.person("pengkaji"), request_id)
    marks: dict[str, Any] = {one.where: {"mark": "same"} for one in story.to_compare}
    with pytest.raises(BadInput) as bad:
        office.house.desk.do_step(
            office.person("pengkaji"), request_id, "review", marks={**marks, "letter.number": mark, "x": mark}
        )
    assert [fault.where for fault in bad.value.faults] == ["marks.x", "marks.letter.number"]


def test_an_act_on_paper_is_recorded_with_who_acted_when_and_who_wrote_it_down(office: Office) -> None:
    request = office.house.desk.submit(office.person("opd"), office.house.example(), "application/yaml")
    office.house.desk.do_step(office.person("umum"), request.id, "register", number="7/2026")
    office.house.clock.move(hours=5)
    browser = office.browser("umum")
    page = browser.get(f"/permohonan/{request.id}")
    assert re.findall(r'<option value="(per_\w+)"', page.text) == ["per_kepala"]
    sent = {"csrf": csrf_of(page), "on_behalf_of": "per_kepala", "happened_at": "kemarin sore", "note": "disposisi"}
    wrong = browser.post(f"/permohonan/{request.id}/langkah/disposition", data=sent)
    assert wrong.status_code == 422
    assert "bukan waktu" in text_of(wrong)
    assert 'value="kemarin sore"' in wrong.text
    right = {**sent, "happened_at": "2026-11-23T12:30"}
    assert browser.post(f"/permohonan/{request.id}/langkah/disposition", data=right).status_code == 303
    said = text_of(browser.get(f"/permohonan/{request.id}"))
    assert "Kepala Rekaan, Kepala Dinas Kominfo · Senin, 23 November 2026 pukul 12.30 WITA" in said
    assert "dicatat oleh Umum Rekaan dari tindakan di atas kertas, Senin, 23 November 2026 pukul 15.00 WITA" in said


@pytest.mark.parametrize("username", ["opd", "kabid", "kepala"])
def test_who_has_no_right_to_record_is_offered_nobodys_act(office: Office, username: str) -> None:
    request_id = at_review(office)
    assert 'name="on_behalf_of"' not in office.browser(username).get(f"/permohonan/{request_id}").text


def test_the_opd_takes_its_request_back_from_its_page_with_a_reason(office: Office) -> None:
    request_id = at_review(office)
    browser = office.browser("opd")
    page = browser.get(f"/permohonan/{request_id}")
    empty = browser.post(f"/permohonan/{request_id}/tarik", data={"csrf": csrf_of(page), "reason": " "})
    assert (empty.status_code, '<a href="#reason">alasan kosong</a>' in empty.text) == (422, True)
    sent = {"csrf": csrf_of(page), "reason": "Aplikasi ditunda"}
    assert browser.post(f"/permohonan/{request_id}/tarik", data=sent).status_code == 303
    said = text_of(browser.get(f"/permohonan/{request_id}"))
    assert "Ditarik oleh Opd Rekaan" in said
    assert "Aplikasi ditunda" in said
    for username in ("kabid", "umum"):
        assert "/tarik" not in office.browser(username).get(f"/permohonan/{request_id}").text


def test_a_returned_request_opens_filled_with_the_reason_on_top_and_comes_back_as_its_next_version(
    office: Office,
) -> None:
    request_id = returned(office)
    browser = office.browser("opd")
    page = browser.get(f"/permohonan/{request_id}")
    assert "Ruang simpan belum sesuai surat" in text_of(page)
    csrf = csrf_of(page).partition(".")[0]
    place = browser.post(f"/permohonan/{request_id}/lengkapi", data={"csrf": csrf}).headers["location"]
    again = browser.post(f"/permohonan/{request_id}/lengkapi", data={"csrf": csrf}).headers["location"]
    assert place == again
    draft = place.rpartition("/")[0]
    first = browser.get(place)
    assert f'value="{EXAMPLE["letter"]["number"]}"' in first.text
    assert "Ruang simpan belum sesuai surat" in text_of(first)
    assert "Tambah Hosting" not in text_of(browser.get(f"{draft}/layanan"))
    changed = fields({**LINE, "storage_gb": 8, "database": "postgresql"}, "lines[0]")
    assert browser.post(f"{draft}/kebutuhan-teknis-1", data={"csrf": csrf, **changed}).status_code == 303
    check = browser.get(f"{draft}/periksa")
    assert "Yang berubah sejak versi 1" in text_of(check)
    sha256 = check.text.partition('name="sha256" value="')[2].partition('"')[0]
    sent = browser.post(f"{draft}/kirim", data={"csrf": csrf, "sha256": sha256})
    assert sent.headers["location"] == f"/permohonan/{request_id}"
    filed = office.house.desk.request(office.person("kabid"), request_id).request
    assert (filed.version, filed.step) == (2, "review")
    said = text_of(office.browser("kabid").get(f"/permohonan/{request_id}"))
    assert "Layanan 1: Basis data MariaDB PostgreSQL" in said
    assert "Layanan 1: Ruang simpan 5 GB 8 GB" in said
    assert "Pernah dikembalikan oleh Kabid Rekaan" in said
    assert "Versi 2: Opd Rekaan" in said


def test_a_draft_of_a_request_that_was_sent_again_by_another_is_refused_and_loses_nothing(office: Office) -> None:
    request_id = returned(office)
    desk = office.house.desk
    draft = desk.reopen(office.person("umum"), request_id)
    mine = desk.reopen(office.person("opd"), request_id)
    desk.send_draft(office.person("opd"), mine.id, mine.sha256)
    browser = office.browser("umum")
    sent = {"csrf": csrf_of(browser.get("/")), "sha256": draft.sha256}
    answer = browser.post(f"/permohonan/draf/{draft.id}/kirim", data=sent)
    assert (answer.status_code, "permohonan tidak sedang dikembalikan" in text_of(answer)) == (409, True)
    assert desk.draft(office.person("umum"), draft.id) == draft
    assert desk.request(office.person("kabid"), request_id).request.version == 2


def test_the_name_answers_free_taken_alike_reserved_and_whose_only_to_its_own(office: Office) -> None:
    office.house.carry_out(office.house.to_run())

    def asked(username: str, value: str, opd: str, name: str = "lines[0].sub_domain") -> str:
        browser = office.browser(username)
        sent = {"csrf": csrf_of(browser.get("/")), "nama": name, name: value, "opd": opd}
        answer = browser.post("/permohonan/nama", data=sent, headers={"HX-Request": "true"})
        assert "<html" not in answer.text
        return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())

    assert "bebas.kota.lab belum dipakai" in asked("lain", "bebas", "DINLAIN")
    assert "simpeg.kota.lab terpakai. Pilih nama lain" in asked("lain", "simpeg", "DINLAIN")
    assert "sudah milik OPD Anda" in asked("opd", "simpeg", EXAMPLE["opd"])
    assert "mirip nama lain yang sudah terpakai" in asked("lain", "s1mpeg", "DINLAIN")
    assert "simpeg" not in asked("lain", "s1mpeg", "DINLAIN").replace("s1mpeg", "")
    assert "nama dicadangkan" in asked("lain", "admin", "DINLAIN")
    assert "mirip nama yang dicadangkan: admin" in asked("lain", "adm1n", "DINLAIN")
    assert "nama OPD lain" in asked("lain", "dincontoh", "DINLAIN")
    assert "di depan nama pertama" in asked("lain", "www", "DINLAIN", "lines[0].second_name")
    for none in ("none", "tanpa nama kedua"):
        assert "Tanpa nama kedua" in asked("lain", none, "DINLAIN", "lines[0].second_name")
    assert "Tulis namanya" in asked("lain", "", "DINLAIN")


def test_a_name_that_is_held_says_until_when(office: Office) -> None:
    office.house.to_plan()
    browser = office.browser("lain")
    sent = {"csrf": csrf_of(browser.get("/")), "nama": "x.sub_domain", "x.sub_domain": "simpeg", "opd": "DINLAIN"}
    answer = browser.post("/permohonan/nama", data=sent)
    assert re.search(r"simpeg\.kota\.lab terpakai sampai \w+, \d+ Desember 2026 pukul", text_of(answer))
    assert EXAMPLE["opd"] not in answer.text
