"""Is a scanned letter taken as what it is, kept with its request whatever happens, and shown to nobody else?"""

from __future__ import annotations

import zlib
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from api.app.frontdoor import SCAN_BYTES
from provisioner.digests import digest_of_bytes
from provisioner.errors import Refused
from provisioner.requests.scan import LARGEST_SCAN_BYTES
from provisioner.store import audit
from provisioner.store.tables.drafts import SCANS
from tests.gate.office import Office, csrf_of
from tests.gate.test_drafts import Writer
from tests.gate.test_pages import text_of

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40 + b"IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 40 + b"\xff\xd9"
#: a gigabyte of zeros in a stream of a PDF: whoever unfolds it is out of memory, and nobody here does
BOMB = b"%PDF-1.7\n" + zlib.compress(zlib.compress(b"\x00" * 20_000_000)) + b"\n%%EOF"
TYPES = {"application/pdf": PDF, "image/png": PNG, "image/jpeg": JPEG}


def submitted(office: Office) -> str:
    """The id of a request without a scan."""
    return office.house.desk.submit(office.person("opd"), office.house.example(), "application/yaml").id


def put(office: Office, request_id: str, raw: bytes, said: str = "application/pdf", by: str = "opd") -> httpx.Response:
    """Send a scan by the API."""
    return office.client(by).put(f"/api/v1/requests/{request_id}/scan", content=raw, headers={"Content-Type": said})


def upload(writer: Writer, path: str, raw: bytes, name: str = "surat.pdf") -> httpx.Response:
    """Send a scan by a form."""
    return writer.browser.post(path, data={"csrf": writer.csrf}, files={"scan": (name, raw, "application/pdf")})


def kept(office: Office) -> list[Any]:
    """Every scan in the database: whose it is, and its digest."""
    with office.house.database.reading() as uow:
        query = sa.select(SCANS.c.draft_id.is_(None), SCANS.c.request_id, SCANS.c.sha256).order_by(SCANS.c.filed_at)
        return [tuple(row) for row in uow.connection.execute(query)]


@pytest.mark.parametrize("media_type", TYPES)
def test_a_scan_comes_back_byte_for_byte_as_what_it_is(office: Office, media_type: str) -> None:
    request_id, raw = submitted(office), TYPES[media_type]
    told = put(office, request_id, raw, media_type).json()
    assert (told["sha256"], told["media_type"], told["size_bytes"]) == (digest_of_bytes(raw), media_type, len(raw))
    answer = office.client("umum").get(f"/api/v1/requests/{request_id}/scan")
    assert (answer.content, answer.headers["content-type"]) == (raw, media_type)


@pytest.mark.parametrize(
    ("raw", "said", "status", "what"),
    [
        (b"MZ\x90 program", "application/pdf", 422, "bukan PDF, JPEG atau PNG"),
        (b"<html><script>alert(1)</script>", "application/pdf", 422, "bukan PDF, JPEG atau PNG"),
        (b"PK\x03\x04 zip", "application/pdf", 422, "bukan PDF, JPEG atau PNG"),
        (b"\n" + PDF, "application/pdf", 422, "bukan PDF, JPEG atau PNG"),
        (PDF[:-8], "application/pdf", 422, "berkas terpotong: akhirnya tidak ada"),
        (PNG[:-8], "image/png", 422, "berkas terpotong: akhirnya tidak ada"),
        (PNG, "application/pdf", 422, "isinya image/png"),
        (b"", "application/pdf", 422, "berkas kosong"),
        (PDF, "application/zip", 415, None),
        (PDF, "text/html", 415, None),
    ],
)
def test_what_is_no_scan_is_refused_and_nothing_is_kept(
    office: Office, raw: bytes, said: str, status: int, what: str | None
) -> None:
    answer = put(office, submitted(office), raw, said)
    assert answer.status_code == status
    assert [fault["what"] for fault in answer.json().get("faults", ())] == ([what] if what else [])
    assert kept(office) == []


def test_a_file_that_would_unfold_to_gigabytes_is_kept_as_it_is_and_never_unfolded(office: Office) -> None:
    request_id = submitted(office)
    assert put(office, request_id, BOMB).json()["size_bytes"] == len(BOMB)
    assert office.client("opd").get(f"/api/v1/requests/{request_id}/scan").content == BOMB


@pytest.mark.parametrize("size", [LARGEST_SCAN_BYTES + 1, SCAN_BYTES + 1])
def test_a_file_over_ten_megabytes_is_refused_at_the_door_or_behind_it(office: Office, size: int) -> None:
    answer = put(office, submitted(office), PDF.ljust(size - 8, b"\x00") + b"\n%%EOF\n\n")
    assert answer.status_code == (413 if size > SCAN_BYTES else 422)
    assert kept(office) == []


def test_a_form_with_too_large_a_file_says_so_on_a_page_that_leads_back(office: Office) -> None:
    writer = Writer(office)
    answer = upload(writer, f"{writer.place}/pindaian", b"%PDF-" + b"\x00" * SCAN_BYTES)
    assert answer.status_code == 413
    assert answer.headers["content-type"].startswith("text/html")
    assert "Berkas pindaian melebihi 10 MB" in text_of(answer)
    assert f'href="{writer.place}/pindaian"' in answer.text


