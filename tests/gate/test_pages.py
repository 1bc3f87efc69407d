"""Does each page hold its answer and its next act, for the person who opens it?"""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime

import httpx
import pytest

from api.pages import words
from api.pages.layout import page_of
from tests.gate.office import Office, csrf_of

TAGS = re.compile(r"<[^>]+>")


def text_of(answer: httpx.Response) -> str:
    """The words of a page, as a reader meets them."""
    return " ".join(TAGS.sub(" ", answer.text.partition("<main")[2]).split())


def digest_in(answer: httpx.Response) -> str:
    """The digest that the plan page's own form names."""
    return answer.text.partition('name="digest" value="')[2].partition('"')[0]


def test_the_plan_is_approved_from_its_page_and_leads_to_its_run(office: Office) -> None:
    line_id = office.house.to_decision()
    browser = office.browser("kabid")
    home = browser.get("/")
    assert f'href="/baris/{line_id}/rencana"' in home.text
    plan = browser.get(f"/baris/{line_id}/rencana")
    sent = {"csrf": csrf_of(plan), "digest": digest_in(plan), "outcome": "approved"}
    answer = browser.post(f"/baris/{line_id}/keputusan", data=sent)
    run = browser.get(answer.headers["location"])
    assert (answer.status_code, run.status_code) == (303, 200)
    assert "menunggu giliran" in text_of(run)
    assert f'sse-connect="/api/v1/runs/{answer.headers["location"].rpartition("/")[2]}/events?after=' in run.text


def test_the_plan_says_what_would_change_for_whom_and_what_is_left(office: Office) -> None:
    line_id = office.house.to_decision()
    said = text_of(office.browser("kabid").get(f"/baris/{line_id}/rencana"))
    for words_of_it in (
        "Jika disetujui, Gerbang membuat situs simpeg.kota.lab di web1",
        "Diminta, direncanakan, sisanya",
        "15 GB dari 20 GB",
        "Pengaruh pada host bersama web1",
        "Mengapa host ini",
        "Tidak dapat dibatalkan Tidak ada.",
        "Tidak dibandingkan",
        "Situs Apache",
        "dapat dibatalkan: dihapus lagi",
        "yang memutuskan: Bidang Aplikasi",
        "Setujui rencana",
        "Tolak permohonan",
    ):
        assert words_of_it in said


def test_each_change_opens_to_its_whole_text_with_owner_and_mode(office: Office) -> None:
    line_id = office.house.to_decision()
    page = office.browser("kabid").get(f"/baris/{line_id}/rencana")
    plan = office.house.desk.plan(office.person("kabid"), line_id).record.plan
    assert plan is not None
    text = next(change.after for change in plan.changes if change.property == "vhost")
    assert isinstance(text, dict)
    shown = [html.unescape(line) for line in re.findall(r'<div class="g-add"><span>\+</span>(.*?)</div>', page.text)]
    for line in str(text["text"]).splitlines():
        assert line in shown
    assert '<th scope="row">mode</th><td><code>tidak ada</code></td><td><code>0644</code></td>' in page.text


@pytest.mark.parametrize(
    ("username", "why"),
    [("kepala", "tidak memiliki hak"), ("pengkaji", "tidak memiliki hak"), ("opd", "tidak memiliki hak")],
)
def test_who_may_not_decide_sees_why_and_no_button(office: Office, username: str, why: str) -> None:
    line_id = office.house.to_decision()
    page = office.browser(username).get(f"/baris/{line_id}/rencana")
    assert f"Anda tidak dapat memutuskan sekarang: {why}" in text_of(page)
    assert 'name="outcome"' not in page.text


def test_a_rejection_without_a_reason_is_asked_for_it_and_what_was_seen_stays(office: Office) -> None:
    line_id = office.house.to_decision()
    browser = office.browser("kabid")
    plan = browser.get(f"/baris/{line_id}/rencana")
    sent = {"csrf": csrf_of(plan), "digest": digest_in(plan), "outcome": "rejected", "reason": " "}
    answer = browser.post(f"/baris/{line_id}/keputusan", data=sent)
    assert answer.status_code == 422
    assert '<a href="#reason">alasan kosong</a>' in answer.text
    assert 'id="reason"' in answer.text
    done = browser.post(f"/baris/{line_id}/keputusan", data={**sent, "reason": "Nama belum sesuai"})
    assert done.headers["location"] == f"/baris/{line_id}/rencana"
    assert "ditolak oleh" in text_of(browser.get(done.headers["location"]))


