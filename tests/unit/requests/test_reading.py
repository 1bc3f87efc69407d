"""Is a request read in a person's words, field by field, and its next version by what changed?"""

from __future__ import annotations

from typing import Any

import pytest

from provisioner.kinds.catalogue import KINDS
from provisioner.requests.parse import parse_request
from provisioner.requests.reading import differences, read_request, said
from tests.house import EXAMPLE
from tests.unit.requests.known import KNOWN

VERBS = {name: kind.verbs for name, kind in KINDS.items()}
FIELDS = {field.name: field for field in KINDS["hosting"].fields}


def data_of(**fields: Any) -> dict[str, Any]:
    """The example as parsed, with fields of its line replaced."""
    line = {**EXAMPLE["lines"][0], **fields}
    known = KNOWN.__class__(**{**vars(KNOWN), "opd_codes": frozenset({EXAMPLE["opd"]})})
    return parse_request({**EXAMPLE, "lines": [line]}, VERBS, known).as_data()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("storage_gb", 5, "5 GB"),
        ("htaccess", True, "ya"),
        ("htaccess", False, "tidak"),
        ("extensions", [], "tidak ada"),
        ("extensions", ["gd", "intl"], "gd, intl"),
        ("cron", "every_15_minutes", "tiap 15 menit"),
        ("sub_domain", "simpeg", "simpeg"),
        ("security_test_until", None, ""),
    ],
)
def test_a_value_is_said_in_words(name: str, value: Any, words: str) -> None:
    assert said(FIELDS[name], value) == words


def test_a_request_is_read_in_the_order_of_its_letter_and_only_what_is_asked() -> None:
    readings = read_request(data_of(runtime="static", extensions=[], cron="none", database="none"), VERBS)
    wheres = [one.where for one in readings]
    assert wheres[:3] == ["opd", "application_name", "letter.number"]
    assert "technical.nip" not in wheres
    assert not {f"lines[0].{name}" for name in ("extensions", "database", "database_gb", "cron")} & set(wheres)
    assert [one.section for one in readings if one.where == "lines[0].sub_domain"] == ["Layanan 1"]


def test_what_stands_at_the_offices_default_is_marked_as_such() -> None:
    of = {one.where: one for one in read_request(data_of(storage_gb=5, bandwidth_mbit=20), VERBS)}
    assert of["lines[0].storage_gb"].is_default
    assert not of["lines[0].bandwidth_mbit"].is_default
    assert not of["letter.number"].is_default


def test_a_later_version_is_told_by_exactly_what_it_says_differently() -> None:
    before = read_request(data_of(), VERBS)
    changed = data_of(storage_gb=8, database="none", database_gb=1)
    changed["technical"]["email"] = "baru@dincontoh.example"
    told = differences(before, read_request(changed, VERBS))
    assert [(one.where, one.was, one.now) for one in told] == [
        ("technical.email", EXAMPLE["technical"]["email"], "baru@dincontoh.example"),
        ("lines[0].database", "MariaDB", "tanpa basis data"),
        ("lines[0].storage_gb", "5 GB", "8 GB"),
        ("lines[0].database_gb", "1 GB", ""),
    ]
    assert all(one.label for one in told)
    assert differences(before, before) == ()
