"""Can a person decide and follow a run in a real browser: large, small, by keyboard, without script?"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.office import ServedOffice, window

SCREENS = {"desk": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}


def in_first_screen(page: Page, selector: str) -> bool:
    """Whether it is seen without scrolling."""
    box = page.locator(selector).first.bounding_box()
    size = page.viewport_size
    assert size is not None
    return box is not None and box["y"] >= 0 and box["y"] + box["height"] <= size["height"]


@pytest.mark.parametrize("screen", SCREENS)
def test_the_first_screen_of_a_plan_holds_the_answer_and_the_next_act(
    office: ServedOffice, chromium: Browser, screen: str
) -> None:
    line_id = office.house.to_decision()
    page = window(chromium, office, "kabid", viewport=SCREENS[screen])
    page.goto(f"/baris/{line_id}/rencana")
    assert in_first_screen(page, ".g-sentence")
    assert in_first_screen(page, "text=Setujui rencana")
    assert page.evaluate("document.documentElement.scrollWidth") == SCREENS[screen]["width"]


def test_a_plan_is_approved_and_its_run_followed_to_the_end_without_touching_the_page(
    office: ServedOffice, chromium: Browser
) -> None:
    line_id = office.house.to_decision()
    page = window(chromium, office, "kabid", viewport=SCREENS["desk"])
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"/baris/{line_id}/rencana")
    page.get_by_role("button", name="Setujui rencana").click()
    page.wait_for_url("**/pelaksanaan/**")
    run_id = page.url.rpartition("/")[2]
    expect(page.locator(".g-run-state")).to_contain_text("menunggu giliran")
    go_on = office.work(run_id, hold_at="account")
    page.get_by_text(re.compile("Catatan langsung")).click()
    expect(page.locator(".g-duty", has_text="Akun dan kuota")).to_contain_text("berjalan", timeout=10_000)
    expect(page.locator("#catatan")).to_contain_text("account mulai")
    page.reload()
    expect(page.locator(".g-duty", has_text="Nama dicadangkan di DNS")).to_contain_text("selesai")
    expect(page.locator(".g-duty", has_text="Akun dan kuota")).to_contain_text("berjalan")
    go_on.set()
    expect(page.locator("#hasil")).to_contain_text("sesuai", timeout=20_000)
    expect(page.locator(".g-run-state")).to_contain_text("selesai")
    page.wait_for_selector("[data-live]", state="detached", timeout=10_000)
    assert complaints == []


def test_what_is_undone_is_seen_as_it_happens(office: ServedOffice, chromium: Browser) -> None:
    run_id = office.house.to_run()
    office.house.world.plant({"kind": "fail_after", "task": "certificate"})
    page = window(chromium, office, "kabid", viewport=SCREENS["phone"])
    page.goto(f"/pelaksanaan/{run_id}")
    go_on = office.work(run_id, hold_at="account", time_round=2)
    expect(page.locator(".g-run-state")).to_contain_text("dibatalkan satu per satu", timeout=15_000)
    expect(page.locator(".g-duty", has_text="Basis data")).to_contain_text("dibatalkan", timeout=10_000)
    go_on.set()
    expect(page.locator(".g-run-state")).to_contain_text("gagal, semua dibatalkan", timeout=15_000)
    expect(page.get_by_text("tidak ada yang tersisa")).to_be_visible()
    expect(page.get_by_role("button", name="Ulangi pelaksanaan")).to_be_visible()


def test_by_keyboard_alone_a_plan_is_sent_back_with_its_reason(office: ServedOffice, chromium: Browser) -> None:
    line_id = office.house.to_decision()
    page = window(chromium, office, "kabid", viewport=SCREENS["desk"])
    page.goto(f"/baris/{line_id}/rencana")
    page.locator("summary", has_text="Kembalikan atau tolak").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Nama situs belum sesuai surat")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("dikembalikan oleh")
    expect(page.locator("main")).to_contain_text("Nama situs belum sesuai surat")


def test_without_script_everything_but_the_live_part_works(office: ServedOffice, chromium: Browser) -> None:
    line_id = office.house.to_decision()
    page = window(chromium, office, "kabid", java_script_enabled=False, viewport=SCREENS["desk"])
    page.goto(f"/baris/{line_id}/rencana")
    page.get_by_role("button", name="Setujui rencana").click()
    run_id = page.url.rpartition("/")[2]
    assert office.house.carry_out(run_id) == "done"
    page.goto(f"/pelaksanaan/{run_id}")
    expect(page.locator("#hasil")).to_contain_text("sesuai")


def test_a_reason_typed_before_the_login_ended_is_still_there_after_it(office: ServedOffice, chromium: Browser) -> None:
    line_id = office.house.to_decision()
    page = window(chromium, office, "kabid", viewport=SCREENS["desk"])
    page.goto(f"/baris/{line_id}/rencana")
    page.locator("summary", has_text="Kembalikan atau tolak").click()
    page.fill("#reason", "Alasan panjang yang tidak ingin ditulis dua kali")
    office.house.clock.move(minutes=31)
    page.get_by_role("button", name="Kembalikan ke OPD").click()
    page.get_by_role("link", name="Masuk lagi").click()
    page.fill("#username", "kabid")
    page.fill("#password", "benar-kuda-baterai")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/baris/{line_id}/rencana")
    expect(page.locator("#reason")).to_have_value("Alasan panjang yang tidak ingin ditulis dua kali")


def test_faults_are_focused_and_lead_to_their_field(office: ServedOffice, chromium: Browser) -> None:
    line_id = office.house.to_decision()
    page = window(chromium, office, "kabid", viewport=SCREENS["phone"])
    page.goto(f"/baris/{line_id}/rencana")
    page.locator("summary", has_text="Kembalikan atau tolak").click()
    page.get_by_role("button", name="Tolak permohonan").click()
    expect(page.locator(".g-problem")).to_be_focused()
    page.get_by_role("link", name="alasan kosong").click()
    assert page.url.endswith("#reason")
    expect(page.locator("#reason")).to_be_in_viewport()
