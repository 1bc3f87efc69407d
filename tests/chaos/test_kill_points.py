"""Does a run end as it would have, wherever the worker is killed?

Every commit and every task, enumerated in forked children.

The fakes' world and the store lie in files: what a killed child did is there for the one that takes over. The lab
does the
same at a few places with the real Ansible (tests/lab).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from provisioner.digests import Value
from provisioner.errors import NotFound
from provisioner.facts.observation import Spot
from provisioner.items.item import Item, ItemState
from provisioner.kinds.catalogue import KINDS
from provisioner.providers.fake_runner import KILLED
from provisioner.store import plans, runs
from provisioner.unit_of_work import UnitOfWork
from tests.house import PEOPLE, EngineHouse, password_of, sha256_of
from tests.verbs import SAMPLES, VERBS_ON_ITEMS, begun, of_items, opening, technical_of

MOST_COMMITS = 200


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A run about to begin, and how it must end. `undone`: all is at the end as it was before.

    `moments`: around each commit, where the run is killed.
    """

    kind: str
    name: str
    prepare: Callable[[EngineHouse], str]
    state: str
    undone: bool = False
    credentials: tuple[str, ...] = ()
    moments: tuple[str, ...] = ("before", "after")


def _create(house: EngineHouse) -> str:
    return house.to_run()


def _failing(prepare: Callable[[EngineHouse], str], task: str) -> Callable[[EngineHouse], str]:
    """The same run, whose `task` fails however often it is tried."""

    def prepared(house: EngineHouse) -> str:
        run_id = prepare(house)
        house.world.plant(*({"kind": "fail", "task": task} for _ in range(9)))
        return run_id

    return prepared


def _both(
    kind: str, name: str, prepare: Callable[[EngineHouse], str], fails_at: str, credentials: tuple[str, ...]
) -> list[Scenario]:
    """A verb that is carried out, and the same one failing late, so that much is to be undone."""
    done = Scenario(kind=kind, name=name, prepare=prepare, state="done", credentials=credentials)
    failing = _failing(prepare, fails_at)
    return [done, Scenario(kind=kind, name=f"{name}_that_fails", prepare=failing, state="failed", undone=True)]


SCENARIOS: list[Scenario] = []
for _kind, _sample in SAMPLES.items():
    SCENARIOS += _both(_kind, "create", _create, _sample.fails_at, _sample.credentials)
    for _asked in VERBS_ON_ITEMS[_kind]:
        _scenarios = _both(_kind, _asked.verb, partial(begun, asked=_asked), _asked.fails_at, _asked.credentials)
        # What removes cannot go back: how an end fails is tried by hand in test_holes.py and tests/lab. An undo takes
        # the same way for every verb, so that around its commits one moment each is enough: what was done is not yet
        # told.
        SCENARIOS += [_scenarios[0], *(replace(one, moments=("before",)) for one in _scenarios[1:] if _asked.stands)]


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A scenario's files as they lie before the run, and how the run ends when nobody disturbs it."""

    scenario: Scenario
    folder: Path
    run_id: str
    now: object
    values: dict[Spot, Value]
    record: dict[str, object]
    digests: dict[str, str]
    acts: int
    commits: int

    def copy(self, name: str) -> EngineHouse:
        """A house of its own on a copy of the files."""
        return _copy(self.scenario.kind, self.folder, name)


