"""Do the plugins of a cloud server do exactly what was approved, in few calls, and touch nothing of others?

Against the lab's Nextcloud in the test's own process; each assertion of calls is of all calls that came.
"""

from __future__ import annotations

import pytest

from lab.nextcloud.state import opens
from tests.cloud_errands import (
    CLASS,
    LOOK_AT_RULES,
    MAKE_A_RULE,
    OPD,
    OTHER_CLASS,
    SECRET,
    WELCOME,
    CloudWorker,
    Data,
    change,
    creation,
    limit_class,
    removal,
)

NOTHING: Data = {"changed": False, "changes": [], "failed": False, "cancelled": False, "foreign": [], "msg": ""}


def password_opens(worker: CloudWorker, password: str, name: str = "sari") -> bool:
    return opens(password, worker.state()["accounts"][name]["password"])


# -- Limit classes -----------------------------------------------------------------------------------------------------


def test_a_limit_class_is_made_in_a_call_each_after_one_look(worker: CloudWorker) -> None:
    answer = worker.do("limit_class", *limit_class())
    assert answer == NOTHING | {"changed": True, "changes": list(limit_class())}
    assert worker.calls() == ["GET /cloud/groups", LOOK_AT_RULES, *["POST /cloud/groups"] * 3, *[MAKE_A_RULE] * 2]
    stands = worker.stands()
    assert {key: value for key, value in stands.items() if key[1].endswith("rule")} == {
        (CLASS, "size_rule"): {"largest_bytes": 512 * 2**20},
        (CLASS, "type_rule"): {"types": ["application/pdf", "image/*"]},
    }
    assert {group for group, prop in stands if prop == "group"} == {"admin", "gerbang", OPD, CLASS}


def test_the_second_time_only_the_look_comes_and_no_rule_twice(ready: CloudWorker) -> None:
    since, before = ready.mark(), ready.state()
    assert ready.do("limit_class", *limit_class()) == NOTHING
    assert (ready.calls(since), ready.state()) == (["GET /cloud/groups", LOOK_AT_RULES], before)


def test_what_is_there_already_is_kept_and_what_is_missing_added(worker: CloudWorker) -> None:
    groups = limit_class()[:3]
    worker.do("limit_class", *groups, *limit_class()[4:])
    since = worker.mark()
    assert worker.do("limit_class", *limit_class())["changes"] == [limit_class()[3]]
    assert worker.calls(since)[2:] == [MAKE_A_RULE]


def test_groups_alone_need_no_look_at_rules(worker: CloudWorker) -> None:
    worker.do("limit_class", *limit_class()[:2])
    assert worker.calls() == ["GET /cloud/groups", "POST /cloud/groups", "POST /cloud/groups"]


def test_a_class_whose_rule_says_otherwise_is_left_and_nothing_beside_it_is_made(ready: CloudWorker) -> None:
    since, before = ready.mark(), ready.state()
    new = change("opd-baru", "group", None, {"exists": True})
    answer = ready.do("limit_class", new, change(CLASS, "size_rule", None, {"largest_bytes": 2**20}))
    assert (answer["failed"], answer["changes"]) == (True, [])
    assert answer["foreign"] == [
        {
            "system": "nextcloud",
            "target": f"cloud1/{CLASS}",
            "property": "size_rule",
            "seen": {"largest_bytes": 512 * 2**20},
        }
    ]
    assert (ready.state(), [call for call in ready.calls(since) if not call.startswith("GET")]) == (before, [])


@pytest.mark.parametrize("stands", [{"largest_bytes": 1}, {"largest_bytes": 512 * 2**20}])
def test_no_rule_is_laid_beside_one_that_somebody_changed_whatever_the_plan_says(
    worker: CloudWorker, stands: Data
) -> None:
    """A plan that names somebody's own value as what stands there before is no leave to hold the class to both."""
    worker.do("limit_class", *limit_class(largest=stands))
    since, before = worker.mark(), worker.state()
    wanted = change(CLASS, "size_rule", stands, {"largest_bytes": 2**20})
    answer = worker.do("limit_class", change("opd-baru", "group", None, {"exists": True}), wanted)
    assert (answer["failed"], answer["changed"], answer["changes"]) == (True, False, [])
    target = f"cloud1/{CLASS}"
    assert answer["foreign"] == [
        {"system": "nextcloud", "target": target, "property": "size_rule", "seen": stands},
    ]
    assert (worker.state(), [call for call in worker.calls(since) if not call.startswith("GET")]) == (before, [])


