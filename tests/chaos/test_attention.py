"""Which ends of a run need a person, and does each stop where it must? The whole engine on fakes.

Undone and failed is an end; where nobody may guess, nothing is undone and the run says exactly what it saw.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from provisioner.decisions.decision import Outcome
from provisioner.digests import Value
from provisioner.errors import Refused
from provisioner.facts.observation import Spot
from provisioner.people.person import Right
from provisioner.plans.plan import Part, PlanState
from provisioner.runs.part_result import PartOutcome, PartResult
from provisioner.sending import Answer, Sending
from provisioner.store import people
from provisioner.workflow.hands import Doer
from provisioner.workflow.housekeeping import tidy
from tests.house import PEOPLE, EngineHouse

NEIGHBOUR = Spot(system="apache", target="web1/ga2b3c4d5e", property="vhost")
BEFORE: Value = {"text": "# tetangga\n", "owner": "root", "group": "root", "mode": "0644"}
AFTER: Value = {"text": "# tetangga\n# seseorang\n", "owner": "root", "group": "root", "mode": "0644"}


@pytest.fixture
def house(tmp_path: Path) -> EngineHouse:
    """An open office; one other tenant stands on its host."""
    house = EngineHouse(tmp_path)
    house.open()
    house.world.put(NEIGHBOUR, BEFORE)
    return house


def after_the_part(house: EngineHouse, act: Callable[[PartResult], PartResult]) -> None:
    """Let `act` happen when a part has been made; undoing is left alone."""
    own = house.hands.do

    def do(part: Part, **more: Any) -> PartResult:
        result = own(part, **more)
        return act(result) if part.play == "make" else result

    doer: Doer = do
    house.hands = replace(house.hands, do=doer)


def why(house: EngineHouse, run_id: str) -> str:
    """What the run says of its end."""
    return house.desk.run(PEOPLE["kabid"], run_id).run.why


def besides(house: EngineHouse) -> dict[Spot, Value]:
    """What stands in the world besides the neighbour."""
    return {spot: value for spot, value in house.world.read().values.items() if spot != NEIGHBOUR}


# -- Nobody may guess --------------------------------------------------------------------------------------------------


def test_a_neighbour_that_moved_during_a_run_stops_it_without_undo_and_shows_both_values(house: EngineHouse) -> None:
    """Law: other tenants' things are as before; what no run explains is a person's matter, and nothing is delivered."""
    run_id = house.to_run()

    def somebody_edits(result: PartResult) -> PartResult:
        house.world.put(NEIGHBOUR, AFTER)
        return result

    after_the_part(house, somebody_edits)
    assert house.carry_out(run_id) == "needs_attention"
    said = why(house, run_id)
    assert "apache web1/ga2b3c4d5e vhost" in said
    assert '"text":"# tetangga\\n"' in said
    assert "# seseorang" in said
    assert besides(house) != {}
    assert house.desk.items(PEOPLE["kabid"]) == ()


def test_a_third_value_at_an_object_of_ours_stops_the_run_and_stays(house: EngineHouse) -> None:
    run_id = house.to_run()
    house.world.plant({"kind": "third_value", "task": "apache", "value": AFTER})
    assert house.carry_out(run_id) == "needs_attention"
    item = house.desk.run(PEOPLE["kabid"], run_id).run.item_id
    vhost = Spot(system="apache", target=f"web1/{item}", property="vhost")
    assert house.world.read().values[vhost] == AFTER
    assert f"apache web1/{item} vhost" in why(house, run_id)


def test_playbook_files_that_changed_while_a_part_was_under_way_are_a_persons_matter(house: EngineHouse) -> None:
    """Sight was lost in mid-part, Gerbang was upgraded, and what would go on is not what was approved."""
    run_id = house.to_run()
    house.world.plant({"kind": "lose_before", "task": "database"})
    house.hands = replace(house.hands, is_free=lambda _host: False)
    assert house.carry_out(run_id) == "unknown"
    house.hands = replace(house.hands, is_free=lambda _host: True)
    house.reach_files["playbooks/hosting.yml"] = "2" * 64
    assert house.carry_out(run_id) == "needs_attention"
    assert why(house, run_id) == "berkas playbook, variabel atau versi berubah sejak disetujui"


# -- Failed, and undone ------------------------------------------------------------------------------------------------


def test_a_secret_found_in_what_the_run_wrote_fails_it_and_says_where(house: EngineHouse) -> None:
    run_id = house.to_run()
    after_the_part(house, lambda result: replace(result, leaks=("answer of database: database_password",)))
    assert house.carry_out(run_id) == "failed"
    assert besides(house) == {}
    said = [event.text for event in house.desk.events(PEOPLE["kabid"], run_id, 0)]
    assert "rahasia ditemukan pada: answer of database: database_password" in said


def test_a_change_that_nobody_planned_fails_the_run(house: EngineHouse) -> None:
    """Law 2: predicted and observed changes are the same, or the run failed."""
    run_id = house.to_run()

    def one_more(result: PartResult) -> PartResult:
        first = result.tasks[0]
        strange = replace(first.changes[0], property="sesuatu")
        return replace(result, tasks=(replace(first, changes=(*first.changes, strange)), *result.tasks[1:]))

    after_the_part(house, one_more)
    assert house.carry_out(run_id) == "failed"
    assert besides(house) == {}
    assert any(event.text.startswith("tidak direncanakan: ") for event in house.desk.events(PEOPLE["kabid"], run_id, 0))


def test_a_trial_that_does_not_hold_undoes_the_site_and_names_itself(house: EngineHouse) -> None:
    run_id = house.to_run()
    with house.world.changing() as state:
        state.seen_instead = {"database_isolated": {"databases": ["lain", "milik_sendiri"]}}
    assert house.carry_out(run_id) == "failed"
    assert besides(house) == {}
    assert "Basis data lain tertutup" in why(house, run_id)
    failing = [verdict.name for verdict in house.desk.run(PEOPLE["kabid"], run_id).verdicts if not verdict.holds]
    assert failing == ["database_isolated"]


def test_a_part_that_says_done_and_is_not_seen_done_fails(house: EngineHouse) -> None:
    """What Ansible says is no evidence: the look decides."""
    run_id = house.to_run()
    nothing = PartResult(outcome=PartOutcome.DONE, tasks=(), message="")
    own = house.hands.do

    def lying(part: Part, **more: Any) -> PartResult:
        return nothing if part.play == "make" else own(part, **more)

    house.hands = replace(house.hands, do=lying)
    assert house.carry_out(run_id) == "failed"
    assert besides(house) == {}


# -- Before the first act ----------------------------------------------------------------------------------------------


def test_a_decider_who_may_no_longer_decide_lets_nothing_begin(house: EngineHouse) -> None:
    """Authority is checked again at the first act; the request stands at its decision again."""
    line_id = house.to_decision()
    run_id = house.approve(line_id)
    with house.database.transaction() as uow:
        people.set_rights(uow, PEOPLE["kabid"].id, frozenset({Right.REVIEW, Right.FOLLOW_UP}))
    assert house.carry_out(run_id) == "refused"
    assert besides(house) == {}
    plan = house.desk.plan(PEOPLE["kabid"], line_id)
    assert (plan.request.step, plan.line.state, plan.decisions[-1].voided_at is None) == ("decide", "open", False)


# -- What time does ----------------------------------------------------------------------------------------------------


def test_a_plan_whose_holds_expired_is_stale_and_cannot_be_approved(house: EngineHouse) -> None:
    line_id = house.to_decision()
    plan = house.desk.plan(PEOPLE["kabid"], line_id).record.plan
    assert plan is not None
    house.clock.move(days=30)
    tidy(house.hands, lambda _subject: True)
    record = house.desk.plan(PEOPLE["kabid"], line_id).record
    assert (record.state, record.moved) == (PlanState.STALE, ("cadangan telah berakhir",))
    with pytest.raises(Refused):
        house.desk.decide(PEOPLE["kabid"], line_id, Outcome.APPROVED, digest=plan.digest, reason="")


def test_a_credential_nobody_claimed_in_72_hours_is_destroyed(house: EngineHouse) -> None:
    house.carry_out(house.to_run())
    item = house.desk.items(PEOPLE["opd"])[0]
    house.clock.move(hours=71)
    tidy(house.hands, lambda _subject: True)
    assert {secret.state for secret in house.desk.credentials(PEOPLE["teknis"], item.id)} == {"claimable"}
    house.clock.move(hours=2)
    tidy(house.hands, lambda _subject: True)
    secrets = house.desk.credentials(PEOPLE["teknis"], item.id)
    assert {(secret.state, secret.sealed) for secret in secrets} == {("destroyed", b"")}


def test_a_cancel_in_grace_brings_the_site_back(house: EngineHouse) -> None:
    house.carry_out(house.to_run())
    item = house.desk.items(PEOPLE["opd"])[0]
    stood = dict(house.world.read().values)
    run_id = house.terminate(item.id)
    assert house.carry_out(run_id) == "waiting_until"
    assert house.desk.item(PEOPLE["kabid"], item.id).item.state == "ending"
    house.desk.cancel(PEOPLE["pengkaji"], run_id, "OPD berubah pikiran")
    assert house.carry_out(run_id) == "cancelled"
    assert house.desk.item(PEOPLE["kabid"], item.id).item.state == "active"
    assert house.world.read().values == stood


def test_removal_waits_for_the_date_and_for_the_receipt(house: EngineHouse) -> None:
    house.carry_out(house.to_run())
    item = house.desk.items(PEOPLE["opd"])[0]
    run_id = house.terminate(item.id)
    assert house.carry_out(run_id) == "waiting_until"
    house.clock.move(days=31)
    assert house.carry_out(run_id) == "waiting_until"
    house.desk.record_receipt(PEOPLE["teknis"], item.id, "b" * 64)
    assert house.carry_out(run_id) == "done"
    assert besides(house) == {}
    assert house.desk.item(PEOPLE["kabid"], item.id).item.state == "terminated"


def test_what_was_sent_is_forgotten_after_thirty_days(house: EngineHouse) -> None:
    sent = Sending(person_id="per_opd", key_sha256="a" * 64, content_sha256="b" * 64, sent_at=house.clock())
    house.desk.for_sending(sent).submit(PEOPLE["opd"], house.example(), "application/yaml")
    house.desk.keep_answer(sent, Answer(status=201, location="", media_type="application/json", body=b"{}"))
    kept = []
    for days in (29, 2):
        house.clock.move(days=days)
        tidy(house.hands, lambda _subject: True)
        kept.append(house.desk.answer(sent) is not None)
    assert kept == [True, False]
