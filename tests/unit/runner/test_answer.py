"""Does a taken host get anything into our rows by what it answers? Nothing unplanned, no secret in any form."""

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest

from provisioner.facts.property import Undo
from provisioner.plans.change import Change
from provisioner.runner.answer import HELD_SECRET, SEEN_CHARACTERS, STRANGE, judge
from provisioner.runner.redaction import Redactor

SECRET = 'can"ary/9f2k é'
REDACTOR = Redactor({"sftp_password": SECRET})
ITEM = "web1/g7kq2mx4pd"
USER = Change(system="account", target=ITEM, property="user", before=None, after={"uid": 1}, undo=Undo.REMOVE)
QUOTA = Change(system="account", target=ITEM, property="quota", before="a", after="b", undo=Undo.RESTORE)
PLANNED = (USER, QUOTA)
PLACE = {"system": "account", "target": ITEM, "property": "user"}


def answer(**said: Any) -> dict[str, Any]:
    whole = {"changed": False, "changes": [], "failed": False, "cancelled": False, "foreign": [], "msg": ""}
    return whole | said


def test_planned_changes_are_returned_as_the_plans_own_objects() -> None:
    repeated = json.loads(json.dumps([QUOTA.as_data(), USER.as_data()]))
    judged = judge(answer(changed=True, changes=repeated), PLANNED, REDACTOR)
    assert (judged.outcome, judged.message) == ("changed", "")
    assert [id(change) for change in judged.changes] == [id(QUOTA), id(USER)]


@pytest.mark.parametrize(
    "said",
    [
        {"changes": [USER.as_data() | {"after": {"uid": 0}}]},
        {"changes": [USER.as_data() | {"after": {"uid": True}}]},
        {"changes": [USER.as_data() | {"after": {"uid": 1.0}}]},
        {"changes": [USER.as_data() | {"target": "web1/gzzzzzzzzz"}]},
        {"changes": [USER.as_data() | {"note": "evil"}]},
        {"changes": [USER.as_data(), USER.as_data()]},
        {"changes": [USER.as_data(), {"system": "evil"}]},
        {"changes": [{key: value for key, value in USER.as_data().items() if key != "undo"}]},
        {"changes": [USER.as_data() | {"after": float("nan")}]},
        {"changes": ["evil"]},
        {"changes": {"evil": 1}},
        {"changes": "evil"},
        {"changes": None},
        {"foreign": [PLACE | {"target": "web1/evil", "seen": 1}]},
        {"foreign": [PLACE | {"seen": 1, "more": "evil"}]},
        {"foreign": [PLACE]},
        {"foreign": [PLACE | {"system": ["evil"], "seen": 1}]},
        {"foreign": [PLACE | {"seen": float("inf")}]},
        {"foreign": "evil"},
        {"foreign": True},
        {"msg": ["evil"]},
        {"msg": None},
        {"msg": "half a character \ud800"},
        {"more": float("nan")},
        {"failed": 0},
        {"changed": "evil"},
        {"cancelled": 1},
    ],
)
def test_an_answer_that_our_duty_would_not_give_is_failed_without_a_word_of_the_host(said: dict[str, Any]) -> None:
    judged = judge(answer(**({"changed": True, "msg": "evil"} | said)), PLANNED, REDACTOR)
    assert (judged.outcome, judged.changes, judged.message) == ("failed", (), STRANGE)


@pytest.mark.parametrize("key", ["changed", "changes", "failed", "cancelled", "foreign", "msg"])
def test_an_answer_that_lacks_a_word_is_failed(key: str) -> None:
    said = answer(changed=True)
    del said[key]
    assert judge(said, PLANNED, REDACTOR).message == STRANGE


def test_a_third_value_is_told_by_its_planned_place_and_two_hundred_characters_of_what_was_seen() -> None:
    said = answer(failed=True, foreign=[PLACE | {"seen": "\x1b[31m" + "x" * 900}], msg="the host's own words")
    judged = judge(said, PLANNED, REDACTOR)
    assert (judged.outcome, judged.changes) == ("foreign", ())
    seen = '"' + "x" * (SEEN_CHARACTERS - 1)
    assert judged.message == f"stands at a third value: account {ITEM} user = {seen}"


FORMS = {
    "plain": SECRET,
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64 inside a longer text": base64.b64encode(f"user:{SECRET}:1".encode()).decode(),
    "url-encoded": quote(SECRET, safe=""),
    "JSON-escaped": json.dumps(SECRET)[1:-1],
    "cut by an escape": f"{SECRET[:4]}\x1b[0m{SECRET[4:]}",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("place", ["msg", "seen", "deep in seen", "a key in seen"])
def test_a_secret_in_whichever_form_and_place_fails_the_task_and_is_not_repeated(form: str, place: str) -> None:
    seen = {"seen": form, "deep in seen": {"a": ["b", form]}, "a key in seen": {form: 1}}.get(place)
    foreign = [PLACE | {"seen": seen}] if seen is not None else []
    said = answer(changed=True, changes=[QUOTA.as_data()], foreign=foreign, msg=form if place == "msg" else "")
    judged = judge(said, PLANNED, REDACTOR)
    assert (judged.outcome, judged.changes) == ("failed", (QUOTA,))
    assert judged.message.startswith(HELD_SECRET)
    assert not REDACTOR.finds(judged.message)
    assert form not in judged.message


def test_a_secret_that_would_begin_before_the_cut_is_blotted_out_first() -> None:
    said = answer(failed=True, foreign=[PLACE | {"seen": "x" * (SEEN_CHARACTERS - 6) + SECRET}])
    assert SECRET[:4] not in judge(said, PLANNED, REDACTOR).message


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ({"failed": True, "changed": True, "msg": "disk full"}, "failed"),
        ({"failed": True, "cancelled": True, "msg": "cancelled"}, "cancelled"),
        ({"changed": True}, "changed"),
        ({}, "same"),
    ],
)
def test_an_honest_answer_keeps_its_outcome_and_message(said: dict[str, Any], outcome: str) -> None:
    judged = judge(answer(**said), PLANNED, REDACTOR)
    assert (judged.outcome, judged.message) == (outcome, said.get("msg", ""))