def test_a_plan_that_was_replaced_meanwhile_is_not_approved_and_the_new_one_is_shown(office: Office) -> None:
    line_id = office.house.to_decision()
    browser = office.browser("kabid")
    plan = browser.get(f"/baris/{line_id}/rencana")
    sent = {"csrf": csrf_of(plan), "digest": "f" * 64, "outcome": "approved", "reason": "ketikan saya"}
    answer = browser.post(f"/baris/{line_id}/keputusan", data=sent)
    assert answer.status_code == 409
    assert "rencana sudah berubah sejak dilihat" in text_of(answer)
    assert "ketikan saya" in answer.text
    assert digest_in(answer) == digest_in(plan)


def test_an_impossible_wish_says_why_and_what_would_help(office: Office) -> None:
    office.house.carry_out(office.house.to_run())
    line_id = office.house.to_plan()
    page = text_of(office.browser("kabid").get(f"/baris/{line_id}/rencana"))
    assert "Permohonan ini tidak dapat dipenuhi sekarang" in page
    assert "Yang membuatnya mungkin: pilih nama lain" in page


def test_a_run_that_ended_shows_each_trial_asked_seen_and_held(office: Office) -> None:
    run_id = office.house.to_run()
    office.house.carry_out(run_id)
    page = office.browser("kabid").get(f"/pelaksanaan/{run_id}")
    verdicts = office.house.desk.run(office.person("kabid"), run_id).verdicts
    said = text_of(page)
    assert f"Hasil uji dari luar: {len(verdicts)} dari {len(verdicts)} sesuai" in said
    assert all(verdict.label in said for verdict in verdicts)
    assert "sse-connect" not in page.text


def test_an_undone_run_shows_what_was_taken_back_as_clearly_as_what_was_done(office: Office) -> None:
    run_id = office.house.to_run()
    office.house.world.plant({"kind": "fail_after", "task": "certificate"})
    assert office.house.carry_out(run_id) == "failed"
    browser = office.browser("kabid")
    said = text_of(browser.get(f"/pelaksanaan/{run_id}"))
    assert "Yang dibatalkan Sertifikat Basis data Akun dan kuota Nama dicadangkan di DNS" in said
    assert "tidak ada yang tersisa" in said
    assert re.search(r"Sertifikat .{0,20}gagal, lalu dibatalkan", said)
    assert re.search(r"PHP .{0,20}tidak dimulai", said)
    answer = browser.post(f"/pelaksanaan/{run_id}/ulangi", data={"csrf": csrf_of(browser.get("/"))})
    assert answer.headers["location"] not in {f"/pelaksanaan/{run_id}", "/"}


def test_a_run_is_cancelled_from_its_page_with_a_reason(office: Office) -> None:
    run_id = office.house.to_run()
    browser = office.browser("kabid")
    page = browser.get(f"/pelaksanaan/{run_id}")
    answer = browser.post(f"/pelaksanaan/{run_id}/hentikan", data={"csrf": csrf_of(page), "reason": "salah OPD"})
    assert answer.status_code == 303
    assert "penghentian sudah diminta" in text_of(browser.get(f"/pelaksanaan/{run_id}"))
    assert office.house.carry_out(run_id) == "cancelled"


def test_a_step_is_done_from_the_requests_page(office: Office) -> None:
    filed = office.house.desk.submit(office.person("opd"), office.house.example(), "application/yaml")
    browser = office.browser("umum")
    page = browser.get(f"/permohonan/{filed.id}")
    sent = {"csrf": csrf_of(page), "number": "12/2026", "note": "lengkap"}
    assert browser.post(f"/permohonan/{filed.id}/langkah/register", data=sent).status_code == 303
    said = text_of(browser.get(f"/permohonan/{filed.id}"))
    assert "Umum Rekaan, Pengadministrasi Umum" in said
    later = {**sent, "csrf": csrf_of(browser.get("/"))}
    again = browser.post(f"/permohonan/{filed.id}/langkah/register", data=later)
    assert again.status_code == 409


