"""Which sequences once led round a law? Each was found by a reader, proved, and is closed by what is tried here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from provisioner.decisions.decision import Outcome
from provisioner.errors import GerbangError
from provisioner.runs.part_result import PartOutcome, PartResult, TaskResult
from provisioner.workflow import carry_out as carrying_out
from provisioner.workflow.housekeeping import tidy
from provisioner.workflow.look import look
from tests.house import EXAMPLE, PEOPLE, EngineHouse


@pytest.fixture
def house(tmp_path: Path) -> EngineHouse:
    """An open office with nothing in it yet."""
    house = EngineHouse(tmp_path)
    house.open()
    return house


def made(house: EngineHouse, name: str = "simpeg") -> str:
    """Deliver a site; return its item id."""
    run_id = house.to_run(sub_domain=name)
    assert house.carry_out(run_id) == "done"
    return house.desk.run(PEOPLE["kabid"], run_id).run.item_id


def standing(house: EngineHouse, item_id: str) -> set[str]:
    """What of the item stands in the world: {'account user', ...}."""
    return {f"{spot.system} {spot.property}" for spot in house.world.read().values if spot.object == item_id}


def silent_once_after_the_part(house: EngineHouse) -> None:
    """Let every host be silent for the look that follows the next part."""
    do = house.hands.do

    def then_silent(*args: Any, **words: Any) -> PartResult:
        result = do(*args, **words)
        house.world.silence("web1", "kota.lab")
        house.hands = replace(house.hands, do=do)
        return result

    house.hands = replace(house.hands, do=then_silent)


def test_an_item_is_not_terminated_twice_at_once(house: EngineHouse) -> None:
    """Two terminations would each take the other's grace for its own."""
    item_id = made(house)
    house.terminate(item_id)
    document = {**EXAMPLE, "lines": [{"kind": "hosting", "verb": "terminate", "item": item_id}]}
    with pytest.raises(GerbangError):
        house.desk.submit(PEOPLE["opd"], yaml.safe_dump(document).encode(), "application/yaml")


def test_a_silent_host_after_the_closing_part_does_not_shorten_the_grace(house: EngineHouse) -> None:
    """The grace is counted in days from the closing, whatever was not seen in between."""
    item_id = made(house)
    run_id = house.terminate(item_id)
    silent_once_after_the_part(house)
    assert house.carry_out(run_id) == "unknown"
    house.world.silence()
    house.clock.move(seconds=31)
    assert house.carry_out(run_id) == "waiting_until"
    house.desk.record_receipt(PEOPLE["teknis"], item_id, "a" * 64)
    house.clock.move(days=29)
    assert house.carry_out(run_id) == "waiting_until"
    assert "account user" in standing(house, item_id)
    house.clock.move(days=2)
    assert house.carry_out(run_id) == "done"
    assert standing(house, item_id) == set()


def test_the_receipt_of_a_cancelled_termination_serves_no_other(house: EngineHouse) -> None:
    """Each archive has its own receipt."""
    item_id = made(house)
    first = house.terminate(item_id)
    house.carry_out(first)
    house.desk.record_receipt(PEOPLE["teknis"], item_id, "a" * 64)
    house.desk.cancel(PEOPLE["kabid"], first, "OPD berubah pikiran")
    assert house.carry_out(first) == "cancelled"
    house.desk.give_up(PEOPLE["kabid"], first, "tidak jadi")
    second = house.terminate(item_id)
    assert house.carry_out(second) == "waiting_until"
    house.clock.move(days=31)
    assert house.carry_out(second) == "waiting_until"
    assert "account user" in standing(house, item_id)


