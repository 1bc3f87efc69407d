"""Do the office's own defaults and maxima hold in every table, and is a setting that cannot hold refused?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from provisioner.errors import BadInput
from provisioner.kinds.catalogue import KINDS
from provisioner.requests.bounds import bounded, bounded_verbs, check_bounds, over_bounds
from provisioner.requests.changed_wish import changed_wish
from provisioner.requests.fields import Field, parse_fields, parse_given
from tests.house import EXAMPLES
from tests.unit.requests.known import KNOWN

INVENTORIES = Path(__file__).resolve().parents[3] / "inventories"
LIMITS: dict[str, Any] = {
    "data_cloud": {
        "quota_gb": {"default": 8, "most": 100},
        "largest_file_mb": {"default": 256, "most": 4096},
        "file_types": {"default": ["dokumen"], "most": ["dokumen", "gambar"]},
    }
}
KIND = KINDS["data_cloud"]
TABLE = bounded(KIND.fields, LIMITS)
LINE = {key: value for key, value in EXAMPLES["data_cloud"]["lines"][0].items() if key not in ("kind", "verb")}
LEAST = {key: LINE[key] for key in ("account_id", "display_name", "purpose")}


def wish(**fields: Any) -> dict[str, Any]:
    """A parsed wish of the office's table."""
    values, faults = parse_fields(TABLE, {**LEAST, **fields}, "", KNOWN)
    assert faults == ()
    return dict(values)


def faults_of(**fields: Any) -> list[tuple[str, str, str, str]]:
    """What the office's table finds wrong with a wish."""
    found = parse_fields(TABLE, {**LEAST, **fields}, "", KNOWN)[1]
    return [(fault.where, fault.seen, fault.what, fault.mend) for fault in found]


def test_what_nobody_asks_for_is_the_offices_default_and_the_rest_stays_ours() -> None:
    got = wish()
    assert (got["quota_gb"], got["largest_file_mb"], got["file_types"], got["traffic_mbit"]) == (
        8,
        256,
        ["dokumen"],
        10,
    )


def test_only_what_the_office_sets_is_another_field() -> None:
    moved = [new.name for old, new in zip(KIND.fields, TABLE, strict=True) if old != new]
    assert moved == ["quota_gb", "largest_file_mb", "file_types"]
    assert bounded(KINDS["hosting"].fields, LIMITS) == KINDS["hosting"].fields
    assert bounded(KIND.fields, None) == KIND.fields


def test_why_our_default_is_what_it_is_says_nothing_of_another() -> None:
    ours = {field.name: field.default_why for field in KIND.fields}
    theirs = {field.name: field.default_why for field in TABLE}
    assert (theirs["quota_gb"], theirs["traffic_mbit"], ours["quota_gb"] != "") == ("", ours["traffic_mbit"], True)


def test_each_wish_over_the_maximum_is_a_fault_of_its_field_with_the_figure() -> None:
    assert faults_of(quota_gb=500, largest_file_mb=8192, file_types=["dokumen", "arsip"]) == [
        ("quota_gb", "500", "ruang simpan 500 GB melebihi yang diberikan kantor: 100 GB", "minta paling banyak 100 GB"),
        (
            "largest_file_mb",
            "8192",
            "berkas terbesar 8192 MB melebihi yang diberikan kantor: 4096 MB",
            "minta paling banyak 4096 MB",
        ),
        ("file_types", "['dokumen', 'arsip']", "tidak diberikan kantor: arsip", "pilih dari: dokumen, gambar"),
    ]
    assert faults_of(quota_gb=5000) == [("quota_gb", "5000", "di luar batas", "isi bilangan bulat 1 sampai 100 GB")]
    assert faults_of(quota_gb=100, largest_file_mb=4096, file_types=["dokumen", "gambar"]) == []


def test_a_file_above_the_quota_is_a_fault_of_its_field_also_where_it_is_the_default() -> None:
    what = "berkas terbesar 2048 MB melebihi ruang simpan 1 GB (1024 MB)"
    mend = "isi paling banyak 1024 MB, atau perbesar ruang simpan"
    assert faults_of(quota_gb=1, largest_file_mb=2048) == [("largest_file_mb", "2048", what, mend)]
    assert faults_of(quota_gb=1, largest_file_mb=1024) == []
    large = bounded(KIND.fields, {"data_cloud": {"largest_file_mb": {"default": 2048}}})
    found = parse_fields(large, {**LEAST, "quota_gb": 1}, "", KNOWN)[1]
    assert [(fault.where, fault.seen, fault.what) for fault in found] == [("largest_file_mb", "", what)]


