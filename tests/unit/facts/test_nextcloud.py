"""Is what was written for a Nextcloud read back as it was meant, and is a taken server's answer harmless?"""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.errors import Unreachable
from provisioner.facts import nextcloud
from provisioner.facts.nextcloud_rule import OPERATION, read_rules, rule_body, type_pattern
from provisioner.facts.nextcloud_size import kept_bytes, quota_text, read_rule, rule_text
from provisioner.facts.property import Undo

SMALL = string.ascii_lowercase + string.digits
IDS = st.text(SMALL + "._-", min_size=1, max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
TYPES = st.sampled_from(
    ["image/*", "application/pdf", "text/plain", "image/svg+xml", "application/vnd.ms-excel", "a/b_c-d"]
)
VALUES = st.fixed_dictionaries(
    {"password": st.builds(lambda n: {"version": n}, st.integers(1, 40)), "account": st.just(nextcloud.MARK)},
    optional={
        "groups": st.lists(IDS.filter(lambda g: not g.startswith("gerbang")), min_size=1, unique=True).map(sorted),
        "display_name": st.text(min_size=1, max_size=20),
        "email": st.just("sari@opd.kota.example"),
        "quota": st.builds(lambda n: {"bytes": n << 30}, st.integers(1, 900)),
    },
)


def stored(form: dict[str, Any]) -> dict[str, Any]:
    """What a Nextcloud shows of an account that was created by this form (recording v2-user-get)."""
    quota = kept_bytes(int(form["quota"])) if "quota" in form else -3
    return {
        "enabled": True,
        "id": form["userid"],
        "lastLogin": 1795203575000,
        "quota": {"free": quota, "used": 20174294, "total": quota, "relative": 0, "quota": quota},
        "email": form.get("email"),
        "displayname": form.get("displayName") or form["userid"],
        "groups": form["groups"],
    }


@given(name=IDS, values=VALUES)
def test_what_the_creating_call_says_is_read_back(name: str, values: dict[str, Any]) -> None:
    form = nextcloud.create_form(name, values, "rahasia-rekaan")
    wanted = {prop: value for prop, value in values.items() if (prop, value) != ("display_name", name)}
    assert nextcloud.read_account(stored(form), name) == wanted
    assert nextcloud.MARK_GROUP in form["groups"]
    assert form["password"] == "rahasia-rekaan"


@given(size=st.integers(1, 1 << 50), group=IDS)
def test_the_size_of_a_rule_is_read_back(size: int, group: str) -> None:
    body = rule_body(group, "size_rule", {"largest_bytes": size})
    assert read_rules({OPERATION: [body]}) == {group: {"size_rule": {"largest_bytes": size}}}


@given(types=st.lists(TYPES, min_size=1, unique=True).map(sorted), group=IDS)
def test_the_types_of_a_rule_are_read_back(types: list[str], group: str) -> None:
    body = rule_body(group, "type_rule", {"types": types})
    assert read_rules({OPERATION: [body]}) == {group: {"type_rule": {"types": types}}}


def test_a_type_rule_is_written_as_the_recorded_server_took_it() -> None:
    pattern = type_pattern(["text/plain", "application/pdf", "image/*"])
    assert pattern == r"/^(httpd\/unix-directory|application\/pdf|image\/.*|text\/plain)$/"


@pytest.mark.parametrize("types", [[], ["pdf"], ["a/b|c"], ["a/.*"], ["A/b"], ["a/b\n"], ["httpd/unix-directory"], [1]])
def test_what_is_no_type_is_not_written(types: list[str]) -> None:
    with pytest.raises(ValueError, match="not types"):
        type_pattern(types)


KEPT = {
    # asked: read back, as recorded (v2-user-edit-quota-*)
    0: 0,
    500: 500,
    1234567: 1258291,
    5368709120: 5368709120,
    10000000000: 9985798963,
    1610612736: 1610612736,
    2748779069440: 2748779069440,
}


@pytest.mark.parametrize("asked", KEPT)
def test_a_quota_is_kept_as_the_recorded_server_kept_it(asked: int) -> None:
    assert kept_bytes(asked) == KEPT[asked]
    assert quota_text(asked) == str(asked)


@given(size=st.integers(0, 1 << 53))
def test_what_a_server_keeps_it_keeps_again(size: int) -> None:
    kept = kept_bytes(size)
    assert kept_bytes(kept) == kept
    assert size < 1 << 20 or abs(kept - size) * 20 <= size + 20 * 512, "half a tenth of the unit, at most"


@pytest.mark.parametrize("size", [-1, (1 << 53) + 1, True, 1.5, "5 GB", None])
def test_what_is_no_quota_is_not_written(size: Any) -> None:
    with pytest.raises(ValueError, match="not a quota"):
        quota_text(size)


RULE_TEXTS = {"1 MB": 1 << 20, "2mb": 2 << 20, "900 MB": 900 << 20, "7 B": 7, "3 kb": 3072, "1 TB": 1 << 40}


@pytest.mark.parametrize("text", RULE_TEXTS)
def test_a_size_that_the_server_takes_is_read(text: str) -> None:
    assert read_rule(text) == RULE_TEXTS[text]


@pytest.mark.parametrize("text", ["banana", "1048576", "1.5 MB", "1 GiB", "5 PB", "٣ MB", "1  MB", "1 MB\n", ""])
def test_a_size_that_the_server_refuses_is_none(text: str) -> None:
    """Recordings flow-create-bad-size, -bytes and -decimal."""
    assert read_rule(text) is None


def test_a_rule_is_written_in_the_largest_exact_unit() -> None:
    assert [rule_text(size) for size in (512 << 20, 1500, 1 << 40, 3 << 30)] == ["512 MB", "1500 B", "1 TB", "3 GB"]


def rule(*checks: tuple[str, str, str], **other: Any) -> dict[str, Any]:
    kinds = {"group": "UserGroupMembership", "size": "FileSize", "type": "FileMimeType", "time": "RequestTime"}
    body = rule_body("gl", "size_rule", {"largest_bytes": 1 << 20})
    classes = [(f"OCA\\WorkflowEngine\\Check\\{kinds[kind]}", operator, value) for kind, operator, value in checks]
    return body | {"checks": [dict(zip(("class", "operator", "value"), one, strict=True)) for one in classes]} | other


IN, SIZE = ("group", "is", "gl"), ("size", "greater", "1 MB")
RULES: dict[str, tuple[list[dict[str, Any]], dict[str, Any] | None]] = {
    # what stands there: what it is read as
    "ours, checks in the other order": ([rule(SIZE, IN)], {"size_rule": {"largest_bytes": 1 << 20}}),
    "ours twice": ([rule(IN, SIZE), rule(IN, SIZE)], {"size_rule": {"largest_bytes": 1 << 20}}),
    "ours under another name": ([rule(IN, SIZE, name="lain")], {"size_rule": {"largest_bytes": 1 << 20}}),
    "two that differ": (
        [rule(IN, SIZE), rule(IN, ("size", "greater", "2 MB"))],
        {"size_rule": {"other": ["{'largest_bytes': 1048576}", "{'largest_bytes': 2097152}"]}},
    ),
    "another operator": (
        [rule(IN, ("size", "less", "1 MB"))],
        {"size_rule": {"other": ["is gl, less 1 MB"]}},
    ),
    "one more check": (
        [rule(IN, SIZE, ("time", "in", '["08:00"]'))],
        {"size_rule": {"other": ['is gl, greater 1 MB, in ["08:00"]']}},
    ),
    "everybody but the group": (
        [rule(("group", "!is", "gl"), SIZE)],
        {"size_rule": {"other": ["!is gl, greater 1 MB"]}},
    ),
    "types without folders": (
        [rule(IN, ("type", "!matches", r"/^(application\/pdf)$/"))],
        {"type_rule": {"other": [r"is gl, !matches /^(application\/pdf)$/"]}},
    ),
    "one type refused": (
        [rule(IN, ("type", "is", "video/mp4"))],
        {"type_rule": {"other": ["is gl, is video/mp4"]}},
    ),
    "another operation": ([rule(IN, SIZE, operation="log")], {"size_rule": {"other": ["is gl, greater 1 MB"]}}),
    "for other groups": ([rule(("group", "is", "lain"), SIZE)], None),
}


@pytest.mark.parametrize("name", RULES)
def test_only_our_own_form_of_a_rule_is_our_value(name: str) -> None:
    rules, wanted = RULES[name]
    assert read_rules({OPERATION: rules}).get("gl") == wanted


def test_no_rules_are_an_empty_list() -> None:
    """Recording flow-list-empty: PHP writes an empty object so."""
    assert read_rules([]) == {}


def test_rules_that_name_no_group_are_counted() -> None:
    assert nextcloud.rules_for_everybody({OPERATION: [rule(SIZE), rule(IN, SIZE), rule()]}) == 2


def account(**other: Any) -> dict[str, Any]:
    form = nextcloud.create_form("sari", {"groups": ["opd-x"], "quota": {"bytes": 5 << 30}}, "x")
    return stored(form) | other


def test_a_whole_look_is_read_into_spots_and_measurements() -> None:
    foreign = account(id="Budi", groups=["admin"], quota={"quota": -3, "used": 7}, lastLogin=0, enabled=False)
    raw = {"users": {"sari": account(), "Budi": foreign}, "groups": ["opd-x"], "rules": [], "freespace": 99}
    found = {(spot.target, spot.property): value for spot, value in nextcloud.read(raw, "cloud1").items()}
    assert found == {
        ("cloud1/sari", "account"): {"mark": "gerbang"},
        ("cloud1/sari", "password"): {"version": 1},
        ("cloud1/sari", "groups"): ["opd-x"],
        ("cloud1/sari", "quota"): {"bytes": 5 << 30},
        ("cloud1/budi", "account"): {"mark": None},
        ("cloud1/budi", "groups"): ["admin"],
        ("cloud1/budi", "lock"): {"disabled": True},
        ("cloud1/opd-x", "group"): {"exists": True},
    }
    assert nextcloud.measure(raw, "cloud1") == {
        "cloud1/sari:storage_used_bytes": 20174294,
        "cloud1/sari:last_login_unix_seconds": 1795203575,
        "cloud1/budi:storage_used_bytes": 7,
        "cloud1/budi:last_login_unix_seconds": 0,
        "cloud1:storage_used_bytes": 20174301,
        "cloud1:quotas_bytes": 5 << 30,
        "cloud1:accounts": 2,
        "cloud1:rules_for_everybody": 0,
        "cloud1:storage_free_bytes": 99,
    }


@pytest.mark.parametrize(
    "quota", [{"quota": 5 << 30}, {"used": "7"}, {"used": None}, {"used": -1}, {"used": True}, {"used": 0.5}, [], None]
)
def test_a_use_that_the_server_does_not_tell_is_not_measured_and_never_zero(quota: Any) -> None:
    """Of the server's sum neither: without one account it would be a smaller one."""
    untold, told = account(id="budi", quota=quota), account(quota={"quota": 5 << 30, "used": 0})
    measured = nextcloud.measure({"users": {"sari": told, "budi": untold}, "rules": []}, "cloud1")
    used = {name: value for name, value in measured.items() if name.endswith(":storage_used_bytes")}
    assert used == {"cloud1/sari:storage_used_bytes": 0}
    assert measured["cloud1:accounts"] == 2


@pytest.mark.parametrize("last_login", [None, "1795203575000", -1, [], True])
def test_a_last_login_that_the_server_does_not_tell_is_not_measured_and_never_never(last_login: Any) -> None:
    raw = {"users": {"sari": account(lastLogin=last_login), "budi": account(id="budi", lastLogin=0)}, "rules": []}
    measured = nextcloud.measure(raw, "cloud1")
    found = {name: value for name, value in measured.items() if name.endswith(":last_login_unix_seconds")}
    assert found == {"cloud1/budi:last_login_unix_seconds": 0}


ACCOUNTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "disabled": (account(enabled=False), {"lock": {"disabled": True}}),
    "quota none": (account(quota={"quota": "none", "used": 0}), {"quota": None}),
    "quota as PHP writes a large number": (account(quota={"quota": 5368709120.0}), {"quota": {"bytes": 5 << 30}}),
    "groups with gaps": (account(groups={"0": "gerbang", "2": "b", "1": "a"}), {"groups": ["a", "b"]}),
    "no groups but the mark": (account(groups=["gerbang"]), {"groups": None}),
    "password replaced twice": (account(groups=["gerbang", "gerbang-3", "gerbang-2"]), {"password": {"version": 3}}),
    "a limit class is no mark": (
        account(groups=["gerbang", "gerbang-limit-512mb-semua", "gerbang-01", "gerbang-1"]),
        {"groups": ["gerbang-01", "gerbang-1", "gerbang-limit-512mb-semua"], "password": {"version": 1}},
    ),
    "an older server's name of the display name": (
        {k: v for k, v in account().items() if k != "displayname"} | {"display-name": "Sari"},
        {"display_name": "Sari"},
    ),
    "not ours": (account(groups=["gerbang-2", "opd-x"]), {"account": {"mark": None}, "password": None}),
    "not ours: capital letters": (account(id="Sari"), {"account": {"mark": None}}),
    "the server itself cannot read it": (account(quota=[]), {"account": nextcloud.UNREADABLE, "quota": None}),
    "the server shows its id alone": ({"id": "sari"}, {"account": nextcloud.UNREADABLE, "groups": None}),
}