def test_a_failure_that_was_told_is_not_forgotten_by_a_kill(
    house: EngineHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task failed after all it did; the worker died before the undo began: it is undone, not delivered."""
    run_id = house.to_run()
    house.world.plant({"kind": "fail_after", "task": "dns"})

    def killed(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(carrying_out, "undo", killed)
        with pytest.raises(SystemExit):
            house.carry_out(run_id)
    assert house.carry_out(run_id) == "failed"


def test_a_host_that_is_silent_when_the_undo_begins_does_not_turn_it_back(house: EngineHouse) -> None:
    """Once a run goes back it never makes again."""
    run_id = house.to_run()
    house.world.plant({"kind": "fail_after", "task": "apache"})
    silent_once_after_the_part(house)
    assert house.carry_out(run_id) == "unknown"
    house.world.silence()
    house.clock.move(seconds=31)
    assert house.carry_out(run_id) == "failed"


def test_a_worker_whose_run_was_taken_over_only_stops(house: EngineHouse) -> None:
    """Between two tasks another worker takes the run and undoes it: the first one makes nothing more."""
    run_id = house.to_run()
    do = house.hands.do

    def taken_over_after_the_account(*args: Any, finished: Any, **words: Any) -> PartResult:
        def told(result: TaskResult) -> None:
            finished(result)
            if result.task == "account":
                house.hands = replace(house.hands, do=do)
                house.world.plant({"kind": "fail", "task": "database"})
                assert house.carry_out(run_id) == "failed"

        return do(*args, finished=told, **words)

    house.hands = replace(house.hands, do=taken_over_after_the_account)
    house.carry_out(run_id)
    item_id = house.desk.run(PEOPLE["kabid"], run_id).run.item_id
    assert standing(house, item_id) == set()
    assert house.desk.run(PEOPLE["kabid"], run_id).run.state == "failed"


def test_a_site_made_meanwhile_in_the_same_zone_does_not_disturb_a_grace(house: EngineHouse) -> None:
    """What another run's own changes explain is not counted, its DNS names included."""
    item_id = made(house)
    run_id = house.terminate(item_id)
    house.carry_out(run_id)
    other = made(house, "arsip")
    house.desk.record_receipt(PEOPLE["teknis"], item_id, "a" * 64)
    house.clock.move(days=31)
    assert house.carry_out(run_id) == "done"
    assert standing(house, item_id) == set()
    assert "account user" in standing(house, other)


def test_a_cancel_during_the_last_task_is_heeded(house: EngineHouse) -> None:
    """It was accepted, so it counts: what was made goes back."""
    run_id = house.to_run()
    do = house.hands.do

    def cancelled_at_the_end(*args: Any, finished: Any, **words: Any) -> PartResult:
        def told(result: TaskResult) -> None:
            if result.task == "dns":
                house.hands = replace(house.hands, do=do)
                house.desk.cancel(PEOPLE["kabid"], run_id, "salah nama")
            finished(result)

        return do(*args, finished=told if house.hands.do is not do else finished, **words)

    house.hands = replace(house.hands, do=cancelled_at_the_end)
    assert house.carry_out(run_id) == "cancelled"
    assert standing(house, house.desk.run(PEOPLE["kabid"], run_id).run.item_id) == set()


def test_three_working_days_without_retry_end_the_line_and_free_its_holds(house: EngineHouse) -> None:
    """Nobody has to remember it."""
    run_id = house.to_run()
    house.world.plant({"kind": "fail", "task": "apache"})
    assert house.carry_out(run_id) == "failed"
    tidy(house.hands, lambda _: False)
    assert house.desk.run(PEOPLE["kabid"], run_id).may_retry
    house.clock.move(days=6)
    tidy(house.hands, lambda _: False)
    view = house.desk.run(PEOPLE["kabid"], run_id)
    assert (view.line.state, view.may_retry) == ("failed", False)
    assert house.carry_out(house.to_run()) == "done"


def test_a_look_that_ends_after_the_refusal_takes_no_holds(house: EngineHouse) -> None:
    """The name is free for others at once."""
    line_id = house.to_decision()
    plan_id = house.desk.look_again(PEOPLE["kabid"], line_id, wishes={}, reason="")
    house.desk.decide(PEOPLE["kabid"], line_id, Outcome.REJECTED, digest="", reason="tidak dapat")
    look(house.hands, plan_id)
    assert house.carry_out(house.to_run()) == "done"


def test_an_upgrade_during_the_grace_keeps_the_removal_for_a_person(house: EngineHouse) -> None:
    """What would remove is not what was approved: nothing is touched, and the closing is not questioned."""
    item_id = made(house)
    run_id = house.terminate(item_id)
    house.carry_out(run_id)
    house.desk.record_receipt(PEOPLE["teknis"], item_id, "a" * 64)
    house.reach_files["playbooks/hosting.yml"] = "2" * 64
    house.clock.move(days=31)
    assert house.carry_out(run_id) == "needs_attention"
    assert "account user" in standing(house, item_id)


def test_a_missing_calendar_does_not_keep_an_undone_run_from_ending(house: EngineHouse) -> None:
    """At the end of a year whose successor nobody has loaded, plain days count."""
    house.clock.move(days=36)
    house.hands = replace(house.hands, calendar=replace(house.hands.calendar, years=frozenset({2026, 2027})))
    run_id = house.to_run()
    house.hands = replace(house.hands, calendar=replace(house.hands.calendar, years=frozenset({2026})))
    house.world.plant({"kind": "fail", "task": "apache"})
    assert house.carry_out(run_id) == "failed"


def test_an_answer_lost_while_the_duty_runs_on_is_waited_for_before_absence_is_told(house: EngineHouse) -> None:
    """An orphan's end is waited for at every look of the undo."""
    run_id = house.to_run()
    waited: list[str] = []

    def lost(*_: object, **__: object) -> PartResult:
        return PartResult(outcome=PartOutcome.UNKNOWN, tasks=(), message="lost")

    def is_free(host: str) -> bool:
        waited.append(host)
        return True

    house.hands = replace(house.hands, do=lost, is_free=is_free)
    assert house.carry_out(run_id) == "failed"
    assert len(waited) > 3
