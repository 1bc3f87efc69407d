"""Does the parser return the whole request, or all that is wrong with it?"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from provisioner.errors import BadInput
from provisioner.items.verbs import VERBS as ITEM_VERBS
from provisioner.kinds.catalogue import KINDS
from provisioner.requests.parse import parse_line, parse_request
from provisioner.requests.request import Draft
from tests.unit.requests.known import KNOWN, example

VERBS = {name: kind.verbs for name, kind in KINDS.items()}


def parse(document: dict[str, Any]) -> Draft:
    """Parse with the catalogue's own tables."""
    return parse_request(document, VERBS, KNOWN)


def faults(document: dict[str, Any]) -> set[tuple[str, str]]:
    """(where, what) of each fault."""
    with pytest.raises(BadInput) as caught:
        parse(document)
    return {(fault.where, fault.what) for fault in caught.value.faults}


def test_the_example_is_read_whole() -> None:
    draft = parse(example())
    assert (draft.opd, draft.letter.date, draft.procedure) == ("DINCONTOH", date(2026, 11, 16), None)
    assert (draft.technical.employment, draft.technical.nip) == ("non_asn", None)
    assert [(line.kind, line.verb, line.item_id) for line in draft.lines] == [("hosting", "create", None)]
    assert dict(draft.lines[0].wish) == {
        "placement": "shared",
        "sub_domain": "simpeg",
        "second_name": "www",
        "runtime": "php",
        "extensions": ["mbstring", "mysql"],
        "upload_mb": 32,
        "htaccess": True,
        "cron": "hourly",
        "outgoing_mail": False,
        "database": "mariadb",
        "storage_gb": 5,
        "database_gb": 1,
        "bandwidth_mbit": 10,
        "electronic_system_category": "rendah",
        "security_test": "belum",
        "security_test_report": None,
        "security_test_until": None,
    }


def test_contract_end_is_read_and_else_is_the_end_of_the_year() -> None:
    document = example()
    document["technical"]["contract_end"] = "2027-03-31"
    assert parse(document).technical.contract_end == date(2027, 3, 31)
    del document["technical"]["contract_end"]
    assert parse(document).technical.contract_end == date(2026, 12, 31)


def test_a_contract_that_has_ended_is_refused() -> None:
    document = example()
    document["technical"]["contract_end"] = "2026-11-20"
    assert faults(document) == {("technical.contract_end", "tanggal sudah lewat")}


def test_an_asn_has_a_nip_and_no_contract() -> None:
    document = example()
    document["technical"]["employment"] = "asn"
    assert faults(document) == {
        ("technical.nip", "wajib diisi"),
        ("technical.contract_number", "hanya diisi bila status kepegawaian = non_asn"),
        ("technical.contract_end", "hanya diisi bila status kepegawaian = non_asn"),
    }
    document["technical"] |= {"nip": "199001012015012001", "contract_number": None, "contract_end": None}
    assert parse(document).technical.nip == "199001012015012001"


def test_a_nik_in_the_request_is_refused_wherever_it_stands() -> None:
    document = example()
    document["technical"] |= {"contract_number": "3374010101800001", "nik": "3374010101800001"}
    with pytest.raises(BadInput) as caught:
        parse(document)
    assert {fault.where for fault in caught.value.faults} == {"technical.contract_number", "technical.nik"}
    assert "3374010101800001" not in repr(caught.value.faults)


def test_every_fault_of_every_part_is_said_at_once() -> None:
    document = example()
    document |= {"opd": "TIDAKADA", "strange": 1}
    document["letter"]["number"] = "800;x"
    document["administrative"]["nip"] = "1"
    document["lines"][0] |= {"sub_domain": "WWW", "storage_gb": 1000, "placement": "dedicated"}
    document["lines"] += [{"kind": "kapal", "verb": "create"}, {"kind": "hosting", "verb": "terbang"}, 7]
    assert faults(document) == {
        ("strange", "isian tidak dikenal"),
        ("opd", "OPD tidak terdaftar"),
        ("letter.number", "nomor memuat tanda yang tidak diizinkan"),
        ("administrative.nip", "NIP bukan 18 angka"),
        ("lines[0].sub_domain", "bukan nama sub domain"),
        ("lines[0].storage_gb", "di luar batas"),
        ("lines[0].placement", "belum tersedia: mesin tersendiri menunggu penyedia Proxmox"),
        ("lines[1].kind", "jenis layanan tidak dikenal"),
        ("lines[2].verb", "tindakan tidak dikenal"),
        ("lines[3]", "bukan baris layanan"),
    }


def test_an_empty_document_names_all_that_is_missing() -> None:
    assert {where for where, _ in faults({})} == {
        "opd",
        "application_name",
        "letter",
        "administrative",
        "technical",
        "lines",
    }