def test_what_many_share_is_never_taken_away(ready: CloudWorker) -> None:
    before = ready.state()
    answer = ready.do("limit_class", change(CLASS, "size_rule", {"largest_bytes": 512 * 2**20}, None))
    assert (answer["failed"], answer.get("lost", False), ready.state()) == (True, False, before)


# -- A new account -----------------------------------------------------------------------------------------------------


def test_an_account_comes_to_be_in_one_call_with_all_that_was_approved(ready: CloudWorker) -> None:
    since = ready.mark()
    answer = ready.do("cloud_account", *creation())
    assert ready.calls(since) == [WELCOME, "POST /cloud/users"]
    assert (answer["changed"], answer["failed"]) == (True, False)
    assert sorted(map(str, answer["changes"])) == sorted(map(str, creation()))
    assert ready.account("sari") == {
        "account": {"mark": "gerbang"},
        "groups": [CLASS, OPD],
        "password": {"version": 1},
        "display_name": "Sari Dewi",
        "email": "sari@kota.lab",
        "quota": {"bytes": 5 * 2**30},
    }
    assert password_opens(ready, SECRET)
    assert ready.state()["mails"] == []


def test_a_server_that_writes_to_new_accounts_gets_the_address_later_and_writes_to_nobody(ready: CloudWorker) -> None:
    ready.cloud.cloud.state.config.clear()
    since = ready.mark()
    assert ready.do("cloud_account", *creation())["failed"] is False
    assert ready.calls(since) == [WELCOME, "POST /cloud/users", "PUT /cloud/users/sari"]
    assert ready.account("sari")["email"] == "sari@kota.lab"
    assert ready.state()["mails"] == []


def test_an_account_without_an_address_asks_nothing_about_mail(ready: CloudWorker) -> None:
    since = ready.mark()
    ready.do("cloud_account", *creation(email=None))
    assert ready.calls(since) == ["POST /cloud/users"]


def test_the_second_time_nothing_changes(sari: CloudWorker) -> None:
    since, before = sari.mark(), sari.state()
    assert sari.do("cloud_account", *creation()) == NOTHING
    assert sari.calls(since) == [WELCOME, "POST /cloud/users", "GET /cloud/users/sari"]
    assert sari.state() == before


@pytest.mark.parametrize("fault", ["half_made_account", "error_after_work"])
def test_an_account_that_was_made_although_the_server_said_no_is_ended_by_edits(ready: CloudWorker, fault: str) -> None:
    ready.cloud.ask(do="fault", name=fault, calls=1, method="POST", path="/cloud/users")
    answer = ready.do("cloud_account", *creation())
    assert (answer["failed"], len(answer["changes"])) == (False, 6)
    made = ready.account("sari")
    ready.do("cloud_account", *removal())
    ready.do("cloud_account", *creation())
    assert made == ready.account("sari")
    assert password_opens(ready, SECRET)


def test_a_half_made_account_costs_a_look_and_an_edit_for_each_thing_that_is_missing(ready: CloudWorker) -> None:
    ready.cloud.ask(do="fault", name="half_made_account", calls=1)
    since = ready.mark()
    ready.do("cloud_account", *creation())
    assert ready.calls(since) == [
        WELCOME,
        "POST /cloud/users",
        "GET /cloud/users/sari",
        "PUT /cloud/users/sari",
        "PUT /cloud/users/sari",
    ]


@pytest.mark.parametrize("name", ["sari", "SARI"])
def test_an_account_of_that_name_that_is_not_ours_stays_as_it_is(ready: CloudWorker, name: str) -> None:
    ready.cloud.ask(do="account", id=name, password="Sandi-orang-lain-1", groups=[OPD])
    before = ready.state()
    answer = ready.do("cloud_account", *creation())
    assert (answer["failed"], answer["changes"]) == (True, [])
    assert {spot["property"] for spot in answer["foreign"]} >= {"account"}
    assert ready.state() == before


