"""What offices asked for, each seen in the whole engine on fakes: persons, paths, statements, limits, returns."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml

from provisioner.decisions.decision import Outcome
from provisioner.errors import BadInput, NotAllowed, NotFound, Refused
from provisioner.facts.estate import Estate
from provisioner.plans.plan import PlanState
from provisioner.store import people, sums
from provisioner.workflow.look import look
from provisioner.workflow.watch import watch
from tests.house import EXAMPLE, PEOPLE, EngineHouse, password_of

GIB = 1024**3


@pytest.fixture
def house(tmp_path: Path) -> EngineHouse:
    """An open office with nothing in it yet."""
    house = EngineHouse(tmp_path)
    house.open()
    return house


def test_the_contract_end_of_a_technical_person_is_stored_and_ends_the_access(house: EngineHouse) -> None:
    """Need 8: who is not ASN is kept with contract number and end; from the office's next day on nothing is open."""
    newcomer = {**EXAMPLE["technical"], "email": "baru@dincontoh.example", "name": "Rekaan Baru"}
    raw = yaml.safe_dump({**EXAMPLE, "technical": {**newcomer, "contract_end": "2026-12-04"}}).encode()
    request = house.desk.submit(PEOPLE["opd"], raw, "application/yaml")
    with house.database.reading() as uow:
        person = people.person(uow, str(request.technical_person_id))
    assert (person.contract_number, person.contract_end) == (EXAMPLE["technical"]["contract_number"], date(2026, 12, 4))
    assert person.access_ended_on(date(2026, 12, 5))
    assert not person.access_ended_on(date(2026, 12, 4))
    assert person.rights == frozenset()
    house.desk.issue_token(person, "t" * 64, "laptop")
    house.clock.now = datetime(2026, 12, 4, 15, 59, tzinfo=UTC)
    assert house.desk.person_of_token("t" * 64) == person
    assert [found.id for found in house.desk.requests(person)] == [request.id]
    house.clock.now = datetime(2026, 12, 4, 16, 0, tzinfo=UTC)
    assert house.desk.person_of_token("t" * 64) is None
    assert house.desk.requests(person) == ()
    with pytest.raises(NotFound):
        house.desk.request(person, request.id)


@pytest.mark.parametrize("path", ["direct", "nat", "proxy"])
def test_public_and_internal_address_and_the_path_between_are_recorded(house: EngineHouse, path: str) -> None:
    """Need 12: a shared address is recorded as shared, with how visitors reach the host."""
    house.estate = with_host(house.estate, path=path, address_public="203.0.113.5", address_internal="10.77.0.11")
    assert house.carry_out(house.to_run()) == "done"
    item = house.desk.items(PEOPLE["opd"])[0]
    recorded = {key: item.choices[key] for key in ("path", "address", "address_internal")}
    assert recorded == {
        "path": path,
        "address": {"A": ["203.0.113.5"], "AAAA": []},
        "address_internal": "10.77.0.11",
    }


def test_free_space_that_moved_leaves_the_digest_as_it_was(house: EngineHouse) -> None:
    """Need 24: measurements are shown and never digested; the approved run goes on."""
    house.world.measure("web1:storage_free_bytes", 15 * GIB)
    line_id = house.to_decision()
    first = digest_of(house, line_id)
    house.world.measure("web1:storage_free_bytes", 9 * GIB)
    look(house.hands, house.desk.look_again(PEOPLE["kabid"], line_id, wishes={}, reason=""))
    assert digest_of(house, line_id) == first
    house.world.measure("web1:storage_free_bytes", 8 * GIB)
    assert house.carry_out(house.approve(line_id)) == "done"


def test_a_claim_without_the_statement_of_responsibility_is_refused_and_consumes_nothing(house: EngineHouse) -> None:
    """Need 39: the statement comes first; the secret is still there afterwards, once."""
    house.carry_out(house.to_run())
    item = house.desk.items(PEOPLE["opd"])[0]
    secret = house.desk.credentials(PEOPLE["teknis"], item.id)[0]
    with pytest.raises(BadInput):
        house.desk.claim(PEOPLE["teknis"], secret.id, statement_accepted=False, open_envelope=password_of)
    _, opened = house.desk.claim(PEOPLE["teknis"], secret.id, statement_accepted=True, open_envelope=password_of)
    assert opened
    with pytest.raises(Refused):
        house.desk.claim(PEOPLE["teknis"], secret.id, statement_accepted=True, open_envelope=password_of)


@pytest.mark.parametrize("who", ["opd", "kabid", "auditor"])
def test_nobody_but_the_technical_person_named_claims(house: EngineHouse, who: str) -> None:
    """Not the requester, not the decider, not an auditor."""
    house.carry_out(house.to_run())
    item = house.desk.items(PEOPLE["opd"])[0]
    secret = house.desk.credentials(PEOPLE["teknis"], item.id)[0]
    with pytest.raises(NotAllowed):
        house.desk.claim(PEOPLE[who], secret.id, statement_accepted=True, open_envelope=password_of)


