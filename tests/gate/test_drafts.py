"""Is a request written page by page, kept at each, judged by the one parser, and sent exactly once as it was read?"""

from __future__ import annotations

import html
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from provisioner.digests import digest_of_bytes
from provisioner.requests.saved_draft import LIFETIME
from provisioner.store import drafts, requests
from provisioner.workflow.housekeeping import tidy
from tests.gate.office import Office, csrf_of
from tests.gate.test_pages import text_of
from tests.house import EXAMPLE

LINE = {name: value for name, value in EXAMPLE["lines"][0].items() if name not in {"kind", "verb"}}


def fields(data: dict[str, Any], where: str = "") -> dict[str, Any]:
    """What a browser posts for these values."""
    prefix = f"{where}." if where else ""
    words = {True: "true", False: "false"}
    return {
        f"{prefix}{name}": value
        if isinstance(value, list)
        else words.get(value, str(value))
        if isinstance(value, bool)
        else str(value)
        for name, value in data.items()
    }


class Writer:
    """A person at the form: posts pages of one draft."""

    def __init__(self, office: Office, username: str = "opd") -> None:
        self.office = office
        self.browser = office.browser(username)
        start = self.browser.get("/permohonan/baru")
        self.form = csrf_of(start)
        # The session's part of it alone: what is posted by it counts each time, as from pages drawn anew.
        self.csrf = self.form.partition(".")[0]
        self.key = re.findall(r'name="key" value="(draft_\w+)"', start.text)[0]
        begun = self.post("/permohonan/baru", key=self.key)
        self.place = begun.headers["location"].rpartition("/")[0]

    def post(self, path: str, **data: Any) -> httpx.Response:
        return self.browser.post(path, data={"csrf": self.csrf, **data})

    def page(self, slug: str) -> httpx.Response:
        return self.browser.get(f"{self.place}/{slug}")

    def write(self, slug: str, **data: Any) -> httpx.Response:
        return self.post(f"{self.place}/{slug}", **data)

    def fill(self) -> None:
        """Fill every page with the example."""
        top = {"opd": EXAMPLE["opd"], "application_name": EXAMPLE["application_name"]}
        persons = fields(EXAMPLE["administrative"], "administrative") | fields(EXAMPLE["technical"], "technical")
        told = [
            self.write("surat", **top, **fields(EXAMPLE["letter"], "letter")),
            self.write("layanan", tambah="hosting"),
            self.write("layanan", lanjut="1"),
            self.write("penanggung-jawab", **persons),
            self.write("kebutuhan-teknis-1", **fields(LINE, "lines[0]")),
        ]
        assert [answer.headers["location"].rpartition("/")[2] for answer in told] == [
            "pindaian",
            "layanan",
            "penanggung-jawab",
            "kebutuhan-teknis-1",
            "periksa",
        ]

    def seen(self) -> str:
        """The digest that the last page shows and sends."""
        return self.page("periksa").text.partition('name="sha256" value="')[2].partition('"')[0]


def test_a_request_written_page_by_page_is_filed_as_the_document_the_form_made(office: Office) -> None:
    writer = Writer(office)
    writer.fill()
    read = text_of(writer.page("periksa"))
    for words in (EXAMPLE["letter"]["number"], "16 November 2026", "Bayu Rekaan", "5 GB bawaan kantor", "tiap jam"):
        assert words in read
    sha256 = writer.seen()
    answer = writer.write("kirim", sha256=sha256)
    filed = office.house.desk.requests(office.person("opd"))[0]
    assert answer.headers["location"] == f"/permohonan/{filed.id}"
    with office.house.database.reading() as uow:
        raw, media_type, kept = requests.original(uow, filed.id)
    assert (media_type, kept, digest_of_bytes(raw)) == ("application/json", sha256, sha256)
    assert json.loads(raw) == {**EXAMPLE, "lines": [{"kind": "hosting", "verb": "create", **LINE}]}
    direct = office.house.desk.submit(office.person("opd"), office.house.example(), "application/yaml")
    assert filed.lines[0].wish == direct.lines[0].wish
    assert (filed.letter, filed.technical) == (direct.letter, direct.technical)