def test_a_static_site_asks_for_no_php_and_no_database() -> None:
    document = example()
    document["lines"][0]["runtime"] = "static"
    assert {where for where, _ in faults(document)} == {
        "lines[0].extensions",
        "lines[0].cron",
        "lines[0].database",
    }


@pytest.mark.parametrize("field", ["status", "opd_id", "approved_by", "item_id", "uid", "host", "state"])
def test_a_field_of_the_server_is_not_taken_from_a_request(field: str) -> None:
    document = example()
    document["lines"][0][field] = "x"
    assert faults(document) == {(f"lines[0].{field}", "isian tidak dikenal")}


def test_terminate_names_an_item_and_nothing_else() -> None:
    document = example()
    document["lines"] = [{"kind": "hosting", "verb": "terminate", "item": "g7kq2mx4pd"}]
    assert [(line.verb, line.item_id, dict(line.wish)) for line in parse(document).lines] == [
        ("terminate", "g7kq2mx4pd", {})
    ]
    document["lines"][0]["sub_domain"] = "simpeg"
    assert faults(document) == {("lines[0].sub_domain", "isian tidak dikenal")}
    document["lines"] = [{"kind": "hosting", "verb": "terminate", "item": "../../etc"}]
    assert faults(document) == {("lines[0].item", "bukan id layanan")}


def test_one_item_is_named_once_in_a_request() -> None:
    document = example()
    document["lines"] = [{"kind": "hosting", "verb": "terminate", "item": "g7kq2mx4pd"}] * 2
    assert faults(document) == {("lines[1].item", "layanan ini sudah disebut lines[0].item")}


@pytest.mark.parametrize("verb", ["transfer", "renew", "adopt", "repair"])
def test_a_verb_that_is_not_built_yet_says_so(verb: str) -> None:
    document = example()
    document["lines"] = [{"kind": "hosting", "verb": verb, "item": "g7kq2mx4pd"}]
    (where, what), *rest = faults(document)
    assert (where, rest) == ("lines[0].verb", [])
    assert what.startswith("belum tersedia: ")


def test_a_draft_written_as_data_is_read_back_the_same() -> None:
    draft = parse(example())
    assert Draft.from_data(draft.as_data()) == draft


OWN = {
    "name": "Ratna Rekaan",
    "employment": "asn",
    "nip": "199001012015012001",
    "position": "Sekretaris kelurahan",
    "email": "ratna@kelurahan.example",
    "phone": "081200000011",
}
ITEM = "g7kq2mx4pd"


def with_persons(*own: dict[str, Any] | None) -> dict[str, Any]:
    """The example with a line for each, that names this person of its own."""
    document = example()
    line = {**document["lines"][0], "second_name": "none"}
    document["lines"] = [
        {**line, "sub_domain": f"situs{number}", **({} if one is None else {"technical": one})}
        for number, one in enumerate(own)
    ]
    return document


CONTRACT = {
    **{name: value for name, value in OWN.items() if name != "nip"},
    "name": "Bima Rekaan",
    "employment": "non_asn",
    "contract_number": "800/5/BADANREKA",
    "email": "bima@kelurahan.example",
}


def test_a_line_names_its_own_technical_person_and_the_others_have_the_letters() -> None:
    document = with_persons(None, OWN, None, CONTRACT)
    document["lines"][2]["technical"] = None
    draft = parse(document)
    named = [line.technical and (line.technical.name, line.technical.nip) for line in draft.lines]
    assert named == [None, ("Ratna Rekaan", "199001012015012001"), None, ("Bima Rekaan", None)]
    assert {where: one.contract_end for where, one in draft.named_technical.items()} == {
        "technical": date(2026, 12, 31),
        "lines[1].technical": None,
        "lines[3].technical": date(2026, 12, 31),
    }
    assert "technical" not in draft.lines[1].wish


def test_a_draft_with_persons_of_its_lines_comes_back_from_its_data_and_one_without_says_nothing_of_them() -> None:
    draft = parse(with_persons(None, CONTRACT))
    data = draft.as_data()
    assert Draft.from_data(data) == draft
    assert [sorted(line) for line in data["lines"]] == [  # type: ignore[union-attr]
        ["item_id", "kind", "verb", "wish"],
        ["item_id", "kind", "technical", "verb", "wish"],
    ]


def test_the_faults_of_a_lines_person_are_those_of_the_letters_and_name_the_line() -> None:
    wrong = {**OWN, "nip": "1", "phone": "x", "nik": "3374010101800001", "strange": 1}
    del wrong["position"]
    assert faults(with_persons(None, wrong)) == {
        ("lines[1].technical.nip", "NIP bukan 18 angka"),
        ("lines[1].technical.phone", "tidak sesuai bentuk yang diizinkan"),
        ("lines[1].technical.nik", "NIK tidak diterima"),
        ("lines[1].technical.strange", "isian tidak dikenal"),
        ("lines[1].technical.position", "wajib diisi"),
    }
    assert faults(with_persons({})) == {
        (f"lines[0].technical.{name}", "wajib diisi")
        for name in ("name", "employment", "nip", "contract_number", "position", "email", "phone")
    }


