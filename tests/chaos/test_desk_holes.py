"""Which holes did a reviewer find at the desk? Each is shut here, as one would have gone through it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provisioner.decisions.decision import Outcome
from provisioner.digests import digest_of_bytes
from provisioner.errors import NotAllowed, NotFound, Refused
from provisioner.plans.plan import PlanState
from provisioner.procedures.procedure import read_procedures
from provisioner.runs.run import RunState
from provisioner.store import runs
from provisioner.store.procedures import of_request
from provisioner.workflow.look import look
from tests.chaos.desk_hands import (
    LINE,
    chain,
    held_of,
    states_of,
    submit,
    to_decision,
)
from tests.house import EXAMPLE, PEOPLE, PROCEDURES, EngineHouse


@pytest.fixture
def house(tmp_path: Path) -> EngineHouse:
    """An open office with nothing in it yet."""
    house = EngineHouse(tmp_path)
    house.open()
    return house


# -- What follows a decision -----------------------------------------------------------------------


def test_a_line_rejected_after_the_other_was_delivered_wakes_the_request(
    house: EngineHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else would: the delivered run ended before the step did."""
    request = submit(house, lines=[{**LINE, "sub_domain": "satu"}, {**LINE, "sub_domain": "dua"}])
    first, second = to_decision(house, request)
    assert house.carry_out(house.approve(first.id)) == "done"
    woken: list[str] = []
    monkeypatch.setattr(house.queue, "advance", lambda _uow, request_id: woken.append(request_id))
    house.desk.decide(PEOPLE["kabid"], second.id, Outcome.REJECTED, digest="", reason="penuh")
    assert woken == [request.id]


@pytest.mark.parametrize("outcome", [Outcome.REJECTED, Outcome.RETURNED])
def test_a_look_that_ends_after_the_rejection_or_return_holds_nothing(house: EngineHouse, outcome: Outcome) -> None:
    """The asked plan is superseded in the decision's own transaction."""
    line_id = house.to_decision()
    plan_id = house.desk.look_again(PEOPLE["kabid"], line_id, wishes={}, reason="")
    house.desk.decide(PEOPLE["kabid"], line_id, outcome, digest="", reason="tidak")
    assert states_of(house, line_id) == [PlanState.SUPERSEDED, PlanState.SUPERSEDED]
    look(house.hands, plan_id)
    assert states_of(house, line_id) == [PlanState.SUPERSEDED, PlanState.SUPERSEDED]
    assert held_of(house, line_id) == []


def test_a_returned_request_is_not_looked_at_until_it_comes_back(house: EngineHouse) -> None:
    """It lies with the OPD: a look would hold what nobody asks for."""
    line_id = house.to_decision()
    house.desk.decide(PEOPLE["kabid"], line_id, Outcome.RETURNED, digest="", reason="ubah")
    with pytest.raises(Refused, match="permohonan tidak sedang dikaji"):
        house.desk.look_again(PEOPLE["kabid"], line_id, wishes={}, reason="")
    assert held_of(house, line_id) == []


# -- Withdrawing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("returned", [False, True])
def test_an_opd_takes_its_request_back_until_the_decision(house: EngineHouse, returned: bool) -> None:
    """Nothing is held or planned any more; the chain keeps the reason's digest, the step its text."""
    line_id = house.to_decision()
    if returned:
        house.desk.decide(PEOPLE["kabid"], line_id, Outcome.RETURNED, digest="", reason="ubah")
    ended = house.desk.withdraw(PEOPLE["opd"], house.request_of(line_id), "anggaran dipindah")
    assert (ended.state, ended.step, [line.state for line in ended.lines]) == ("withdrawn", "", ["withdrawn"])
    assert (states_of(house, line_id), held_of(house, line_id)) == ([PlanState.SUPERSEDED], [])
    done = house.desk.request(PEOPLE["opd"], ended.id).done[-1]
    assert (done.actor_id, done.outcome, done.note) == ("per_opd", "withdrawn", "anggaran dipindah")
    digest = digest_of_bytes(b"anggaran dipindah")
    assert chain(house, "person:request:withdraw") == [(ended.id, {"reason_sha256": digest})]
    with pytest.raises(Refused):
        house.desk.withdraw(PEOPLE["opd"], ended.id, "lagi")


def test_nobody_but_the_opd_withdraws_and_nobody_after_the_decision(house: EngineHouse) -> None:
    """Staff reject or return; what is approved is carried out."""
    line_id = house.to_decision()
    request_id = house.request_of(line_id)
    with pytest.raises(NotAllowed):
        house.desk.withdraw(PEOPLE["kabid"], request_id, "x")
    with pytest.raises(NotFound):
        house.desk.withdraw(PEOPLE["lain"], request_id, "x")
    with pytest.raises(NotAllowed):
        house.desk.withdraw(PEOPLE["teknis"], request_id, "x")
    house.approve(line_id)
    with pytest.raises(Refused):
        house.desk.withdraw(PEOPLE["opd"], request_id, "x")