@pytest.mark.parametrize("name", ACCOUNTS)
def test_an_account_is_read_as_it_stands(name: str) -> None:
    record, wanted = ACCOUNTS[name]
    found = nextcloud.read_account(record, "sari")
    assert {prop: found.get(prop) for prop in wanted} == wanted


def test_persons_of_foreign_accounts_are_not_read() -> None:
    record = account(groups=["admin"], email="orang@lain.example", displayname="Orang Lain")
    assert set(nextcloud.read_account(record)) == {"account", "groups", "quota"}


WRONG = {
    "another account": account(id="admin"),
    "no id": account(id=None),
    "a list": [],
    "text": "sari",
    "enabled as text": account(enabled="true"),
    "enabled as number": account(enabled=1),
    "quota as text": account(quota="5 GB"),
    "quota inside as text": account(quota={"quota": "5 GB"}),
    "quota a truth": account(quota={"quota": True}),
    "quota unknown to the server": account(quota={"quota": -2}),
    "quota beyond all numbers": account(quota={"quota": 1e300}),
    "groups as text": account(groups="gerbang"),
    "a group that is a number": account(groups=["gerbang", 1]),
    "a name that is a list": account(displayname=["x"]),
}


@pytest.mark.parametrize("name", WRONG)
def test_an_account_of_another_type_is_unreachable_never_absent(name: str) -> None:
    with pytest.raises(Unreachable, match="cannot be read"):
        nextcloud.read_account(WRONG[name], "sari")


