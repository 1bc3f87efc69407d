"""Is a table from a spreadsheet read into the same lines as a list, and is every fault told by its row?"""

from __future__ import annotations

from typing import Any

import pytest

from provisioner.errors import BadInput
from provisioner.kinds.catalogue import KINDS
from provisioner.requests.parse import MOST_LINES, parse_request
from provisioner.requests.table import LARGEST_BYTES, PERSON, as_table, columns_of, read_table, text_of, write_table
from tests.unit.requests.known import KNOWN, example

VERBS = {name: kind.verbs for name, kind in KINDS.items()}
HEAD = "sub_domain;runtime;database;electronic_system_category"
BOM = "\ufeff"


def table(*rows: str, verb: str = "create", kind: str = "hosting", end: str = "\r\n") -> dict[str, Any]:
    """A document's table: its rows as a spreadsheet wrote them."""
    return {"kind": kind, "verb": verb, "csv": end.join(rows) + end}


def parsed(lines: Any) -> list[dict[str, Any]]:
    """What the one parser makes of the example with these lines."""
    draft = parse_request({**example(), "lines": lines}, VERBS, KNOWN)
    return [dict(line.wish) for line in draft.lines]


def told(lines: Any) -> dict[str, str]:
    """Where, and what: everything the one parser finds wrong with these lines."""
    with pytest.raises(BadInput) as bad:
        parse_request({**example(), "lines": lines}, VERBS, KNOWN)
    wheres = [fault.where for fault in bad.value.faults]
    found = {fault.where: fault.what for fault in bad.value.faults}
    assert len(found) == len(wheres), f"a place is told twice: {wheres}"
    return found


AS_LIST = [
    {
        "kind": "hosting",
        "verb": "create",
        "sub_domain": name,
        "runtime": "static",
        "electronic_system_category": "rendah",
    }
    for name in ("satu", "dua")
]
SAME = {
    "semicolons": table(HEAD, "satu;static;;rendah", "dua;static;;rendah"),
    "commas": table(*(row.replace(";", ",") for row in (HEAD, "satu;static;;rendah", "dua;static;;rendah"))),
    "a mark before it": table(BOM + HEAD, "satu;static;;rendah", "dua;static;;rendah"),
    "a spreadsheet's hint": table("sep=;", HEAD, "satu;static;;rendah", "dua;static;;rendah"),
    "quotes": table(HEAD, '"satu";"static";;"rendah"', '"dua";"static";;"rendah"'),
    "labels for names": table(
        "Sub domain;BAHASA;Basis data;Kategori sistem elektronik", "satu;static;;rendah", "dua;static;;rendah"
    ),
    "words for values": table(HEAD, "satu;halaman statis (static);;rendah", "dua;static;tanpa basis data;rendah"),
    "another order and an empty column": table(
        "runtime;sub_domain;;electronic_system_category", "static;satu;;rendah", "static;dua;;rendah"
    ),
    "empty rows and spaces": table(HEAD, "", "satu ;static;;rendah", ";;;", " dua;static;;rendah", ""),
    "Unix line ends": table(HEAD, "satu;static;;rendah", "dua;static;;rendah", end="\n"),
}


@pytest.mark.parametrize("lines", SAME.values(), ids=SAME.keys())
def test_a_table_is_read_as_the_same_lines_as_a_list(lines: Any) -> None:
    assert parsed(lines) == parsed(AS_LIST)


def test_cells_become_what_their_fields_hold() -> None:
    head = "sub_domain;runtime;extensions;htaccess;storage_gb;electronic_system_category"
    wish = parsed(table(head, "satu;php;gd, intl;ya;8;rendah"))[0]
    assert (wish["extensions"], wish["htaccess"], wish["storage_gb"]) == (["gd", "intl"], True, 8)


def test_faults_are_told_by_row_and_column_all_at_once() -> None:
    rows = ("satu;static;;rendah", "", "DUA;static;;rendah", "tiga;cobol;;rendah", "empat;static;;")
    assert told(table(HEAD, *rows)) == {
        "baris 4, kolom sub_domain": "bukan nama sub domain",
        "baris 5, kolom runtime": "bukan salah satu pilihan",
        "baris 6, kolom electronic_system_category": "wajib diisi",
    }


