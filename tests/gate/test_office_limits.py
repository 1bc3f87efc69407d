"""Do the office's own defaults and maxima stand at every door: form, JSON, CSV, description, adjustment?"""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from pydantic import SecretStr

from provisioner import admin
from provisioner.errors import BadInput
from provisioner.store import office as settings
from tests.chaos.desk_hands import to_decision
from tests.gate.office import Office, csrf_of
from tests.gate.test_adjustment_page import typed
from tests.gate.test_pages import text_of
from tests.house import EXAMPLES, PEOPLE

CLOUD = EXAMPLES["data_cloud"]
LINE = {name: value for name, value in CLOUD["lines"][0].items() if name not in ("quota_gb", "traffic_mbit")}
LIMITS: dict[str, Any] = {
    "data_cloud": {
        "quota_gb": {"default": 8, "most": 100},
        "largest_file_mb": {"most": 4096},
        "traffic_mbit": {"default": 20, "most": 100},
    },
    "hosting": {"storage_gb": {"most": 7}},
}
OVER = [("lines[0].quota_gb", "ruang simpan 500 GB melebihi yang diberikan kantor: 100 GB")]


def give(office: Office, limits: dict[str, Any]) -> None:
    """Let the office give so much of each limit, as `office sync` would: gate and worker know it."""
    house = office.house
    with house.database.transaction() as uow:
        settings.keep(uow, {**settings.settings(uow), "limits": limits})
    hosts = {
        name: replace(host, variables={**host.variables, "limits": limits}) for name, host in house.estate.hosts.items()
    }
    house.estate = replace(house.estate, hosts=hosts)


@pytest.fixture
def cloud(office: Office) -> Office:
    """An open office that is asked for cloud accounts, and gives less of them than the table allows."""
    office.house.kind, office.house.document = "data_cloud", CLOUD
    give(office, LIMITS)
    return office


def sent(cloud: Office, line: dict[str, Any], **other: Any) -> tuple[int, list[tuple[str, str]]]:
    """File one line as JSON; return status and faults."""
    answer = cloud.client("opd").post("/api/v1/requests", json={**CLOUD, "lines": [line], **other})
    return answer.status_code, [(fault["where"], fault["what"]) for fault in answer.json().get("faults", ())]


def test_what_is_left_out_is_filed_at_the_offices_default(cloud: Office) -> None:
    assert sent(cloud, LINE) == (201, [])
    wish = cloud.house.desk.requests(PEOPLE["opd"])[0].lines[0].wish
    assert (wish["quota_gb"], wish["largest_file_mb"], wish["traffic_mbit"]) == (8, 512, 20)


def test_json_over_the_maximum_or_the_quota_is_refused_at_once_and_nothing_is_kept(cloud: Office) -> None:
    assert sent(cloud, {**LINE, "quota_gb": 500}) == (422, OVER)
    too_large = [("lines[0].largest_file_mb", "berkas terbesar 2048 MB melebihi ruang simpan 1 GB (1024 MB)")]
    assert sent(cloud, {**LINE, "quota_gb": 1, "largest_file_mb": 2048}) == (422, too_large)
    assert cloud.house.desk.requests(PEOPLE["opd"]) == ()


def test_another_kind_is_bound_by_the_same_setting(cloud: Office) -> None:
    line = {**EXAMPLES["hosting"]["lines"][0], "storage_gb": 8}
    told = [("lines[0].storage_gb", "ruang simpan 8 GB melebihi yang diberikan kantor: 7 GB")]
    assert sent(cloud, line) == (422, told)
    assert sent(cloud, {**line, "storage_gb": 7}) == (201, [])


def test_a_csv_over_the_maximum_is_told_by_row(cloud: Office) -> None:
    csv = "account_id;display_name;purpose;quota_gb\r\narsip.satu;Satu;Arsip;100\r\narsip.dua;Dua;Arsip;500\r\n"
    table = {"kind": "data_cloud", "verb": "create", "csv": csv}
    answer = cloud.client("opd").post("/api/v1/requests", json={**CLOUD, "lines": table})
    assert [(fault["where"], fault["what"], fault["mend"]) for fault in answer.json()["faults"]] == [
        ("baris 3, kolom quota_gb", OVER[0][1], "minta paling banyak 100 GB")
    ]


def test_the_form_says_the_offices_default_and_maximum_and_refuses_beside_the_field(cloud: Office) -> None:
    browser = cloud.browser("opd")
    draft = cloud.house.desk.begin_draft(PEOPLE["opd"], "draft_aaaabbbbccccdddd")
    cloud.house.desk.save_draft(PEOPLE["opd"], draft.id, {**CLOUD, "lines": [LINE]})
    place = f"/permohonan/draf/{draft.id}/kebutuhan-teknis-1"
    page = browser.get(place)
    said = text_of(page)
    assert "Ruang simpan bawaan kantor: 8 GB; paling banyak 100 GB" in said
    assert "bawaan kantor: 20 Mbit/s; paling banyak 100 Mbit/s" in said
    assert typed(page)["lines[0].quota_gb"] == ["8"]
    answer = browser.post(place, data=typed(page, **{"lines[0].quota_gb": "500"}))
    assert (answer.status_code, 'href="#lines[0].quota_gb"' in answer.text) == (422, True)
    assert "melebihi yang diberikan kantor: 100 GB" in text_of(answer)
    assert "Minta paling banyak 100 GB" in text_of(answer)


