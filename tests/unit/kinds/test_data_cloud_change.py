"""What does a change of an account say and try, and what does it leave alone? Beside its plan tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from provisioner.kinds.data_cloud import file_types
from provisioner.kinds.port import Question
from tests.plans.data_cloud_world import KIND, plan_for, question_of


def choices_of(question: Question) -> Mapping[str, Any]:
    """The choices, where the wish can be."""
    choices = KIND.choose(question)
    assert isinstance(choices, Mapping), choices
    return choices


def test_a_letter_says_of_a_limit_that_went_with_its_proxy_that_nothing_enforces_it() -> None:
    behind = {"cloud1": {"traffic_driver": "nginx", "traffic_proxy": "proxy1"}, "proxy1": {}}
    table = {"hosts": {"cloud1": {}}, "hosts_before": behind, "standing": True}
    notes = {}
    for verb in ("suspend", "change", "terminate"):
        question = question_of({**table, "verb": verb, **({"asked": {"quota_gb": 9}} if verb == "change" else {})})
        notes[verb] = KIND.report(verb, question.asked, question.asked, choices_of(question)).notes
    gone = "proksi proxy1, tempat batasnya, tidak ada lagi di inventaris sebagai pembatas server ini"
    said = (f"Traffic akun ini tidak ditegakkan: {gone}.",)
    assert notes == {"suspend": said, "change": said, "terminate": ()}


STORED, OPENED = "melebihi batas baru: tidak dicari, tetap tersimpan", "jenisnya tidak lagi diizinkan"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"quota_gb": 9}, []),
        ({"traffic_mbit": 3}, []),
        ({"largest_file_mb": 100}, [STORED]),
        ({"largest_file_mb": 600}, []),
        ({"file_types": ["dokumen", "gambar", "peta"]}, []),
        ({"file_types": ["semua"]}, []),
        ({"file_types": ["gambar", "peta"]}, [OPENED]),
        ({"file_types": ["gambar"], "largest_file_mb": 1}, [STORED, OPENED]),
    ],
)
def test_a_change_warns_of_files_only_where_it_takes_something_away(asked: Mapping[str, Any], said: list[str]) -> None:
    page = plan_for(question_of({"standing": True, "verb": "change", "asked": asked})).page
    assert [words for words in (STORED, OPENED) if words in str(page["not_compared"])] == said


def test_a_change_tells_storage_to_the_byte_and_what_holds_the_fields_it_changes_alone() -> None:
    page = plan_for(question_of({"standing": True, "verb": "change", "asked": {"quota_gb": 9}})).page
    (row,) = page["columns"]
    assert row["planned"] == "semula 5 GB (5.368.709.120 bita), menjadi 9 GB, tepat 9.663.676.416 bita"
    assert page["enforcement"] == ["Ruang simpan ditegakkan kuota Nextcloud."]
    assert plan_for(question_of({"standing": True, "verb": "terminate"})).page["enforcement"] == []


def test_a_change_of_what_a_class_means_moves_no_account_whose_class_is_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    question = question_of({"standing": True, "verb": "change", "asked": {"quota_gb": 8}})
    monkeypatch.setattr(file_types, "EDITION", 2)
    assert [change.property for change in plan_for(question).changes] == ["quota"]
    assert choices_of(question)["limit_group"] == "gerbang-limit-512mb-dokumen-gambar"


def test_after_a_change_only_the_limits_that_were_asked_are_tried() -> None:
    """A rule that somebody took away is not this line's: the probe is in no class then, its quota alone is judged."""
    rule = [["nextcloud", "cloud1/gerbang-limit-512mb-dokumen-gambar", "size_rule", None]]
    table = {"standing": True, "verb": "change", "asked": {"quota_gb": 8}, "moved": rule}
    question = question_of(table)
    (trial,) = KIND.trials(question, choices_of(question))
    assert trial.wanted == {"under_quota": "not full", "over_quota": "full", "folder": "made"}
    assert (trial.arguments["groups"], trial.arguments["refused"]) == (["opd-dincontoh"], [])
    whole = question_of({**table, "moved": []})
    (trial,) = KIND.trials(whole, choices_of(whole))
    assert trial.arguments["groups"] == ["gerbang-limit-512mb-dokumen-gambar", "opd-dincontoh"]
    assert {"over_size", "other_type"} <= set(trial.wanted)
    for asked in ({"traffic_mbit": 3}, {"display_name": "Lain"}, {"purpose": "lain sama sekali"}):
        question = question_of({"standing": True, "verb": "change", "asked": asked})
        assert KIND.trials(question, choices_of(question)) == ()
