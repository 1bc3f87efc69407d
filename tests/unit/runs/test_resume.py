"""After a crash or a failure: is exactly what is left done, and exactly what was done undone?"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.digests import Value
from provisioner.facts.observation import Observation
from provisioner.facts.property import Undo
from provisioner.plans.change import Change
from provisioner.plans.compare import Stage, after, parts_of
from provisioner.plans.plan import Part, Task
from provisioner.runs.resume import cannot_be_undone, left_of, not_taken_back, standing, undo_of
from tests.unit.plans.worlds import PROPERTIES, SPOTS, observations, seen, stages

ABSENT: Value = None


def change(number: int, before: Value = None, value: Value = "baru", undo: Undo = Undo.REMOVE) -> Change:
    spot = SPOTS[number]
    return Change(system=spot.system, target=spot.target, property=spot.property, before=before, after=value, undo=undo)


FIRST, SECOND, THIRD = change(0), change(1, "lama", "baru", Undo.RESTORE), change(2, "lama", None, Undo.NONE)
PART = Part(
    playbook="hosting",
    play="make",
    limit="web1",
    stage="make",
    waits_for="grace",
    tasks=(Task(name="account", changes=(FIRST, SECOND)), Task(name="apache", changes=(THIRD,))),
)


@pytest.mark.parametrize(
    ("there", "before", "done", "third"),
    [
        ({1: "lama", 2: "lama"}, [FIRST, SECOND, THIRD], [], []),
        ({0: "baru", 1: "lama", 2: "lama"}, [SECOND, THIRD], [FIRST], []),
        ({0: "baru", 1: "baru"}, [], [FIRST, SECOND, THIRD], []),
        ({0: "lain", 1: "lama", 2: "lama"}, [SECOND, THIRD], [], [(FIRST, "lain")]),
        ({}, [FIRST], [THIRD], [(SECOND, None)]),
    ],
)
def test_each_change_stands_at_before_after_or_a_third_value(
    there: dict[int, Value], before: list[Change], done: list[Change], third: list[tuple[Change, Value]]
) -> None:
    found = standing(PART.changes, seen({SPOTS[number]: value for number, value in there.items()}))
    assert [*found.before] == before
    assert [*found.after] == done
    assert [*found.third] == third


GROUPS = change(0, ["gerbang-limit-1gb", "opd-disdik"], ["gerbang-limit-2gb", "opd-disdik"], Undo.RESTORE)


@pytest.mark.parametrize(
    ("there", "stands"),
    [
        (["gerbang-limit-1gb", "gerbang-limit-2gb", "opd-disdik"], "half_way"),
        (["opd-disdik"], "half_way"),
        (["gerbang-limit-1gb", "opd-disdik"], "before"),
        (["gerbang-limit-2gb", "opd-disdik"], "after"),
        (["gerbang-limit-2gb"], "third"),
        (["admin", "gerbang-limit-2gb", "opd-disdik"], "third"),
        (None, "third"),
        ("opd-disdik", "third"),
        ([["opd-disdik"]], "third"),
    ],
)
def test_a_list_whose_members_come_and_go_singly_may_stand_half_way(there: Value, stands: str) -> None:
    found = standing((GROUPS,), seen({SPOTS[0]: there} if there is not None else {}))
    assert {name for name in ("before", "after", "half_way", "third") if getattr(found, name)} == {stands}
    assert (found.left, found.begun) == {
        "before": ((GROUPS,), ()),
        "after": ((), (GROUPS,)),
        "half_way": ((GROUPS,), (GROUPS,)),
        "third": ((), ()),
    }[stands]


def test_what_is_half_way_to_a_value_is_half_way_back_too() -> None:
    there = seen({SPOTS[0]: ["gerbang-limit-1gb", "gerbang-limit-2gb", "opd-disdik"]})
    assert standing((GROUPS.reversed(),), there).left == (GROUPS.reversed(),)


def test_what_is_shared_is_left_by_an_undo_and_its_standing_there_proves_nothing_against_it() -> None:
    shared = change(1, value="bersama", undo=Undo.KEEP)
    part = replace(PART, tasks=(Task(name="account", changes=(shared, FIRST)),))
    assert undo_of(part, (shared, FIRST)).changes == (FIRST.reversed(),)
    assert not_taken_back(part.changes, seen({SPOTS[1]: "bersama"})) == ()
    assert not_taken_back(part.changes, seen({SPOTS[0]: "baru", SPOTS[1]: "bersama"})) == (FIRST,)
    assert cannot_be_undone((shared, FIRST)) == ()


def test_where_nobody_looked_a_change_stands_nowhere() -> None:
    blind = Observation(values={}, measurements={}, looked=frozenset(), seen_at=seen({}).seen_at)
    with pytest.raises(KeyError, match="nobody looked"):
        standing(PART.changes, blind)


@pytest.mark.parametrize(
    ("remaining", "tasks"),
    [
        ((FIRST, SECOND, THIRD), [("account", [FIRST, SECOND]), ("apache", [THIRD])]),
        ((SECOND, THIRD), [("account", [SECOND]), ("apache", [THIRD])]),
        ((THIRD,), [("apache", [THIRD])]),
        ((), []),
    ],
)
def test_what_is_left_is_part_of_what_was_approved(
    remaining: tuple[Change, ...], tasks: list[tuple[str, list[Change]]]
) -> None:
    left = left_of(PART, remaining)
    assert [(task.name, [*task.changes]) for task in left.tasks] == tasks
    assert (left.playbook, left.play, left.limit, left.stage, left.waits_for) == (
        "hosting",
        "make",
        "web1",
        "make",
        "grace",
    )


@pytest.mark.parametrize(
    ("done", "tasks"),
    [
        ((FIRST, SECOND), [("account", [(SPOTS[1], "baru", "lama"), (SPOTS[0], "baru", None)])]),
        ((FIRST,), [("account", [(SPOTS[0], "baru", None)])]),
        ((FIRST, THIRD), [("account", [(SPOTS[0], "baru", None)])]),
        ((THIRD,), []),
        ((), []),
    ],
)
def test_undo_takes_back_the_last_first(done: tuple[Change, ...], tasks: list[tuple[str, object]]) -> None:
    back = undo_of(PART, done)
    found = [(task.name, [(one.spot, one.before, one.after) for one in task.changes]) for task in back.tasks]
    assert found == tasks
    assert (back.play, back.limit, back.waits_for) == ("unmake", "web1", "")


def test_the_undo_of_unmake_is_make() -> None:
    closing = Part(
        playbook="hosting",
        play="unmake",
        limit="web1",
        stage="close",
        waits_for="",
        tasks=(Task(name="apache", changes=(SECOND,)),),
    )
    assert undo_of(closing, (SECOND,)).play == "make"


def test_what_cannot_be_undone_is_said() -> None:
    assert cannot_be_undone(PART.changes) == (THIRD,)
    assert cannot_be_undone((FIRST, SECOND)) == ()


@given(observations, stages(), st.data())
def test_resuming_anywhere_reaches_the_same_end(
    look: Observation, asked: tuple[Stage, ...], data: st.DataObject
) -> None:
    for part in parts_of(asked, look, PROPERTIES):
        reached = data.draw(st.integers(0, len(part.changes)))
        crashed = after(look, part.changes[:reached])
        found = standing(part.changes, crashed)
        assert found.third == ()
        assert (found.after, found.before) == (part.changes[:reached], part.changes[reached:])
        finished = after(crashed, left_of(part, found.before).changes)
        look = after(look, part.changes)
        assert finished.values == look.values


@given(observations, stages(), st.data())
def test_undoing_from_anywhere_leaves_all_that_can_be_undone_as_it_was(
    look: Observation, asked: tuple[Stage, ...], data: st.DataObject
) -> None:
    for part in parts_of(asked, look, PROPERTIES):
        reached = data.draw(st.integers(0, len(part.changes)))
        failed = after(look, part.changes[:reached])
        done = standing(part.changes, failed).after
        back = undo_of(part, done)
        assert [one.before for one in back.changes] == [failed.value(one.spot) for one in back.changes]
        for_good = after(look, cannot_be_undone(done))
        assert after(failed, back.changes).values == for_good.values
        look = after(look, part.changes)