@pytest.mark.parametrize("where", ["nip", "contract_number", "phone", "email", "nik", ""])
def test_a_nik_in_the_place_of_a_lines_person_is_never_said_back(where: str) -> None:
    nik = "3374010101800001"
    person: Any = {**CONTRACT, where: nik} if where else nik
    if where == "nip":
        person = {**OWN, "nip": nik}
    with pytest.raises(BadInput) as caught:
        parse(with_persons(person))
    assert [fault.where for fault in caught.value.faults] == [f"lines[0].technical.{where}".rstrip(".")]
    assert nik not in repr(caught.value.faults)


@pytest.mark.parametrize("kind", sorted(VERBS))
def test_of_every_verb_that_is_there_only_those_that_appoint_take_a_person(kind: str) -> None:
    """And they are those that make an item, or give it to another person."""
    refused = {}
    for verb, said in VERBS[kind].items():
        if said.state == "available":
            line = {"kind": kind, "verb": verb, "technical": OWN} | ({"item": ITEM} if said.names_item else {})
            told = dict(faults({**example(), "lines": [line, 7]}))
            refused[verb] = told.get("lines[0].technical", "")
    what = "tindakan ini tidak menunjuk penanggung jawab teknis"
    takes = {verb for verb, row in ITEM_VERBS.items() if row.makes_item or row.appoints}
    assert refused == {verb: "" if verb in takes else what for verb in refused}


ONE = "sama dengan penanggung jawab administratif"
OTHER = "sudah ditulis atas orang lain: "


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ([OWN, OWN], set()),
        ([OWN, {**OWN, "name": "RATNA REKAAN", "phone": "081200000012"}], set()),
        ([{**OWN, "name": "Orang Lain", "nip": "ADMIN"}], {("lines[0].technical.nip", ONE)}),
        ([{**OWN, "email": "ADMIN"}], {("lines[0].technical.email", ONE)}),
        ([{**OWN, "email": "LETTER"}], {("lines[0].technical.email", f"{OTHER}technical.email")}),
        ([OWN, {**OWN, "name": "Orang Lain"}], {
            ("lines[1].technical.nip", f"{OTHER}lines[0].technical.nip"),
            ("lines[1].technical.email", f"{OTHER}lines[0].technical.email"),
        }),
        ([OWN, None, {**CONTRACT, "email": "RATNA@kelurahan.example"}], {
            ("lines[2].technical.email", f"{OTHER}lines[0].technical.email"),
        }),
        ([CONTRACT, {**CONTRACT, "employment": "asn", "contract_number": None, "nip": OWN["nip"]}], {
            ("lines[1].technical.email", "sudah ditulis dengan NIP lain, atau tanpa NIP: lines[0].technical.email"),
        }),
        ([OWN, {**OWN, "name": "Orang Lain", "phone": "x"}], {
            ("lines[1].technical.phone", "tidak sesuai bentuk yang diizinkan"),
            ("lines[1].technical.nip", f"{OTHER}lines[0].technical.nip"),
            ("lines[1].technical.email", f"{OTHER}lines[0].technical.email"),
        }),
    ],
)  # fmt: skip
def test_persons_of_one_request_are_as_many_as_it_says(
    own: list[dict[str, Any] | None], expected: set[tuple[str, str]]
) -> None:
    """The same again is the same person; one NIP or e-mail under two names would give the one what is the other's."""
    document = with_persons(*own)
    for line in document["lines"]:
        for name, value in line.get("technical", {}).items():
            known = {"ADMIN": document["administrative"], "LETTER": document["technical"]}.get(value)
            line["technical"][name] = value if known is None else known[name]
    if expected:
        assert faults(document) == expected
    else:
        parse(document)


@pytest.mark.parametrize("name", ["nip", "email"])
def test_the_letters_two_persons_are_two(name: str) -> None:
    document = example()
    document["technical"] = {**OWN, name: document["administrative"][name]}
    assert faults(document) == {(f"technical.{name}", ONE)}


def test_what_is_granted_in_place_of_a_wish_names_nobody() -> None:
    """An adjustment is of the wish alone: who works with it is the letter's to say."""
    line = {**example()["lines"][0], "technical": OWN}
    with pytest.raises(BadInput) as caught:
        parse_line(line, VERBS, KNOWN)
    assert [fault.where for fault in caught.value.faults] == ["technical"]
