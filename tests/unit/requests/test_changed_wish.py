"""Does a change keep what it does not name, and say what does not fit together?"""

from __future__ import annotations

from typing import Any

import pytest

from provisioner.requests.changed_wish import changed_wish, open_fields, why_fixed
from provisioner.requests.field_types import Choice, Flag, GigaBytes, Pattern
from provisioner.requests.fields import Field, parse_given
from tests.unit.requests.known import KNOWN

TABLE = (
    Field(name="runtime", type=Choice, label="Bahasa", choices=("static", "php")),
    Field(name="mail", type=Flag, label="Surat", required=False, default=False, needs=("runtime", ("php",))),
    Field(name="storage_gb", type=GigaBytes, label="Ruang", required=False, default=5, minimum=1, maximum=10),
    Field(
        name="report",
        type=Pattern(pattern="[0-9]+", asks="angka"),
        label="Nomor laporan",
        needs=("runtime", ("php",)),
    ),
)
STANDS: dict[str, Any] = {"runtime": "php", "mail": True, "storage_gb": 7, "report": "12"}


def test_what_is_not_named_stays_as_it_stands() -> None:
    assert changed_wish(TABLE, STANDS, {"storage_gb": 3}) == ({**STANDS, "storage_gb": 3}, ())


def test_what_is_not_asked_any_more_goes_back_to_its_default_by_itself() -> None:
    wish, faults = changed_wish(TABLE, STANDS, {"runtime": "static"})
    assert (wish, faults) == ({"runtime": "static", "mail": False, "storage_gb": 7, "report": None}, ())


def test_what_does_not_fit_what_stands_is_a_fault_and_all_are_told() -> None:
    static = {"runtime": "static", "mail": False, "storage_gb": 7, "report": None}
    _, faults = changed_wish(TABLE, static, {"mail": True, "report": "9"}, "lines[0]")
    assert [(fault.where, fault.seen, fault.what) for fault in faults] == [
        ("lines[0].mail", "True", "hanya diisi bila bahasa = php"),
        ("lines[0].report", "'9'", "hanya diisi bila bahasa = php"),
    ]
    _, faults = changed_wish(TABLE, static, {"runtime": "php"}, "lines[0]")
    assert [(fault.where, fault.what) for fault in faults] == [("lines[0].report", "wajib diisi")]


def test_what_is_settled_stays_and_the_fault_says_what_to_ask_instead() -> None:
    table = (
        Field(name="runtime", type=Choice, label="Bahasa", choices=("static", "php")),
        Field(
            name="engine",
            type=Choice,
            label="Basis data",
            required=False,
            default="none",
            choices=("none", "a", "b"),
            needs=("runtime", ("php",)),
            settled="ajukan yang baru",
        ),
    )
    assert changed_wish(table, {"runtime": "php", "engine": "none"}, {"engine": "a"})[1] == ()
    assert changed_wish(table, {"runtime": "php", "engine": "a"}, {"engine": "a"})[1] == ()
    for asked in ({"engine": "b"}, {"engine": "none"}, {"runtime": "static"}):
        _, faults = changed_wish(table, {"runtime": "php", "engine": "a"}, asked, "x")
        assert [(fault.where, fault.what, fault.mend) for fault in faults] == [
            ("x.engine", "tetap 'a'", "ajukan yang baru")
        ]


@pytest.mark.parametrize("sent", [{}, {"storage_gb": None}])
def test_a_change_of_nothing_is_a_fault_that_names_the_fields(sent: dict[str, Any]) -> None:
    values, faults = parse_given(TABLE, sent, "lines[0]", KNOWN)
    assert values == {}
    assert [(fault.where, fault.what, fault.mend) for fault in faults] == [
        (
            "lines[0]",
            "tidak ada yang diminta berubah",
            "tulis sedikitnya satu isian yang berubah: runtime, mail, storage_gb, report",
        )
    ]


def test_only_what_was_sent_is_read_and_every_fault_of_it_is_told() -> None:
    assert parse_given(TABLE, {"mail": True, "report": None}, "lines[0]", KNOWN) == ({"mail": True}, ())
    values, faults = parse_given(TABLE, {"mail": "ya", "storage_gb": 11, "warna": 1, "runtime": "php"}, "x", KNOWN)
    assert values == {"runtime": "php"}
    assert {fault.where for fault in faults} == {"x.mail", "x.storage_gb", "x.warna"}
    assert parse_given(TABLE, 7, "x", KNOWN)[1][0].what == "bukan sekumpulan isian"


def test_null_asks_for_the_removal_of_what_may_be_empty_and_of_nothing_else() -> None:
    email = Field(name="email", type=Pattern(pattern="[a-z]+", asks="huruf"), label="Surel", required=False)
    table, stands = (*TABLE, email), {**STANDS, "email": "arsip"}
    given, faults = parse_given(table, {"email": None, "storage_gb": None, "report": None}, "", KNOWN)
    assert (given, faults) == ({"email": None}, ())
    assert changed_wish(table, stands, given) == ({**stands, "email": None}, ())
    assert changed_wish(table, stands, {"storage_gb": 3}) == ({**stands, "storage_gb": 3}, ())


DATABASE = (
    Field(name="engine", type=Choice, label="Basis data", default="none", choices=("none", "a"), settled="ajukan baru"),
    Field(name="engine_gb", type=GigaBytes, label="Ukuran", default=1, needs=("engine", ("a",))),
    Field(name="place", type=Choice, label="Tempat", default="x", choices=("x", "y"), not_yet={"y": "menunggu y"}),
)


@pytest.mark.parametrize(
    ("engine", "why", "open_ones"),
    [
        ("none", "", [("engine", None), ("engine_gb", ("engine", ("a",)))]),
        ("a", "ajukan baru", [("engine_gb", None)]),
    ],
)
def test_a_change_is_offered_only_what_it_can_touch(engine: str, why: str, open_ones: list[object]) -> None:
    stands = {"engine": engine, "engine_gb": 1, "place": "x"}
    assert [why_fixed(field, stands) for field in DATABASE] == [why, "", "menunggu y"]
    assert [(field.name, field.needs) for field in open_fields(DATABASE, stands)] == open_ones