def test_two_lines_that_want_one_name_are_told_with_both_rows() -> None:
    head = "sub_domain;second_name;runtime;electronic_system_category"
    rows = ("satu;www;static;rendah", "dua;www;static;rendah", "satu;none;static;rendah", "tiga;dua;static;rendah")
    assert told(table(head, *rows)) == {
        "baris 4, kolom sub_domain": "nama situs ini sudah diminta baris 2, kolom sub_domain",
        "baris 5, kolom second_name": "nama situs ini sudah diminta baris 3, kolom sub_domain",
    }


@pytest.mark.parametrize(
    ("first", "second", "is_alike"),
    [
        ("arsip.k1", "arsip.kl", True),
        ("arsip.baru", "arsip.bani", False),
        ("arsip.lab0", "arsip.labo", True),
        ("arsip.k1", "arsip.k2", False),
    ],
)
def test_two_lines_whose_names_look_alike_are_told_with_both_rows(first: str, second: str, *, is_alike: bool) -> None:
    lines = table(
        "account_id;display_name;purpose", *(f"{one};Arsip;Arsip" for one in (first, second)), kind="data_cloud"
    )
    if not is_alike:
        assert [wish["account_id"] for wish in parsed(lines)] == [first, second]
        return
    assert told(lines) == {"baris 3, kolom account_id": f"mirip {first} yang diminta baris 2, kolom account_id"}


def test_a_list_names_both_places_too() -> None:
    assert told([AS_LIST[0], AS_LIST[1], AS_LIST[0]]) == {
        "lines[2].sub_domain": "nama situs ini sudah diminta lines[0].sub_domain"
    }


FORMS = {
    "a strange head": (table("sub_domain;kuota", "satu;5"), {"baris 1, kolom 2": "judul kolom tidak dikenal"}),
    "a head twice": (
        table("sub_domain;Sub domain", "satu;dua"),
        {"baris 1, kolom 2": "judul yang sama dengan kolom 1"},
    ),
    "no head": (table("", ""), {"baris 1": "tidak ada judul kolom"}),
    "no row": (table(HEAD), {"tabel": "tidak ada baris di bawah judulnya"}),
    "more cells than the head": (table(HEAD, "satu;static;;rendah;9"), {"baris 2, kolom 5": "isi tanpa judul kolom"}),
    "an open quote": (
        table(HEAD, '"satu;static;;rendah'),
        {"baris 2": "tanda kutip tidak ditutup, atau ada huruf sesudah penutupnya"},
    ),
    "letters after a quote": (
        table(HEAD, "satu;static;;rendah", '"dua"x;static;;rendah'),
        {"baris 3": "tanda kutip tidak ditutup, atau ada huruf sesudah penutupnya"},
    ),
    "a column that every row needs": (
        table("sub_domain;runtime", "satu;static", "dua;static"),
        {"baris 1": "kolom electronic_system_category tidak ada"},
    ),
    "an unknown kind": (table(HEAD, kind="lain"), {"lines.kind": "jenis layanan tidak dikenal"}),
    "a verb that is not there yet": (table(HEAD, verb="renew"), {"lines.verb": "tindakan tidak dapat diminta"}),
    "not a text": ({"kind": "hosting", "verb": "create", "csv": 5}, {"lines.csv": "bukan teks CSV"}),
    "another key": ({**table(HEAD, "a"), "path": "/etc/passwd"}, {"lines.'path'": "isian tidak dikenal"}),
    "more columns than any kind has": (table(";".join(["x"] * 101)), {"baris 1": "terlalu banyak kolom"}),
    "too large": (table(HEAD, "x" * LARGEST_BYTES), {"tabel": "tabel terlalu besar"}),
}


@pytest.mark.parametrize(("lines", "expected"), FORMS.values(), ids=FORMS.keys())
def test_what_is_wrong_with_a_tables_form_is_told_once(lines: Any, expected: dict[str, str]) -> None:
    assert told(lines) == expected


def test_more_rows_than_a_request_may_have_are_refused() -> None:
    rows = [f"situs{number};static;;rendah" for number in range(MOST_LINES + 1)]
    assert told(table(HEAD, *rows)) == {"lines": "terlalu banyak baris layanan"}


