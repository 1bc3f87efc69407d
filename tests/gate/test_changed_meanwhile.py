"""What if the thing changed between the page and the click? Nothing is done, and what changed is said."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from provisioner.decisions.decision import Outcome
from provisioner.facts.estate import Estate
from provisioner.workflow.look import look
from tests.gate.office import Office, csrf_of
from tests.gate.test_pages import digest_in, text_of
from tests.house import ESTATE


def sent_again(office: Office, **fields: Any) -> str:
    """A request at its decision, returned and sent in again with other fields, and looked at; return its line."""
    house = office.house
    line_id = house.to_decision()
    house.desk.decide(office.person("kabid"), line_id, Outcome.RETURNED, digest="", reason="terlalu kecil")
    raw = house.example(**fields)
    request = house.desk.resubmit(office.person("opd"), house.request_of(line_id), raw, "application/yaml")
    look(house.hands, str(request.lines[0].plan_id))
    return line_id


def test_a_step_done_on_a_page_of_an_earlier_version_is_409_with_what_changed(office: Office) -> None:
    house = office.house
    line_id = house.to_plan()
    request_id = house.request_of(line_id)
    reviewer = office.browser("pengkaji")
    seen = reviewer.get(f"/permohonan/{request_id}")
    house.desk.do_step(office.person("pengkaji"), request_id, "review")
    house.desk.decide(office.person("kabid"), line_id, Outcome.RETURNED, digest="", reason="terlalu kecil")
    house.desk.resubmit(office.person("opd"), request_id, house.example(storage_gb=8), "application/yaml")
    form = {"csrf": csrf_of(seen), "version": "1", "note": "sesuai surat"}
    assert 'name="version" value="1"' in seen.text
    answer = reviewer.post(f"/permohonan/{request_id}/langkah/review", data=form)
    said = text_of(answer)
    assert answer.status_code == 409
    assert "sudah dikirim ulang sejak Anda membacanya: Ruang simpan: 5 GB menjadi 8 GB" in said
    assert "sesuai surat" in answer.text
    assert [done.step for done in house.desk.request(office.person("kabid"), request_id).done].count("review") == 1
    again = {"csrf": csrf_of(answer), "version": "2", "note": "sesuai surat"}
    assert reviewer.post(f"/permohonan/{request_id}/langkah/review", data=again).status_code == 303


def test_a_rejection_of_what_was_not_read_is_409(office: Office) -> None:
    """Law 1 binds an approval to its digest; who rejects or returns must have read what stands, too."""
    line_id = sent_again(office, storage_gb=8)
    office.house.desk.do_step(office.person("pengkaji"), office.house.request_of(line_id), "review")
    client, path = office.client("kabid"), f"/api/v1/lines/{line_id}/decision"
    stale = client.post(path, json={"outcome": "rejected", "reason": "terlalu kecil", "version": 1})
    fresh = client.post(path, json={"outcome": "rejected", "reason": "terlalu besar", "version": 2})
    assert (stale.status_code, fresh.status_code) == (409, 201)
    assert "Ruang simpan: 5 GB menjadi 8 GB" in stale.json()["detail"]


def test_an_approval_of_a_plan_that_moved_is_409_with_what_moved(office: Office) -> None:
    house = office.house
    line_id = house.to_decision()
    browser = office.browser("kabid")
    page = browser.get(f"/baris/{line_id}/rencana")
    web1 = ESTATE.hosts["web1"]
    other = {**web1.variables, "address_public": "10.77.0.99", "address_internal": "10.77.0.99"}
    house.estate = Estate(variables=ESTATE.variables, hosts={"web1": replace(web1, variables=other)})
    plan_id = house.desk.look_again(office.person("kabid"), line_id, wishes={"host": "web1"}, reason="alamat baru")
    look(house.hands, plan_id)
    form = {"csrf": csrf_of(page), "digest": digest_in(page), "outcome": "approved", "version": "1"}
    answer = browser.post(f"/baris/{line_id}/keputusan", data=form)
    said = text_of(answer)
    assert answer.status_code == 409
    assert "rencana sudah berubah sejak dilihat: " in said
    assert "10.77.0.99" in said.partition("sejak dilihat: ")[2][:400]
    assert house.desk.plan(office.person("kabid"), line_id).decisions == ()