@pytest.mark.parametrize(
    ("secret", "code"),
    [("abc", 107), ("x" * 500, 101)],
)
def test_a_password_that_the_server_refuses_fails_with_its_code_and_makes_nothing(
    ready: CloudWorker, secret: str, code: int
) -> None:
    ready.secret = secret
    answer = ready.do("cloud_account", *creation())
    assert (answer["failed"], answer.get("lost")) == (True, None)
    assert f" {code} " in answer["msg"]
    assert ready.account("sari") == {}


def test_a_run_without_its_password_asks_nothing(ready: CloudWorker) -> None:
    ready.secret = ""
    since = ready.mark()
    answer = ready.do("cloud_account", *creation(email=None))
    assert (answer["failed"], ready.calls(since)) == (True, [])


def test_a_group_that_was_taken_away_fails_with_nothing_made(worker: CloudWorker) -> None:
    answer = worker.do("cloud_account", *creation())
    assert answer["failed"] is True
    assert " 104 " in answer["msg"]
    assert worker.account("sari") == {}


def test_check_mode_says_what_would_change_and_only_looks(ready: CloudWorker) -> None:
    ready.check_mode = True
    since, before = ready.mark(), ready.state()
    assert ready.do("cloud_account", *creation())["changes"] == list(creation())
    new = change("opd-baru", "group", None, {"exists": True})
    assert ready.do("limit_class", new)["changes"] == [new]
    assert {call.partition(" ")[0] for call in ready.calls(since)} == {"GET"}
    assert ready.state() == before


# -- Changes of an account that stands ---------------------------------------------------------------------------------

