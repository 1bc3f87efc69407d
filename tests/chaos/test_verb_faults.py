"""What if something goes wrong while a verb is carried out on a standing item? Each verb that is built, each fault."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from provisioner.digests import Value
from provisioner.facts.observation import Spot
from provisioner.items.item import Item
from provisioner.kinds.catalogue import KINDS
from provisioner.plans.plan import Plan
from provisioner.runs.run import RunState
from provisioner.store.holds import HoldRow
from tests.house import PEOPLE, EngineHouse
from tests.verbs import ON_ITEMS, SAMPLES, VERBS_ON_ITEMS, Asked, ask, case_id, made, of_items, opening


@dataclass(frozen=True, kw_only=True)
class Begun:
    """A verb's approved run, and all that stood before it."""

    kind: str
    asked: Asked
    folder: Path
    run_id: str
    item: Item
    kept: tuple[HoldRow, ...]
    plan: Plan
    values: dict[Spot, Value]
    digests: dict[str, str]
    acts: int
    copies: Callable[[], EngineHouse]

    @property
    def ends(self) -> str:
        """How the run ends, or waits, when nothing goes wrong."""
        return "done" if self.asked.through is None else "waiting_until"

    @property
    def tasks(self) -> list[str]:
        """The duties of the first part that does anything; the parts after a grace cannot go back."""
        return [task.name for part in self.plan.parts if not part.waits_for for task in part.tasks]

    def fails_with(self, *tasks: str) -> str:
        """How the run ends when one of these tasks was done: what nobody can take back waits for a person."""
        return "needs_attention" if set(tasks) & set(self.asked.sticks) else "failed"