def test_one_account_shown_twice_is_unreachable() -> None:
    with pytest.raises(Unreachable, match="twice"):
        nextcloud.read_accounts({"sari": account(), "SARI": account(id="SARI")})


@given(said=JSON, key=st.sampled_from(["enabled", "id", "quota", "groups", "email", "displayname", "lastLogin"]))
def test_whatever_stands_in_an_account_it_is_read_or_refused(said: Any, key: str) -> None:
    raw = {"users": {"sari": account(**{key: said})}, "groups": [], "rules": []}
    try:
        found = nextcloud.read(raw, "cloud1")
        nextcloud.measure(raw, "cloud1")
    except Unreachable:
        return
    assert {spot.target for spot in found} == {"cloud1/sari"}


@given(said=JSON)
def test_whatever_is_said_of_rules_and_groups_is_read_or_refused(said: Any) -> None:
    readers: tuple[Callable[[Any], object], ...] = (read_rules, nextcloud.read_groups, nextcloud.read_account)
    for read in readers:
        for data in (said, {OPERATION: said}, {OPERATION: [said]}, {OPERATION: [{"checks": said}]}):
            try:
                read(data)
            except Unreachable:
                continue


def test_an_edit_takes_away_what_was_not_there_before() -> None:
    assert nextcloud.edit_form("quota", None) == {"key": "quota", "value": "default"}
    assert nextcloud.edit_form("display_name", None, "sari") == {"key": "displayname", "value": "sari"}
    assert nextcloud.edit_form("email", None) == {"key": "email", "value": ""}
    assert nextcloud.edit_form("quota", {"bytes": 5 << 30}) == {"key": "quota", "value": "5368709120"}


