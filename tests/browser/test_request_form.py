"""Can a person write a request in a real browser: by keyboard, without script, on a phone, and lose nothing?"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.gallery import PDF
from tests.browser.office import ServedOffice, window
from tests.gate.office import PASSWORD
from tests.house import EXAMPLE, PEOPLE
from tests.verbs import SUCCESSOR

SCREENS = {"desk": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
SCAN = {"name": "surat.pdf", "mimeType": "application/pdf", "buffer": PDF}


def at(place: str) -> str:
    """The selector of the control at a place of the parser's."""
    return f"[id='{place}']"


def go_on(page: Page, name: str = "Simpan dan lanjut") -> None:
    page.get_by_role("button", name=name).click()


def fill(page: Page, where: str, values: dict[str, str], but: frozenset[str] = frozenset()) -> None:
    for name, value in values.items():
        if name not in but:
            page.fill(at(f"{where}.{name}"), value)


def write(page: Page) -> None:
    """Write the example, page by page, up to the last one."""
    page.goto("/permohonan/baru")
    go_on(page, "Mulai permohonan")
    page.fill(at("application_name"), EXAMPLE["application_name"])
    fill(page, "letter", EXAMPLE["letter"])
    go_on(page)
    page.set_input_files("#scan", SCAN)  # type: ignore[arg-type]
    go_on(page, "Unggah pindaian")
    go_on(page, "Tambah Hosting")
    page.get_by_role("button", name="Lanjut", exact=True).click()
    fill(page, "administrative", EXAMPLE["administrative"])
    page.get_by_label("bukan ASN (kontrak)").check()
    fill(page, "technical", EXAMPLE["technical"], frozenset({"employment"}))
    go_on(page)
    page.fill(at("lines[0].sub_domain"), "simpeg")
    page.get_by_label("PHP (php)").check()
    page.get_by_label("rendah").check()
    go_on(page)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_request_is_written_and_sent_on_a_phone(office: ServedOffice, chromium: Browser, script: bool) -> None:
    page = window(chromium, office, "opd", viewport=SCREENS["phone"], java_script_enabled=script)
    write(page)
    expect(page.locator("article")).to_contain_text("Bayu Rekaan")
    if script:
        assert page.evaluate("document.documentElement.scrollWidth") == SCREENS["phone"]["width"]
    go_on(page, "Kirim permohonan")
    expect(page.locator("h1")).to_contain_text(EXAMPLE["application_name"])
    filed = office.house.desk.requests(PEOPLE["opd"])
    assert [request.lines[0].wish["sub_domain"] for request in filed] == ["simpeg"]
    assert office.house.desk.scan(PEOPLE["opd"], filed[0].id)[1] == PDF


def test_the_form_answers_while_it_is_typed_and_asks_only_what_is_to_be_asked(
    office: ServedOffice, chromium: Browser
) -> None:
    complaints: list[str] = []
    page = window(chromium, office, "opd", viewport=SCREENS["desk"])
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
    page.goto("/permohonan/baru")
    go_on(page, "Mulai permohonan")
    page.goto(page.url.replace("/surat", "/layanan"))
    go_on(page, "Tambah Hosting")
    page.goto(page.url.replace("/layanan", "/kebutuhan-teknis-1"))
    expect(page.locator(at("lines[0].upload_mb"))).to_be_hidden()
    page.get_by_label("PHP (php)").check()
    expect(page.locator(at("lines[0].upload_mb"))).to_be_visible()
    page.fill(at("lines[0].sub_domain"), "bebas")
    expect(page.locator(".g-answer").first).to_contain_text("bebas.kota.lab belum dipakai")
    page.fill(at("lines[0].sub_domain"), "admin")
    expect(page.locator(".g-answer").first).to_contain_text("nama dicadangkan")
    page.fill(at("lines[0].storage_gb"), "lima")
    go_on(page)
    expect(page.locator(".g-problem")).to_be_focused()
    page.get_by_role("link", name="Ruang simpan: bukan bilangan bulat").click()
    expect(page.locator(at("lines[0].storage_gb"))).to_be_in_viewport()
    expect(page.locator(at("lines[0].storage_gb"))).to_have_value("lima")
    assert complaints == []


def test_what_was_typed_before_the_login_ended_fills_the_form_again(office: ServedOffice, chromium: Browser) -> None:
    page = window(chromium, office, "opd", viewport=SCREENS["desk"])
    page.goto("/permohonan/baru")
    go_on(page, "Mulai permohonan")
    place = page.url
    page.fill(at("application_name"), "Aplikasi yang lama diketik")
    office.house.clock.move(minutes=31)
    go_on(page)
    expect(page.locator("main")).to_contain_text("Aplikasi yang lama diketik")
    page.get_by_role("link", name="Masuk lagi").click()
    page.fill("#username", "opd")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(place)
    expect(page.locator(at("application_name"))).to_have_value("Aplikasi yang lama diketik")


def test_the_reviewer_marks_each_field_beside_the_scan_by_keyboard(office: ServedOffice, chromium: Browser) -> None:
    request_id = office.house.request_of(office.house.to_plan())
    office.house.desk.file_scan(PEOPLE["umum"], request_id, PDF)
    page = window(chromium, office, "pengkaji", viewport=SCREENS["desk"])
    page.goto(f"/permohonan/{request_id}")
    scan, fields = page.locator("iframe.g-scan").bounding_box(), page.locator(".g-mark").first.bounding_box()
    assert scan is not None
    assert fields is not None
    assert scan["x"] + scan["width"] <= fields["x"]
    # By mouse and too early: it says which fields are left. A frame beside them must not swallow the click.
    page.get_by_role("button", name="Selesaikan langkah ini").click()
    expect(page.locator(".g-problem")).to_be_focused(timeout=15_000)
    marks = page.locator(".g-mark")
    for number in range(marks.count()):
        marks.nth(number).locator("input[value=same]").focus()
        page.keyboard.press("Space")
    marks.first.locator("input[value=same]").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.type("surat: dinas lain")
    page.get_by_role("button", name="Selesaikan langkah ini").focus()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("1 berbeda", timeout=15_000)
    expect(page.locator("main")).to_contain_text("surat: dinas lain")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_by_keyboard_a_service_gets_a_technical_person_of_its_own_from_a_fold(
    office: ServedOffice, chromium: Browser, script: bool
) -> None:
    page = window(chromium, office, "opd", viewport=SCREENS["phone"], java_script_enabled=script)
    write(page)
    page.goto(page.url.replace("/periksa", "/kebutuhan-teknis-1?ke=periksa"))
    fold = page.locator(at("lines[0].technical"))
    expect(page.locator(at("lines[0].technical.name"))).to_be_hidden()
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator(at("lines[0].technical.name"))).to_be_visible()
    own = {name: str(value) for name, value in SUCCESSOR.items()}
    fold.get_by_label("ASN", exact=True).check()
    fill(page, "lines[0].technical", {**own, "nip": "1"}, frozenset({"employment"}))
    go_on(page)
    expect(page.locator(at("lines[0].technical.nip-salah"))).to_contain_text("NIP bukan 18 angka")
    page.fill(at("lines[0].technical.nip"), own["nip"])
    go_on(page)
    expect(page.locator("article")).to_contain_text(own["name"])
    go_on(page, "Kirim permohonan")
    (filed,) = office.house.desk.requests(PEOPLE["opd"])
    assert filed.names_by_line() == {1: own["name"]}
