"""What does a data cloud promise beside its plan tables? Limits that are never missing, digest, page, trials, words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.errors import BadInput
from provisioner.facts import nextcloud
from provisioner.kinds.data_cloud import file_types, traffic
from provisioner.kinds.data_cloud.wish import FIELDS, LIMITS, limit_group
from provisioner.kinds.port import Question
from provisioner.requests.fields import Known, parse_fields
from provisioner.requests.parse import parse_line
from tests.plans.data_cloud_world import GIB, KIND, parts_for, plan_for, question_of

KNOWN = Known(opd_codes=frozenset(), zone="kota.lab", reserved_labels=frozenset(), today=date(2026, 11, 21))
LINE = {"kind": "data_cloud", "verb": "create", "account_id": "arsip", "display_name": "Arsip", "purpose": "Arsip"}
EVERY_CLASS = sorted(file_types.CLASSES)


def choices_of(question: Question) -> Mapping[str, Any]:
    """The choices, where the wish can be."""
    choices = KIND.choose(question)
    assert isinstance(choices, Mapping), choices
    return choices


def with_neighbours() -> Question:
    """The question beside an account of another OPD that uses much, one that nobody recorded, and a full measuring."""
    table = {
        "seen": [
            ["nextcloud", "cloud1/budi", "account", {"mark": "gerbang"}],
            ["nextcloud", "cloud1/budi", "groups", ["gerbang-limit-1mb-dokumen", "opd-badanreka"]],
            ["nextcloud", "cloud1/lama", "account", {"mark": None}],
        ],
        "measurements": {
            "cloud1/budi:storage_used_bytes": 3 * GIB,
            "cloud1:storage_free_bytes": 50 * GIB,
            "cloud1:storage_used_bytes": 4 * GIB,
            "cloud1:quotas_bytes": 20 * GIB,
            "cloud1:accounts": 7,
        },
        "sums": {"cloud1:quota_bytes": (100 * GIB, 10 * GIB)},
    }
    return question_of(table)


# -- Four limits, always ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", LIMITS)
def test_a_limit_that_is_left_out_stands_at_the_offices_default_and_is_never_absent(limit: str) -> None:
    """R-DC1: left out or null, the office's default with its reason; never nothing."""
    (field,) = (field for field in FIELDS if field.name == limit)
    assert field.default
    assert field.default_why
    for sent in ({}, {limit: None}):
        wish = parse_line({**LINE, **sent}, {KIND.name: KIND.verbs}, KNOWN).wish
        assert {name: wish[name] for name in LIMITS if not wish[name]} == {}
        assert wish[limit] == field.default


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("nothing", [0, [], "", -1, False, "tanpa batas", 10**9])
def test_a_limit_that_says_nothing_or_everything_is_refused(limit: str, nothing: object) -> None:
    with pytest.raises(BadInput) as caught:
        parse_line({**LINE, limit: nothing}, {KIND.name: KIND.verbs}, KNOWN)
    assert [fault.where for fault in caught.value.faults] == [limit]


@pytest.mark.parametrize("verb", ["create", "change"])
def test_every_limit_is_in_the_plan_or_its_page_says_what_holds_it(verb: str) -> None:
    asked = {"quota_gb": 9, "largest_file_mb": 7, "file_types": ["peta"], "traffic_mbit": 3}
    tables: Mapping[str, Any] = {
        "create": {"wish": asked},
        "change": {"standing": True, "verb": "change", "asked": asked},
    }
    plan = plan_for(question_of(tables[verb]))
    values: dict[str, Any] = {change.property: change.after for change in plan.changes}
    assert values["quota"] == {"bytes": 9 * GIB}
    assert values["size_rule"] == {"largest_bytes": 7 * 1024**2}
    assert values["type_rule"] == {"types": [*file_types.CLASSES["peta"].types]}
    told = {row["label"]: row["planned"] for row in plan.page["columns"]}
    assert "3 Mbit/s" in told["Traffic"]
    assert "tidak ditegakkan: " in told["Traffic"]