def test_no_page_bears_script_or_style_inside_it(office: Office) -> None:
    run_id = office.house.to_run()
    office.house.carry_out(run_id)
    view = office.house.desk.run(office.person("kabid"), run_id)
    browser = office.browser("kabid")
    for path in (
        "/",
        "/masuk",
        "/tidak-ada",
        f"/permohonan/{view.request.id}",
        f"/baris/{view.line.id}/rencana",
        f"/pelaksanaan/{run_id}",
        f"/layanan/{view.run.item_id}/kredensial",
    ):
        page = browser.get(path)
        assert re.findall(r"<script(?![^>]*\ssrc=)", page.text) == [], path
        assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:", page.text) == [], path
        assert re.findall(r'(?:src|href)="(?:https?:)?//', page.text) == [], path


def test_words_of_a_form_stay_words_on_the_page(office: Office) -> None:
    """What an office typed can be shown to its decider, never run by his browser."""
    line_id = office.house.to_decision()
    browser = office.browser("kabid")
    plan = browser.get(f"/baris/{line_id}/rencana")
    hostile = '"><script>alert(1)</script>{{ 7 * 7 }}'
    sent = {"csrf": csrf_of(plan), "outcome": "returned", "reason": hostile}
    browser.post(f"/baris/{line_id}/keputusan", data=sent)
    page = browser.get(f"/baris/{line_id}/rencana")
    assert "<script>alert" not in page.text
    assert "{{ 7 * 7 }}" in page.text


def test_part_of_a_page_that_finds_the_login_ended_has_the_whole_page_loaded_again(office: Office) -> None:
    answer = office.anonymous().get("/pelaksanaan/run_x/bagian", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-refresh"]) == (401, "true")


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/baris/line_a/keputusan", "/baris/line_a/rencana"),
        ("/pelaksanaan/run_a/hentikan", "/pelaksanaan/run_a"),
        ("/permohonan/req_a/langkah/register", "/permohonan/req_a"),
        ("/layanan/g7kq2mx4pd/kredensial/sec_a", "/layanan/g7kq2mx4pd/kredensial"),
        ("/layanan/g7kq2mx4pd/tindakan/change", "/layanan/g7kq2mx4pd/tindakan/change"),
        ("/layanan/g7kq2mx4pd/periksa", "/layanan/g7kq2mx4pd"),
        ("/keluar", "/"),
    ],
)
def test_after_a_login_that_ended_one_comes_back_to_the_form(path: str, page: str) -> None:
    assert page_of(path) == page


def test_dates_durations_and_sizes_are_said_as_people_here_say_them() -> None:
    at = datetime(2026, 11, 21, 2, 15, 4, tzinfo=UTC)
    assert words.moment(at, "Asia/Makassar") == "Sabtu, 21 November 2026 pukul 10.15 WITA"
    assert words.moment(at, "Asia/Jakarta") == "Sabtu, 21 November 2026 pukul 09.15 WIB"
    assert words.time_of_day(at, "Asia/Makassar") == "10.15.04"
    assert words.day("2026-11-16") == "16 November 2026"
    assert [words.duration(seconds) for seconds in (0.2, 12.2, 75, 3600)] == [
        "kurang dari 1 detik",
        "12 detik",
        "1 menit 15 detik",
        "1 jam",
    ]
    assert [words.size(count) for count in (None, 512, 73400320, 5368709120, 1610612736)] == [
        "belum diukur",
        "512 B",
        "70 MB",
        "5 GB",
        "1,5 GB",
    ]
    assert [words.value(seen) for seen in (True, [], {"status": 200}, ["a", "b"], None, 0)] == [
        "ya",
        "tidak ada",
        "status 200",
        "a, b",
        "tidak ada",
        "0",
    ]