@pytest.mark.parametrize("cell", ["=HYPERLINK(1)", "+62811", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1+1", "'=1"])
def test_a_cell_like_a_formula_is_data_and_nothing_else(cell: str) -> None:
    assert list(told(table(HEAD, f"{cell};static;;rendah"))) == ["baris 2, kolom sub_domain"]


@pytest.mark.parametrize("text", ["satu\x00dua", "satu\ndua", "${jndi}", "{{ 7*7 }}", "../../etc", "satu\u202edua"])
def test_hostile_cells_are_faults_of_their_own_cell(text: str) -> None:
    assert list(told(table(HEAD, f'"{text}";static;;rendah'))) == ["baris 2, kolom sub_domain"]


def test_a_change_of_many_items_names_each() -> None:
    items = ("g7kq2mx4pd", "g7kq2mx4pe")
    draft = parse_request(
        {**example(), "lines": table("Kode layanan;storage_gb", *(f"{item};8" for item in items), verb="change")},
        VERBS,
        KNOWN,
    )
    assert [(line.item_id, dict(line.wish)) for line in draft.lines] == [(item, {"storage_gb": 8}) for item in items]


def test_one_item_in_two_rows_is_told() -> None:
    rows = ("g7kq2mx4pd;8", "g7kq2mx4pd;9")
    assert told(table("item;storage_gb", *rows, "g7kq2mx4pe;9", rows[0], verb="change")) == {
        "baris 3, kolom item": "layanan ini sudah disebut baris 2, kolom item",
        "baris 5, kolom item": "layanan ini sudah disebut baris 2, kolom item",
    }


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("before", [(), ("",), ("", "")], ids=["", "an empty row", "two"])
@pytest.mark.parametrize("hint", [(), ("sep=;",), ("sep=; ",)], ids=["", "sep", "sep and a space"])
def test_the_hint_that_no_spreadsheet_shows_shifts_no_row(
    hint: tuple[str, ...], before: tuple[str, ...], end: str
) -> None:
    rows = (*hint, *before, HEAD, "satu;static;;rendah", "DUA;static;;rendah")
    assert list(told(table(*rows, end=end))) == [f"baris {3 + len(before)}, kolom sub_domain"]


def test_a_head_below_empty_rows_is_told_by_its_own_row() -> None:
    assert told(table("", "sub_domain;kuota", "satu;5")) == {"baris 2, kolom 2": "judul kolom tidak dikenal"}
    assert list(told(table("", "sub_domain;runtime", "satu;static"))) == ["baris 2"]


def test_a_cell_without_a_head_drops_none_beside_it() -> None:
    head = "sub_domain;;runtime;;electronic_system_category"
    assert told(table(head, "satu;x;cobol;y;rendah")) == {
        "baris 2, kolom 2": "isi tanpa judul kolom",
        "baris 2, kolom 4": "isi tanpa judul kolom",
        "baris 2, kolom runtime": "bukan salah satu pilihan",
    }


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        (b"sub_domain\xff\xfe;", "tabel, bita 10"),
        ("sub_domain".encode("utf-16"), "tabel, bita 0"),
        (b"PK\x03\x04rest of an xlsx", "tabel"),
        (b"x" * (LARGEST_BYTES + 1), "tabel"),
    ],
)
def test_bytes_that_are_no_table_are_said_to_be_none(raw: bytes, where: str) -> None:
    text, faults = text_of(raw)
    assert (text, [fault.where for fault in faults]) == ("", [where])


def test_what_is_written_is_read_as_the_same() -> None:
    lines = [
        {"kind": "hosting", "verb": "create", "sub_domain": "=satu", "extensions": ["gd", "intl"], "htaccess": True},
        {"kind": "hosting", "verb": "create", "sub_domain": "dua;tiga", "storage_gb": 5},
    ]
    asked = VERBS["hosting"]["create"]
    text = write_table(lines, columns_of(asked))
    assert "'=satu" in text
    again, _ = read_table({"kind": "hosting", "verb": "create", "csv": text}, VERBS)
    assert list(again.lines) == lines


PERSON_HEAD = (
    "technical_name;technical_employment;technical_nip;technical_contract_number;technical_contract_end;"
    "technical_position;technical_email;technical_phone"
)
RATNA = "Ratna Rekaan;asn;199001012015012001;;;Sekretaris;ratna@kelurahan.example;081200000011"
BIMA = "Bima Rekaan;bukan ASN (kontrak);;800/5/DINCONTOH;2027-03-31;Pengelola;bima@kelurahan.example;'+628120000012"
NOBODY = ";;;;;;;"


def people(*persons: str, head: str = PERSON_HEAD) -> dict[str, Any]:
    """A table of sites, each with these cells of its own person."""
    rows = (f"situs{number};static;;rendah;{cells}" for number, cells in enumerate(persons))
    return table(f"{HEAD};{head}", *rows)


