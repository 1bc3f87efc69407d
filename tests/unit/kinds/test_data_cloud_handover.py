"""How does the person of a cloud account come by its password, and is it told everywhere? Claimed, or by a link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from provisioner.kinds.port import Question
from tests.plans.data_cloud_world import KIND, plan_for, question_of

LINK = {"hosts": {"cloud1": {"nextcloud_handover": "link", "nextcloud_waiting_email": "tunggu@kota.lab"}}}
BY_LINK: Mapping[str, Any] = {**LINK, "wish": {"email": "arsip@dincontoh.example"}}


def choices_of(question: Question) -> Mapping[str, Any]:
    """The choices, where the wish can be."""
    choices = KIND.choose(question)
    assert isinstance(choices, Mapping), choices
    return choices


def test_nobody_is_handed_the_password_of_an_account_whose_link_is_mailed() -> None:
    for table, is_probe in ((BY_LINK, True), ({"wish": BY_LINK["wish"]}, False)):
        question = question_of(table)
        (secret,) = KIND.secrets(question, choices_of(question))
        assert (secret.name, secret.is_probe) == ("account_password", is_probe)
    question = question_of({**BY_LINK, "standing": True, "verb": "rotate"})
    (secret,) = KIND.secrets(question, choices_of(question))
    assert secret.is_probe is False, "a new one is claimed"


def test_the_person_is_named_to_the_server_after_the_verdict_and_nowhere_before() -> None:
    first, second = plan_for(question_of(BY_LINK)).parts
    assert "dincontoh.example" not in str(first.as_data())
    assert [(c.property, c.before, c.after) for c in second.changes] == [
        ("email", "tunggu@kota.lab", "arsip@dincontoh.example"),
        ("link", {"mailed": False}, {"mailed": True}),
    ]


def test_an_office_that_changes_its_mind_between_two_plans_gets_another_plan() -> None:
    first = plan_for(question_of({"wish": BY_LINK["wish"]}))
    by_link = question_of(BY_LINK)
    second = plan_for(replace(by_link, previous=first.choices))
    third = plan_for(replace(question_of({"wish": BY_LINK["wish"]}), previous=second.choices))
    assert (first.choices["handover"], second.choices["handover"]) == ("claim", "link")
    assert (third.digest, third.choices) == (first.digest, first.choices)
    assert first.digest != second.digest


def test_letter_item_and_plan_say_that_a_link_was_mailed_and_nothing_is_to_be_claimed() -> None:
    question = question_of(BY_LINK)
    plan, wish = plan_for(question), question.wish
    told = {
        "letter": " ".join(KIND.report("create", wish, wish, plan.choices).sentences),
        "item": KIND.standing(wish, plan.choices).access,
    }
    assert all("tautan" in text.lower() and "tidak ada yang perlu diambil di Gerbang" in text for text in told.values())
    rows = {row["label"]: row["planned"] for row in plan.page["columns"]}
    assert rows["Penyerahan kata sandi"].startswith("tautan dikirim server ke arsip@dincontoh.example")
    claim = plan_for(question_of({"wish": BY_LINK["wish"]}))
    assert "tautan" not in str(KIND.report("create", wish, wish, claim.choices)).lower()
    assert "tautan" not in KIND.standing(wish, claim.choices).access.lower()
    rotated = {**plan.choices, "secret_versions": {"account_password": 2}}
    assert "tautan" not in KIND.standing(wish, rotated).access.lower(), "its password was claimed since"


@pytest.mark.parametrize(
    ("verb", "asked", "said"),
    [
        ("rotate", {}, "tetap berlaku"),
        ("appoint", {}, "tetap berlaku"),
        ("change", {"email": "baru@dincontoh.example"}, "tidak berlaku lagi"),
        ("change", {"quota_gb": 6}, ""),
        ("suspend", {}, ""),
    ],
)
def test_what_becomes_of_a_link_that_nobody_used_is_said(verb: str, asked: Mapping[str, Any], said: str) -> None:
    def told(table: Mapping[str, Any]) -> list[str]:
        page = plan_for(question_of({**table, "standing": True, "verb": verb, "asked": asked})).page
        return [line for line in page["not_compared"] if line.startswith("Tautan")]

    assert [said in line for line in told(BY_LINK)] == ([True] if said else [])
    assert told({"wish": BY_LINK["wish"]}) == []


def test_an_account_of_before_there_were_links_is_one_that_is_claimed() -> None:
    question = question_of({"standing": True, "verb": "suspend", "wish": BY_LINK["wish"]})
    assert question.item is not None
    old = {key: value for key, value in question.item.choices.items() if key != "handover"}
    plan = plan_for(replace(question, previous=old, item=replace(question.item, choices=old)))
    assert [change.property for change in plan.changes] == ["lock"]
    assert "tautan" not in KIND.standing(question.wish, old).access.lower()
