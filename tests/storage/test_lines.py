"""How do many lines stand, in a few questions? And who wins where two decide the same table at once? Both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from provisioner.decisions.decision import Decision, Outcome, Word
from provisioner.errors import RefusedLines
from provisioner.plans.plan import PlanState, Reason
from provisioner.store import adjustments, decisions, plans, requests, runs
from tests.house import PEOPLE, EngineHouse, new_person
from tests.storage.test_adjustments import propose
from tests.storage.world import NOW, World, decision

FULL = Reason(code="host_full", what="web1 penuh", mend="kurangi ruang simpan")


def test_many_plans_are_told_in_brief(world: World) -> None:
    first, second, third = world.lines(3)
    digest = world.planned(first, "plan_1").digest
    with world.database.transaction() as uow:
        plans.ask(uow, "plan_2", second, None, "", {}, NOW)
        plans.ask(uow, "plan_3", third, None, "", {}, NOW)
        plans.start(uow, "plan_3")
        plans.finish(uow, "plan_3", PlanState.IMPOSSIBLE, None, (FULL,), NOW)
        found = plans.briefs(uow, ["plan_1", "plan_2", "plan_3", "plan_x", "plan_1"])
    told = {id_: (one.state.value, one.digest, one.reasons) for id_, one in found.items()}
    assert told == {
        "plan_1": ("current", digest, ()),
        "plan_2": ("asked", "", ()),
        "plan_3": ("impossible", "", (FULL,)),
    }


def test_runs_and_decisions_of_many_lines_come_at_once(world: World) -> None:
    first, second = world.lines(2)
    with world.database.transaction() as uow:
        assert (runs.by_id(uow, []), decisions.of_lines(uow, [])) == ({}, ())
        later = decision(second, id="dec_2", outcome=Outcome.REJECTED, digest="", reason="penuh")
        decisions.add(uow, later)
        assert decisions.of_lines(uow, [second, first, second]) == (later,)
    standing = world.running(first)
    with world.database.reading() as uow:
        assert runs.by_id(uow, [standing.id, "run_x"]) == {standing.id: standing}


def test_the_proposals_of_a_request_are_those_that_count(world: World) -> None:
    first, second = world.lines(2)
    with world.database.transaction() as uow:
        propose(uow, first)
        propose(uow, second)
        adjustments.withdraw(uow, second)
        found = adjustments.of_request(uow, requests.line(uow, first).request_id)
        assert {line_id: one.granted["storage_gb"] for line_id, one in found.items()} == {first: 3}
        assert adjustments.of_request(uow, "req_x") == {}


def test_of_two_who_decide_one_table_at_once_one_wins_whole(tmp_path: Path, empty_url: str) -> None:
    """Two deciders, crosswise: nobody's word stands on half of the lines."""
    second = new_person("kabid2", "head_of_applications", "review decide follow_up")
    house = EngineHouse(tmp_path, empty_url, people={**PEOPLE, "kabid2": second})
    house.open()
    request_id = house.lines_to_decision(6)
    view = house.desk.lines(PEOPLE["kabid"], request_id)
    yes = [Word(line_id=one.line.id, outcome=one.outcome, digest=one.digest, reason="ya") for one in view.lines]
    no = [Word(line_id=one.line.id, outcome=Outcome.REJECTED, reason="penuh") for one in reversed(view.lines)]
    start = Barrier(2)

    def saying(person_id: str, words: list[Word]) -> Callable[[], tuple[Decision, ...] | None]:
        def say() -> tuple[Decision, ...] | None:
            start.wait(timeout=30)
            try:
                return house.desk.decide_lines(house.people[person_id], request_id, words)
            except RefusedLines:
                return None

        return say

    with ThreadPoolExecutor(2) as pool:
        told = [one.result() for one in [pool.submit(saying("kabid", yes)), pool.submit(saying("kabid2", no))]]
    assert [one is None for one in told].count(True) == 1
    states = {line.state.value for line in house.desk.request(PEOPLE["kabid"], request_id).request.lines}
    assert states == ({"decided"} if told[0] else {"rejected"})
    house.close()
