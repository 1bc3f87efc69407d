"""Can a person propose from a page what to grant, and does the next one see which wish each button binds to?"""

from __future__ import annotations

import html
import re

import httpx

from provisioner.workflow.look import look
from tests.gate.office import Office, csrf_of
from tests.gate.test_pages import text_of


def typed(page: httpx.Response, **instead: str) -> dict[str, list[str]]:
    """Return what a browser would send of the page's form, with some controls filled otherwise."""
    form = page.text.partition("<main")[2]
    sent: dict[str, list[str]] = {}
    for control in re.findall(r"<input[^>]*>", form):
        found = dict(re.findall(r'([a-z]+)="([^"]*)"', control))
        if "name" not in found or (found.get("type") in {"radio", "checkbox"} and " checked" not in control):
            continue
        sent.setdefault(found["name"], []).append(html.unescape(found.get("value", "")))
    for name, inside in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        sent[name] = re.findall(r'value="([^"]*)" selected', inside)
    return sent | {name: [value] for name, value in instead.items()}


def test_a_proposal_is_made_from_its_page_and_stands_on_the_plan(office: Office) -> None:
    line_id = office.house.to_decision()
    browser = office.browser("pengkaji")
    page = browser.get(f"/baris/{line_id}/penyesuaian")
    assert "Diminta Ruang simpan: 5 GB" in text_of(page)
    answer = browser.post(f"/baris/{line_id}/penyesuaian", data=typed(page, storage_gb="3", reason="3 GB cukup"))
    assert answer.headers["location"] == f"/baris/{line_id}/rencana"
    view = office.house.desk.plan(office.person("kabid"), line_id)
    assert view.adjustment is not None
    assert (view.adjustment.differing, view.adjustment.granted["storage_gb"]) == (("storage_gb",), 3)


def test_what_was_ticked_and_is_not_any_more_is_not_granted(office: Office) -> None:
    line_id = office.house.to_decision()
    browser = office.browser("pengkaji")
    sent = typed(browser.get(f"/baris/{line_id}/penyesuaian"), reason="tanpa ekstensi")
    del sent["extensions"]
    assert browser.post(f"/baris/{line_id}/penyesuaian", data=sent).status_code == 303
    view = office.house.desk.plan(office.person("kabid"), line_id)
    assert view.adjustment is not None
    assert (view.adjustment.differing, view.adjustment.granted["extensions"]) == (("extensions",), [])


def test_faults_of_a_proposal_stand_beside_their_fields_and_nothing_typed_is_lost(office: Office) -> None:
    line_id = office.house.to_decision()
    browser = office.browser("pengkaji")
    page = browser.get(f"/baris/{line_id}/penyesuaian")
    answer = browser.post(
        f"/baris/{line_id}/penyesuaian", data=typed(page, storage_gb="007", sub_domain="-x", reason="")
    )
    assert answer.status_code == 422
    for where in ("#storage_gb", "#sub_domain", "#reason"):
        assert f'href="{where}"' in answer.text
    assert 'value="007"' in answer.text
    assert office.house.desk.plan(office.person("kabid"), line_id).adjustment is None


def test_a_proposal_is_withdrawn_from_the_plan_and_what_was_asked_is_looked_at(office: Office) -> None:
    line_id = office.house.to_decision()
    office.house.desk.propose(office.person("pengkaji"), line_id, {"storage_gb": 3}, reason="cukup")
    look(office.house.hands, office.house.desk.plan(office.person("kabid"), line_id).record.id)
    browser = office.browser("kabid")
    page = browser.get(f"/baris/{line_id}/rencana")
    answer = browser.post(f"/baris/{line_id}/penyesuaian/tarik", data={"csrf": csrf_of(page)})
    assert answer.status_code == 303
    assert office.house.desk.plan(office.person("kabid"), line_id).adjustment is None
