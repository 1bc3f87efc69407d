"""Does each verb start from where it may, and lead to where it should?"""

from __future__ import annotations

import pytest

from provisioner.items.item import ItemState, Verb
from provisioner.items.life import changed_fields
from provisioner.items.verbs import STATE_WORDS, VERBS, Holding, refusal
from provisioner.kinds.catalogue import KINDS

MAY_START = {
    Verb.CHANGE: {"active"},
    Verb.SUSPEND: {"active"},
    Verb.RESUME: {"suspended"},
    Verb.ROTATE: {"active"},
    Verb.APPOINT: {"active"},
    Verb.TERMINATE: {"active", "suspended"},
}


def test_every_verb_that_a_kind_has_built_has_its_row() -> None:
    built = {verb for kind in KINDS.values() for verb, said in kind.verbs.items() if said.state == "available"}
    assert {Verb(verb) for verb in built} <= set(VERBS)
    for kind in KINDS.values():
        makers = {verb for verb, said in kind.verbs.items() if not said.names_item}
        assert makers == {verb.value for verb, row in VERBS.items() if row.makes_item}


def test_a_verb_starts_from_its_own_states_only_and_says_why_not() -> None:
    assert {verb: {state for state in ItemState if not refusal(verb, state)} for verb in MAY_START} == MAY_START
    assert refusal(Verb.RESUME, ItemState.ACTIVE) == "layanan aktif; tindakan ini hanya untuk yang dibekukan"
    assert refusal(Verb.CHANGE, ItemState.TERMINATED) == "layanan sudah berakhir; tindakan ini hanya untuk yang aktif"
    assert set(STATE_WORDS) == set(ItemState)


def test_only_an_end_releases_what_an_item_keeps_and_no_verb_starts_from_it() -> None:
    assert {verb for verb, row in VERBS.items() if row.holding is Holding.RELEASED} == {Verb.TERMINATE}
    assert VERBS[Verb.TERMINATE].leads_to is ItemState.TERMINATED
    for row in VERBS.values():
        assert ItemState.TERMINATED not in row.starts_from
        assert ItemState.ENDING not in row.starts_from


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "b": 2}, {}),
        ({"a": 1, "b": 2}, {"a": 3, "b": 2}, {"a": (1, 3)}),
        ({}, {"a": False}, {"a": (None, False)}),
    ],
)
def test_what_differs_between_two_wishes_is_told_field_by_field(
    before: dict[str, int], after: dict[str, int], found: dict[str, object]
) -> None:
    assert changed_fields(before, after) == found
