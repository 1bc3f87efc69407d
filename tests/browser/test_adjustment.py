"""Can one propose and another decide, in a real browser, each seeing what the buttons bind to?"""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from provisioner.workflow.look import look
from tests.browser.office import ServedOffice, window
from tests.browser.test_walk import SCREENS, in_first_screen


def test_the_reviewer_proposes_on_a_phone_and_the_head_of_division_decides(
    office: ServedOffice, chromium: Browser
) -> None:
    line_id = office.house.to_decision()
    page = window(chromium, office, "pengkaji", viewport=SCREENS["phone"])
    page.goto(f"/baris/{line_id}/rencana")
    page.get_by_role("link", name="Usulkan penyesuaian").click()
    assert page.evaluate("document.documentElement.scrollWidth") == SCREENS["phone"]["width"]
    asked_for_nothing = page.locator(".g-granted", has=page.locator("#security_test_report"))
    expect(asked_for_nothing).to_be_hidden()
    page.check("#security_test-lulus")
    expect(asked_for_nothing).to_be_visible()
    page.check("#security_test")
    page.fill("#storage_gb", "3")
    page.fill("#reason", "3 GB cukup untuk aplikasi sejenis")
    page.get_by_role("button", name="Usulkan penyesuaian").click()
    page.wait_for_url("**/rencana")
    look(office.house.hands, office.house.desk.plan(office.person("kabid"), line_id).record.id)

    page = window(chromium, office, "kabid", viewport=SCREENS["desk"])
    page.goto(f"/baris/{line_id}/rencana")
    for seen in (".g-sentence", ".g-proposal", "text=Setujui dengan penyesuaian"):
        assert in_first_screen(page, seen), seen
    page.locator("summary", has_text="Setujui rencana…").click()
    expect(page.locator(".g-foot")).to_contain_text("tarik usulannya")
    page.get_by_role("button", name="Setujui dengan penyesuaian").click()
    page.wait_for_url("**/pelaksanaan/**")
    assert office.house.carry_out(page.url.rpartition("/")[2]) == "done"
    assert office.house.desk.items(office.person("opd"))[0].wish["storage_gb"] == 3