@pytest.fixture(scope="module", params=SCENARIOS, ids=lambda scenario: f"{scenario.kind}-{scenario.name}")
def prepared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Bring the scenario to its brink once, and run it undisturbed once, counting commits."""
    scenario: Scenario = request.param
    folder = tmp_path_factory.mktemp(scenario.name)
    house = EngineHouse(folder, kind=scenario.kind)
    house.open()
    house.world.put(*SAMPLES[scenario.kind].foreign)
    run_id = scenario.prepare(house)
    before = house.world.read()
    house.close()
    undisturbed = _copy(scenario.kind, folder, "undisturbed")
    with _counting(undisturbed) as counted:
        undisturbed.clock.now = house.clock.now
        assert undisturbed.carry_out(run_id) == scenario.state
    values = dict(undisturbed.world.read().values)
    assert (of_items(scenario.kind, values) == of_items(scenario.kind, before.values)) is scenario.undone
    return Prepared(
        scenario=scenario,
        folder=folder,
        run_id=run_id,
        now=house.clock.now,
        values=values,
        record=_record(undisturbed, run_id),
        digests=dict(before.secret_digests),
        acts=len(before.journal),
        commits=len(counted),
    )


def test_killed_before_or_after_any_commit_the_run_ends_as_it_would_have(prepared: Prepared) -> None:
    """Every commit of the run, once killed just before it and once just after."""
    assert 0 < prepared.commits < MOST_COMMITS
    for number in range(prepared.commits):
        for moment in prepared.scenario.moments:
            house = prepared.copy(f"{moment}-{number}")
            _in_killed_child(house, prepared, lambda h: _kill_at_commit(h, number, moment))  # noqa: B023  called at once
            _ends_as_undisturbed(house, prepared, f"killed {moment} commit {number}")


@pytest.mark.parametrize("moment", ["kill_before", "kill_halfway", "kill_after"])
def test_killed_around_any_task_the_run_ends_as_it_would_have(prepared: Prepared, moment: str) -> None:
    """Every task, killed before it acts, with its first change done, and with all done and nobody told."""
    for task in KINDS[prepared.scenario.kind].task_labels:
        house = prepared.copy(f"{moment}-{task}")
        house.world.plant({"kind": moment, "task": task})
        _in_killed_child(house, prepared, lambda _house: None, may_end=True)
        with house.world.changing() as state:
            state.faults = [fault for fault in state.faults if fault["kind"] != moment]
        _ends_as_undisturbed(house, prepared, f"{moment} {task}")


def _ends_as_undisturbed(house: EngineHouse, prepared: Prepared, what: str) -> None:
    house.clock.now = prepared.now  # type: ignore[assignment]
    state = house.carry_out(prepared.run_id)
    view = house.desk.run(PEOPLE["kabid"], prepared.run_id)
    assert state == prepared.scenario.state, f"{what}: {state} {view.run.why}"
    world = house.world.read()
    assert world.values == prepared.values, what
    spot, others = SAMPLES[house.kind].foreign
    assert world.values[spot] == others, what
    assert house.desk.audit_verify(PEOPLE["auditor"]).broken == "", what
    assert _record(house, prepared.run_id) == prepared.record, what
    assert _unheard(house, prepared.run_id) == set(), what
    if not prepared.scenario.undone:
        done = world.journal[prepared.acts :]
        acts = [(a["system"], a["target"], a["property"], str(a["before"]), str(a["after"])) for a in done]
        assert len(acts) == len(set(acts)), f"{what}: done twice"
    _passwords_work(house, prepared, view.run.item_id, what)
    house.close()


def _unheard(house: EngineHouse, run_id: str) -> set[tuple[int, str, str]]:
    """Which tasks of the way that the run ended on did what was intended, and nobody heard them end: (0, make, dns)."""
    with house.database.reading() as uow:
        run, intents, results = runs.run(uow, run_id), runs.intents(uow, run_id), runs.results(uow, run_id)
        plan = plans.plan(uow, run.plan_id).plan
    assert plan is not None
    way = "make" if run.state.value == "done" else "undo"
    told = {(row.part, row.way, row.task) for row in results if row.outcome in ("changed", "same")}
    intended = {
        (intent.part, way, task.name)
        for intent in intents
        if intent.way == way
        for task in plan.parts[intent.part].tasks
        if any(change in intent.changes or change.reversed() in intent.changes for change in task.changes)
    }
    return intended - told


def _record(house: EngineHouse, run_id: str) -> dict[str, object]:
    """What the house knows of the item afterwards: state, wish, choices, holds, life; and how the line stands."""
    run = house.desk.run(PEOPLE["kabid"], run_id)
    try:
        view = house.desk.item(PEOPLE["kabid"], run.run.item_id)
    except NotFound:
        return {"line": run.line.state, "item": None}
    kept = [(row.thing.pool, row.thing.key, row.thing.amount, row.state) for row in view.holds]
    life = [(moment.verb, moment.state, moment.wish) for moment in view.life]
    item = replace(view.item, delivered_at=run.run.queued_at)
    return {"line": run.line.state, "item": item, "kept": kept, "life": life}


def _passwords_work(house: EngineHouse, prepared: Prepared, item_id: str, what: str) -> None:
    """What is handed over opens what stands; what was handed over before, and not made anew, opens it still."""
    offered, target, item = {}, "", prepared.record["item"]
    if isinstance(item, Item):
        target = KINDS[house.kind].target(item.choices)
        found = house.desk.credentials(PEOPLE["kabid"], item_id)
        offered = {
            secret.name: secret for secret in found if secret.state == "claimable" and secret.run_id == prepared.run_id
        }
    assert tuple(sorted(offered)) == prepared.scenario.credentials, what
    for secret in offered.values():
        claimer = technical_of(house, item_id)
        _, opened = house.desk.claim(claimer, secret.id, statement_accepted=True, open_envelope=password_of)
        assert house.world.read().secret_digests[f"{target}:{secret.name}"] == sha256_of(opened), what
    now = opening(house.world.read().secret_digests)
    untouched = {
        name: digest for name, digest in opening(prepared.digests).items() if name.partition(":")[2] not in offered
    }
    if isinstance(item, Item) and item.state is not ItemState.TERMINATED:
        assert {name: now.get(name) for name in untouched} == untouched, what


def _in_killed_child(
    house: EngineHouse, prepared: Prepared, arm: Callable[[EngineHouse], None], *, may_end: bool = False
) -> None:
    """Carry out in a forked child that dies on the way; it opens its own connections."""
    folder = house.folder
    house.close()
    pid = os.fork()
    if pid == 0:
        child = EngineHouse(folder, kind=prepared.scenario.kind)
        child.clock.now = prepared.now  # type: ignore[assignment]
        arm(child)
        child.carry_out(prepared.run_id)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert code in ({KILLED, 0} if may_end else {KILLED}), f"the child ended with {code}"


def _kill_at_commit(house: EngineHouse, number: int, moment: str) -> None:
    original, seen = house.database.transaction, iter(range(MOST_COMMITS))

    @contextmanager
    def transaction() -> Iterator[UnitOfWork]:
        mine = next(seen)
        with original() as uow:
            yield uow
            if mine == number and moment == "before":
                os._exit(KILLED)
        if mine == number:
            os._exit(KILLED)

    house.database.transaction = transaction  # type: ignore[method-assign]


@contextmanager
def _counting(house: EngineHouse) -> Iterator[list[int]]:
    original, counted = house.database.transaction, list[int]()

    @contextmanager
    def transaction() -> Iterator[UnitOfWork]:
        counted.append(len(counted))
        with original() as uow:
            yield uow

    house.database.transaction = transaction  # type: ignore[method-assign]
    yield counted
    house.close()


def _copy(kind: str, folder: Path, name: str) -> EngineHouse:
    copy = folder.parent / f"{folder.name}-{name}"
    shutil.copytree(folder, copy)
    return EngineHouse(copy, kind=kind)
