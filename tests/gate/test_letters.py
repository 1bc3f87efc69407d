"""Are letters seen, opened and saved by whom they are for, and is one that is not sent seen on the pages?"""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.decisions.decision import Outcome
from provisioner.digests import digest_of_bytes
from tests.gate.office import Office
from tests.gate.test_command import Gerbang, gerbang
from tests.house import PEOPLE

__all__ = ["gerbang"]


@pytest.fixture
def request_id(office: Office) -> str:
    """A request that was refused, its letter filed while no mail server answered."""
    line_id = office.house.to_decision()
    office.house.desk.decide(PEOPLE["kabid"], line_id, Outcome.REJECTED, digest="", reason="penuh <b>")
    office.house.post.fault = "down"
    office.house.tell()
    return office.house.request_of(line_id)


def test_the_paper_comes_as_a_pdf_under_its_own_name_with_the_filed_sha256(office: Office, request_id: str) -> None:
    (letter,) = office.client("opd").get(f"/api/v1/requests/{request_id}/letters").json()["letters"]
    paper = office.client("opd").get(f"/api/v1/letters/{letter['id']}/pdf")
    assert {
        name: paper.headers[name] for name in ("content-type", "content-disposition", "x-content-type-options")
    } == {
        "content-type": "application/pdf",
        "content-disposition": 'inline; filename="surat-2026-0001-refused.pdf"',
        "x-content-type-options": "nosniff",
    }
    assert digest_of_bytes(paper.content) == letter["pdf_sha256"]
    assert (letter["state"], letter["attempts"], letter["why"]) == ("filed", 1, "")
    assert office.browser("opd").get(f"/surat/{letter['id']}.pdf").content == paper.content


def test_a_letter_that_is_not_sent_is_seen_on_the_request_and_in_the_morning(office: Office, request_id: str) -> None:
    page = office.browser("kabid").get(f"/permohonan/{request_id}").text
    assert "belum terkirim" in page
    assert "Belum terkirim sesudah 1 kali dicoba" in page
    assert "relay: tidak menjawab" in page
    assert "Catat penyerahan surat" in page
    morning = office.browser("kabid").get("/").text
    assert "surat belum terkirim sesudah 1 kali dicoba" in morning
    assert f"/permohonan/{request_id}#surat" in morning
    opd = office.browser("opd").get(f"/permohonan/{request_id}").text
    assert "belum terkirim" in opd
    assert "relay" not in opd
    assert "Catat penyerahan surat" not in opd


def test_the_command_lists_saves_and_records_the_handing_over(
    office: Office, request_id: str, gerbang: Gerbang, tmp_path: Path
) -> None:
    listed = gerbang("kabid", "letter", "list", "2026-0001", "--json")
    (letter,) = listed.data["letters"]
    assert "belum terkirim" in gerbang("kabid", "letter", "list", request_id).out
    place = tmp_path / "surat.pdf"
    assert gerbang("opd", "letter", "save", letter["id"], "--output", str(place)).code == 0
    assert digest_of_bytes(place.read_bytes()) == letter["pdf_sha256"]
    again = gerbang("opd", "letter", "save", letter["id"], "--output", str(place))
    assert (again.code, "--output" in again.error) == (1, True)
    assert gerbang("lain", "letter", "save", letter["id"]).code == 3
    assert gerbang("kabid", "letter", "handover", letter["id"], "--note", "di loket").code == 0
    assert gerbang("kabid", "letter", "handover", letter["id"], "--note", "di loket").code == 3
    assert office.house.desk.letters(PEOPLE["opd"], request_id)[0].letter.state == "sent"


def test_no_step_of_a_refused_request_is_said_to_come(office: Office, request_id: str) -> None:
    page = office.browser("opd").get(f"/permohonan/{request_id}").text
    assert "tidak dikerjakan" in page
    assert "nanti" not in page