def test_the_description_bears_the_offices_figures_as_they_stand_now(cloud: Office) -> None:
    def quota(verb: str) -> dict[str, Any]:
        document = cloud.anonymous().get("/api/v1/openapi.json").json()
        lines = document["components"]["schemas"]["RequestDocument"]["properties"]["lines"]["oneOf"][0]["items"]
        form = next(
            one["properties"]
            for one in lines["oneOf"]
            if (one["properties"]["kind"]["const"], one["properties"]["verb"]["const"]) == ("data_cloud", verb)
        )
        found: dict[str, Any] = form["quota_gb"]["anyOf"][0]
        return found

    told = quota("create")
    assert (told["default"], told["maximum"], "paling banyak 100 GB" in told["description"]) == (8, 100, True)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(500, told)
    # What stands may be more than the office gives today, and a change may name it.
    assert (quota("change")["maximum"], "default" in quota("change")) == (1000, False)
    give(cloud, {})
    assert (quota("create")["default"], quota("create")["maximum"]) == (5, 1000)


def delivered(cloud: Office, **fields: Any) -> str:
    """Make an account; return its item's id."""
    run_id = cloud.house.to_run(**fields)
    assert cloud.house.carry_out(run_id) == "done"
    return cloud.house.desk.run(PEOPLE["kabid"], run_id).run.item_id


def test_a_change_keeps_what_stands_above_a_maximum_lowered_since_and_asks_for_no_more(cloud: Office) -> None:
    item_id = delivered(cloud, quota_gb=60)
    give(cloud, {"data_cloud": {"quota_gb": {"most": 50}}})
    browser = cloud.browser("opd")
    place = f"/layanan/{item_id}/tindakan/change"
    letter = {"letter.number": "900/2/2026", "letter.date": "2026-11-20", "letter.subject": "Ubah"}
    page = browser.get(place)
    assert "paling banyak 50 GB" in text_of(page)
    more = browser.post(place, data=typed(page, **{"lines[0].quota_gb": "61"}) | letter)
    assert (more.status_code, "minta paling banyak 60 GB" in text_of(more).replace("Minta", "minta")) == (422, True)
    same = browser.post(place, data=typed(page, **{"lines[0].display_name": "Arsip Baru"}) | letter)
    assert same.status_code == 303
    assert cloud.house.desk.requests(PEOPLE["opd"])[0].lines[0].wish == {"display_name": "Arsip Baru"}


def test_a_maximum_lowered_after_filing_is_told_by_the_plan_with_its_figure(cloud: Office) -> None:
    assert sent(cloud, {**LINE, "quota_gb": 60})[0] == 201
    give(cloud, {"data_cloud": {"quota_gb": {"most": 50}}})
    request = cloud.house.desk.requests(PEOPLE["opd"])[0]
    line_id = to_decision(cloud.house, request)[0].id
    for name in ("opd", "kabid"):
        reasons = cloud.client(name).get(f"/api/v1/lines/{line_id}/plan").json()["reasons"]
        assert [(one["code"], one["what"], one["mend"]) for one in reasons] == [
            (
                "over_office_limit",
                "ruang simpan 60 GB melebihi yang diberikan kantor: 50 GB",
                "minta paling banyak 50 GB",
            )
        ]


def test_office_sync_copies_the_limits_and_refuses_whole_what_no_service_has(
    cloud: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = cloud.house
    of_worker = cloud.settings.model_copy(update={"database_url": SecretStr(house.url)})

    def sync(limits: dict[str, Any]) -> None:
        estate = replace(house.estate, variables={**house.estate.variables, "limits": limits})
        monkeypatch.setattr(admin, "read_estate", lambda _inventory: estate)
        admin.sync_office(of_worker, argparse.Namespace())

    sync({"data_cloud": {"quota_gb": {"default": 9}}})
    sync_wrong = {"data_cloud": {"quota_gb": {"default": 10}, "kuota": {"most": 5}}}
    with pytest.raises(BadInput) as raised:
        sync(sync_wrong)
    assert [fault.where for fault in raised.value.faults] == ["limits.data_cloud.kuota"]
    fields = {field.name: field for field in house.desk.kinds()["data_cloud"].fields}
    assert (fields["quota_gb"].default, fields["quota_gb"].most) == (9, None)


def test_nobody_grants_more_than_the_office_gives(cloud: Office) -> None:
    line_id = cloud.house.to_decision()
    browser = cloud.browser("pengkaji")
    page = browser.get(f"/baris/{line_id}/penyesuaian")
    form = typed(page, quota_gb="500", reason="lebih besar") | {"csrf": csrf_of(page)}
    answer = browser.post(f"/baris/{line_id}/penyesuaian", data=form)
    assert (answer.status_code, "melebihi yang diberikan kantor: 100 GB" in text_of(answer)) == (422, True)
