"""Is it found again what was done, whose it is, and what was forgotten half-way?"""

from dataclasses import replace
from datetime import timedelta

from provisioner.items.item import ItemState
from provisioner.plans.plan import PlanState, Reason
from provisioner.runs.run import ENDED, RunState
from provisioner.store import alarms, forgotten, items, looking_back, office, plans, runs
from tests.storage.test_runs import INTENT, RESULT
from tests.storage.world import ITEM, NOW, World, item, run

OTHER = "gaaaaaaaaa"
SECOND = timedelta(seconds=1)


def test_office_settings_are_replaced_as_a_whole(world: World) -> None:
    with world.database.transaction() as uow:
        assert office.settings(uow) == {}
        office.keep(uow, {"zone": "kota.lab", "reserved_labels": ["www", "ns1"]})
        office.keep(uow, {"zone": "kota.test", "grace_days": 30})
        assert office.settings(uow) == {"grace_days": 30, "zone": "kota.test"}
        office.keep(uow, {})
        assert office.settings(uow) == {}


def test_standing_items_have_owners(world: World) -> None:
    line_id = world.line()
    with world.database.transaction() as uow:
        items.add(uow, item(line_id))
        items.add(uow, item(line_id, id=OTHER, opd="DINKES"))
        assert items.owners(uow) == {ITEM: "DISDIK", OTHER: "DINKES"}
        items.change(uow, ITEM, state=ItemState.TERMINATED)
        assert items.owners(uow) == {OTHER: "DINKES"}


def test_an_alarm_lasts_as_long_as_what_it_says(world: World) -> None:
    full = Reason(code="storage", what="ruang simpan 96 %", mend="tambah ruang")
    slow = Reason(code="a_bandwidth", what="bandwidth habis", mend="tambah bandwidth")
    line_id = world.line()
    with world.database.transaction() as uow:
        items.add(uow, item(line_id))
        items.add(uow, item(line_id, id=OTHER))
        assert alarms.keep(uow, ITEM, (full,), NOW) == ("storage",)
        assert alarms.keep(uow, OTHER, (full,), NOW) == ("storage",)
        fuller = replace(full, what="ruang simpan 99 %")
        assert alarms.keep(uow, ITEM, (fuller, slow), NOW + SECOND) == ("a_bandwidth",)
        assert alarms.of_item(uow, ITEM) == (slow, fuller)
        assert alarms.keep(uow, ITEM, (), NOW) == ()
        assert alarms.of_item(uow, ITEM) == ()
        assert alarms.of_item(uow, OTHER) == (full,)


def test_what_other_runs_meant_or_did_since_then_names_its_places(world: World) -> None:
    first, second = world.lines(2)
    world.running(first)
    world.decided(second, "plan_2", "dec_2")
    with world.database.transaction() as uow:
        runs.add(uow, run(second, id="run_2", plan_id="plan_2", decision_id="dec_2", item_id=OTHER))
        runs.write_intent(uow, INTENT)
        runs.write_intent(uow, replace(INTENT, run_id="run_2"))
        runs.write_result(uow, replace(RESULT, run_id="run_2", written_at=NOW + 5 * SECOND))
        places = {f"{c.system} {c.target} {c.property}" for c in INTENT.changes}
        assert looking_back.places_of_others_since(uow, NOW, "run_3") == places
        assert looking_back.places_of_others_since(uow, NOW + SECOND, "run_2") == frozenset()
        assert looking_back.places_of_others_since(uow, NOW + SECOND, "run_3") == places
        assert looking_back.places_of_others_since(uow, NOW + 6 * SECOND, "run_3") == frozenset()


def test_a_tasks_usual_time_is_the_median_of_what_it_took_when_it_worked(world: World) -> None:
    world.running(world.line())
    with world.database.transaction() as uow:
        runs.write_intent(uow, INTENT)
        runs.write_intent(uow, replace(INTENT, way="undo"))
        assert looking_back.usual_seconds(uow, "apache") is None
        for seconds in (9.0, 1.0, 2.0, 4.0):
            runs.write_result(uow, replace(RESULT, seconds=seconds))
        runs.write_result(uow, replace(RESULT, seconds=99.0, outcome="failed"))
        runs.write_result(uow, replace(RESULT, seconds=99.0, way="undo"))
        runs.write_result(uow, replace(RESULT, seconds=99.0, task="dns"))
        assert looking_back.usual_seconds(uow, "apache") == 3.0


def test_forgotten_runs_are_those_that_neither_ended_nor_wait(world: World) -> None:
    first, *_ = lines = world.lines(len(RunState))
    world.decided(first)
    with world.database.transaction() as uow:
        for number, (state, line_id) in enumerate(zip(RunState, lines, strict=True)):
            runs.add(uow, run(line_id, id=f"run_{state}", state=state, queued_at=NOW + number * SECOND))
        waiting = {RunState.NEEDS_ATTENTION, RunState.WAITING_FOR_PERSON, RunState.WAITING_UNTIL}
        expected = [(f"run_{state}", "web1") for state in RunState if state not in ENDED | waiting]
        assert list(forgotten.runs(uow, NOW)) == expected


def test_a_forgotten_run_whose_host_was_not_seen_has_time_until_its_next_look(world: World) -> None:
    line_id = world.line()
    world.decided(line_id)
    with world.database.transaction() as uow:
        runs.add(uow, run(line_id, state=RunState.UNKNOWN, look_again_at=NOW + SECOND))
        assert forgotten.runs(uow, NOW) == ()
        assert forgotten.runs(uow, NOW + SECOND) == (("run_1", "web1"),)


def test_forgotten_plans_are_those_asked_for_and_not_made(world: World) -> None:
    lines = world.lines(3)
    with world.database.transaction() as uow:
        for number, line_id in enumerate(lines):
            plans.ask(uow, f"plan_{number}", line_id, None, "", {}, NOW + number * SECOND)
        plans.start(uow, "plan_1")
        plans.finish(uow, "plan_2", PlanState.UNREACHABLE, None, (), NOW)
        assert forgotten.plans(uow) == ("plan_0", "plan_1")
