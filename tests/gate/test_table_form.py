"""Does a CSV come in by the form, shown as a table before it is sent, each fault at its row, and back corrected?"""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from provisioner.decisions.decision import Outcome
from provisioner.requests.table import columns_of, write_table
from provisioner.store import requests
from tests.gate.office import Office
from tests.gate.test_drafts import Writer, fields
from tests.gate.test_pages import text_of
from tests.gate.test_table_doors import CREATE, WISH, csv_of
from tests.house import EXAMPLE, PEOPLE


def upload(writer: Writer, csv: bytes | str, kind: str = "hosting", **data: Any) -> httpx.Response:
    """Post the file as a browser does."""
    raw = csv.encode() if isinstance(csv, str) else csv
    sent = {"csrf": writer.csrf, "jenis": kind, **data}
    return writer.browser.post(f"{writer.place}/tabel", data=sent, files={"tabel": ("akun.csv", raw, "text/csv")})


def written(office: Office) -> Writer:
    """A draft whose letter and persons are written."""
    writer = Writer(office)
    writer.write(
        "surat",
        **fields({"opd": EXAMPLE["opd"], "application_name": "Kelurahan"}),
        **fields(EXAMPLE["letter"], "letter"),
    )
    persons = fields(EXAMPLE["administrative"], "administrative") | fields(EXAMPLE["technical"], "technical")
    writer.write("penanggung-jawab", **persons)
    return writer


def test_a_table_is_shown_read_once_more_and_sent_as_it_came(office: Office) -> None:
    writer, csv = written(office), csv_of(20)
    assert upload(writer, csv).status_code == 303
    page = writer.page("layanan")
    assert page.text.count('<tr id="row-') == 20
    assert "kelurahan20" in page.text
    assert "kebutuhan-teknis" not in page.text
    check = writer.page("periksa")
    assert check.text.count('<tr id="row-') == 20
    assert writer.write("kirim", sha256=writer.seen()).status_code == 303
    (filed,) = office.house.desk.requests(PEOPLE["opd"])
    assert [line.wish["sub_domain"] for line in filed.lines] == [f"kelurahan{number}" for number in range(1, 21)]
    with office.house.database.reading() as uow:
        assert json.loads(requests.original(uow, filed.id)[0])["lines"]["csv"] == csv


def test_faults_are_told_by_row_above_the_preview_and_lead_to_it(office: Office) -> None:
    writer = written(office)
    rows = [{**WISH, "sub_domain": name} for name in ("satu", "DUA", "satu")]
    answer = upload(writer, write_table(rows, columns_of(CREATE)))
    text = text_of(answer)
    assert answer.status_code == 422
    assert "baris 3, kolom sub_domain: bukan nama sub domain" in text
    assert "baris 4, kolom sub_domain: nama situs ini sudah diminta baris 2, kolom sub_domain" in text
    assert '#row-3"' in answer.text
    assert 'id="row-3"' in answer.text
    assert "Belum dapat dikirim" in text_of(writer.page("periksa"))
    assert office.house.desk.requests(PEOPLE["opd"]) == ()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "tidak ada berkas"),
        ("sub_domain;runtime\n".encode("utf-16"), "bukan UTF-8"),
        (b"PK\x03\x04xlsx", "bukan CSV, melainkan berkas lembar kerja"),
        (b"kuota;nama\n5;x\n", "judul kolom tidak dikenal"),
        (b'sub_domain;runtime\n"satu;static\n', "tanda kutip tidak ditutup"),
    ],
)
def test_what_is_no_table_is_said_to_be_none(office: Office, raw: bytes, said: str) -> None:
    answer = upload(written(office), raw)
    assert (answer.status_code, said in text_of(answer)) == (422, True)


def test_hostile_cells_are_shown_as_the_text_they_are(office: Office) -> None:
    answer = upload(written(office), "sub_domain;runtime\n=HYPERLINK(1);<script>alert(1)</script>\n")
    assert answer.status_code == 422
    assert "<script>alert(1)" not in answer.text
    assert "=HYPERLINK(1)" in text_of(answer)


def test_the_empty_table_of_a_kind_has_its_columns_and_the_laid_one_comes_back_as_it_was(office: Office) -> None:
    writer = written(office)
    empty = writer.browser.get(f"{writer.place}/tabel.csv?jenis=hosting")
    assert empty.text.removeprefix("\ufeff").strip().split(";") == list(columns_of(CREATE))
    assert writer.browser.get(f"{writer.place}/tabel.csv").status_code == 404
    upload(writer, csv_of(3))
    assert writer.browser.get(f"{writer.place}/tabel.csv").content == csv_of(3).encode()
    assert writer.post(f"{writer.place}/tabel/hapus").status_code == 303
    assert "Belum ada layanan yang diminta" in text_of(writer.page("layanan"))


def test_a_returned_table_comes_back_as_a_table_and_goes_in_corrected(office: Office) -> None:
    house = office.house
    request_id = house.lines_to_decision(12)
    first = house.desk.lines(PEOPLE["kabid"], request_id).lines[0].line
    house.desk.decide(PEOPLE["kabid"], first.id, Outcome.RETURNED, digest="", reason="kode kelurahan berbeda")
    draft = house.desk.reopen(PEOPLE["opd"], request_id)
    assert draft.document["lines"]["csv"].count("\r\n") == 13
    writer = Writer(office)
    writer.place = f"/permohonan/draf/{draft.id}"
    corrected = draft.document["lines"]["csv"].replace("kelurahan1;", "kelurahan01;")
    assert upload(writer, corrected, kind="").status_code == 303
    assert writer.post(f"{writer.place}/tabel/hapus").status_code == 409
    assert writer.write("kirim", sha256=writer.seen()).status_code == 303
    now = house.desk.request(PEOPLE["opd"], request_id).request
    assert (now.version, now.lines[0].wish["sub_domain"], len(now.lines)) == (2, "kelurahan01", 12)