def test_the_same_form_sent_a_hundred_times_files_one_request(office: Office) -> None:
    writer = Writer(office)
    writer.fill()
    sha256 = writer.seen()
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: writer.write("kirim", sha256=sha256).headers["location"], range(100)))
    filed = office.house.desk.requests(office.person("opd"))
    assert len(filed) == 1
    assert set(told) == {f"/permohonan/{filed[0].id}"}


def test_beginning_twice_by_a_double_click_begins_one_draft(office: Office) -> None:
    writer = Writer(office)
    again = writer.post("/permohonan/baru", key=writer.key)
    assert again.headers["location"] == f"{writer.place}/surat"
    assert len(office.house.desk.drafts(office.person("opd"))) == 1


def test_going_back_after_it_was_sent_leads_to_the_request_and_changes_nothing(office: Office) -> None:
    writer = Writer(office)
    writer.fill()
    place = writer.write("kirim", sha256=writer.seen()).headers["location"]
    told = {slug: writer.page(slug).headers["location"] for slug in ("surat", "layanan", "periksa")}
    saved = writer.write("surat", application_name="Lain").headers["location"]
    assert set(told.values()) | {saved} == {place}
    assert office.house.desk.drafts(office.person("opd")) == ()
    assert office.house.desk.requests(office.person("opd"))[0].application_name == EXAMPLE["application_name"]


def test_what_was_changed_in_another_tab_since_it_was_read_is_not_sent(office: Office) -> None:
    writer = Writer(office)
    writer.fill()
    sha256 = writer.seen()
    writer.write("kebutuhan-teknis-1", **fields({**LINE, "storage_gb": 9}, "lines[0]"))
    answer = writer.write("kirim", sha256=sha256)
    assert answer.status_code == 409
    assert "isi draf berubah sejak halaman ini dibuka" in text_of(answer)
    assert "9 GB" in text_of(answer)
    assert office.house.desk.requests(office.person("opd")) == ()


def test_faults_stand_beside_their_fields_all_at_once_and_what_was_typed_stays(office: Office) -> None:
    writer = Writer(office)
    sent = fields({**EXAMPLE["letter"], "number": "{{ 7*7 }}", "date": "kemarin"}, "letter")
    answer = writer.write("surat", opd=EXAMPLE["opd"], **sent)
    assert answer.status_code == 422
    places = re.findall(r'<li><a href="#([^"]+)">', answer.text)
    assert places == ["application_name", "letter.number", "letter.date"]
    assert all(f'id="{place}"' in answer.text for place in places)
    assert 'value="{{ 7*7 }}"' in answer.text
    assert 'value="kemarin"' in answer.text
    draft = office.house.desk.drafts(office.person("opd"))[0]
    assert draft.document["letter"]["date"] == "kemarin"


def test_every_fault_of_the_form_is_the_parsers_own_word(office: Office) -> None:
    writer = Writer(office)
    writer.fill()
    bad = {
        **LINE,
        "sub_domain": "xn--a",
        "storage_gb": "lima",
        "extensions": ["evil"],
        "cron": "x",
        "htaccess": "mungkin",
    }
    answer = writer.write("kebutuhan-teknis-1", **fields(bad, "lines[0]"), **{"lines[0].nik": "1"})
    document = {**EXAMPLE, "lines": [{"kind": "hosting", "verb": "create", **bad, "nik": "1"}]}
    direct = office.client("opd").post("/api/v1/requests", json=document).json()["faults"]
    said = html.unescape(answer.text).lower()
    assert answer.status_code == 422
    assert len(direct) == 6
    for fault in direct:
        assert fault["what"].lower() in said
        assert fault["mend"].lower() in said
    assert office.house.desk.requests(office.person("opd")) == ()


def test_a_draft_that_lacks_something_cannot_be_sent_and_says_where_to_mend_it(office: Office) -> None:
    writer = Writer(office)
    page = writer.page("periksa")
    assert 'name="sha256"' not in page.text
    assert f'href="{writer.place}/surat?ke=periksa#letter.number"' in page.text
    assert f'href="{writer.place}/penanggung-jawab?ke=periksa#technical.email"' in page.text
    assert "Surat permohonan, Nomor surat: wajib diisi" in text_of(page)
    assert "technical.email:" not in text_of(page)
    answer = writer.write("kirim", sha256=office.house.desk.drafts(office.person("opd"))[0].sha256)
    assert answer.status_code == 422
    mended = writer.page("surat?ke=periksa")
    assert "wajib diisi" in text_of(mended)


