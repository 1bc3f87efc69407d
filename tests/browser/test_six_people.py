"""Do six people bring one request from the form to its last step, by nothing but the pages?"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from provisioner.workflow.look import look
from tests.browser.gallery import PDF
from tests.browser.office import ServedOffice, window
from tests.gate.test_claims import seal_for_real
from tests.house import EXAMPLE, PEOPLE, sha256_of

#: nobody in the office's register: the first approval makes this person's login
TECHNICAL = {**EXAMPLE["technical"], "name": "Sari Rekaan", "email": "sari@dincontoh.example"}
PASSWORD = "kopi pagi hujan meja"
CODE = re.compile(r"^[A-Z0-9]{4}-[A-Z0-9]{4}$")


class Walk:
    """One request on its way; each method is what one person does, in a window of that person's own."""

    def __init__(self, office: ServedOffice, chromium: Browser) -> None:
        self.office, self.chromium, self.house = office, chromium, office.house
        self.open: dict[str, Page] = {}

    def page(self, username: str, path: str) -> Page:
        """Return the person's window, at that path."""
        if username not in self.open:
            self.open[username] = window(self.chromium, self.office, username)
        self.open[username].goto(path)
        return self.open[username]

    def written(self) -> str:
        """Let the OPD write it stop by stop, with the letter's scan; return the request's path."""
        page = self.page("opd", "/permohonan/baru")
        press(page, "Mulai permohonan")
        fill(page, "", {"application_name": EXAMPLE["application_name"]})
        fill(page, "letter.", EXAMPLE["letter"])
        press(page, "Simpan dan lanjut")
        page.set_input_files("#scan", {"name": "surat.pdf", "mimeType": "application/pdf", "buffer": PDF})
        press(page, "Unggah pindaian")
        press(page, "Tambah Hosting")
        page.get_by_role("button", name="Lanjut", exact=True).click()
        fill(page, "administrative.", EXAMPLE["administrative"])
        page.get_by_label("bukan ASN (kontrak)").check()
        fill(page, "technical.", {name: text for name, text in TECHNICAL.items() if name != "employment"})
        press(page, "Simpan dan lanjut")
        fill(page, "lines[0].", {"sub_domain": "simpeg"})
        page.get_by_label("PHP (php)").check()
        page.get_by_label("rendah").check()
        press(page, "Simpan dan lanjut")
        press(page, "Kirim permohonan")
        page.wait_for_url("**/permohonan/req_*")
        return page.url.removeprefix(self.office.url)

    def step(self, username: str, path: str, then: str, number: str = "") -> None:
        """Let a person find it among what waits for them, do the step at hand, and see which one is now."""
        page = self.page(username, "/")
        expect(page.locator(f"main a[href^='{path}']").first).to_be_visible()
        page.goto(path)
        for mark in page.locator(".g-mark input[value=same]").all():
            mark.check()
        if number:
            page.fill("#number", number)
        press(page, "Selesaikan langkah ini")
        expect(page.locator("[aria-current=step]")).to_contain_text(then)

    def looked(self, path: str) -> None:
        """Do what a worker does with the plan that the disposition asked for."""
        (line,) = self.house.desk.request(PEOPLE["kabid"], path.rpartition("/")[2]).request.lines
        assert line.plan_id is not None
        look(self.house.hands, line.plan_id)

    def approved(self) -> str:
        """Let the head of the division read the plan and approve it; return the run's id."""
        page = self.page("kabid", "/")
        page.get_by_role("link", name="Baca rencana").click()
        expect(page.locator(".g-sentence")).to_contain_text("simpeg.kota.lab")
        press(page, "Setujui rencana")
        page.wait_for_url("**/pelaksanaan/**")
        return page.url.rpartition("/")[2]

    def admitted(self) -> str:
        """Let the counter give the first code, and the technical person make a password with it; return the login."""
        page = self.page("umum", "/loket")
        page.fill("#cari", TECHNICAL["name"])
        press(page, "Cari orang")
        page.get_by_label("Nomor surat tugas").fill("090/12/ST/2026")
        page.get_by_role("button", name=re.compile("^Beri kode kepada")).click()
        username = page.locator("input[name=username]").input_value()
        code = page.get_by_text(CODE).inner_text()
        own = self.chromium.new_context(base_url=self.office.url).new_page()
        own.goto("/kode")
        for name, text in {"username": username, "code": code, "password": PASSWORD, "repeated": PASSWORD}.items():
            own.fill(f"#{name}", text)
        press(own, "Buat kata sandi")
        own.get_by_role("link", name="Masuk").click()
        own.fill("#username", username)
        own.fill("#password", PASSWORD)
        own.keyboard.press("Enter")
        own.wait_for_url("**/")
        self.open["sari"] = own
        return username

    def claimed(self) -> str:
        """Let the technical person say the statement and see the SFTP password, once; return it."""
        page = self.page("sari", "/layanan")
        page.get_by_role("link", name=re.compile("simpeg")).first.click()
        page.get_by_role("link", name=re.compile("[Kk]redensial")).first.click()
        one = page.locator("section", has=page.get_by_role("heading", name=re.compile("SFTP")))
        one.get_by_role("checkbox").check()
        one.get_by_role("button").click()
        return page.locator("#rahasia").inner_text()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=re.compile(f"^{name}")).click()


def fill(page: Page, where: str, values: dict[str, str]) -> None:
    for name, text in values.items():
        page.fill(f"[id='{where}{name}']", text)


@pytest.fixture
def walk(office: ServedOffice, chromium: Browser) -> Iterator[Walk]:
    """An office whose worker seals with the key that the gate opens with."""
    seal_for_real(office)
    walk = Walk(office, chromium)
    yield walk
    for page in walk.open.values():
        page.context.close()


def test_six_people_bring_one_request_from_the_form_to_its_last_step(walk: Walk) -> None:
    path = walk.written()
    walk.step("umum", path, "Disposisi", number="12/2026")
    walk.step("kepala", path, "pengkajian")
    walk.looked(path)
    walk.step("pengkaji", path, "disetujui")
    run_id = walk.approved()
    assert walk.house.carry_out(run_id) == "done"
    item_id = walk.house.desk.run(PEOPLE["kabid"], run_id).run.item_id
    walk.admitted()
    secret = walk.claimed()
    assert sha256_of(secret) == walk.house.world.read().secret_digests[f"web1/{item_id}:sftp_password"]
    expect(walk.page("sari", walk.open["sari"].url).locator("main")).not_to_contain_text(secret)
    walk.step("pengkaji", path, "Mengirim")
    walk.house.tell()
    page = walk.page("opd", path)
    letter = page.locator("#surat li")
    expect(letter).to_contain_text("terkirim")
    paper = page.request.get(str(letter.get_by_role("link").get_attribute("href")))
    assert paper.body().startswith(b"%PDF")
    assert any(TECHNICAL["email"] in str(mail["to"]) for mail in walk.house.post.taken())
    expect(page.locator("[aria-current=step]")).to_contain_text("Pekerjaan Selesai")
    page = walk.page("kepala", path)
    press(page, "Selesaikan langkah ini")
    expect(page.locator("main")).to_contain_text("selesai")
    assert page.locator("[aria-current=step]").count() == 0