def test_another_opd_does_not_see_that_the_request_exists(house: EngineHouse) -> None:
    """A row of another OPD is not found, whoever asks."""
    line_id = house.to_plan()
    with pytest.raises(NotFound):
        house.desk.request(PEOPLE["lain"], house.request_of(line_id))
    assert house.desk.requests(PEOPLE["lain"]) == ()


def test_a_host_without_quota_says_so_in_the_plan_and_alarms_when_a_site_is_over(house: EngineHouse) -> None:
    """It is measured, alarmed and recorded as such; what is within its limit is no alarm."""
    house.estate = with_host(house.estate, storage_driver="measured")
    line_id = house.to_decision(storage_gb=2)
    plan = house.desk.plan(PEOPLE["kabid"], line_id).record.plan
    assert plan is not None
    assert any("TIDAK ditegakkan" in said for said in plan.page["enforcement"])
    assert house.carry_out(house.approve(line_id)) == "done"
    item = house.desk.items(PEOPLE["opd"])[0]
    assert item.choices["storage_driver"] == "measured"
    house.world.measure(f"web1/{item.id}:storage_used_bytes", 1 * GIB)
    watch(house.hands, "hosting")
    assert house.desk.item(PEOPLE["kabid"], item.id).alarms == ()
    house.world.measure(f"web1/{item.id}:storage_used_bytes", 3 * GIB)
    watch(house.hands, "hosting")
    watch(house.hands, "hosting")
    assert [alarm.code for alarm in house.desk.item(PEOPLE["kabid"], item.id).alarms] == ["storage_over"]
    rows = [row for row in house.desk.audit_rows(PEOPLE["auditor"], limit=500) if row.event == "worker:item:alarm"]
    assert [(row.subject, row.data) for row in rows] == [(item.id, {"alarms": ["storage_over"]})]


def test_a_returned_request_comes_back_as_a_new_version_and_goes_on_at_its_plan(house: EngineHouse) -> None:
    """What stands between stays done; the new version is planned, and its author may not decide it."""
    line_id = house.to_decision()
    request_id = house.request_of(line_id)
    house.desk.decide(PEOPLE["kabid"], line_id, Outcome.RETURNED, digest="", reason="lengkapi kebutuhan ruang")
    returned = house.desk.request(PEOPLE["opd"], request_id)
    assert (returned.request.state, returned.request.step) == ("waiting_for_opd", "submit")
    house.desk.resubmit(PEOPLE["opd"], request_id, house.example(storage_gb=3), "application/yaml")
    again = house.desk.request(PEOPLE["opd"], request_id).request
    assert (again.version, again.state, again.step) == (2, "open", "review")
    assert again.lines[0].wish["storage_gb"] == 3
    look(house.hands, str(again.lines[0].plan_id))
    house.desk.do_step(PEOPLE["pengkaji"], request_id, "review")
    assert house.carry_out(house.approve(line_id)) == "done"


def test_a_paper_letter_typed_by_staff_is_neither_their_request_nor_their_authorship(house: EngineHouse) -> None:
    """Law 3: who signed for the OPD is the requester; the recorder stands beside."""
    request = house.desk.submit(PEOPLE["umum"], house.example(), "application/yaml")
    assert request.recorder_id == PEOPLE["umum"].id
    assert request.requester_id not in {PEOPLE["umum"].id, PEOPLE["opd"].id}
    assert PEOPLE["umum"].id not in request.authors


def test_a_full_host_is_an_impossible_plan_that_says_what_would_help(house: EngineHouse) -> None:
    """Not an error: a plan with reasons, nothing held, nothing decided."""
    with house.database.transaction() as uow:
        sums.set_sum(uow, "web1:storage_bytes", 1 * GIB)
    line_id = house.to_plan(storage_gb=5)
    record = house.desk.plan(PEOPLE["kabid"], line_id).record
    assert record.state is PlanState.IMPOSSIBLE
    assert [reason.code for reason in record.reasons] == ["host_full"]
    assert all(reason.mend for reason in record.reasons)


def test_two_requests_for_one_name_the_second_is_told_and_gets_nothing(house: EngineHouse) -> None:
    """One holds the name; the other's plan is impossible."""
    house.to_plan()
    second = house.desk.plan(PEOPLE["kabid"], house.to_plan()).record
    assert second.state is PlanState.IMPOSSIBLE
    assert "name_taken" in [reason.code for reason in second.reasons]


def with_host(estate: Estate, **variables: object) -> Estate:
    """Return the estate with variables of web1 replaced."""
    web1 = estate.hosts["web1"]
    return replace(estate, hosts={"web1": replace(web1, variables={**web1.variables, **variables})})


def digest_of(house: EngineHouse, line_id: str) -> str:
    """Return the digest of the line's current plan."""
    plan = house.desk.plan(PEOPLE["kabid"], line_id).record.plan
    assert plan is not None
    return plan.digest
