"""Does the HTML door say the same as the others: every value as typed, judged by the one parser alone?"""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from api.pages.controls import controls, read, unplaced
from api.pages.layout import TEMPLATES
from provisioner.errors import Fault
from provisioner.kinds.catalogue import KINDS
from provisioner.requests import envelope
from provisioner.requests.fields import Field, parse_fields
from tests.house import EXAMPLE, EXAMPLES
from tests.unit.requests.known import KNOWN

TABLES = {
    **{name: kind.fields for name, kind in KINDS.items()},
    "letter": envelope.LETTER,
    "administrative": envelope.ADMINISTRATIVE,
    "technical": envelope.TECHNICAL,
}
LINES = {
    kind: {name: value for name, value in document["lines"][0].items() if name not in {"kind", "verb"}}
    for kind, document in EXAMPLES.items()
}
FILLED = {**LINES, **{name: EXAMPLE[name] for name in ("letter", "administrative", "technical")}}


class Form:
    """What a browser posts: pairs in order."""

    def __init__(self, *pairs: tuple[str, Any]) -> None:
        self._pairs = list(pairs)

    def multi_items(self) -> list[tuple[str, Any]]:
        return self._pairs


def rendered(table: tuple[Field, ...], where: str, data: dict[str, Any], faults: tuple[Fault, ...] = ()) -> str:
    """The table's controls as the macro writes them."""
    page = '{% import "fields.html" as f %}{% for one in shown %}{{ f.field(one) }}{% endfor %}'
    return TEMPLATES.from_string(page).render(shown=controls(table, where, data, faults))


def submitted(page: str) -> Form:
    """What a browser would post of the page, controls that are not asked included: script is off."""
    select, pairs = "", list[tuple[str, str]]()
    for tag in re.findall(r"<input[^>]*>|<option[^>]*>|<select[^>]*>", page):
        of = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if tag.startswith("<select"):
            select = of["name"]
        elif tag.startswith("<option"):
            pairs += [(select, html.unescape(of["value"]))] if " selected" in tag else []
        elif " checked" in tag or of.get("type") not in {"radio", "checkbox"}:
            pairs.append((of["name"], html.unescape(of["value"])))
    return Form(*pairs)


@pytest.mark.parametrize("name", TABLES)
def test_what_a_form_shows_and_posts_again_is_what_it_was_filled_with(name: str) -> None:
    table, data = TABLES[name], FILLED.get(name, {})
    posted = read(table, "x", submitted(rendered(table, "x", data)))
    assert parse_fields(table, posted, "x", KNOWN) == parse_fields(table, data, "x", KNOWN)


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_form_has_the_faults_of_an_empty_document(name: str) -> None:
    table = TABLES[name]
    values, faults = parse_fields(table, read(table, "x", submitted(rendered(table, "x", {}))), "x", KNOWN)
    wanted_values, wanted = parse_fields(table, {}, "x", KNOWN)
    assert ({fault.where for fault in faults}, values) == ({fault.where for fault in wanted}, wanted_values)


@pytest.mark.parametrize(
    ("name", "texts", "value"),
    [
        ("storage_gb", ["5"], 5),
        ("storage_gb", ["-5"], -5),
        ("storage_gb", ["007"], "007"),
        ("storage_gb", ["5 GB"], "5 GB"),
        ("storage_gb", ["５"], "５"),  # noqa: RUF001 - a digit that is not ours is what is tried
        ("storage_gb", ["9" * 40], "9" * 40),
        ("storage_gb", [""], None),
        ("storage_gb", ["5", "6"], ["5", "6"]),
        ("htaccess", ["true"], True),
        ("htaccess", ["false"], False),
        ("htaccess", ["1"], "1"),
        ("extensions", ["gd", "intl"], ["gd", "intl"]),
        ("extensions", ["<b>"], ["<b>"]),
        ("sub_domain", [" simpeg "], " simpeg "),
        ("sub_domain", ["simpeg", "lain"], ["simpeg", "lain"]),
        ("second_name", ["tanpa nama kedua"], "none"),
        ("second_name", ["none"], "none"),
        ("cron", ["tiap jam"], "tiap jam"),
        ("nik", ["1"], "1"),
    ],
)
def test_a_text_becomes_the_fields_type_where_it_spells_one_and_stays_itself_where_not(
    name: str, texts: list[str], value: Any
) -> None:
    form = Form(*[(f"lines[0].{name}", text) for text in texts], ("lines[1].storage_gb", "9"), ("csrf", "x"))
    assert read(KINDS["hosting"].fields, "lines[0]", form) == ({} if value is None else {name: value})


def test_of_the_names_on_top_only_those_of_the_table_are_read() -> None:
    form = Form(("opd", "DISDIK"), ("csrf", "rahasia"), ("letter.number", "1"))
    assert read((envelope.OPD, envelope.APPLICATION_NAME), "", form) == {"opd": "DISDIK"}


def test_each_fault_stands_beside_its_control_with_what_was_typed() -> None:
    table, form = TABLES["hosting"], Form(("lines[0].storage_gb", "<i>lima</i>"), ("lines[0].runtime", "php"))
    posted = read(table, "lines[0]", form)
    _, faults = parse_fields(table, posted, "lines[0]", KNOWN)
    strange = Fault(where="lines[0].nik", seen="", what="NIK tidak diterima", mend="hapus")
    page, shown = rendered(table, "lines[0]", posted, faults), controls(table, "lines[0]", posted, (*faults, strange))
    assert {one.where for one in shown if one.fault} == {fault.where for fault in faults}
    assert unplaced((*faults, strange), shown) == (strange,)
    assert (
        'value="&lt;i&gt;lima&lt;/i&gt;" aria-describedby="lines[0].storage_gb-ket lines[0].storage_gb-salah"' in page
    )
    assert "<i>" not in page


def test_the_offices_default_is_filled_in_and_said_with_its_reason() -> None:
    one = next(one for one in controls(TABLES["hosting"], "", {}) if one.where == "storage_gb")
    assert (one.text, one.unit) == ("5", "GB")
    assert one.hint == "bawaan kantor: 5 GB, kuota yang lazim bagi kabupaten dan kota; paling banyak 100 GB"


def test_a_text_that_has_words_is_shown_and_read_in_them() -> None:
    one = next(one for one in controls(TABLES["hosting"], "", {}) if one.where == "second_name")
    assert (one.widget, one.text) == ("name", "tanpa nama kedua")
    assert "none" not in one.hint


def test_a_field_that_depends_on_another_says_so_in_words_and_for_the_script() -> None:
    page = rendered(TABLES["technical"], "technical", {})
    assert 'data-needs="technical.employment" data-needs-values="non_asn"' in page
    assert "hanya bila Status kepegawaian: bukan ASN (kontrak)" in page


def test_a_choice_that_cannot_be_had_yet_is_shown_with_why_and_cannot_be_taken() -> None:
    page = rendered(TABLES["hosting"], "x", {})
    assert re.search(
        r'value="dedicated" disabled data-never>\s*<label[^>]*>mesin tersendiri <small[^>]*>\(belum tersedia:', page
    )