def test_how_each_property_is_taken_back() -> None:
    made = {name: row.undo_of(None, 1) for name, row in nextcloud.PROPERTIES.items()}
    gone = {name: row.undo_of(1, None) for name, row in nextcloud.PROPERTIES.items()}
    shared = {"group", "size_rule", "type_rule"}
    assert made == {name: Undo.KEEP if name in shared else Undo.REMOVE for name in made}
    assert {name for name, undo in gone.items() if undo is Undo.NONE} == {"account", "password", "link"}
    mailed = nextcloud.PROPERTIES["link"].undo_of(nextcloud.LINK_WAITS, nextcloud.LINK_MAILED)
    assert mailed is Undo.NONE, "no mail can be called back"


@pytest.mark.parametrize(
    ("groups", "link"),
    [
        ([], None),
        (["gerbang-link-waits"], {"mailed": False}),
        (["gerbang-link"], {"mailed": True}),
        (["gerbang-link", "gerbang-link-waits"], {"mailed": True}),
    ],
)
def test_how_far_the_link_is_stands_in_groups_that_are_none_of_the_accounts_own(groups: list[str], link: Any) -> None:
    form = nextcloud.create_form("sari", {"groups": ["opd-x", *groups], "email": "a@kota.lab"}, "")
    assert "password" not in form, "then the server mails a link"
    read = nextcloud.read_account(stored(form), "sari")
    assert (read.get("link"), read["groups"], read["password"]) == (link, ["opd-x"], {"version": 1})
