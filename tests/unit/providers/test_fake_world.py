"""Does the fake world outlive a killed process, and do its faults bite as they are named?"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from provisioner.facts.observation import Spot
from provisioner.facts.property import Undo
from provisioner.plans.change import Change
from provisioner.plans.plan import Part, Task
from provisioner.providers.fake import World
from provisioner.providers.fake_runner import KILLED, FakeRunner
from provisioner.runs.part_result import PartOutcome, PartResult

ITEM = "g7kq2mx4pd"


def change(system: str, prop: str, after: object = "here", before: object = None) -> Change:
    return Change(system=system, target=f"web1/{ITEM}", property=prop, before=before, after=after, undo=Undo.REMOVE)  # type: ignore[arg-type]


ACCOUNT = Task(name="account", changes=(change("account", "user"), change("account", "storage")))
APACHE = Task(name="apache", changes=(change("apache", "vhost"),))
PART = Part(playbook="hosting", play="make", limit="web1", stage="make", waits_for="", tasks=(ACCOUNT, APACHE))
ALL = {"user", "storage", "vhost"}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "world.json")


def standing(world: World) -> set[str]:
    return {spot.property for spot in World(world.path).read().values}


def in_child(act: Callable[[], object]) -> int:
    """Run `act` in a forked child and return how it ended."""
    child = os.fork()
    if child == 0:
        act()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def outcomes(result: PartResult) -> list[tuple[str, str]]:
    return [(task.task, task.outcome) for task in result.tasks]


def test_a_part_is_done_once_and_the_second_time_nothing(world: World) -> None:
    first, second = FakeRunner(world)(PART), FakeRunner(world)(PART)
    assert (first.outcome, outcomes(first)) == (PartOutcome.DONE, [("account", "changed"), ("apache", "changed")])
    assert (second.outcome, outcomes(second)) == (PartOutcome.DONE, [("account", "same"), ("apache", "same")])
    assert [(act["task"], act["property"]) for act in world.read().journal] == [
        ("account", "user"),
        ("account", "storage"),
        ("apache", "vhost"),
    ]


@pytest.mark.parametrize(
    ("moment", "task", "left"),
    [
        ("kill_before", "account", set()),
        ("kill_halfway", "account", {"user"}),
        ("kill_after", "account", {"user", "storage"}),
        ("kill_before", "apache", {"user", "storage"}),
        ("kill_after", "apache", ALL),
    ],
)
def test_a_killed_child_leaves_what_it_did_and_the_next_one_ends_it(
    world: World, moment: str, task: str, left: set[str]
) -> None:
    world.plant({"kind": moment, "task": task})
    assert in_child(lambda: FakeRunner(world)(PART)) == KILLED
    assert standing(world) == left
    assert in_child(lambda: FakeRunner(world)(PART)) == 0
    assert standing(world) == ALL
    assert len(world.read().journal) == len(ALL)


@pytest.mark.parametrize(
    ("kind", "left"), [("fail", set()), ("fail_halfway", {"user"}), ("fail_after", {"user", "storage"})]
)
def test_a_failing_task_stops_the_part(world: World, kind: str, left: set[str]) -> None:
    world.plant({"kind": kind, "task": "account"})
    result = FakeRunner(world)(PART)
    assert (result.outcome, outcomes(result)) == (PartOutcome.FAILED, [("account", "failed")])
    assert {one.property for one in result.tasks[0].changes} == standing(world) == left


@pytest.mark.parametrize(("kind", "left"), [("lose_before", set()), ("lose_after", {"user", "storage"})])
def test_a_lost_connection_is_unknown_and_no_result_is_told(world: World, kind: str, left: set[str]) -> None:
    world.plant({"kind": kind, "task": "account"})
    result = FakeRunner(world)(PART)
    assert (result.outcome, result.tasks) == (PartOutcome.UNKNOWN, ())
    assert standing(world) == left


def test_a_third_value_is_left_untouched(world: World) -> None:
    world.plant({"kind": "third_value", "task": "apache", "value": "somebody else's"})
    result = FakeRunner(world)(PART)
    assert (result.outcome, outcomes(result)) == (PartOutcome.FAILED, [("account", "changed"), ("apache", "foreign")])
    spot = Spot(system="apache", target=f"web1/{ITEM}", property="vhost")
    assert world.read().values[spot] == "somebody else's"


def test_a_cancelled_part_stops_between_tasks(world: World) -> None:
    asked = iter([False, True])
    result = FakeRunner(world)(PART, cancelled=lambda: next(asked))
    assert (result.outcome, outcomes(result)) == (PartOutcome.CANCELLED, [("account", "changed")])


V1, V2 = ({"mark": f"gerbang item={ITEM} secret=v{number}"} for number in (1, 2))
LOGIN = f"web1/{ITEM}:sftp_password"


def turned(world: World, one: Change, **secrets: str) -> str:
    """Carry out one change of the account with these secrets; return the digest of the login as it stands then."""
    task = Task(name="account", changes=(one,))
    part = Part(playbook="hosting", play="make", limit="web1", stage="make", waits_for="", tasks=(task,))
    assert FakeRunner(world, lambda _: secrets)(part).outcome is PartOutcome.DONE
    return world.read().secret_digests[LOGIN]


def test_a_password_that_is_replaced_or_locked_away_comes_back_as_it_was(world: World) -> None:
    first = turned(world, change("account", "user", V1), sftp_password="satu")
    second = turned(world, change("account", "user", V2, V1), sftp_password="dua")
    assert second != first
    assert turned(world, change("account", "user", V1, V2), sftp_password="dua") == first
    probe = turned(world, change("account", "lock"), sftp_probe="uji")
    assert probe not in (first, second)
    assert turned(world, change("account", "lock", None, "here")) == first


def test_the_undo_of_a_part_leaves_nothing(world: World) -> None:
    FakeRunner(world)(PART)
    tasks = tuple(Task(name=t.name, changes=tuple(c.reversed() for c in t.changes)) for t in reversed(PART.tasks))
    undo = Part(playbook="hosting", play="unmake", limit="web1", stage="make", waits_for="", tasks=tasks)
    assert FakeRunner(world)(undo).outcome is PartOutcome.DONE
    assert standing(world) == set()


def test_two_processes_that_write_at_once_lose_nothing(world: World) -> None:
    def count() -> None:
        for _ in range(25):
            with world.changing() as state:
                state.measurements["n"] = state.measurements.get("n", 0) + 1

    child = os.fork()
    if child == 0:
        count()
        os._exit(0)
    count()
    os.waitpid(child, 0)
    assert world.read().measurements == {"n": 50}
