"""Does a field take what it allows and nothing else, and say every fault at once? (law 12)"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.requests.field_types import Choice, Choices, Flag, GigaBytes
from provisioner.requests.fields import Field, FieldType, Wrong, parse_fields, seen
from provisioner.requests.person_types import Date, Email, FutureDate, LetterNumber, Nip, PastDate, PersonName, Phone
from tests.unit.requests.known import KNOWN


def read(type_: FieldType, value: Any, **row: Any) -> Any:
    """The value as kept, or the one fault's words."""
    values, faults = parse_fields([Field(name="x", type=type_, label="Isian", **row)], {"x": value}, "", KNOWN)
    assert len(values) + len(faults) == 1
    return values["x"] if values else faults[0].what


HOSTILE = [
    "{{ 7*7 }}",
    "a\nb",
    "a\x00b",
    "a\u2028b",
    "$(id)",
    "`id`",
    'a"b',
    "a\\b",
    "<b>",
    "a;b",
    "a{b}",
    "a|b",
    "{% x %}",
    "\u202eabc",
]


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("type_", [PersonName, LetterNumber, Email, Phone, Nip, Date, Choice])
def test_no_text_type_takes_what_a_file_or_template_could_obey(type_: FieldType, hostile: str) -> None:
    _, faults = parse_fields([Field(name="x", type=type_, label="Isian", choices=("a",))], {"x": hostile}, "", KNOWN)
    assert [fault.where for fault in faults] == ["x"]
    assert faults[0].seen.isprintable()


@pytest.mark.parametrize(
    ("nip", "kept"),
    [
        ("198001012005011001", True),
        ("199912312024212003", True),
        ("198013012005011001", False),
        ("198002302005011001", False),
        ("198001012005131001", False),
        ("198001012005001001", False),
        ("198001012005013001", False),
        ("198001012030011001", False),
        ("185001011880011001", False),
        ("19800101200501100", False),
        ("1980010120050110011", False),
        ("19800101 200501 1 001", False),
        ("١٩٨٠٠١٠١٢٠٠٥٠١١٠٠١", False),
        (198001012005011001, False),
    ],
)
def test_a_nip_has_a_birth_date_an_appointment_and_a_sex(nip: object, kept: bool) -> None:
    assert (read(Nip, nip) == nip) is kept


def test_a_nik_is_refused_and_never_echoed() -> None:
    for type_, name in ((Nip, "nip"), (LetterNumber, "contract_number")):
        _, faults = parse_fields(
            [Field(name=name, type=type_, label="NIP")], {name: "3374010101800001"}, "technical", KNOWN
        )
        assert [(fault.where, fault.seen) for fault in faults] == [(f"technical.{name}", "")]
        assert "NIK" in faults[0].what


def test_a_field_called_nik_is_refused_and_never_echoed() -> None:
    _, faults = parse_fields([], {"NIK": "3374010101800001"}, "technical", KNOWN)
    assert [(fault.where, fault.seen, fault.what) for fault in faults] == [("technical.nik", "", "NIK tidak diterima")]


@pytest.mark.parametrize("value", [True, 1.0, "5", None, -1, 0, 101])
def test_a_number_is_whole_and_within_its_bounds(value: object) -> None:
    assert read(GigaBytes, value, minimum=1, maximum=100) in {"bukan bilangan bulat", "di luar batas", "wajib diisi"}


def test_a_number_at_its_bounds_is_taken() -> None:
    assert [read(GigaBytes, value, minimum=1, maximum=100) for value in (1, 100)] == [1, 100]


@pytest.mark.parametrize("value", [0, 1, "true", "ya"])
def test_yes_and_no_are_true_and_false_only(value: object) -> None:
    assert read(Flag, value) == "bukan ya atau tidak"


def test_a_choice_that_cannot_be_served_says_why() -> None:
    row = {"choices": ("shared", "dedicated"), "not_yet": {"dedicated": "menunggu"}}
    assert read(Choice, "shared", **row) == "shared"
    assert read(Choice, "dedicated", **row) == "belum tersedia: menunggu"