def change(stands: dict[str, Any], **asked: Any) -> list[tuple[str, str]]:
    """What is wrong with a change of what stands."""
    given, faults = parse_given(TABLE, asked, "", KNOWN)
    assert faults == ()
    return [(fault.where, fault.what) for fault in changed_wish(TABLE, stands, given)[1]]


def test_a_change_may_leave_what_stands_above_the_maximum_and_not_go_further() -> None:
    stands = {**wish(), "quota_gb": 200, "file_types": ["arsip", "dokumen"]}
    assert change(stands, quota_gb=200, file_types=["arsip", "dokumen"], purpose="lain") == []
    assert change(stands, quota_gb=150) == []
    assert change(stands, quota_gb=201) == [("quota_gb", "ruang simpan 201 GB melebihi yang diberikan kantor: 100 GB")]
    assert change(stands, file_types=["arsip", "peta"]) == [("file_types", "tidak diberikan kantor: peta")]


def test_a_change_tells_a_file_above_the_quota_at_the_field_that_was_sent() -> None:
    stands = {**wish(), "quota_gb": 4, "largest_file_mb": 2048}
    what = "berkas terbesar 2048 MB melebihi ruang simpan 1 GB (1024 MB)"
    assert change(stands, quota_gb=1) == [("quota_gb", what)]
    assert change(stands, quota_gb=1, largest_file_mb=2048) == [("largest_file_mb", what)]
    assert change({**stands, "largest_file_mb": 8192}, purpose="lain") == []


def test_every_verbs_table_is_the_offices() -> None:
    verbs = bounded_verbs(KIND.verbs, LIMITS)
    assert {verb: said.fields for verb, said in verbs.items()} == {
        verb: TABLE if said.fields == KIND.fields else said.fields for verb, said in KIND.verbs.items()
    }


def test_a_plan_asks_again_and_what_stands_is_not_asked() -> None:
    granted = {**wish(), "quota_gb": 60}
    less = bounded(KIND.fields, {"data_cloud": {"quota_gb": {"most": 50}}})
    assert [wrong.what for wrong in over_bounds(less, granted, {})] == [
        "ruang simpan 60 GB melebihi yang diberikan kantor: 50 GB"
    ]
    assert over_bounds(less, granted, granted) == ()


def check(limits: Any) -> list[tuple[str, str]]:
    """What `office sync` finds wrong."""
    tables: list[tuple[Field, ...]] = [kind.fields for kind in KINDS.values()]
    try:
        check_bounds(tables, limits, KNOWN)
    except BadInput as bad:
        return [(fault.where, fault.what) for fault in bad.faults]
    return []


def test_every_fault_of_the_setting_is_told() -> None:
    wrong = {
        "kolam": {"quota_gb": {"most": 5}},
        "data_cloud": {
            "quota_gb": {"default": "5", "most": 5000},
            "traffic_mbit": {"least": 1},
            "file_types": {"most": ["dokumen", "musik"]},
        },
    }
    assert check(wrong) == [
        ("limits.kolam.quota_gb", "tidak dikenal"),
        ("limits.data_cloud.quota_gb.default", "bukan bilangan bulat"),
        ("limits.data_cloud.quota_gb.most", "di luar batas"),
        ("limits.data_cloud.file_types.most", "bukan pilihan"),
        ("limits.data_cloud.traffic_mbit.least", "tidak dikenal"),
    ]


def test_a_default_above_its_own_maximum_is_refused() -> None:
    assert check({"data_cloud": {"quota_gb": {"most": 4}}}) == [
        ("limits.data_cloud.quota_gb.default", "ruang simpan 5 GB melebihi yang diberikan kantor: 4 GB")
    ]


@pytest.mark.parametrize("limits", [5, [], {"data_cloud": 5}, {"data_cloud": {"quota_gb": 5}}])
def test_a_setting_of_another_form_is_refused(limits: Any) -> None:
    assert [what for _, what in check(limits)] == ["bukan sekumpulan isian"]


@pytest.mark.parametrize("inventory", ["lab", "example"])
def test_the_inventories_that_come_along_pass(inventory: str) -> None:
    kept = yaml.safe_load((INVENTORIES / inventory / "group_vars" / "all.yml").read_text(encoding="utf-8"))
    assert {*kept["limits"]} == {*KINDS}
    assert check(kept["limits"]) == check(LIMITS) == check({}) == []
