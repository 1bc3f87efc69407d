"""Does the parser return the whole request, or all that is wrong with it?"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from provisioner.errors import BadInput
from provisioner.kinds.catalogue import KINDS
from provisioner.requests.parse import parse_request
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
    assert faults(document) == {("lines", "layanan disebut dua kali")}


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