def mends(type_: FieldType, value: object, **row: Any) -> str:
    """How to mend it, as the field says."""
    with pytest.raises(Wrong) as wrong:
        type_.read(value, Field(name="x", type=type_, label="X", **row), KNOWN)
    return wrong.value.mend


def test_only_what_can_be_had_is_offered() -> None:
    row = {"choices": ("own", "none", "by_office"), "not_yet": {"by_office": "menunggu"}}
    assert mends(Choice, "diunduh", **row) == mends(Choice, "by_office", **row) == "pilih: own, none"


def test_an_example_of_a_list_is_of_the_fields_own_choices() -> None:
    assert mends(Choices, "b", choices=("a", "b", "c")) == 'tulis sebagai daftar, misalnya ["a", "b"]'
    assert mends(Choices, "b", choices=("a", "b", "c"), most=("b",)) == 'tulis sebagai daftar, misalnya ["b"]'
    assert mends(Choices, ["x"], choices=("a", "b", "c"), most=("b",)) == "pilih dari: b"


def test_several_choices_are_kept_sorted_and_once() -> None:
    assert read(Choices, ["b", "a"], choices=("a", "b")) == ["a", "b"]
    assert read(Choices, ["a", "a"], choices=("a", "b")) == "ada pilihan yang ditulis dua kali"
    assert read(Choices, ["c", 1], choices=("a", "b")) == "bukan daftar pilihan"


@pytest.mark.parametrize(
    ("type_", "value", "kept"),
    [
        (PastDate, "2026-11-21", True),
        (PastDate, "2026-11-22", False),
        (FutureDate, "2026-11-21", True),
        (FutureDate, "2026-11-20", False),
        (Date, "2026-02-30", False),
        (Date, "20261121", False),
        (Date, "2026-W47-6", False),
        (Phone, "081200000001", True),
        (Phone, "+6281200000001", True),
        (Phone, "0812 0000 0001", False),
        (Email, "teknis@dincontoh.example", True),
        (Email, "teknis@dincontoh", False),
        (Email, "a@b.c\n", False),
        (Email, "a..b@b.example.", False),
        (PersonName, "Rekaan, S.Contoh", True),
        (PersonName, "Ní Ó'Réka", True),
        (PersonName, "Иван", False),
        (PersonName, "a  b", False),
        (LetterNumber, "800/001/DINCONTOH/XI/2026", True),
        (LetterNumber, "800;rm", False),
    ],
)
def test_dates_contacts_and_names_follow_their_rule(type_: FieldType, value: str, kept: bool) -> None:
    assert (read(type_, value) == value) is kept


def test_every_fault_of_a_table_is_said_at_once() -> None:
    table = (
        Field(name="one", type=GigaBytes, label="Satu", minimum=1, maximum=5),
        Field(name="two", type=Flag, label="Dua"),
        Field(name="three", type=Flag, label="Tiga", required=False, default=False),
    )
    values, faults = parse_fields(table, {"one": 9, "four": "x", "three": None}, "lines[0]", KNOWN)
    assert values == {"three": False}
    assert [(fault.where, fault.seen, fault.what) for fault in faults] == [
        ("lines[0].four", "'x'", "isian tidak dikenal"),
        ("lines[0].one", "9", "di luar batas"),
        ("lines[0].two", "", "wajib diisi"),
    ]


def test_a_field_that_another_makes_needless_must_be_left_out() -> None:
    table = (
        Field(name="runtime", type=Choice, label="Bahasa", choices=("php", "static")),
        Field(
            name="upload",
            type=GigaBytes,
            label="Unggahan",
            required=False,
            default=32,
            minimum=1,
            maximum=64,
            needs=("runtime", ("php",)),
        ),
    )
    assert parse_fields(table, {"runtime": "static"}, "", KNOWN) == ({"runtime": "static", "upload": 32}, ())
    _, faults = parse_fields(table, {"runtime": "static", "upload": 5}, "", KNOWN)
    assert [fault.what for fault in faults] == ["hanya diisi bila bahasa = php"]


@given(st.text())
def test_what_is_shown_is_plain_and_short(text: str) -> None:
    shown = seen(text)
    assert shown.isascii()
    assert shown.isprintable()
    assert len(shown) <= 80