@pytest.fixture(scope="module", params=ON_ITEMS, ids=case_id)
def begun(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Begun:
    """Bring each verb to the brink of its run, once; every test goes on in a copy."""
    kind: str = request.param[0]
    asked: Asked = request.param[1]
    folder = tmp_path_factory.mktemp(asked.verb)
    house = EngineHouse(folder, kind=kind)
    house.open()
    house.world.put(*SAMPLES[kind].foreign)
    item_id = made(house, asked)
    run_id = ask(house, asked, item_id)
    state, numbers = house.world.read(), iter(range(1000))
    view = house.desk.item(PEOPLE["kabid"], item_id)
    plan = house.desk.plan(PEOPLE["kabid"], house.desk.run(PEOPLE["kabid"], run_id).line.id).record.plan
    assert plan is not None
    now = house.clock.now
    house.close()

    def copies() -> EngineHouse:
        copy = EngineHouse(shutil.copytree(folder, folder.parent / f"{folder.name}-{next(numbers)}"), kind=kind)
        copy.clock.now = now
        return copy

    return Begun(
        kind=kind,
        asked=asked,
        folder=folder,
        run_id=run_id,
        item=view.item,
        kept=view.holds,
        plan=plan,
        values=dict(state.values),
        digests=dict(state.secret_digests),
        acts=len(state.journal),
        copies=copies,
    )


def undone(house: EngineHouse, begun: Begun, what: str) -> None:
    """All is as it was: world, passwords, neighbours, the item's record, its holds; what the run made is destroyed."""
    state, view = house.world.read(), house.desk.item(PEOPLE["kabid"], begun.item.id)
    assert of_items(begun.kind, state.values) == of_items(begun.kind, begun.values), what
    assert opening(state.secret_digests) == opening(begun.digests), what
    assert (view.item, view.holds) == (begun.item, begun.kept), what
    made_by_it = [secret for secret in view.credentials if secret.run_id == begun.run_id]
    assert [secret.state for secret in made_by_it if secret.state != "destroyed"] == [], what
    assert house.desk.audit_verify(PEOPLE["auditor"]).broken == "", what


def awaits_a_person(house: EngineHouse, begun: Begun, what: str) -> None:
    """What nobody can take back is named; a person looks again, finds all at after, and it goes on to its end."""
    view = house.desk.run(PEOPLE["kabid"], begun.run_id)
    assert "tidak dapat dikembalikan" in view.run.why, what
    house.desk.look_at(PEOPLE["pengkaji"], begun.run_id)
    assert house.carry_out(begun.run_id) == begun.ends, what
    assert house.desk.audit_verify(PEOPLE["auditor"]).broken == "", what
    house.close()


def test_each_task_that_acts_and_fails_is_undone_and_a_retry_under_the_same_decision_ends_well(begun: Begun) -> None:
    for task in begun.tasks:
        house = begun.copies()
        house.world.plant({"kind": "fail_after", "task": task})
        assert house.carry_out(begun.run_id) == begun.fails_with(task), task
        if begun.fails_with(task) != "failed":
            awaits_a_person(house, begun, task)
            continue
        undone(house, begun, task)
        again = house.desk.retry(PEOPLE["pengkaji"], begun.run_id)
        assert house.carry_out(again.id) == begun.ends, task
        house.close()


def test_each_task_that_fails_midway_is_undone(begun: Begun) -> None:
    for task in begun.tasks:
        house = begun.copies()
        house.world.plant({"kind": "fail_halfway", "task": task})
        assert house.carry_out(begun.run_id) == begun.fails_with(task), task
        if begun.fails_with(task) == "failed":
            undone(house, begun, task)
        house.close()


def test_each_trial_that_does_not_hold_undoes_it_and_is_named(begun: Begun) -> None:
    """What waits is tried when all is gone (test_holes.py): until then there is no verdict that could fail."""
    house = begun.copies()
    assert house.carry_out(begun.run_id) == begun.ends
    tried = [v for v in house.desk.run(PEOPLE["kabid"], begun.run_id).verdicts if v.name != "plan_empty"]
    house.close()
    assert bool(tried) == (begun.ends == "done")
    for verdict in tried:
        house = begun.copies()
        house.world.show_instead(verdict.name, {"seen": "something else"})
        ended = begun.fails_with(*begun.tasks)
        assert house.carry_out(begun.run_id) == ended, verdict.name
        if ended == "failed":
            assert verdict.label in house.desk.run(PEOPLE["kabid"], begun.run_id).run.why
            undone(house, begun, verdict.name)
            house.close()
            continue
        house.desk.look_at(PEOPLE["pengkaji"], begun.run_id)
        assert house.carry_out(begun.run_id) == ended, verdict.name
        with house.world.changing() as state:
            state.seen_instead = {}
        awaits_a_person(house, begun, verdict.name)


def test_a_host_that_is_silent_lets_nothing_begin_and_once_it_answers_the_run_goes_on(begun: Begun) -> None:
    house = begun.copies()
    house.world.silence(SAMPLES[begun.kind].host)
    assert house.carry_out(begun.run_id) == "unknown"
    undone(house, begun, "silent")
    house.world.silence()
    assert house.carry_out(begun.run_id) == begun.ends
    spot, others = SAMPLES[begun.kind].foreign
    assert house.world.read().values[spot] == others


def test_an_answer_that_is_lost_is_looked_for_and_nothing_is_done_twice(begun: Begun) -> None:
    for task in begun.tasks:
        house = begun.copies()
        house.world.plant({"kind": "lose_after", "task": task})
        assert house.carry_out(begun.run_id) == begun.ends, task
        acts = [(a["task"], a["target"], a["property"]) for a in house.world.read().journal[begun.acts :]]
        parts = [part for part in begun.plan.parts if not part.waits_for]
        planned = [(t.name, c.target, c.property) for part in parts for t in part.tasks for c in t.changes]
        assert acts == planned, task
        house.close()


def test_a_cancel_between_two_tasks_takes_back_what_was_done(begun: Begun) -> None:
    house = begun.copies()
    do, asked = house.hands.do, list[bool]()

    def and_cancel(*args: object, **words: object) -> object:
        finished = words["finished"]

        def then(result: object) -> None:
            finished(result)  # type: ignore[operator]
            if not asked:
                asked.append(True)
                house.desk.cancel(PEOPLE["pengkaji"], begun.run_id, "OPD berubah pikiran")

        return do(*args, **{**words, "finished": then})  # type: ignore[arg-type]

    object.__setattr__(house.hands, "do", and_cancel)
    assert house.carry_out(begun.run_id) == "cancelled"
    undone(house, begun, "cancelled")


def test_a_third_value_at_an_object_of_ours_stops_it_untouched(begun: Begun) -> None:
    house, change = begun.copies(), begun.plan.changes[0]
    house.world.put(change.spot, {"text": "# tangan lain\n"})
    assert house.carry_out(begun.run_id) == RunState.STALE
    assert house.world.read().values == {**begun.values, change.spot: {"text": "# tangan lain\n"}}
    assert house.desk.item(PEOPLE["kabid"], begun.item.id).item == begun.item


def test_every_verb_that_is_built_on_an_item_is_listed_with_how_it_is_asked() -> None:
    """A verb joins crash table, fault table and contract by this list: here it is missed where it is not."""
    for name, kind in KINDS.items():
        built = {verb for verb, said in kind.verbs.items() if said.state == "available" and said.names_item}
        assert {asked.verb for asked in VERBS_ON_ITEMS[name]} == built
