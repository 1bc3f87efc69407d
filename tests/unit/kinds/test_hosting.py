"""What does hosting promise beside its plan tables? Digest, page, trials, secrets, what it never does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.facts import apache
from provisioner.facts.observation import Spot
from provisioner.kinds.hosting import capacity
from provisioner.kinds.port import Question
from provisioner.names import mark
from provisioner.requests.sub_domain import skeleton
from tests.plans.hosting_world import GIB, HOSTS, ITEM, KIND, parts_for, plan_for, question_of

PHP: dict[str, Any] = {"wish": {"runtime": "php", "database": "mariadb", "second_name": "www"}}
NEIGHBOUR = "gbbbbbbbbb"


def with_neighbour() -> Question:
    """The question beside one site of another OPD and one vhost that nobody recorded."""
    vhost = apache.vhost_value(
        apache.Vhost(
            item_id=NEIGHBOUR,
            mark=mark(NEIGHBOUR),
            names=("portal.kota.lab",),
            php=False,
            htaccess=False,
            upload_bytes=4096,
            bandwidth_bytes_per_second=125000,
            bandwidth_driver="mod_bw",
        )
    )
    table = {
        **PHP,
        "seen": [
            ["apache", f"web1/{NEIGHBOUR}", "vhost", vhost],
            ["apache", "web1/lama", "vhost", {**vhost, "text": "ServerName lama.kota.lab"}],
            ["account", f"web1/{NEIGHBOUR}", "directories", {".": f"root:{NEIGHBOUR} 0751", "public": "x"}],
            ["account", "web1/s1", "directories", {".": "root:root 0755", "public": "x"}],
        ],
        "measurements": {f"web1/{NEIGHBOUR}:storage_used_bytes": 4096, "web1:storage_free_bytes": 9 * GIB},
        "sums": {"web1:storage_bytes": (20 * GIB, 5 * GIB)},
    }
    return replace(question_of(table), owners={NEIGHBOUR: "Badan Reka"})


def choices_of(question: Question) -> Mapping[str, Any]:
    """The choices, where the wish can be."""
    choices = KIND.choose(question)
    assert isinstance(choices, Mapping), choices
    return choices


# -- Digest and page --------------------------------------------------------------------------------------------------


def test_free_space_moved_and_the_digest_is_the_same() -> None:
    question = question_of(PHP | {"measurements": {"web1:storage_free_bytes": 19 * GIB, "web1:load_percent": 3}})
    moved = replace(
        question,
        seen=replace(question.seen, measurements={"web1:storage_free_bytes": 6 * GIB, "web1:load_percent": 170}),
    )
    assert plan_for(moved).page != plan_for(question).page
    assert plan_for(moved).digest == plan_for(question).digest


def test_an_adjusted_wish_keeps_host_and_number_and_gets_its_own_names() -> None:
    asked = question_of({**PHP, "hosts": {"web1": {}, "web2": {}}})
    granted = question_of({"wish": {"sub_domain": "pegawai"}, "hosts": {"web1": {}, "web2": {}}})
    first = {**choices_of(asked), "host": "web2", "uid": 20005}
    assert choices_of(replace(granted, previous=first)) == {
        **first,
        "names": ["pegawai.kota.lab"],
        "runtime": "static",
        "php_version": None,
        "database": "none",
    }


def test_what_others_hold_moved_and_the_digest_is_the_same() -> None:
    question = question_of(PHP)
    assert plan_for(replace(question, sums={"web1:storage_bytes": (20 * GIB, GIB)})).digest == plan_for(question).digest


def test_a_vhost_edited_by_hand_gives_another_digest() -> None:
    question = question_of({**PHP, "standing": True})
    spot = Spot(system="apache", target=f"web1/{ITEM}", property="vhost")
    vhost: Any = question.seen.values[spot]
    edited = {**question.seen.values, spot: {**vhost, "text": vhost["text"] + "# by hand\n"}}
    moved = plan_for(replace(question, seen=replace(question.seen, values=edited)))
    assert [change.spot for change in moved.changes] == [spot]
    assert moved.digest != plan_for(question).digest


@pytest.mark.parametrize("path", ["direct", "nat", "proxy"])
def test_the_path_of_visitors_is_recorded_as_direct_nat_or_proxy(path: str) -> None:
    plan = plan_for(question_of({"hosts": {"web1": {"path": path}}}))
    assert plan.choices["path"] == path
    assert (plan.choices["address"], plan.choices["address_internal"]) == (
        {"A": ["203.0.113.11"], "AAAA": []},
        "10.0.0.11",
    )
    assert (plan.page["path"]["kind"], plan.page["path"]["shared_address"]) == (path, True)


def test_the_page_shows_each_neighbour_with_its_opd_and_use_now_and_after() -> None:
    shown = plan_for(with_neighbour()).page["neighbours"]
    assert shown["sites"] == [
        {"item": NEIGHBOUR, "opd": "Badan Reka", "names": ["portal.kota.lab"], "storage_used_bytes": 4096},
        {"item": "lama", "opd": "tidak tercatat", "names": ["lama.kota.lab"], "storage_used_bytes": None},
    ]
    assert shown["sentence"].startswith("Di web1 ada 1 situs Gerbang; sesudah ini 2.")
    assert shown["measured"] == {"storage_free_bytes": 9 * GIB}


def test_the_page_shows_what_is_there_used_promised_and_promised_afterwards() -> None:
    question = with_neighbour()
    disk = {"web1:storage_size_bytes": 12 * GIB, "web1:storage_free_bytes": 9 * GIB}
    seen = replace(question.seen, measurements={**question.seen.measurements, **disk})
    storage, database, bandwidth, whole = plan_for(replace(question, seen=seen)).page["capacity"]
    promised = {"promised": 5 * GIB, "after": 10 * GIB}
    assert storage == {"label": "ruang simpan web1", "unit": "bytes", "total": 20 * GIB, "used": 4096, **promised}
    assert (database["used"], bandwidth["used"], bandwidth["unit"]) == (None, None, "bytes_per_second")
    told = {"label": "disk web1", "unit": "bytes", "total": 12 * GIB, "used": 3 * GIB, "free": 9 * GIB}
    assert whole == {**told, **promised}


def test_a_disk_that_nobody_measured_is_not_shown_and_a_verb_that_moves_no_share_shows_nothing() -> None:
    question = replace(with_neighbour(), seen=replace(with_neighbour().seen, measurements={}))
    assert [row["label"].split()[0] for row in plan_for(question).page["capacity"]] == ["ruang", "basis", "bandwidth"]
    host = question.estate.hosts["web1"]
    assert capacity.rows(replace(question, verb="suspend"), host) == []


def test_the_page_puts_what_is_left_beside_what_is_asked() -> None:
    rows = {row["label"]: row for row in plan_for(with_neighbour()).page["columns"]}
    assert rows["ruang simpan web1"] == {
        "label": "ruang simpan web1",
        "asked": "5 GB",
        "planned": "5 GB",
        "left": "10 GB dari 20 GB",
        "bar": {"now": 5 * GIB, "after": 10 * GIB, "limit": 20 * GIB},
    }
    assert rows["bandwidth web1"]["left"] == "990 Mbit/s dari 1000 Mbit/s"


def over_limit(driver: str, used: int) -> Question:
    """A neighbour with 1 GiB granted and `used` bytes in use, on a host with `driver`."""
    table = {
        "hosts": {"web1": {"storage_driver": driver}},
        "seen": [["account", f"web1/{NEIGHBOUR}", "storage", {"driver": driver, "limit_bytes": GIB}]],
        "measurements": {f"web1/{NEIGHBOUR}:storage_used_bytes": used},
    }
    return question_of(table)


def test_a_host_without_quota_alarms() -> None:
    assert plan_for(over_limit("measured", 2 * GIB)).page["alarms"] == [
        "web1 tidak dapat menegakkan batas ruang simpan: pemakaian hanya diukur, situs dapat melampaui batasnya.",
        "ruang simpan gbbbbbbbbb di web1 melampaui batas: 2147483648 dari 1073741824 bita",
    ]
    assert plan_for(over_limit("btrfs_squota", 2 * GIB)).page["alarms"] == []


@pytest.mark.parametrize(
    ("used", "said"), [(GIB * 9 // 10, None), (GIB * 19 // 20, "di atas 90 % batas"), (GIB + 1, "melampaui batas")]
)
def test_a_database_near_or_over_its_size_alarms_for_nothing_else_stops_it(used: int, said: str | None) -> None:
    table = {
        "seen": [["mariadb", f"web1/{NEIGHBOUR}", "database", {"mark": "x", "limit_bytes": GIB, "charset": "utf8mb4"}]],
        "measurements": {f"web1/{NEIGHBOUR}:database_used_bytes": used},
    }
    told = plan_for(question_of(table)).page["alarms"]
    assert told == ([f"basis data {NEIGHBOUR} di web1 {said}: {used} dari {GIB} bita"] if said else [])


# -- Trials and secrets -----------------------------------------------------------------------------------------------


def test_a_php_site_with_a_database_is_tried_in_every_way() -> None:
    question = with_neighbour()
    trials = {trial.name: trial for trial in KIND.trials(question, choices_of(question))}
    assert {name: trial.system for name, trial in trials.items()} == {
        "resolves": "dns",
        "https_page": "apache",
        "http_redirects": "apache",
        "certificate_names": "certificate",
        "sftp_inside": "account",
        "bandwidth_limit_bites": "apache",
        "storage_limit_bites": "account",
        "php_runs_as_site": "php_fpm",
        "php_cannot_read_neighbour": "php_fpm",
        "upload_limit_bites": "php_fpm",
        "mail_as_asked": "php_fpm",
        "database_login": "mariadb",
        "database_isolated": "mariadb",
    }
    assert trials["php_cannot_read_neighbour"].arguments["neighbours"] == [NEIGHBOUR]
    assert [name for name, trial in trials.items() if trial.takes_time] == ["bandwidth_limit_bites"]
    assert trials["storage_limit_bites"].arguments == {"host": "web1", "item_id": ITEM, "limit_bytes": 5 * GIB}
    assert trials["http_redirects"].wanted["www.simpeg.kota.lab"] == {
        "status": 301,
        "location": "https://www.simpeg.kota.lab/",
    }


@pytest.mark.parametrize("granted", [True, False])
def test_mail_is_tried_as_it_was_asked_for(granted: bool) -> None:
    relay = {"address": "10.0.0.4", "port": 587, "sender_domain": "kota.lab", "probe_recipient": "uji@kota.lab"}
    offered = {"outgoing_mail": True, "outgoing_mail_relay": relay}
    question = question_of({"hosts": {"web1": offered}, "wish": {"runtime": "php", "outgoing_mail": granted}})
    choices = choices_of(question)
    (trial,) = [trial for trial in KIND.trials(question, choices) if trial.name == "mail_as_asked"]
    assert trial.wanted == {"sent": granted, "sender": f"{ITEM}@kota.lab" if granted else "", "open": []}
    assert trial.arguments["servers"] == [["127.0.0.1", 25], ["10.0.0.4", 587]]
    assert trial.arguments["to"] == "uji@kota.lab"
    users: list[Any] = [
        change.after
        for part in parts_for(question, choices)
        for task in part.tasks
        for change in task.changes
        if change.property == "user" and change.system == "account"
    ]
    assert [user["groups"] for user in users] == [["gerbang-mail", "gerbang-sftp"] if granted else ["gerbang-sftp"]]


def test_outgoing_mail_on_a_host_that_sends_none_is_impossible() -> None:
    reasons = KIND.choose(question_of({"wish": {"runtime": "php", "outgoing_mail": True}}))
    assert not isinstance(reasons, Mapping)
    assert [reason.code for reason in reasons] == ["no_outgoing_mail"]


def test_where_no_relay_is_known_a_site_is_still_tried_for_what_it_must_not() -> None:
    question = question_of({"wish": {"runtime": "php"}})
    (trial,) = [trial for trial in KIND.trials(question, choices_of(question)) if trial.name == "mail_as_asked"]
    assert (trial.wanted["sent"], trial.arguments["servers"]) == (False, [["127.0.0.1", 25]])


def test_a_static_site_on_a_host_without_quota_is_not_tried_for_what_it_has_not() -> None:
    question = question_of({"hosts": {"web1": {"storage_driver": "measured"}}})
    assert [trial.name for trial in KIND.trials(question, choices_of(question))] == [
        "resolves",
        "https_page",
        "http_redirects",
        "certificate_names",
        "sftp_inside",
        "bandwidth_limit_bites",
    ]


@pytest.mark.parametrize(
    ("path", "address"), [("direct", "203.0.113.11"), ("nat", "10.0.0.11"), ("proxy", "10.0.0.11")]
)
def test_trials_connect_to_the_public_address_only_where_it_is_the_hosts_own(path: str, address: str) -> None:
    question = question_of({**PHP, "hosts": {"web1": {"path": path}}})
    trials = KIND.trials(question, choices_of(question))
    assert {trial.arguments["address"] for trial in trials if "address" in trial.arguments} == {address}


@pytest.mark.parametrize(
    ("networks", "arguments", "encrypted"),
    [(["10.9.0.0/16"], {"via": "network"}, True), ([], {"via": "site", "sftp_secret": "sftp_password"}, None)],
)
def test_a_database_is_tried_from_outside_only_where_logins_may_come_from_there(
    networks: list[str], arguments: dict[str, str], *, encrypted: bool | None
) -> None:
    question = question_of({**PHP, "hosts": {"web1": {"database_client_networks": networks}}})
    trial = next(one for one in KIND.trials(question, choices_of(question)) if one.name == "database_login")
    assert arguments.items() <= trial.arguments.items()
    assert ("name" in trial.arguments) is (not networks)
    assert trial.wanted.get("encrypted") is encrypted


def test_after_an_end_the_absence_is_tried() -> None:
    question = question_of({**PHP, "standing": True, "verb": "terminate"})
    assert {trial.name: trial.wanted for trial in KIND.trials(question, choices_of(question))} == {
        "name_gone": {name: {"A": [], "AAAA": []} for name in ("simpeg.kota.lab", "www.simpeg.kota.lab")},
        "site_gone": {"simpeg.kota.lab": "gone", "www.simpeg.kota.lab": "gone"},
        "login_refused": {"login": False},
    }


def test_create_makes_a_password_for_each_login_and_terminate_makes_none() -> None:
    question = question_of(PHP)
    choices = choices_of(question)
    made = KIND.secrets(question, choices)
    assert [(secret.name, secret.user, secret.use["protocol"], secret.use["port"]) for secret in made] == [
        ("sftp_password", ITEM, "sftp", 22),
        ("database_password", ITEM, "mariadb", 3306),
    ]
    assert KIND.secrets(replace(question, verb="terminate"), choices) == ()
    static = question_of({})
    assert [secret.name for secret in KIND.secrets(static, choices_of(static))] == ["sftp_password"]


# -- What it never does -----------------------------------------------------------------------------------------------


def test_every_verb_is_available_or_says_why_not() -> None:
    available = {verb for verb, said in KIND.verbs.items() if said.state == "available"}
    assert available == {"create", "change", "suspend", "resume", "rotate", "appoint", "terminate"}
    assert all(said.why for said in KIND.verbs.values() if said.state != "available")


def test_a_part_has_at_most_seven_tasks_and_each_has_a_label() -> None:
    plan = plan_for(question_of(PHP | {"wish": {**PHP["wish"], "cron": "daily"}}))
    tasks = [task.name for part in plan.parts for task in part.tasks]
    assert tasks == list(KIND.task_labels)
    assert len(tasks) <= 7


def test_no_value_of_a_form_becomes_a_path_a_user_or_a_database() -> None:
    question = question_of({"wish": {"runtime": "php", "database": "mariadb", "sub_domain": "rahasia"}})
    named = [change for change in plan_for(question).changes if change.system != "dns"]
    assert {change.spot.object for change in named} == {ITEM}
    values = [str(change.after) for change in named if change.property not in {"vhost", "certificate"}]
    assert [value for value in values if "rahasia" in value] == []


def test_a_plan_touches_no_spot_of_a_neighbour() -> None:
    question = with_neighbour()
    changed = {change.spot for change in plan_for(question).changes}
    assert changed & set(question.seen.values) == set()
    assert {spot.object for spot in changed} == {ITEM, "simpeg.kota.lab", "www.simpeg.kota.lab"}


def test_the_database_of_the_other_engine_under_our_name_is_seen_as_a_difference() -> None:
    question = question_of({**PHP, "standing": True})
    spot = Spot(system="postgresql", target=f"web1/{ITEM}", property="user")
    more = {**question.seen.values, spot: {"hosts": [], "privileges": [], "connections": 20}}
    plan = plan_for(replace(question, seen=replace(question.seen, values=more)))
    assert [(change.spot, change.after) for change in plan.changes] == [(spot, None)]


def test_a_host_that_was_not_looked_at_is_never_chosen() -> None:
    question = question_of({"hosts": {"web1": {}, "web2": {}}, "sums": {"web1:storage_bytes": (20 * GIB, GIB)}})
    looked = frozenset((system, host) for system, host in question.seen.looked if host != "web2")
    assert choices_of(replace(question, seen=replace(question.seen, looked=looked)))["host"] == "web1"


LIVE = st.lists(st.sampled_from(["simpeg", "s1mpeg", "slmpeg", "sim-peg", "portal", "p0rtal", "soal"]), unique=True)


@given(LIVE, LIVE)
def test_a_name_that_is_live_held_or_looks_like_one_is_never_given(live: list[str], held: list[str]) -> None:
    table = {
        "seen": [["dns", f"kota.lab/{label}.kota.lab", "address", {"A": ["192.0.2.1"], "AAAA": []}] for label in live],
        "taken": {"fqdn": [f"{label}.kota.lab" for label in held]},
    }
    answer = KIND.choose(question_of(table))
    clash = {label for label in [*live, *held] if skeleton(label) == skeleton("simpeg")}
    if not clash:
        assert isinstance(answer, Mapping)
        return
    assert isinstance(answer, tuple)
    assert {reason.code for reason in answer} == {
        *(["name_taken"] if "simpeg" in clash else []),
        *(["look_alike"] if clash - {"simpeg"} else []),
    }


@given(
    st.integers(min_value=1, max_value=100),
    st.lists(st.integers(min_value=0, max_value=30 * GIB), min_size=2, max_size=2),
)
def test_no_host_is_promised_beyond_its_sum(storage_gb: int, held: list[int]) -> None:
    sums = {f"{name}:storage_bytes": (20 * GIB, amount) for name, amount in zip(HOSTS, held, strict=True)}
    question = question_of({"hosts": {"web1": {}, "web2": {}}, "wish": {"storage_gb": storage_gb}, "sums": sums})
    answer = KIND.choose(question)
    fits = {name for name, amount in zip(HOSTS, held, strict=True) if amount + storage_gb * GIB <= 20 * GIB}
    if fits:
        assert isinstance(answer, Mapping)
        assert answer["host"] in fits
    else:
        assert isinstance(answer, tuple)
        assert {reason.code for reason in answer} == {"host_full"}


def test_a_second_run_in_the_world_that_the_first_left_has_nothing_to_do() -> None:
    question = question_of({**PHP, "standing": True})
    assert parts_for(question, choices_of(question)) == ()