def test_all_classes_together_make_a_group_that_the_server_can_keep() -> None:
    longest = limit_group({"largest_file_mb": 10240, "file_types": EVERY_CLASS})
    assert len(longest) <= 62  # two are left for the edition


@given(st.sets(st.sampled_from(EVERY_CLASS), min_size=1))
def test_two_classes_of_limits_never_share_a_group_and_every_type_can_be_written_as_a_rule(names: set[str]) -> None:
    wish = {"largest_file_mb": 512, "file_types": sorted(names)}
    others = [{**wish, "largest_file_mb": 51}, {**wish, "file_types": ["semua"]}]
    assert limit_group(wish) not in [limit_group(other) for other in others]
    types = [*file_types.types_of(names)]
    body = nextcloud.rule_body("gerbang-limit-x", "type_rule", {"types": types})
    read = nextcloud.read_rules({body["class"]: [body]})
    assert read == {"gerbang-limit-x": {"type_rule": {"types": types}}}


def test_a_change_of_what_a_class_means_gives_its_group_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was granted stays as it was granted; else a release of ours would change every account's rules."""
    wish = {"largest_file_mb": 512, "file_types": ["dokumen"]}
    before = limit_group(wish)
    monkeypatch.setattr(file_types, "EDITION", 2)
    assert limit_group(wish) == f"{before}-e2"


def test_what_is_tried_is_one_ending_of_each_sort_and_a_program_is_never_taken() -> None:
    assert file_types.endings(["gambar"]) == (["png"], ["zip", "mp3", "mp4", "pdf", "docx", "gpx", "exe"])
    assert file_types.endings(["semua"]) == (["zip", "mp3", "mp4", "pdf", "docx", "png", "gpx"], [])


def test_every_limit_can_be_adjusted_downwards_without_another_account() -> None:
    asked, granted = question_of({"wish": {"quota_gb": 50}}), question_of({"wish": {"quota_gb": 2}})
    first = choices_of(asked)
    second = choices_of(replace(granted, previous=first))
    assert {key for key in first if first[key] != second[key]} == {"quota_bytes"}


# -- Digest and page --------------------------------------------------------------------------------------------------


def test_what_is_measured_moved_and_the_digest_is_the_same() -> None:
    question = with_neighbours()
    moved = replace(question, seen=replace(question.seen, measurements={"cloud1:storage_free_bytes": 30 * GIB}))
    assert plan_for(moved).page != plan_for(question).page
    assert plan_for(moved).digest == plan_for(question).digest


def test_the_capacity_of_the_server_is_shown_promised_and_used_now_and_afterwards() -> None:
    """Tarakan's Data akun dan kapasitas server data Cloud (office-needs 34)."""
    assert plan_for(with_neighbours()).page["capacity"] == [
        {
            "label": "kuota akun Gerbang",
            "unit": "bytes",
            "total": 100 * GIB,
            "used": 3 * GIB,
            "promised": 10 * GIB,
            "after": 15 * GIB,
        },
        {
            "label": "disk cloud1",
            "unit": "bytes",
            "total": 54 * GIB,
            "used": 4 * GIB,
            "free": 50 * GIB,
            "promised": 20 * GIB,
            "after": 25 * GIB,
        },
        {"label": "akun di server", "unit": "count", "total": None, "used": None, "promised": 7, "after": 8},
    ]


def test_what_nobody_measured_is_not_made_up() -> None:
    rows = plan_for(question_of({})).page["capacity"]
    assert [(row["total"], row["used"]) for row in rows] == [(100 * GIB, None), (None, None)]
    assert [(row["promised"], row["after"]) for row in rows] == [(0, 5 * GIB), (0, 1)]
    assert plan_for(question_of({"standing": True, "verb": "suspend"})).page["capacity"] == []