def test_the_same_scan_twice_is_one_and_the_opd_cannot_replace_it_but_general_affairs_can(office: Office) -> None:
    request_id = submitted(office)
    first, again = put(office, request_id, PDF), put(office, request_id, PDF)
    assert first.json() == again.json()
    assert put(office, request_id, PNG, "image/png").status_code == 403
    assert put(office, request_id, PNG, "image/png", by="umum").status_code == 200
    assert [row[2] for row in kept(office)] == [digest_of_bytes(PDF), digest_of_bytes(PNG)]
    assert office.client("opd").get(f"/api/v1/requests/{request_id}/scan").content == PNG


def test_a_scan_is_shown_to_whoever_may_see_the_request_and_to_nobody_else(office: Office) -> None:
    request_id = submitted(office)
    assert office.client("opd").get(f"/api/v1/requests/{request_id}/scan").status_code == 404
    put(office, request_id, PDF)
    told = {
        username: (
            office.client(username).get(f"/api/v1/requests/{request_id}/scan").status_code,
            office.browser(username).get(f"/permohonan/{request_id}/pindaian").status_code,
        )
        for username in ("opd", "umum", "kabid", "lain")
    }
    assert told == {"opd": (200, 200), "umum": (200, 200), "kabid": (200, 200), "lain": (404, 404)}
    assert put(office, request_id, PNG, "image/png", by="lain").status_code == 404


def test_a_scan_is_served_as_nothing_that_could_run(office: Office) -> None:
    request_id = submitted(office)
    put(office, request_id, PDF)
    answer = office.browser("kabid").get(f"/permohonan/{request_id}/pindaian")
    policy = answer.headers["content-security-policy"]
    assert policy.endswith("; sandbox")
    assert "script-src" not in policy
    assert policy.startswith("default-src 'none'; ")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert answer.headers["content-disposition"] == f'inline; filename="surat-{digest_of_bytes(PDF)[:12]}.pdf"'
    assert answer.headers["cache-control"] == "no-store"


def test_a_drafts_scan_becomes_its_requests_in_the_act_of_sending_and_stands_in_the_chain(office: Office) -> None:
    writer = Writer(office)
    writer.fill()
    assert upload(writer, f"{writer.place}/pindaian", PDF).headers["location"] == f"{writer.place}/layanan"
    assert kept(office) == [(False, None, digest_of_bytes(PDF))]
    assert writer.browser.get(f"{writer.place}/pindaian/berkas").content == PDF
    assert office.browser("kabid").get(f"{writer.place}/pindaian/berkas").status_code == 404
    writer.write("kirim", sha256=writer.seen())
    request_id = office.house.desk.requests(office.person("opd"))[0].id
    assert kept(office) == [(True, request_id, digest_of_bytes(PDF))]
    with office.house.database.reading() as uow:
        acts = [row.event for row in audit.page(uow, subjects=frozenset({request_id}))]
    assert sorted(acts) == ["person:request:submit", "person:scan:file"]


def test_a_draft_that_goes_takes_its_scan_with_it(office: Office) -> None:
    writer = Writer(office)
    upload(writer, f"{writer.place}/pindaian", PDF)
    upload(writer, f"{writer.place}/pindaian", PNG)
    assert [row[2] for row in kept(office)] == [digest_of_bytes(PNG)]
    writer.write("hapus")
    assert kept(office) == []


def test_a_send_that_is_refused_leaves_draft_and_scan_where_they_were(office: Office) -> None:
    writer = Writer(office)
    writer.fill()
    upload(writer, f"{writer.place}/pindaian", PDF)
    for number in range(20):
        example = office.house.example(sub_domain=f"situs{number}", second_name="none")
        office.house.desk.submit(office.person("opd"), example, "application/yaml")
    answer = writer.write("kirim", sha256=writer.seen())
    assert (answer.status_code, "kantor mengizinkan 20 sekaligus" in text_of(answer)) == (409, True)
    assert kept(office) == [(False, None, digest_of_bytes(PDF))]
    assert len(office.house.desk.drafts(office.person("opd"))) == 1


def test_no_file_chosen_and_no_scan_are_said_beside_the_field(office: Office) -> None:
    writer = Writer(office)
    none = writer.browser.post(f"{writer.place}/pindaian", data={"csrf": writer.csrf}, files={"scan": ("", b"")})
    wrong = upload(writer, f"{writer.place}/pindaian", b"\x00not a pdf")
    assert [none.status_code, wrong.status_code] == [422, 422]
    assert "berkas kosong" in text_of(none)
    assert "bukan PDF, JPEG atau PNG" in text_of(wrong)
    assert "x00not a pdf" in wrong.text


def test_a_form_of_another_site_lays_no_scan(office: Office) -> None:
    writer = Writer(office)
    answer = writer.browser.post(f"{writer.place}/pindaian", data={"csrf": "x"}, files={"scan": ("a.pdf", PDF)})
    assert answer.status_code == 403
    assert kept(office) == []


def test_after_the_decision_no_scan_is_added(office: Office) -> None:
    house = office.house
    request_id = house.request_of(house.to_decision())
    house.approve(house.desk.request(office.person("kabid"), request_id).request.lines[0].id)
    with pytest.raises(Refused, match="sudah diputuskan"):
        house.desk.file_scan(office.person("umum"), request_id, PDF)
    assert csrf_of(office.browser("umum").get(f"/permohonan/{request_id}"))
