"""Is every page good to use: both widths, WCAG AA, keyboard alone, without script, on paper?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.gallery import NOBODY, SIZES, Gallery
from tests.browser.office import window

WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
#: what is fetched by a page or saved, and is no page to look at
NOT_LOOKED_AT = {
    *("GET /pelaksanaan/{run_id}/bagian", "GET /pelaksanaan/{run_id}/log.txt", "GET /riwayat.csv"),
    *("GET /permohonan/{request_id}/pindaian", "GET /permohonan/draf/{draft_id}/pindaian/berkas"),
    "GET /permohonan/draf/{draft_id}/tabel.csv",
    *("GET /layanan/{item_id}/usage.csv", "GET /pemakaian/{opd}/usage.csv", "GET /pemakaian/{opd}/laporan.csv"),
}
DOCUMENTS = ("GET /surat/",)
API = ("GET /api/", "GET /healthz", "GET /readyz")


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gallery]:
    """One office for all that only look."""
    office = Gallery(tmp_path_factory.mktemp("gallery"))
    office.start()
    yield office
    office.stop()


def test_every_page_is_on_the_list_of_screens(gallery: Gallery) -> None:
    """A page that nobody drew is a page that nobody looked at."""
    served = {door for door in gallery.doors() if door.startswith("GET /") and not door.startswith(API)}
    pages = {route for route in served - NOT_LOOKED_AT if not route.startswith(DOCUMENTS)}
    assert {f"GET {screen.route}" for screen in gallery.screens()} == pages


@pytest.mark.parametrize("width", SIZES)
def test_no_page_breaks_wcag_a_or_aa_nor_scrolls_sideways(gallery: Gallery, chromium: Browser, width: int) -> None:
    pages, axe, found = gallery.pages(chromium, width), Axe(), {}
    for screen in gallery.screens():
        page = pages[screen.username]
        answer = page.goto(screen.path)
        assert answer is not None
        assert answer.status == (404 if screen.name == "tidak-ada" else 200), screen.name
        broken = axe.run(page, options=WCAG).response["violations"]
        said = [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in broken]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            said.append("scrolls sideways")
        if said:
            found[screen.name] = said
    for page in pages.values():
        page.context.close()
    assert found == {}


def test_every_page_has_one_heading_its_landmarks_and_at_most_one_primary_button(
    gallery: Gallery, chromium: Browser
) -> None:
    pages, found = gallery.pages(chromium, 1280), {}
    for screen in gallery.screens():
        page = pages[screen.username]
        page.goto(screen.path)
        counted = (page.locator("h1").count(), page.locator("main").count(), page.locator("header").count())
        shown = [button for button in page.locator(".btn-primary").all() if button.is_visible()]
        if counted != (1, 1, 1) or (len(shown) > 1 and screen.name != "kredensial"):
            found[screen.name] = (*counted, len(shown))
    for page in pages.values():
        page.context.close()
    assert found == {}


def test_without_script_every_page_says_the_same_and_a_verb_is_asked(gallery: Gallery, chromium: Browser) -> None:
    page = window(chromium, gallery, "opd", java_script_enabled=False)
    for screen in gallery.screens():
        if screen.username == "opd":
            page.goto(screen.path)
            expect(page.locator("h1")).to_have_count(1)
            assert page.locator("[data-copy]:visible").count() == 0
    page.goto(f"/layanan/{gallery.ids['item']}/tindakan/terminate")
    page.fill("[id='letter.number']", "900/12/2026")
    page.get_by_role("button", name="Kirim permohonan").click()
    expect(page.locator(".g-problem")).to_contain_text("Tanggal surat")
    expect(page.locator("[id='letter.number']")).to_have_value("900/12/2026")
    page.context.close()


def test_on_paper_there_is_no_navigation_and_nothing_to_press(gallery: Gallery, chromium: Browser) -> None:
    pages, found = gallery.pages(chromium, 1280), {}
    for screen in gallery.screens():
        page = pages[screen.username]
        page.emulate_media(media="print")
        page.goto(screen.path)
        left = [one for one in page.locator("nav, main button, main .btn").all() if one.is_visible()]
        if left:
            found[screen.name] = [one.inner_text() for one in left]
    for page in pages.values():
        page.context.close()
    assert found == {}


def test_by_keyboard_alone_one_gets_from_the_morning_to_the_plan_with_a_visible_focus(
    gallery: Gallery, chromium: Browser
) -> None:
    page = window(chromium, gallery, "kabid")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Langsung ke isi"
    page.keyboard.press("Enter")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Baca rencana":
            break
        outline = page.evaluate("(s => s.outlineStyle + s.boxShadow)(getComputedStyle(document.activeElement))")
        assert outline != "nonenone"
    page.keyboard.press("Enter")
    page.wait_for_url("**/rencana")
    expect(page.locator("h1")).to_have_count(1)
    page.context.close()


def test_nobody_signed_in_sees_no_room(gallery: Gallery, chromium: Browser) -> None:
    page = chromium.new_page(base_url=gallery.url)
    page.goto("/masuk")
    assert page.locator("nav").count() == 0
    assert {screen.username for screen in gallery.screens()} >= {NOBODY}
    page.close()