# -- Versions, numbers, reasons --------------------------------------------------------------------


def test_a_running_request_keeps_its_procedure_though_the_office_changes_the_file(house: EngineHouse) -> None:
    """A step added today is not asked of yesterday's request; a new request has it."""
    request = submit(house)
    changed = PROCEDURES.replace("id: disposition, right: dispose", "id: disposition, right: administer")
    assert changed != PROCEDURES
    table = read_procedures(changed)
    house.desk.house = replace(house.desk.house, procedures=table, procedures_text=changed)
    with house.database.reading() as uow:
        assert of_request(uow, request.id) == house.procedures["tarakan_hosting"]
    house.desk.do_step(PEOPLE["umum"], request.id, "register")
    assert [waiting.subject for waiting in house.desk.waiting(PEOPLE["kepala"])] == [request.id]
    house.desk.do_step(PEOPLE["kepala"], request.id, "disposition")
    later = submit(house, sub_domain="nanti", second_name="none")
    house.desk.do_step(PEOPLE["umum"], later.id, "register")
    with pytest.raises(NotAllowed):
        house.desk.do_step(PEOPLE["kepala"], later.id, "disposition")
    with house.database.reading() as uow:
        assert of_request(uow, later.id) == table["tarakan_hosting"]


def test_the_year_of_a_request_number_is_the_offices(house: EngineHouse) -> None:
    """At 17.00 UTC on the last of December it is next year in Makassar."""
    house.clock.now = datetime(2026, 12, 31, 15, 0, tzinfo=UTC)
    assert submit(house).number == "2026-0001"
    house.clock.now = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
    technical = {**EXAMPLE["technical"], "contract_end": "2027-12-31"}
    later = submit(house, technical=technical, sub_domain="baru", second_name="none")
    assert (later.number, later.submitted_at.astimezone(UTC).day) == ("2027-0001", 31)


def test_a_run_nobody_knows_of_can_be_cancelled_and_the_reason_stays_out_of_the_chain(house: EngineHouse) -> None:
    """The run keeps the words; the chain, which can never forget, their digest."""
    run_id = house.to_run()
    with house.database.transaction() as uow:
        for state in (RunState.LOOKING, RunState.APPLYING, RunState.UNKNOWN):
            runs.move(uow, run_id, state, now=house.clock())
    assert house.desk.run(PEOPLE["pengkaji"], run_id).may_cancel
    house.desk.cancel(PEOPLE["pengkaji"], run_id, "diminta Bapak X")
    assert chain(house, "person:run:cancel") == [(run_id, {"reason_sha256": digest_of_bytes(b"diminta Bapak X")})]
    said = [(event.kind, event.text) for event in house.desk.events(PEOPLE["kabid"], run_id, 0)]
    assert said == [("log", "alasan: diminta Bapak X")]
    house.desk.issue_token(PEOPLE["kabid"], "a" * 64, "laptop Bapak X")
    assert chain(house, "person:token:issue") == [("per_kabid", {"label_sha256": digest_of_bytes(b"laptop Bapak X")})]


def test_a_run_that_needs_attention_is_looked_at_again_by_who_follows_up(
    house: EngineHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Queued in the transaction that records who asked; for no other state, by nobody else."""
    run_id = house.to_run()
    queued: list[str] = []
    monkeypatch.setattr(house.queue, "carry_out", lambda _uow, subject, _host: queued.append(subject))
    with pytest.raises(Refused):
        house.desk.look_at(PEOPLE["pengkaji"], run_id)
    with house.database.transaction() as uow:
        for state in (RunState.LOOKING, RunState.APPLYING, RunState.NEEDS_ATTENTION):
            runs.move(uow, run_id, state, why="tugas php_fpm", now=house.clock())
    with pytest.raises(NotAllowed):
        house.desk.look_at(PEOPLE["opd"], run_id)
    house.desk.look_at(PEOPLE["pengkaji"], run_id)
    assert queued == [run_id]
    assert chain(house, "person:run:look") == [(run_id, {})]


def test_ready_asks_database_and_queue(tmp_path: Path) -> None:
    """A gate whose queue is gone can file nothing."""
    house = EngineHouse(tmp_path)
    assert sorted(part for part, said in house.desk.ready().items() if said != "ok") == ["database", "queue"]
    house.database.migrate()
    assert {part for part, said in house.desk.ready().items() if said != "ok"} == {"queue"}
    house.open()
    assert house.desk.ready() == {"database": "ok", "queue": "ok"}
