"""Is a person of one line shown that line and nothing of the others, and do the pages name whose each line is?"""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.requests.table import PERSON, write_table
from tests.chaos.test_line_persons import BIMA, OWN, RATNA, file
from tests.gate.office import Office
from tests.gate.standing import Standing
from tests.gate.test_drafts import LINE, Writer, fields
from tests.gate.test_pages import text_of
from tests.gate.test_table_form import upload, written
from tests.house import EXAMPLE, PEOPLE

OTHERS = (EXAMPLE["technical"]["phone"], "satu.kota.lab")


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory, opened: Path) -> Standing:
    """Two sites of one letter; the second one is of a person of another OPD."""
    return Standing(tmp_path_factory.mktemp("standing"), opened, "own")


def test_by_a_line_alone_one_sees_of_its_request_that_line_and_its_person(standing: Standing) -> None:
    got = standing.knock("lain", "GET", "/api/v1/requests/{request_id}", None).json()["request"]
    assert [(line["number"], line["technical"]["name"]) for line in got["lines"]] == [(2, PEOPLE["lain"].name)]
    whole = standing.knock("teknis", "GET", "/api/v1/requests/{request_id}", None).json()["request"]
    assert [line["technical"] and line["technical"]["name"] for line in whole["lines"]] == [None, PEOPLE["lain"].name]
    table = standing.knock("lain", "GET", "/api/v1/requests/{request_id}/lines", None).json()["lines"]
    assert [line["number"] for line in table] == [2]
    assert standing.knock("lain", "GET", "/api/v1/requests/{request_id}/letters", None).json()["letters"] == []
    listed = standing.knock("lain", "GET", "/api/v1/requests", None).json()["requests"]
    assert [[line["number"] for line in one["lines"]] for one in listed] == [[2]]


@pytest.mark.parametrize(
    "path",
    ["/permohonan/{request_id}", "/permohonan/{request_id}/baris", "/baris/{line_id}/rencana", "/", "/permohonan"],
)
def test_no_page_shows_who_is_named_by_a_line_alone_another_line(standing: Standing, path: str) -> None:
    answer = standing.knock("lain", "GET", path, None)
    assert answer.status_code == 200
    assert [word for word in ("satu.kota.lab", ">satu<", "Pindaian surat permohonan</a>") if word in answer.text] == []


def test_what_the_reviewer_noted_of_the_letter_is_not_told_by_a_line_alone(standing: Standing) -> None:
    """A note says what the letter says, of whichever line."""
    for said in ("Dibandingkan dengan surat", "Lampiran satu kurang jelas"):
        told = {name: said in standing.knock(name, "GET", "/permohonan/{request_id}", None).text for name in PEOPLE}
        assert told == {name: name != "lain" for name in PEOPLE}, said


def test_a_line_of_a_form_names_its_own_person_in_a_fold_that_opens_once_it_is_filled(office: Office) -> None:
    writer = Writer(office)
    writer.fill()
    empty = writer.page("kebutuhan-teknis-1")
    assert '<details class="card card-body mb-3" id="lines[0].technical"><summary>' in empty.text
    line, own = fields(LINE, "lines[0]"), fields(dict(RATNA), "lines[0].technical")
    wrong = writer.write("kebutuhan-teknis-1", **line, **{**own, "lines[0].technical.nip": "1"})
    assert (wrong.status_code, "NIP bukan 18 angka" in text_of(wrong)) == (422, True)
    assert 'id="lines[0].technical" open>' in wrong.text
    assert writer.write("kebutuhan-teknis-1", **line, **own).status_code == 303
    assert "Ratna Rekaan" in text_of(writer.page("periksa"))
    assert writer.write("kirim", sha256=writer.seen()).status_code == 303
    (filed,) = office.house.desk.requests(PEOPLE["opd"])
    assert filed.technical_of_lines[1]["name"] == "Ratna Rekaan"
    assert "technical" not in filed.lines[0].wish


def test_a_status_chosen_alone_names_nobody_and_what_is_emptied_again_is_the_letters(office: Office) -> None:
    writer = Writer(office)
    writer.fill()
    line, own = fields(LINE, "lines[0]"), fields(dict(RATNA), "lines[0].technical")
    writer.write("kebutuhan-teknis-1", **line, **own)
    emptied = dict.fromkeys(own, "") | {"lines[0].technical.employment": "asn"}
    assert writer.write("kebutuhan-teknis-1", **line, **emptied).status_code == 303
    writer.write("kirim", sha256=writer.seen())
    (filed,) = office.house.desk.requests(PEOPLE["opd"])
    assert (filed.lines[0].technical_person_id, filed.technical_of_lines) == (None, {})


def test_a_table_with_persons_is_read_before_it_is_sent_each_with_its_row(office: Office) -> None:
    writer = written(office)
    small = {**LINE, "second_name": "none", "storage_gb": 1}
    rows = [{**small, "sub_domain": name, **({"technical": dict(own)} if own else {})} for name, own in OWN.items()]
    columns = ("sub_domain", "runtime", "storage_gb", "electronic_system_category", *(one.name for one in PERSON))
    assert upload(writer, write_table(rows, columns)).status_code == 303
    for slug in ("layanan", "periksa"):
        page = text_of(writer.page(slug))
        assert "2 baris menyebut orangnya sendiri" in page
        for word in (
            "Ratna Rekaan",
            RATNA["nip"],
            "Bima Rekaan",
            BIMA["contract_number"],
            EXAMPLE["technical"]["name"],
        ):
            assert word in page
    wrong = write_table([{**rows[1], "technical": {**RATNA, "phone": "x"}}], columns)
    answer = upload(writer, wrong)
    assert (answer.status_code, "baris 2, kolom technical_phone" in text_of(answer)) == (422, True)
    upload(writer, write_table(rows, columns))
    assert writer.write("kirim", sha256=writer.seen()).status_code == 303
    (filed,) = office.house.desk.requests(PEOPLE["opd"])
    assert filed.names_by_line() == {1: EXAMPLE["technical"]["name"], 2: "Ratna Rekaan", 3: "Bima Rekaan"}


def test_request_table_and_plan_name_whose_each_line_is(office: Office) -> None:
    request = file(office.house, {**OWN, "empat": None})
    browser = office.browser("kabid")
    for path in (f"/permohonan/{request.id}", f"/permohonan/{request.id}/baris"):
        page = text_of(browser.get(path))
        for word in ("Penanggung jawab teknis", "Ratna Rekaan", "Bima Rekaan", EXAMPLE["technical"]["name"]):
            assert word in page, (path, word)
    told = office.client("kabid").get(f"/api/v1/requests/{request.id}/lines").json()["lines"]
    assert [line["told_apart"]["Penanggung jawab teknis"] for line in told] == [
        EXAMPLE["technical"]["name"],
        "Ratna Rekaan",
        "Bima Rekaan",
        EXAMPLE["technical"]["name"],
    ]
    plain = file(office.house, {"lima": None, "enam": None})
    assert "Penanggung jawab teknis" not in str(
        office.client("kabid").get(f"/api/v1/requests/{plain.id}/lines").json()["lines"]
    )