@pytest.mark.parametrize("username", ["lain", "umum", "kabid"])
def test_a_draft_is_its_authors_alone(office: Office, username: str) -> None:
    writer = Writer(office)
    other = office.browser(username)
    csrf = csrf_of(other.get("/"))
    told = [
        other.get(f"{writer.place}/surat").status_code,
        other.post(f"{writer.place}/surat", data={"csrf": csrf, "application_name": "x"}).status_code,
        other.post(f"{writer.place}/kirim", data={"csrf": csrf, "sha256": "0" * 64}).status_code,
    ]
    other.post(f"{writer.place}/hapus", data={"csrf": csrf})
    assert set(told) <= {404, 403}
    assert len(office.house.desk.drafts(office.person("opd"))) == 1


def test_a_draft_is_listed_as_such_and_deleted_by_its_author(office: Office) -> None:
    writer = Writer(office)
    home = writer.browser.get("/")
    assert "Draf Belum bernama · DINCONTOH" in text_of(home)
    assert f'href="{writer.place}/surat"' in home.text
    assert writer.write("hapus").headers["location"] == "/#draf"
    assert "Draf Belum bernama" not in text_of(writer.browser.get("/"))
    assert writer.page("surat").status_code == 404


def test_a_draft_nobody_touches_is_forgotten_after_its_lifetime(office: Office) -> None:
    writer = Writer(office)
    house = office.house
    house.clock.move(seconds=LIFETIME.total_seconds() - 60)
    tidy(house.hands, lambda _: True)
    assert len(house.desk.drafts(office.person("opd"))) == 1
    house.clock.move(seconds=120)
    assert house.desk.drafts(office.person("opd")) == ()
    tidy(house.hands, lambda _: True)
    with house.database.reading() as uow:
        assert not drafts.is_any_due(uow, house.clock())
    assert writer.key


def test_what_was_typed_when_the_login_ended_is_shown_again(office: Office) -> None:
    writer = Writer(office)
    office.house.clock.move(minutes=31)
    answer = writer.write("surat", application_name="Ketikan panjang <b>")
    assert answer.status_code == 401
    assert "Ketikan panjang &lt;b&gt;" in answer.text
    assert f'href="/masuk?lanjut={writer.place}/surat"' in answer.text
    assert writer.csrf not in answer.text


def test_staff_type_a_paper_letter_for_any_office_and_are_neither_requester_nor_author(office: Office) -> None:
    writer = Writer(office, "umum")
    assert '<option value="DINLAIN">' in writer.page("surat").text
    writer.fill()
    writer.write("kirim", sha256=writer.seen())
    filed = office.house.desk.requests(office.person("umum"))[0]
    assert (filed.opd, filed.recorder_id) == (EXAMPLE["opd"], "per_umum")
    assert "per_umum" not in {filed.requester_id, *filed.authors}


def test_an_office_chooses_among_its_own_only(office: Office) -> None:
    writer = Writer(office)
    assert re.findall(r'<option value="([A-Z]+)"', writer.page("surat").text) == [EXAMPLE["opd"]]
    answer = writer.write("surat", opd="DINLAIN", application_name="x")
    assert answer.status_code in {403, 422}


def test_lines_are_added_and_taken_away_each_with_a_page_of_its_own(office: Office) -> None:
    writer = Writer(office)
    writer.write("layanan", tambah="hosting")
    writer.write("layanan", tambah="hosting")
    writer.write("kebutuhan-teknis-2", **fields({**LINE, "sub_domain": "kedua"}, "lines[1]"))
    assert 'value="kedua"' in writer.page("kebutuhan-teknis-2").text
    writer.write("layanan", hapus="0")
    assert 'value="kedua"' in writer.page("kebutuhan-teknis-1").text
    assert writer.page("kebutuhan-teknis-2").status_code == 404


def test_without_a_line_the_form_says_so(office: Office) -> None:
    answer = Writer(office).write("layanan", lanjut="1")
    assert answer.status_code == 422
    assert "bukan daftar baris layanan" in text_of(answer)