def test_rows_name_their_own_technical_person_and_empty_cells_leave_it_to_the_letter() -> None:
    lines = people(RATNA, NOBODY, BIMA)
    draft = parse_request({**example(), "lines": lines}, VERBS, KNOWN)
    told = [line.technical and (line.technical.name, line.technical.phone) for line in draft.lines]
    assert told == [("Ratna Rekaan", "081200000011"), None, ("Bima Rekaan", "+628120000012")]
    assert [str(line.technical.contract_end) for line in draft.lines if line.technical] == ["None", "2027-03-31"]
    assert "technical" not in read_table(people(NOBODY), VERBS)[0].lines[0]


def test_columns_of_a_person_may_be_named_by_their_labels() -> None:
    labels = ";".join(field.label for field in PERSON)
    lines = people(RATNA, head=labels)
    draft = parse_request({**example(), "lines": lines}, VERBS, KNOWN)
    assert draft.lines[0].technical is not None
    assert draft.lines[0].technical.email == "ratna@kelurahan.example"


def test_faults_of_a_rows_person_are_told_by_row_and_column() -> None:
    same = BIMA.replace("Bima Rekaan", "Orang Lain")
    wrong = "Citra Rekaan;asn;3374010101800001;;;;citra@kelurahan.example;08120000013"
    assert told(people(RATNA, BIMA, same, wrong)) == {
        "baris 4, kolom technical_email": "sudah ditulis atas orang lain: baris 3, kolom technical_email",
        "baris 5, kolom technical_nip": "ini NIK, bukan NIP",
        "baris 5, kolom technical_position": "wajib diisi",
    }
    assert told(people(RATNA.replace("ratna@kelurahan.example", example()["technical"]["email"]))) == {
        "baris 2, kolom technical_email": "sudah ditulis atas orang lain: technical.email"
    }


def test_a_table_of_what_appoints_nobody_has_no_column_for_a_person() -> None:
    lines = table(f"item;storage_gb;{PERSON_HEAD}", f"g7kq2mx4pd;8;{RATNA}", verb="change")
    what = "tindakan ini tidak menunjuk penanggung jawab teknis"
    assert told(lines) == {f"baris 1, kolom {column}": what for column in range(3, 11)}
    assert [name for name in columns_of(VERBS["hosting"]["change"]) if name.startswith("technical")] == []


def test_appointing_for_many_items_names_a_person_for_each() -> None:
    rows = (f"g7kq2mx4pd;{RATNA}", f"g7kq2mx4pe;{NOBODY}")
    draft = parse_request({**example(), "lines": table(f"item;{PERSON_HEAD}", *rows, verb="appoint")}, VERBS, KNOWN)
    assert [(line.item_id, line.technical and line.technical.name) for line in draft.lines] == [
        ("g7kq2mx4pd", "Ratna Rekaan"),
        ("g7kq2mx4pe", None),
    ]


def test_persons_of_lines_are_written_into_a_table_that_reads_as_the_same() -> None:
    line: dict[str, Any] = {"kind": "hosting", "verb": "create", "sub_domain": "satu"}
    own = {"name": "Ratna Rekaan", "employment": "asn", "nip": "199001012015012001", "phone": "+628120000011"}
    lines = [{**line, "technical": own}, {**line, "sub_domain": "dua"}]
    text = write_table(lines, columns_of(VERBS["hosting"]["create"]))
    again, _ = read_table({"kind": "hosting", "verb": "create", "csv": text}, VERBS)
    assert list(again.lines) == lines
    many = [{**line, "sub_domain": f"situs{number}", "technical": own} for number in range(12)]
    laid = as_table({"lines": many}, VERBS)["lines"]
    assert list(read_table(laid, VERBS)[0].lines) == many


def test_a_removal_goes_into_a_table_and_comes_back() -> None:
    lines = [
        {"kind": "data_cloud", "verb": "change", "item": f"g7kq2mx4p{letter}", "email": email, "quota_gb": 6}
        for letter, email in (*((one, None) for one in "abcdefghjkm"), ("n", "a@contoh.example"))
    ]
    table = as_table({"lines": lines}, VERBS)["lines"]
    assert [line["email"] for line in read_table(table, VERBS)[0].lines] == [line["email"] for line in lines]
    made = [{**line, "verb": "create", "account_id": f"arsip.{at}"} for at, line in enumerate(lines)]
    again = read_table(as_table({"lines": made}, VERBS)["lines"], VERBS)[0].lines
    assert ["email" in line for line in again] == [False] * 11 + [True]
