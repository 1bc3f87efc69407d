"""Lines of one request share a call: does each run still keep its own rows, its own end and its own undo?"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from provisioner.digests import Value
from provisioner.facts.observation import Spot
from provisioner.items.order import Order
from provisioner.kinds.port import Kind, Question
from provisioner.plans.compare import Stage
from provisioner.plans.plan import Reach
from provisioner.runs.part_result import PartResult
from provisioner.store import runs
from provisioner.unit_of_work import UnitOfWork
from provisioner.workflow.look import look
from tests.house import EXAMPLE, PEOPLE, EngineHouse

NAMES = ("arsip", "pajak", "satpol")
MOST_COMMITS = 150


class Killed(BaseException):
    """The worker died here: nothing of ours may catch it."""


class Crowd:
    """An office in which one letter asked for three sites, all approved and waiting, of a kind that shares calls."""

    def __init__(self, folder: Path, parts: int = 1) -> None:
        self.house = EngineHouse(folder)
        self.house.open()
        self.calls: list[tuple[str, ...]] = []
        self.parts = parts
        kinds = {name: in_parts(kind, parts) for name, kind in self.house.hands.kinds.items()}
        own = self.house.hands.do_together

        def counted(orders: tuple[Order, ...]) -> tuple[PartResult, ...]:
            self.calls.append(tuple(order.run_id for order in orders))
            return own(orders)

        self.house.hands = replace(self.house.hands, kinds=kinds, do_together=counted)
        self.runs = self.approved()

    def approved(self) -> list[str]:
        desk = self.house.desk
        lines = [{**EXAMPLE["lines"][0], "sub_domain": name, "second_name": "none", "storage_gb": 1} for name in NAMES]
        request = desk.submit(PEOPLE["opd"], json.dumps({**EXAMPLE, "lines": lines}).encode(), "application/json")
        desk.do_step(PEOPLE["umum"], request.id, "register")
        desk.do_step(PEOPLE["kepala"], request.id, "disposition")
        for line in desk.request(PEOPLE["umum"], request.id).request.lines:
            look(self.house.hands, str(line.plan_id))
        desk.do_step(PEOPLE["pengkaji"], request.id, "review")
        return [self.house.approve(line.id) for line in request.lines]

    def states(self) -> list[str]:
        return [self.house.desk.run(PEOPLE["kabid"], run_id).run.state.value for run_id in self.runs]

    def standing(self) -> set[str]:
        """The names that have a site, by their marks in the zone."""
        return {spot.object.partition(".")[0] for spot in self.house.world.read().values if spot.property == "address"}

    def go_on(self) -> None:
        """What the queue does after a kill or a fault: each job again, once its time has come."""
        self.house.clock.move(seconds=31)
        for run_id in self.runs:
            self.house.carry_out(run_id)


def in_parts(kind: Kind, parts: int) -> Kind:
    """The kind as if it shared calls, its one stage cut into so many: what is made last, in a part of its own."""

    def stages(question: Question, choices: Mapping[str, Value]) -> tuple[Stage, ...]:
        (whole,) = kind.stages(question, choices)
        first, last = whole.wanted[:-2], whole.wanted[-2:]
        return (whole,) if parts == 1 else (replace(whole, wanted=first), replace(whole, name="last", wanted=last))

    return replace(kind, shares_calls=True, stages=stages)


@pytest.fixture(params=[1, 2])
def crowd(tmp_path: Path, request: pytest.FixtureRequest) -> Crowd:
    """Three approved lines of one request, each a run of one part or of two."""
    return Crowd(tmp_path, request.param)


def test_one_call_carries_all_and_each_run_keeps_its_own_rows(crowd: Crowd) -> None:
    assert crowd.house.carry_out(crowd.runs[0]) == "done"
    assert crowd.calls == [tuple(crowd.runs)] * crowd.parts
    assert crowd.states() == ["done"] * 3
    assert crowd.standing() == set(NAMES)
    with crowd.house.database.reading() as uow:
        for run_id in crowd.runs:
            intents = [(intent.run_id, intent.part, intent.way) for intent in runs.intents(uow, run_id)]
            assert intents == [(run_id, part, "make") for part in range(crowd.parts)]
            assert {result.outcome for result in runs.results(uow, run_id)} == {"changed"}
            assert runs.verdicts(uow, run_id)
            assert all(verdict.holds for verdict in runs.verdicts(uow, run_id))


def test_the_jobs_of_those_who_went_along_find_nothing_left_to_do(crowd: Crowd) -> None:
    crowd.house.carry_out(crowd.runs[0])
    journal = crowd.house.world.read().journal
    crowd.go_on()
    assert crowd.house.world.read().journal == journal
    assert len(crowd.calls) == crowd.parts


def test_one_that_fails_is_undone_alone(crowd: Crowd) -> None:
    crowd.house.world.plant({"kind": "fail", "task": "apache"})
    crowd.house.carry_out(crowd.runs[0])
    crowd.go_on()
    assert crowd.states() == ["failed", "done", "done"]
    assert crowd.standing() == set(NAMES[1:])


def test_one_whose_end_nobody_heard_is_looked_at_and_goes_on_alone(crowd: Crowd) -> None:
    crowd.house.world.plant({"kind": "lose_after", "task": "database"})
    crowd.house.carry_out(crowd.runs[0])
    crowd.go_on()
    assert crowd.states() == ["done"] * 3
    assert len(crowd.calls[0]) == 3


def test_one_that_moved_since_its_decision_is_stale_and_the_others_go_on(crowd: Crowd) -> None:
    item = crowd.house.desk.run(PEOPLE["kabid"], crowd.runs[1]).run.item_id
    crowd.house.world.put(Spot(system="account", target=f"web1/{item}", property="cron"), {"text": "lain"})
    crowd.house.carry_out(crowd.runs[0])
    assert crowd.states() == ["done", "stale", "done"]
    assert crowd.standing() == {NAMES[0], NAMES[2]}


def test_one_that_a_person_cancelled_before_it_began_touches_nothing(crowd: Crowd) -> None:
    crowd.house.desk.cancel(PEOPLE["kabid"], crowd.runs[2], reason="salah baris")
    crowd.house.carry_out(crowd.runs[0])
    crowd.go_on()
    assert crowd.states() == ["done", "done", "cancelled"]
    assert crowd.standing() == set(NAMES[:2])


def test_one_whose_trial_does_not_hold_is_undone_and_its_undo_looks_with_its_own_eyes(crowd: Crowd) -> None:
    crowd.house.world.show_instead("bandwidth_limit_bites", {"within": False})
    crowd.house.carry_out(crowd.runs[0])
    assert crowd.states() == ["failed"] * 3
    assert crowd.standing() == set()


def test_a_file_changed_while_the_company_was_getting_ready_lets_nobody_act(crowd: Crowd) -> None:
    own, asked = crowd.house.hands.reach, list[str]()

    def changed_after_the_first(kind: str) -> Reach:
        asked.append(kind)
        if len(asked) == 2:
            crowd.house.reach_files["playbooks/hosting.yml"] = "2" * 64
        return own(kind)

    crowd.house.hands = replace(crowd.house.hands, reach=changed_after_the_first)
    crowd.house.carry_out(crowd.runs[0])
    assert crowd.states() == ["needs_attention"] * 3
    assert (crowd.calls, crowd.house.world.read().journal) == ([], [])
    crowd.go_on()  # the jobs that were queued at the decision: nobody asked for a look
    assert crowd.states() == ["needs_attention"] * 3
    crowd.house.desk.look_at(PEOPLE["pengkaji"], crowd.runs[1])
    crowd.go_on()
    assert crowd.states() == ["needs_attention", "failed", "needs_attention"]


@contextmanager
def dying_at(house: EngineHouse, number: int) -> Iterator[list[int]]:
    """Kill the worker as its transaction of that number has committed; yields the count."""
    original, counted = house.database.transaction, list[int]()

    @contextmanager
    def transaction() -> Iterator[UnitOfWork]:
        mine = len(counted)
        counted.append(mine)
        with original() as uow:
            yield uow
        if mine == number:
            raise Killed

    house.database.transaction = transaction  # type: ignore[method-assign]
    try:
        yield counted
    finally:
        house.database.transaction = original  # type: ignore[method-assign]


@pytest.mark.parametrize("parts", [1, 2])
def test_a_kill_after_any_commit_ends_as_without_it_and_makes_nothing_twice(tmp_path: Path, parts: int) -> None:
    ends: Counter[str] = Counter()
    for number in range(parts, MOST_COMMITS, 6):
        (tmp_path / str(number)).mkdir()
        crowd = Crowd(tmp_path / str(number), parts)
        with suppress(Killed), dying_at(crowd.house, number) as counted:
            crowd.house.carry_out(crowd.runs[0])
        crowd.go_on()
        assert crowd.states() == ["done"] * 3, number
        assert crowd.standing() == set(NAMES), number
        made = Counter((act["system"], act["target"], act["property"]) for act in crowd.house.world.read().journal)
        assert set(made.values()) == {1}, number
        ends["killed" if len(counted) > number else "unharmed"] += 1
        if len(counted) <= number:
            break
        crowd.house.close()
    assert ends["killed"] > 8
