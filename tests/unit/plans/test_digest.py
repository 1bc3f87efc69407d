"""Does the digest change with all that decides what runs, and with nothing else?"""

from dataclasses import fields, replace
from typing import Any

import pytest

from provisioner.facts.property import Undo
from provisioner.plans.change import Change
from provisioner.plans.hold import Thing
from provisioner.plans.plan import Part, Plan, Reach, Task

CHANGE = Change(
    system="apache", target="web1/g7kq2mx4pd", property="vhost", before=None, after={"text": "x"}, undo=Undo.REMOVE
)
TASK = Task(name="apache", changes=(CHANGE,))
PART = Part(playbook="hosting", play="make", limit="web1", stage="make", waits_for="", tasks=(TASK,))
REACH = Reach(files={"a": "1", "b": "2"}, variables={"zone": "kota.lab"}, versions={"ansible_core": "2.19.14"})
PLAN = Plan(
    kind="hosting",
    verb="create",
    wish_digest="ab" * 32,
    choices={"host": "web1", "uid": 20001},
    parts=(PART,),
    things=(),
    reach=REACH,
    page={},
)


def with_change(**values: Any) -> Plan:
    return replace(PLAN, parts=(replace(PART, tasks=(replace(TASK, changes=(replace(CHANGE, **values),)),)),))


OTHERS = {
    "kind": replace(PLAN, kind="subdomain"),
    "verb": replace(PLAN, verb="terminate"),
    "wish": replace(PLAN, wish_digest="cd" * 32),
    "choice": replace(PLAN, choices={"host": "web1", "uid": 20002}),
    "choice more": replace(PLAN, choices={**PLAN.choices, "php": None}),
    "no parts": replace(PLAN, parts=()),
    "part twice": replace(PLAN, parts=(PART, PART)),
    "playbook": replace(PLAN, parts=(replace(PART, playbook="x"),)),
    "play": replace(PLAN, parts=(replace(PART, play="unmake"),)),
    "limit": replace(PLAN, parts=(replace(PART, limit="web2"),)),
    "stage": replace(PLAN, parts=(replace(PART, stage="close"),)),
    "grace": replace(PLAN, parts=(replace(PART, waits_for="grace"),)),
    "task": replace(PLAN, parts=(replace(PART, tasks=(replace(TASK, name="dns"),)),)),
    "system": with_change(system="dns"),
    "target": with_change(target="web1/x"),
    "property": with_change(property="x"),
    "before": with_change(before=""),
    "after": with_change(after={"text": "y"}),
    "undo": with_change(undo=Undo.NONE),
    "file": replace(PLAN, reach=replace(REACH, files={"a": "1", "b": "3"})),
    "file more": replace(PLAN, reach=replace(REACH, files={**REACH.files, "c": "1"})),
    "variable": replace(PLAN, reach=replace(REACH, variables={"zone": "kota.test"})),
    "version": replace(PLAN, reach=replace(REACH, versions={"ansible_core": "2.19.15"})),
}


def test_the_digest_is_sixty_four_hexadecimal_digits() -> None:
    assert len(PLAN.digest) == 64
    assert set(PLAN.digest) <= set("0123456789abcdef")


@pytest.mark.parametrize("what", OTHERS)
def test_another_plan_has_another_digest(what: str) -> None:
    assert OTHERS[what].digest != PLAN.digest


def test_no_two_of_them_share_a_digest() -> None:
    assert len({plan.digest for plan in OTHERS.values()}) == len(OTHERS)


def test_every_field_of_a_change_and_a_part_is_tried() -> None:
    assert {field.name for field in fields(Change)} <= OTHERS.keys()
    assert {"playbook", "play", "limit", "stage", "waits_for", "tasks"} == {field.name for field in fields(Part)}


def test_what_is_shown_or_held_and_the_order_of_keys_do_not_count() -> None:
    thing = Thing(pool="fqdn", key="x", amount=1, label="x")
    same = replace(
        PLAN,
        things=(thing,),
        page={"sentence": "bebas 12 GB"},
        choices={"uid": 20001, "host": "web1"},
        reach=replace(REACH, files={"b": "2", "a": "1"}),
    )
    assert same.digest == PLAN.digest


def test_the_order_of_changes_counts() -> None:
    other = replace(CHANGE, target="web1/gaaaaaaaaa")

    def in_order(*changes: Change) -> str:
        return replace(PLAN, parts=(replace(PART, tasks=(replace(TASK, changes=changes),)),)).digest

    assert in_order(CHANGE, other) != in_order(other, CHANGE)


def test_a_thing_without_a_key_is_a_share() -> None:
    assert Thing(pool="web1:storage_bytes", key="", amount=5, label="x").is_share
    assert not Thing(pool="fqdn", key="x", amount=1, label="x").is_share
