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
from dataclasses import dataclass
from pathlib import Path

import pytest

from provisioner.digests import Value
from provisioner.facts.observation import Spot
from provisioner.items.item import ItemState
from provisioner.providers.fake_runner import KILLED
from provisioner.unit_of_work import UnitOfWork
from tests.house import PEOPLE, EngineHouse, password_of, sha256_of

FOREIGN = Spot(system="apache", target="web1/lama", property="vhost")
FOREIGN_VHOST: Value = {"text": "# others\n", "owner": "root", "group": "root", "mode": "0644"}
TASKS = ("challenge", "account", "database", "certificate", "php_fpm", "apache", "dns")
MOST_COMMITS = 200


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A run about to begin, and how it must end. `world`: whether the site stands at the end."""

    name: str
    prepare: Callable[[EngineHouse], str]
    state: str
    stands: bool


def _create(house: EngineHouse) -> str:
    return house.to_run()


def _create_that_fails(house: EngineHouse) -> str:
    run_id = house.to_run()
    house.world.plant(*({"kind": "fail", "task": "apache"} for _ in range(9)))
    return run_id


def _terminate_through_grace(house: EngineHouse) -> str:
    """A site in its grace, the receipt given and the date come: the removing part is what is killed."""
    house.carry_out(house.to_run())
    item = house.desk.items(PEOPLE["opd"])[0]
    run_id = house.terminate(item.id)
    house.carry_out(run_id)
    assert house.desk.item(PEOPLE["kabid"], item.id).item.state is ItemState.ENDING
    house.desk.record_receipt(PEOPLE["teknis"], item.id, "a" * 64)
    house.clock.move(days=31)
    return run_id


SCENARIOS = (
    Scenario(name="create", prepare=_create, state="done", stands=True),
    Scenario(name="create_that_fails", prepare=_create_that_fails, state="failed", stands=False),
    Scenario(name="terminate_after_grace", prepare=_terminate_through_grace, state="done", stands=False),
)


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A scenario's files as they lie before the run, and how the run ends when nobody disturbs it."""

    scenario: Scenario
    folder: Path
    run_id: str
    now: object
    values: dict[Spot, Value]
    commits: int


@pytest.fixture(scope="module", params=SCENARIOS, ids=lambda scenario: scenario.name)
def prepared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Bring the scenario to its brink once, and run it undisturbed once, counting commits."""
    scenario: Scenario = request.param
    folder = tmp_path_factory.mktemp(scenario.name)
    house = EngineHouse(folder)
    house.open()
    house.world.put(FOREIGN, FOREIGN_VHOST)
    run_id = scenario.prepare(house)
    house.close()
    undisturbed = _copy(folder, "undisturbed")
    with _counting(undisturbed) as counted:
        undisturbed.clock.now = house.clock.now
        assert undisturbed.carry_out(run_id) == scenario.state
    return Prepared(
        scenario=scenario,
        folder=folder,
        run_id=run_id,
        now=house.clock.now,
        values=dict(undisturbed.world.read().values),
        commits=len(counted),
    )


def test_killed_before_or_after_any_commit_the_run_ends_as_it_would_have(prepared: Prepared) -> None:
    """Every commit of the run, once killed just before it and once just after."""
    assert 0 < prepared.commits < MOST_COMMITS
    for number in range(prepared.commits):
        for moment in ("before", "after"):
            house = _copy(prepared.folder, f"{moment}-{number}")
            _in_killed_child(house, prepared, lambda h: _kill_at_commit(h, number, moment))  # noqa: B023  called at once
            _ends_as_undisturbed(house, prepared, f"killed {moment} commit {number}")


@pytest.mark.parametrize("moment", ["kill_before", "kill_halfway", "kill_after"])
def test_killed_around_any_task_the_run_ends_as_it_would_have(prepared: Prepared, moment: str) -> None:
    """Every task, killed before it acts, with its first change done, and with all done and nobody told."""
    for task in TASKS:
        house = _copy(prepared.folder, f"{moment}-{task}")
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
    assert world.values[FOREIGN] == FOREIGN_VHOST, what
    assert house.desk.audit_verify(PEOPLE["auditor"]).broken == "", what
    made = [(a["system"], a["target"], a["property"]) for a in world.journal if a["before"] is None]
    if prepared.scenario.name == "create":
        assert len(made) == len(set(made)), f"{what}: made twice"
        _claimed_password_works(house, view.run.item_id, what)
    house.close()


def _claimed_password_works(house: EngineHouse, item_id: str, what: str) -> None:
    secrets = house.desk.credentials(PEOPLE["teknis"], item_id)
    assert sorted(secret.name for secret in secrets) == ["database_password", "sftp_password"], what
    for secret in secrets:
        _, opened = house.desk.claim(PEOPLE["teknis"], secret.id, statement_accepted=True, open_envelope=password_of)
        assert house.world.read().secret_digests[f"web1/{item_id}:{secret.name}"] == sha256_of(opened), what


def _in_killed_child(
    house: EngineHouse, prepared: Prepared, arm: Callable[[EngineHouse], None], *, may_end: bool = False
) -> None:
    """Carry out in a forked child that dies on the way; it opens its own connections."""
    folder = house.folder
    house.close()
    pid = os.fork()
    if pid == 0:
        child = EngineHouse(folder)
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


def _copy(folder: Path, name: str) -> EngineHouse:
    copy = folder.parent / f"{folder.name}-{name}"
    shutil.copytree(folder, copy)
    return EngineHouse(copy)
