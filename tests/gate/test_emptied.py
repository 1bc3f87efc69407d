"""Does an optional field that a change empties go away: by form, JSON, CSV, and the form of a returned request?"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from provisioner.requests.filed import FiledRequest
from tests.chaos.desk_hands import to_decision
from tests.gate.office import Office
from tests.gate.test_adjustment_page import typed
from tests.gate.test_office_limits import cloud, delivered
from tests.gate.test_pages import text_of
from tests.house import EXAMPLES, PEOPLE

__all__ = ["cloud"]

WAS = EXAMPLES["data_cloud"]["lines"][0]["email"]
LETTER = {"letter.number": "900/2/2026", "letter.date": "2026-11-20", "letter.subject": "Tanpa surel"}


def by_form(office: Office, item_id: str) -> int:
    """Empty the control."""
    browser, place = office.browser("opd"), f"/layanan/{item_id}/tindakan/change"
    page = browser.get(place)
    assert "bila dikosongkan, yang ada dihapus" in text_of(page)
    return browser.post(place, data=typed(page, **{"lines[0].email": ""}) | LETTER).status_code


def send(office: Office, lines: Any) -> int:
    """File by the API."""
    document = {**EXAMPLES["data_cloud"], "lines": lines}
    return office.client("opd").post("/api/v1/requests", json=document).status_code


def by_json(office: Office, item_id: str) -> int:
    """Send null."""
    return send(office, [{"kind": "data_cloud", "verb": "change", "item": item_id, "email": None, "quota_gb": None}])


def by_csv(office: Office, item_id: str) -> int:
    """Write the word into the cell; an empty cell is a field left out."""
    csv = f"item;email;display_name\r\n{item_id};Hapus;\r\n"
    return send(office, {"kind": "data_cloud", "verb": "change", "csv": csv})


def newest(office: Office) -> FiledRequest:
    """The request that was filed last."""
    return office.house.desk.requests(PEOPLE["opd"])[0]


DOORS: dict[str, tuple[Callable[[Office, str], int], int]] = {
    "form": (by_form, 303),
    "JSON": (by_json, 201),
    "CSV": (by_csv, 201),
}


@pytest.mark.parametrize(("door", "done"), DOORS.values(), ids=DOORS)
def test_what_is_emptied_is_asked_for_read_planned_and_gone(
    cloud: Office, door: Callable[[Office, str], int], done: int
) -> None:
    item_id = delivered(cloud)
    cloud.house.clock.move(seconds=1)
    assert door(cloud, item_id) == done
    request = newest(cloud)
    assert [(line.verb, line.wish) for line in request.lines] == [("change", {"email": None})]
    assert "Surel akun dihapus" in text_of(cloud.browser("opd").get(f"/permohonan/{request.id}"))
    line = to_decision(cloud.house, request)[0]
    said = text_of(cloud.browser("kabid").get(f"/baris/{line.id}/rencana"))
    assert f"semula {WAS}, menjadi tidak ada" in said
    assert cloud.house.carry_out(cloud.house.approve(line.id)) == "done"
    item = cloud.house.desk.item(PEOPLE["opd"], item_id).item
    assert (item.wish["email"], item.wish["quota_gb"]) == (None, 5)


@pytest.mark.parametrize("left_out", [{}, {"quota_gb": None}])
def test_what_is_left_out_stays(cloud: Office, left_out: dict[str, Any]) -> None:
    item_id = delivered(cloud)
    cloud.house.clock.move(seconds=1)
    line = {"kind": "data_cloud", "verb": "change", "item": item_id, "traffic_mbit": 30, **left_out}
    assert send(cloud, [line]) == 201
    assert newest(cloud).lines[0].wish == {"traffic_mbit": 30}
    csv = f"item;email;quota_gb;display_name\r\n{item_id};;;Lain\r\n"
    assert send(cloud, {"kind": "data_cloud", "verb": "change", "csv": csv}) == 422  # under way, and nothing else
    said = text_of(cloud.browser("opd").get(f"/permohonan/{newest(cloud).id}"))
    assert "dihapus" not in said


def test_nothing_to_empty_is_told_and_not_filed(cloud: Office) -> None:
    item_id = delivered(cloud, email=None)
    document = {
        **EXAMPLES["data_cloud"],
        "lines": [{"kind": "data_cloud", "verb": "change", "item": item_id, "email": None}],
    }
    answer = cloud.client("opd").post("/api/v1/requests", json=document)
    assert [(fault["where"], fault["what"]) for fault in answer.json()["faults"]] == [
        ("lines[0]", "sama dengan yang sudah ada")
    ]


def test_the_word_is_no_removal_where_a_field_is_needed_or_an_account_is_new(cloud: Office) -> None:
    item_id = delivered(cloud)
    csv = f"item;purpose\r\n{item_id};hapus\r\n"
    assert send(cloud, {"kind": "data_cloud", "verb": "change", "csv": csv}) == 201
    cloud.house.clock.move(seconds=1)
    assert newest(cloud).lines[0].wish == {"purpose": "hapus"}
    csv = "account_id;display_name;purpose;email\r\narsip.lain;Lain;Arsip;hapus\r\n"
    assert send(cloud, {"kind": "data_cloud", "verb": "create", "csv": csv}) == 422


def test_a_returned_change_still_says_what_it_empties_and_keeps_it(cloud: Office) -> None:
    """Its form holds what was asked, not what stands: there an empty control says that all stays."""
    item_id = delivered(cloud)
    cloud.house.clock.move(seconds=1)
    assert by_json(cloud, item_id) == 201
    request = newest(cloud)
    to_decision(cloud.house, request)
    answer = cloud.client("kabid").post(
        f"/api/v1/lines/{request.lines[0].id}/decision",
        json={"outcome": "returned", "reason": "lengkapi", "digest": ""},
    )
    assert answer.status_code in {200, 201}, answer.text
    draft = cloud.house.desk.reopen(PEOPLE["opd"], request.id)
    browser, place = cloud.browser("opd"), f"/permohonan/draf/{draft.id}/kebutuhan-teknis-1"
    page = browser.get(place)
    assert (typed(page)["lines[0].email"], typed(page)["lines[0].purpose"]) == (["hapus"], [""])
    assert "kosong: tetap; tulis hapus untuk menghapusnya" in text_of(page)
    browser.post(place, data=typed(page))
    kept = cloud.house.desk.draft(PEOPLE["opd"], draft.id).document["lines"]
    assert json.loads(json.dumps(kept)) == [{"kind": "data_cloud", "verb": "change", "item": item_id, "email": None}]
    browser.post(place, data=typed(page, **{"lines[0].email": "", "lines[0].traffic_mbit": "30"}))
    kept = cloud.house.desk.draft(PEOPLE["opd"], draft.id).document["lines"]
    assert kept == [{"kind": "data_cloud", "verb": "change", "item": item_id, "traffic_mbit": 30}]
