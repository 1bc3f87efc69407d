"""Does one subtraction, the same for all kinds, find exactly what differs?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.digests import Value
from provisioner.facts.observation import Observation, Spot
from provisioner.facts.property import Undo
from provisioner.plans.change import Change
from provisioner.plans.compare import Stage, Wanted, after, compare, parts_of
from tests.unit.plans.worlds import PROPERTIES, SPOTS, last_wanted, observations, seen, stages, values

VHOST, DATABASE = SPOTS[0], SPOTS[3]
RULE = Spot(system="nextcloud", target="cloud1/gerbang-limit-1gb-semua", property="size_rule")
PASSWORD = Spot(system="nextcloud", target="cloud1/arsip", property="password")


def wanted(spot: Spot, value: Value) -> Wanted:
    return Wanted(task="apache", spot=spot, value=value)


@pytest.mark.parametrize(
    ("spot", "before", "value", "undo"),
    [
        (VHOST, None, "x", Undo.REMOVE),
        (VHOST, "x", "y", Undo.RESTORE),
        (VHOST, "x", None, Undo.RESTORE),
        (DATABASE, None, "x", Undo.REMOVE),
        (DATABASE, "x", "y", Undo.RESTORE),
        (DATABASE, "x", None, Undo.NONE),
        (PASSWORD, 1, 2, Undo.NONE),
        (RULE, None, "x", Undo.KEEP),
        (RULE, "y", "x", Undo.RESTORE),
    ],
)
def test_a_difference_says_how_it_is_undone(spot: Spot, before: Value, value: Value, undo: Undo) -> None:
    expected = Change(
        system=spot.system, target=spot.target, property=spot.property, before=before, after=value, undo=undo
    )
    assert compare(wanted(spot, value), seen({spot: before}), PROPERTIES) == expected


@given(observations, st.sampled_from(SPOTS), values)
def test_there_is_a_change_exactly_where_there_is_a_difference(look: Observation, spot: Spot, value: Value) -> None:
    change = compare(wanted(spot, value), look, PROPERTIES)
    assert (change is None) == (look.value(spot) == value)
    if change is not None:
        assert (change.spot, change.before, change.after) == (spot, look.value(spot), value)


def test_what_is_ensured_is_planned_alike_whether_or_not_another_line_has_made_it_meanwhile() -> None:
    planned = compare(wanted(RULE, "x"), seen({}), PROPERTIES)
    assert planned is not None
    assert planned == compare(wanted(RULE, "x"), seen({RULE: "x"}), PROPERTIES)
    assert compare(wanted(RULE, None), seen({}), PROPERTIES) is None


def test_where_nobody_looked_nothing_is_guessed() -> None:
    elsewhere = Spot(system="apache", target="web2/g7kq2mx4pd", property="vhost")
    with pytest.raises(KeyError, match="web2"):
        compare(wanted(elsewhere, None), seen({}), PROPERTIES)


def test_a_property_without_a_row_in_its_table_is_refused() -> None:
    unknown = Spot(system="apache", target="web1/g7kq2mx4pd", property="colour")
    with pytest.raises(KeyError, match="colour"):
        compare(wanted(unknown, "red"), seen({}), PROPERTIES)


@given(observations, stages())
def test_after_the_parts_are_done_the_plan_is_empty(look: Observation, asked: tuple[Stage, ...]) -> None:
    world = look
    for part in parts_of(asked, look, PROPERTIES):
        # Each part begins where the one before it ended.
        assert [world.value(change.spot) for change in part.changes] == [change.before for change in part.changes]
        world = after(world, part.changes)
    assert {spot: world.value(spot) for spot in last_wanted(asked)} == last_wanted(asked)
    assert parts_of(asked[-1:], world, PROPERTIES) == ()


@given(observations, stages())
def test_what_nobody_wanted_is_left_alone(look: Observation, asked: tuple[Stage, ...]) -> None:
    touched = {change.spot for part in parts_of(asked, look, PROPERTIES) for change in part.changes}
    assert touched <= last_wanted(asked).keys()
    assert all(change.before != change.after for part in parts_of(asked, look, PROPERTIES) for change in part.changes)


@given(observations, stages())
def test_no_part_and_no_task_is_empty_and_each_task_stands_once(look: Observation, asked: tuple[Stage, ...]) -> None:
    for part in parts_of(asked, look, PROPERTIES):
        names = [task.name for task in part.tasks]
        assert names
        assert len(names) == len(set(names))
        assert all(task.changes for task in part.tasks)


@given(observations, stages())
def test_planning_again_gives_the_same_parts(look: Observation, asked: tuple[Stage, ...]) -> None:
    assert parts_of(asked, look, PROPERTIES) == parts_of(asked, look, PROPERTIES)


def test_tasks_stand_in_the_order_in_which_they_are_first_wanted() -> None:
    stage = Stage(
        name="make",
        play="make",
        playbook="hosting",
        limit="web1",
        wanted=tuple(
            Wanted(task=task, spot=spot, value="x")
            for task, spot in zip(("apache", "database", "apache"), SPOTS[:3], strict=True)
        ),
    )
    (part,) = parts_of((stage,), seen({}), PROPERTIES)
    assert [(task.name, len(task.changes)) for task in part.tasks] == [("apache", 2), ("database", 1)]
    assert (part.playbook, part.play, part.limit, part.stage, part.waits_for) == ("hosting", "make", "web1", "make", "")


@given(observations, st.sampled_from(SPOTS), values)
def test_a_change_survives_rows_and_variables(look: Observation, spot: Spot, value: Value) -> None:
    change = compare(wanted(spot, value), look, PROPERTIES)
    if change is not None:
        assert Change.from_data(change.as_data()) == change
        assert (change.reversed().before, change.reversed().after) == (change.after, change.before)
        assert change.reversed().reversed().spot == spot
