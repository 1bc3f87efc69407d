"""Does each kind plan exactly what each of its tables says?

A table (tests/plans/<kind>/*.yml) is a wish, the facts, and what must come of them: `choices` (those named, exactly),
`parts` ([stage, waits_for, task, ...]), `changes` (all of them, in order: "task system target property undo"), `values`
(the value after, of those named), `things` (all), `reasons` (all: code and what is said), `page` (pieces of what is
shown), `secrets` (names of those that are made), `trials` (names of those that are tried). `why` says what the table is
there for. Of a verb on an item (`standing: true`), `wish` is what stands, `asked` the line's own fields, `after` the
verbs done since, `moved` what somebody else did to it, `hosts_before` the inventory of its making where that is
another by now, and `recorded` choices that are recorded otherwise (null: not at all).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from provisioner.plans.plan import Plan
from tests.plans.data_cloud_world import WORLD as DATA_CLOUD
from tests.plans.hosting_world import WORLD as HOSTING
from tests.plans.world import World

HERE = Path(__file__).parent
WORLDS: Mapping[str, World] = {world.kind.name: world for world in (HOSTING, DATA_CLOUD)}
TABLES: Mapping[str, Any] = {
    f"{kind}/{path.stem}": yaml.safe_load(path.read_text())
    for kind in WORLDS
    for path in sorted((HERE / kind).glob("*.yml"))
}
POSSIBLE = [name for name, table in TABLES.items() if "reasons" not in table]
IMPOSSIBLE = [name for name, table in TABLES.items() if "reasons" in table]
KEYS = {
    "why",
    "asked",
    "after",
    "moved",
    "wish",
    "hosts",
    "hosts_before",
    "recorded",
    "seen",
    "measurements",
    "taken",
    "free_at",
    "sums",
    "previous",
    "wishes",
    "verb",
    "standing",
}
EXPECTED = {"choices", "parts", "changes", "values", "things", "reasons", "page", "secrets", "trials"}


def world_of(name: str) -> World:
    """The world of the kind in whose folder the table lies."""
    return WORLDS[name.partition("/")[0]]


def described(plan: Plan) -> list[str]:
    """Each change in a line, in order."""
    return [
        f"{task.name} {change.system} {change.target} {change.property} {change.undo.value}"
        for part in plan.parts
        for task in part.tasks
        for change in task.changes
    ]


@pytest.mark.parametrize("name", TABLES)
def test_a_table_says_why_and_uses_known_words_only(name: str) -> None:
    assert TABLES[name]["why"].endswith(".")
    assert set(TABLES[name]) - KEYS - EXPECTED == set()
    assert set(TABLES[name]) & EXPECTED


@pytest.mark.parametrize("name", POSSIBLE)
def test_a_possible_wish_gives_exactly_these_choices_changes_and_holds(name: str) -> None:
    table, world = TABLES[name], world_of(name)
    plan = world.plan_for(world.question_of(table))
    assert {key: plan.choices[key] for key in table.get("choices", {})} == table.get("choices", {})
    if "parts" in table:
        assert [[p.stage, p.play, p.limit, p.waits_for, *(t.name for t in p.tasks)] for p in plan.parts] == table[
            "parts"
        ]
    if "changes" in table:
        assert described(plan) == table["changes"]
    if "things" in table:
        assert [[thing.pool, thing.key, thing.amount] for thing in plan.things] == table["things"]
    question = world.question_of(table)
    for key, found in (("secrets", world.kind.secrets), ("trials", world.kind.trials)):
        if key in table:
            assert [one.name for one in found(question, plan.choices)] == table[key]


@pytest.mark.parametrize("name", [name for name in POSSIBLE if "values" in TABLES[name]])
def test_a_change_goes_from_what_was_seen_to_exactly_this(name: str) -> None:
    world = world_of(name)
    question = world.question_of(TABLES[name])
    changes = {f"{c.system} {c.target} {c.property}": c for c in world.plan_for(question).changes}
    for place, (before, after) in TABLES[name]["values"].items():
        assert changes[place].before == before
        assert (_text(changes[place].after) if isinstance(after, str) else changes[place].after) == after


@pytest.mark.parametrize("name", [name for name in POSSIBLE if "page" in TABLES[name]])
def test_the_page_says_so(name: str) -> None:
    world = world_of(name)
    page = world.plan_for(world.question_of(TABLES[name])).page
    for key, wanted in TABLES[name]["page"].items():
        assert page[key] == wanted


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_an_impossible_wish_says_exactly_why_and_how_to_mend_it(name: str) -> None:
    world = world_of(name)
    reasons = world.kind.choose(world.question_of(TABLES[name]))
    assert isinstance(reasons, tuple)
    assert [[reason.code, reason.what] for reason in reasons] == TABLES[name]["reasons"]
    assert all(reason.mend for reason in reasons)


@pytest.mark.parametrize("name", POSSIBLE)
def test_a_plan_made_again_with_its_own_choices_is_the_same_plan(name: str) -> None:
    world = world_of(name)
    question = world.question_of(TABLES[name])
    plan = world.plan_for(question)
    again = world.plan_for(replace(question, previous=plan.choices))
    assert (again.choices, again.parts, again.digest) == (plan.choices, plan.parts, plan.digest)


@pytest.mark.parametrize("name", POSSIBLE)
def test_a_run_that_looks_at_its_own_places_alone_plans_the_same(name: str) -> None:
    world = world_of(name)
    question = world.question_of(TABLES[name])
    plan = world.plan_for(question)
    others = set(question.estate.hosts) - {*world.kind.places(plan.choices)}
    near = frozenset((system, place) for system, place in question.seen.looked if place not in others)
    seen = replace(question.seen, looked=near)
    assert world.plan_for(replace(question, previous=plan.choices, seen=seen)).digest == plan.digest


def _text(value: Any) -> Any:
    return value["text"] if isinstance(value, dict) else value