def test_who_shares_the_server_is_shown_with_opd_and_use_the_largest_first() -> None:
    shown = plan_for(with_neighbours()).page["neighbours"]
    assert shown["sites"] == [
        {"item": "budi", "opd": "BADANREKA", "names": ["budi"], "storage_used_bytes": 3 * GIB},
        {"item": "lama", "opd": "tidak tercatat", "names": ["lama"], "storage_used_bytes": None},
    ]
    assert (shown["things"], shown["own"]) == ("akun", "arsip")
    assert shown["sentence"].startswith("Di cloud1 ada 1 akun Gerbang; sesudah ini 2.")


def test_of_a_thousand_accounts_thirty_are_shown_and_the_others_counted() -> None:
    accounts = [["nextcloud", f"cloud1/unit{n:04}x", "account", {"mark": "gerbang"}] for n in range(1000)]
    shown = plan_for(question_of({"seen": accounts})).page["neighbours"]
    assert len(shown["sites"]) == 30
    assert "970 akun lain yang memakai lebih sedikit tidak ditampilkan." in shown["sentence"]


def test_an_end_gives_back_what_was_promised() -> None:
    question = question_of(
        {"standing": True, "verb": "terminate", "sums": {"cloud1:quota_bytes": (100 * GIB, 10 * GIB)}}
    )
    page = plan_for(question).page
    assert page["capacity"][0] | {"label": ""} == {
        "label": "",
        "unit": "bytes",
        "total": 100 * GIB,
        "used": None,
        "promised": 15 * GIB,
        "after": 10 * GIB,
    }
    assert page["neighbours"]["sentence"].startswith("Di cloud1 ada 1 akun Gerbang; sesudah ini 0.")


def test_an_office_that_grants_less_by_now_leaves_what_an_account_has_and_gives_no_more() -> None:
    question = question_of(
        {"standing": True, "verb": "change", "wish": {"quota_gb": 60}, "asked": {"traffic_mbit": 20}}
    )
    (host,) = question.estate.hosts.values()
    less = replace(
        host,
        variables={
            **host.variables,
            "limits": {"data_cloud": {"quota_gb": {"most": 50}, "traffic_mbit": {"most": 15}}},
        },
    )
    reasons = KIND.choose(replace(question, estate=replace(question.estate, hosts={"cloud1": less})))
    assert isinstance(reasons, tuple)
    assert [reason.what for reason in reasons] == ["traffic 20 Mbit/s melebihi yang diberikan kantor: 15 Mbit/s"]


# -- Trials and secrets -----------------------------------------------------------------------------------------------


def test_every_limit_is_tried_as_the_owner_just_under_and_just_over() -> None:
    question = with_neighbours()
    trials = {trial.name: trial for trial in KIND.trials(question, choices_of(question))}
    assert {name: trial.wanted for name, trial in trials.items()} == {
        "cloud_login": {"login": True, "folder": "made"},
        "cloud_quota_bites": {"under": "not full", "over": "full"},
        "cloud_size_bites": {"under": "accepted", "over": "forbidden"},
        "cloud_types_bite": {"allowed": ["pdf", "docx", "png"], "refused": ["zip", "mp3", "mp4", "gpx", "exe"]},
        "cloud_neighbour_unreachable": {"readable": []},
    }
    assert {trial.system for trial in trials.values()} == {"nextcloud"}
    assert {(trial.arguments["host"], trial.arguments["account"]) for trial in trials.values()} == {("cloud1", "arsip")}
    assert {trial.arguments["secret"] for trial in trials.values()} == {"account_password"}
    assert trials["cloud_quota_bites"].arguments["limit_bytes"] == 5 * GIB
    assert trials["cloud_neighbour_unreachable"].arguments["neighbours"] == ["budi", "lama"]


def test_after_a_change_a_probe_of_the_same_groups_is_held_by_the_same_limits() -> None:
    question = question_of({"standing": True, "verb": "change", "asked": {"file_types": ["semua"], "quota_gb": 9}})
    (trial,) = KIND.trials(question, choices_of(question))
    assert trial.name == "cloud_limits_bite_probe"
    assert "secret" not in trial.arguments
    assert trial.arguments["groups"] == ["gerbang-limit-512mb-semua", "opd-dincontoh"]
    assert (trial.arguments["quota_bytes"], trial.arguments["refused"]) == (9 * GIB, [])
    assert "other_type" not in trial.wanted


