"""Does each letter say what the record says, in order, and nothing secret?"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
import yaml

from provisioner.admin import OFFICE_VARIABLES
from provisioner.errors import BadInput
from provisioner.kinds.hosting import letter as hosting
from provisioner.letters.compose import compose
from provisioner.letters.letter import LetterKind, LetterState
from provisioner.letters.office import Signatory, read_letter_office
from tests.house import ROOT
from tests.unit.letters.matters import CHOICES, SETTINGS, WISH, hosting_report, letter, matter, request


def test_a_delivered_letter_shows_asked_and_granted_side_by_side_with_what_enforces() -> None:
    rows = {row.label: (row.asked, row.granted, row.enforced) for row in compose(matter()).reports[0].rows}
    assert rows == {
        "Nama": ("simpeg dan www", "simpeg.kota.lab, www.simpeg.kota.lab", "-"),
        "Alamat IP": ("-", "10.77.0.11 (bersama)", "-"),
        "Bahasa": ("PHP 8.2", "PHP 8.2", "-"),
        "Ruang simpan": ("10 GB", "5 GB", "tidak ditegakkan: diukur harian dan diperingatkan"),
        "Bandwidth": ("10 Mbit/s", "10 Mbit/s", "Apache mod_bw, seluruh situs"),
        "Ekstensi PHP": ("mbstring, mysql", "mbstring, mysql", "tidak ditegakkan: ada pada seluruh host"),
        "Unggahan": ("32 MB", "32 MB", "PHP, diuji"),
        "Tugas terjadwal": ("tiap jam", "tiap jam", "penjadwal host"),
        "Surat keluar": ("tidak", "tidak", "-"),
        "Basis data": ("MariaDB", "MariaDB", "-"),
        "Ukuran basis data": ("2 GB", "2 GB", "tidak ditegakkan: diukur harian dan diperingatkan"),
        ".htaccess": ("ya", "ya", "daftar arahan tertutup"),
    }


@pytest.mark.parametrize("kind", list(LetterKind))
def test_every_letter_names_the_request_letter_with_number_and_date_and_says_its_number_is_provisional(
    kind: LetterKind,
) -> None:
    sheet = compose(matter(kind))
    assert "nomor 067/123/DINCONTOH/XI/2026 tanggal 16 November 2026 hal Permohonan hosting" in sheet.opening[0]
    assert (sheet.number, sheet.number_note) == ("000.8.3/0007/DISKOMINFO/XI/2026", "(nomor sementara)")
    assert sheet.place_and_date == "Kota Contoh, 23 November 2026"
    assert sheet.to == ("Yth. Kepala Dinas Contoh", "Dinas Contoh Kota Contoh", "di tempat")
    assert sheet.closing[-1].startswith("Demikian kami sampaikan.")
    assert "sementara" in sheet.foot


def test_a_refusal_and_a_failure_give_the_officials_reason_as_a_sentence_per_line() -> None:
    for kind in (LetterKind.REFUSED, LetterKind.FAILED):
        sheet = compose(matter(kind))
        assert sheet.points == ("Hosting situs web simpeg.kota.lab: kapasitas host tidak mencukupi.",)
        assert sheet.reports == ()


def test_the_delivered_letter_says_until_when_passwords_can_be_taken_and_holds_none() -> None:
    said = " ".join(compose(matter()).closing)
    assert "Bayu Rekaan" in said
    assert "Kamis, 26 November 2026 pukul 10.15 WITA" in said
    told = matter().told
    without = compose(matter(told=(replace(told[0], claim_until=None),)))
    assert without.closing == (
        "Demikian kami sampaikan. Atas perhatian dan kerja sama Saudara, kami ucapkan terima kasih.",
    )


def test_a_draft_says_so_and_bears_no_number() -> None:
    sheet = compose(matter(letter=letter(state=LetterState.DRAFTED, serial=None)))
    assert (sheet.draft, sheet.number) == (True, "…")
    assert sheet.foot.startswith("Konsep")


@pytest.mark.parametrize(
    ("form", "behalf", "signs"),
    [
        ("", "", ("Sekretaris Dinas,",)),
        ("Plt.", "", ("Plt. Sekretaris Dinas,",)),
        ("Plh.", "", ("Plh. Sekretaris Dinas,",)),
        ("a.n.", "Kepala Dinas", ("a.n. Kepala Dinas", "Sekretaris Dinas,")),
    ],
)
def test_the_signatory_signs_in_the_offices_form(form: str, behalf: str, signs: tuple[str, ...]) -> None:
    who = Signatory(form=form, position="Sekretaris Dinas", on_behalf_of=behalf, name="A", rank="", nip="1")
    sheet = compose(matter(office=replace(read_letter_office(SETTINGS), signatory=who)))
    assert (sheet.signs, sheet.signatory) == (signs, ("A", "NIP 1"))


def test_an_erased_person_leaves_a_letter_to_the_opd() -> None:
    sheet = compose(matter(request=request(administrative={}, technical={})))
    assert sheet.to == ("Yth. Kepala Dinas Contoh Kota Contoh", "di tempat")


def test_what_a_terminated_site_was_granted_is_not_told_again() -> None:
    report = hosting.report("terminate", {}, WISH, CHOICES)
    assert (report.rows, report.notes) == ((), ())
    assert "ditutup" in report.sentences[0]


@pytest.mark.parametrize("verb", ["suspend", "resume", "rotate", "appoint", "terminate", "repair"])
def test_every_verb_is_told_in_a_sentence_of_its_own(verb: str) -> None:
    said = {other: hosting.report(other, WISH, WISH, CHOICES).sentences for other in (verb, "create", "change")}
    assert len({*said.values()}) == 3
    assert "simpeg.kota.lab" in said[verb][0]


def test_a_static_site_tells_nothing_of_php_and_databases() -> None:
    labels = [row.label for row in hosting_report(runtime="static", database="none").rows]
    assert labels == ["Nama", "Alamat IP", "Bahasa", "Ruang simpan", "Bandwidth", "Basis data", ".htaccess"]


def test_an_office_that_set_nothing_hears_of_every_gap_at_once() -> None:
    with pytest.raises(BadInput) as told:
        read_letter_office({})
    assert [fault.where for fault in told.value.faults] == [
        "letters.head",
        "letters.address",
        "letters.city",
        "letters.classification",
        "letters.number_form",
        "letters.signatory.position",
        "letters.signatory.name",
        "letters.signatory.nip",
    ]


def test_a_change_tells_only_what_it_names_with_what_enforces_it() -> None:
    rows = hosting.report(
        "change", {"storage_gb": 20, "cron": "daily"}, {"storage_gb": 15, "cron": "daily"}, CHOICES
    ).rows
    assert [(row.label, row.asked, row.granted, row.enforced) for row in rows] == [
        ("Tugas terjadwal", "tiap hari", "tiap hari", "penjadwal host"),
        ("Ruang simpan", "20 GB", "15 GB", "tidak ditegakkan: diukur harian dan diperingatkan"),
    ]


@pytest.mark.parametrize("inventory", ["lab", "example"])
def test_both_inventories_say_all_that_a_letter_needs(inventory: str) -> None:
    file = ROOT / "inventories" / inventory / "group_vars" / "all.yml"
    office = read_letter_office(yaml.safe_load(file.read_text(encoding="utf-8")))
    assert office.number(7, date(2026, 11, 23)) == "000.8.3/0007/DISKOMINFO/XI/2026"
    assert "letters" in OFFICE_VARIABLES


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"paper": "A3"}, "letters.paper"),
        ({"number_form": "{serial}/{bulan}"}, "letters.number_form"),
        ({"number_form": "tanpa urut"}, "letters.number_form"),
        ({"signatory": {**SETTINGS["letters"]["signatory"], "form": "a.n."}}, "letters.signatory.on_behalf_of"),
        ({"signatory": {**SETTINGS["letters"]["signatory"], "form": "u.p."}}, "letters.signatory.form"),
    ],
)
def test_a_setting_that_is_not_one_of_its_words_is_named(changed: dict[str, object], where: str) -> None:
    with pytest.raises(BadInput) as told:
        read_letter_office({"letters": {**SETTINGS["letters"], **changed}})
    assert [fault.where for fault in told.value.faults] == [where]