GROUPS_AFTER = [OTHER_CLASS, OPD]
CHANGES: dict[str, tuple[Data, list[str]]] = {
    "quota": (
        change("sari", "quota", {"bytes": 5 * 2**30}, {"bytes": 7 * 2**30}),
        ["PUT /cloud/users/sari"],
    ),
    "limit class": (
        change("sari", "groups", [CLASS, OPD], GROUPS_AFTER),
        ["POST /cloud/users/sari/groups", "DELETE /cloud/users/sari/groups"],
    ),
    "name": (change("sari", "display_name", "Sari Dewi", "Sari D."), ["PUT /cloud/users/sari"]),
    "no name": (change("sari", "display_name", "Sari Dewi", None), ["PUT /cloud/users/sari"]),
    "address": (change("sari", "email", "sari@kota.lab", "dewi@kota.lab"), ["PUT /cloud/users/sari"]),
    "no address": (change("sari", "email", "sari@kota.lab", None), ["PUT /cloud/users/sari"]),
    "no quota": (change("sari", "quota", {"bytes": 5 * 2**30}, None), ["PUT /cloud/users/sari"]),
    "lock": (change("sari", "lock", None, {"disabled": True}), ["PUT /cloud/users/sari/disable"]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_one_call_a_value_there_and_back_and_nothing_the_second_time(sari: CloudWorker, name: str) -> None:
    one, calls = CHANGES[name]
    was, since = sari.account("sari"), sari.mark()
    assert sari.do("cloud_account", one) == NOTHING | {"changed": True, "changes": [one]}
    assert sari.calls(since) == ["GET /cloud/users/sari", *calls]
    changed = {**was, one["property"]: one["after"]}
    assert sari.account("sari") == {prop: value for prop, value in changed.items() if value is not None}
    assert sari.do("cloud_account", one) == NOTHING
    back = change("sari", one["property"], one["after"], one["before"])
    assert sari.do("cloud_account", back)["changes"] == [back]
    assert sari.account("sari") == was


def test_a_class_that_cannot_be_joined_leaves_the_account_in_the_old_one(sari: CloudWorker) -> None:
    since = sari.mark()
    sari.do("cloud_account", change("sari", "groups", [CLASS, OPD], ["gerbang-limit-x", OPD]))
    assert [call.partition(" ")[0] for call in sari.calls(since)] == ["GET", "POST"]
    assert sari.account("sari")["groups"] == [CLASS, OPD]


def test_a_third_value_stops_the_whole_task_untouched(sari: CloudWorker) -> None:
    before = sari.state()
    answer = sari.do("cloud_account", CHANGES["lock"][0], change("sari", "quota", {"bytes": 1}, {"bytes": 2 * 2**30}))
    spot = {"system": "nextcloud", "target": "cloud1/sari", "property": "quota", "seen": {"bytes": 5 * 2**30}}
    assert (answer["failed"], answer["foreign"], answer["changes"]) == (True, [spot], [])
    assert sari.state() == before


@pytest.mark.parametrize("name", ["lock", "quota"])
def test_an_account_that_lost_our_mark_is_not_changed(ready: CloudWorker, name: str) -> None:
    ready.cloud.ask(do="account", id="sari", password="Sandi-orang-lain-1", quota="5 GB", groups=[OPD])
    before = ready.state()
    answer = ready.do("cloud_account", CHANGES[name][0])
    assert (answer["failed"], [spot["property"] for spot in answer["foreign"]]) == (True, [name])
    assert ready.state() == before


@pytest.mark.parametrize("values", [{}, {"account": {"mark": None}}])
def test_an_account_that_is_not_ours_is_not_removed(ready: CloudWorker, values: Data) -> None:
    ready.cloud.ask(do="account", id="sari", password="Sandi-orang-lain-1", groups=[OPD])
    before = ready.state()
    answer = ready.do("cloud_account", change("sari", "account", values.get("account", {"mark": "gerbang"}), None))
    assert (answer["failed"], len(answer["foreign"])) == (True, 1)
    assert ready.state() == before


def test_what_stands_half_way_is_gone_on_with(sari: CloudWorker) -> None:
    sari.do("cloud_account", change("sari", "groups", [CLASS, OPD], [CLASS, OPD, OTHER_CLASS]))
    since = sari.mark()
    assert sari.do("cloud_account", CHANGES["limit class"][0])["changes"] == [CHANGES["limit class"][0]]
    assert sari.calls(since) == ["GET /cloud/users/sari", "DELETE /cloud/users/sari/groups"]
    assert sari.account("sari")["groups"] == GROUPS_AFTER


def test_a_new_password_takes_the_old_ones_place_and_is_counted(sari: CloudWorker) -> None:
    sari.do("limit_class", change("gerbang-2", "group", None, {"exists": True}))
    rotation, sari.secret = change("sari", "password", {"version": 1}, {"version": 2}), "Sandi-baru-8k3m"
    since = sari.mark()
    assert sari.do("cloud_account", rotation)["changes"] == [rotation]
    assert sari.calls(since) == [
        "GET /cloud/users/sari",
        "PUT /cloud/users/sari",
        "POST /cloud/users/sari/groups",
    ]
    assert sari.account("sari")["password"] == {"version": 2}
    assert sari.account("sari")["groups"] == [CLASS, OPD]
    assert (password_opens(sari, SECRET), password_opens(sari, "Sandi-baru-8k3m")) == (False, True)
    assert sari.do("cloud_account", rotation) == NOTHING


def test_an_account_goes_in_one_call_with_all_that_it_was(sari: CloudWorker) -> None:
    since = sari.mark()
    answer = sari.do("cloud_account", *removal())
    assert (answer["failed"], [one["property"] for one in answer["changes"]]) == (False, ["account", "quota"])
    assert sari.calls(since) == ["GET /cloud/users/sari", "DELETE /cloud/users/sari"]
    assert sari.account("sari") == {}
    assert sari.do("cloud_account", *removal()) == NOTHING


def test_an_account_that_its_owner_renamed_since_the_approval_goes_all_the_same(sari: CloudWorker) -> None:
    sari.do(
        "cloud_account", CHANGES["name"][0], CHANGES["no address"][0], change("sari", "groups", [CLASS, OPD], [OPD])
    )
    assert sari.do("cloud_account", *removal())["failed"] is False
    assert sari.account("sari") == {}


def test_a_quota_that_somebody_set_since_the_approval_keeps_the_account(sari: CloudWorker) -> None:
    sari.do("cloud_account", CHANGES["quota"][0])
    before = sari.state()
    answer = sari.do("cloud_account", *removal())
    assert (answer["failed"], [spot["property"] for spot in answer["foreign"]]) == (True, ["quota"])
    assert sari.state() == before


def test_a_value_that_cannot_be_written_for_the_server_fails_before_anything_is_asked_of_it(sari: CloudWorker) -> None:
    before = sari.state()
    answer = sari.do("cloud_account", change("sari", "quota", {"bytes": 5 * 2**30}, {"bytes": -1}))
    assert (answer["failed"], answer.get("lost"), answer["changes"]) == (True, None, [])
    assert sari.state() == before