def test_the_password_names_where_it_is_used_and_each_next_one_has_the_next_version() -> None:
    question = question_of({})
    (made,) = KIND.secrets(question, choices_of(question))
    assert (made.name, made.user, made.version) == ("account_password", "arsip", 1)
    assert made.use == {
        "protocol": "nextcloud",
        "host": "cloud.kota.lab",
        "port": 8443,
        "url": "https://cloud.kota.lab:8443",
    }
    for verb, versions in {
        "rotate": [2],
        "appoint": [2],
        "change": [],
        "suspend": [],
        "resume": [],
        "terminate": [],
    }.items():
        asked = {"asked": {"quota_gb": 9}} if verb == "change" else {}
        standing = question_of({"standing": True, "verb": verb, **asked})
        assert [one.version for one in KIND.secrets(standing, choices_of(standing))] == versions


# -- Words ------------------------------------------------------------------------------------------------------------


def test_traffic_that_nothing_enforces_is_said_in_page_letter_and_standing() -> None:
    question = question_of({})
    plan = plan_for(question)
    said = traffic.said(plan.choices)
    assert said.startswith("tidak ditegakkan: ")
    report = KIND.report("create", question.wish, question.wish, plan.choices)
    assert {row.label: row.enforced for row in report.rows}["Traffic"] == said
    assert said in KIND.standing(question.wish, plan.choices).sentence
    assert any(said in sentence for sentence in plan.page["enforcement"])
    assert traffic.said({"traffic_enforced_by": "nginx di proxy1"}) == "dibatasi nginx di proxy1"


def test_what_is_not_counted_is_said_wherever_use_is_shown() -> None:
    question = question_of({})
    choices, not_counted = choices_of(question), "tempat sampah dan versi lama berkas"
    assert not_counted in KIND.standing(question.wish, choices).sentence
    assert not_counted in str(KIND.report("create", question.wish, question.wish, choices).notes)
    assert [measure.not_counted for measure in KIND.measures if measure.unit == "bytes"] == [not_counted]
    assert any(not_counted in said for said in plan_for(question).page["not_compared"])


def test_a_letter_puts_asked_beside_granted_and_the_quota_to_the_byte() -> None:
    question = question_of({"wish": {"quota_gb": 2}})
    asked = {**question.wish, "quota_gb": 5}
    report = KIND.report("create", asked, question.wish, choices_of(question))
    (row,) = [row for row in report.rows if row.label == "Ruang simpan"]
    assert (row.asked, row.granted) == ("5 GB", "2 GB")
    assert row.enforced == "kuota Nextcloud, diuji; tepatnya 2.147.483.648 bita"


@pytest.mark.parametrize("verb", ["create", "change"])
def test_plan_and_letter_say_no_more_of_the_size_rule_than_it_holds(verb: str) -> None:
    """It asks the length that an upload declares (ADR 0031): whoever lies passes it, and not the quota."""
    question = question_of({})
    choices, reserved = choices_of(question), "ukuran yang disebut pengunggah"
    report = KIND.report(verb, question.wish, question.wish, choices)
    assert [row.label for row in report.rows if reserved in row.enforced] == ["Berkas terbesar"]
    page = plan_for(question).page
    assert [said.partition(" ditegakkan")[0] for said in page["enforcement"] if reserved in said] == ["Berkas terbesar"]


def test_people_call_it_by_its_id_and_its_server_and_it_stands_there_with_its_limits() -> None:
    question = question_of({})
    choices = choices_of(question)
    assert (KIND.title(choices), KIND.target(choices), KIND.places(choices)) == (
        "arsip @ cloud.kota.lab",
        "cloud1/arsip",
        ("cloud1",),
    )
    standing = KIND.standing(question.wish, choices)
    assert standing.address == "https://cloud.kota.lab:8443"
    assert [(limit.label, limit.granted, limit.measure) for limit in standing.limits] == [
        ("Ruang simpan", 5 * GIB, "storage_used_bytes"),
        ("Berkas terbesar", 512 * 1024**2, ""),
        ("Traffic", 1_250_000, ""),
    ]


# -- What it never does -----------------------------------------------------------------------------------------------


def test_a_plan_touches_no_account_but_its_own_and_no_rule_on_the_opds_group() -> None:
    """Office-needs 35: limits attach to a limit class, never to the OPD's own group."""
    question = with_neighbours()
    changes = [change for part in parts_for(question, choices_of(question)) for change in part.changes]
    assert {(c.spot.object, c.property) for c in changes if c.property.endswith("_rule")} == {
        ("gerbang-limit-512mb-dokumen-gambar", "size_rule"),
        ("gerbang-limit-512mb-dokumen-gambar", "type_rule"),
    }
    assert {c.spot.object for c in changes if c.property not in {"group", "size_rule", "type_rule"}} == {"arsip"}


def test_a_server_that_was_not_looked_at_is_never_chosen() -> None:
    question = question_of(
        {"hosts": {"cloud1": {}, "cloud2": {}}, "sums": {"cloud1:quota_bytes": (100 * GIB, 90 * GIB)}}
    )
    looked = frozenset((system, host) for system, host in question.seen.looked if host != "cloud2")
    assert choices_of(replace(question, seen=replace(question.seen, looked=looked)))["host"] == "cloud1"


def test_every_verb_is_available_or_says_why_not_in_words_that_fit() -> None:
    available = {verb for verb, said in KIND.verbs.items() if said.state == "available"}
    assert available == {"create", "change", "suspend", "resume", "rotate", "appoint", "terminate"}
    whys = [said.why for said in KIND.verbs.values() if said.state != "available"]
    assert all(whys)
    assert [why for why in whys if "situs" in why] == []


def test_an_archive_by_the_office_is_not_to_be_had_and_says_why() -> None:
    _, faults = parse_fields(KIND.verbs["terminate"].fields, {"archive": "by_office"}, "", KNOWN)
    assert [fault.what for fault in faults] == [
        "belum tersedia: server tidak membuka berkas akun bagi siapa pun tanpa kata sandi pemiliknya"
    ]


LIVE = st.lists(st.sampled_from(["arsip", "ars1p", "arslp", "ar-sip", "budi", "bud1"]), unique=True)


@given(LIVE, LIVE)
def test_an_id_that_is_live_held_or_looks_like_one_is_never_given(live: list[str], held: list[str]) -> None:
    table = {
        "seen": [["nextcloud", f"cloud1/{name}", "account", {"mark": None}] for name in live],
        "taken": {"nextcloud_account": [f"cloud1/{name}" for name in held]},
    }
    answer = KIND.choose(question_of(table))
    is_free = not {*live, *held} & {"arsip", "ars1p", "arslp", "ar-sip"}
    assert isinstance(answer, Mapping) is is_free


@given(
    st.integers(min_value=1, max_value=1000),
    st.lists(st.integers(min_value=0, max_value=100 * GIB), min_size=2, max_size=2),
)
def test_no_server_is_promised_beyond_its_sum(quota_gb: int, held: list[int]) -> None:
    sums = {f"cloud{number}:quota_bytes": (100 * GIB, amount) for number, amount in enumerate(held, start=1)}
    question = question_of({"hosts": {"cloud1": {}, "cloud2": {}}, "wish": {"quota_gb": quota_gb}, "sums": sums})
    answer = KIND.choose(question)
    fits = {f"cloud{n}" for n, amount in enumerate(held, start=1) if amount + quota_gb * GIB <= 100 * GIB}
    assert (answer["host"] in fits) if isinstance(answer, Mapping) else not fits
