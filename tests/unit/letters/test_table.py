"""Are many lines told in one letter: what is the same once, what tells them apart as a table, and nothing left out?"""

from __future__ import annotations

from dataclasses import replace

from provisioner.kinds.hosting import letter as hosting
from provisioner.letters.compose import Told, compose
from provisioner.letters.letter import LetterKind
from provisioner.letters.line_report import LineReport, Row
from provisioner.letters.table import FEW_LINES, told_in_tables
from tests.unit.letters.matters import CHOICES, WISH, matter


def report(number: int, storage: int = 1) -> LineReport:
    """A delivered site of a kelurahan."""
    wish = {**WISH, "sub_domain": f"kelurahan{number}", "second_name": "none"}
    at = {**CHOICES, "names": [f"kelurahan{number}.kota.lab"]}
    return hosting.report("create", {**wish, "storage_gb": 5}, {**wish, "storage_gb": storage}, at)


def told(count: int, reason: str = "") -> tuple[Told, ...]:
    """So many lines of one letter."""
    return tuple(Told(report=report(number, storage=1 + number % 2), reason=reason) for number in range(1, count + 1))


def test_a_few_lines_are_told_each_for_itself_as_before() -> None:
    sheet = compose(matter(told=told(FEW_LINES)))
    assert (len(sheet.reports), sheet.tables) == (FEW_LINES, ())


def test_a_hundred_lines_become_one_table_with_what_tells_them_apart() -> None:
    sheet = compose(matter(told=told(100)))
    (same,), (table,) = sheet.reports, sheet.tables
    assert same.title == "Untuk 100 layanan"
    assert table.columns == ("No", "Layanan", "Nama", "Ruang simpan")
    assert len(table.rows) == 100
    number, line, name, storage = table.rows[99]
    assert (number, name, storage) == ("100", "kelurahan100.kota.lab", "1 GB (diminta 5 GB)")
    assert line.startswith("Hosting situs web kelurahan100.kota.lab\nSitus https://kelurahan100.kota.lab/")
    assert [row.label for row in same.rows if row.label in table.columns] == []
    assert table.notes == ("Ruang simpan: tidak ditegakkan: diukur harian dan diperingatkan",)


def test_nothing_that_one_line_says_is_lost_in_the_table() -> None:
    lines = [report(number, storage=number) for number in (1, 2, 3, 4)]
    same, tables = told_in_tables(lines)
    for line, row in zip(lines, tables[0].rows, strict=True):
        written = " ".join(
            [*row, *(f"{one.label} {one.granted} {one.enforced}" for one in same[0].rows), *same[0].notes]
        )
        written += " ".join([*same[0].sentences, *tables[0].notes, *tables[0].columns])
        for one in line.rows:
            assert one.label in written
            assert one.granted in written
            assert one.enforced in written
        assert all(said in written for said in (*line.sentences, *line.notes))


def test_lines_of_different_forms_have_a_table_each() -> None:
    other = LineReport(
        title="Akun", sentences=(), rows=(Row(label="Kuota", asked="1", granted="1", enforced="server"),)
    )
    same, tables = told_in_tables([report(1), report(2), other, replace(other, title="Akun dua")])
    assert [one.title for one in same] == ["Untuk 2 layanan", "Untuk 2 layanan"]
    assert [len(table.rows) for table in tables] == [2, 2]


def test_who_holds_a_limit_stands_in_the_cell_where_the_lines_differ_in_it() -> None:
    rows = [
        Row(label="Traffic", asked="10", granted="10", enforced=held)
        for held in ("proxy", "tidak ditegakkan: tidak ada")
    ]
    lines = [LineReport(title=f"Akun {number}", sentences=(), rows=(row,)) for number, row in enumerate(rows)]
    _, (table,) = told_in_tables(lines)
    assert [row[2] for row in table.rows] == ["10; proxy", "10; tidak ditegakkan: tidak ada"]


def test_many_refusals_stand_in_a_table_with_their_reasons() -> None:
    for kind in (LetterKind.REFUSED, LetterKind.FAILED):
        few, many = (compose(matter(kind, told=told(count, "kuota habis"))) for count in (FEW_LINES, 20))
        assert (len(few.points), few.tables) == (FEW_LINES, ())
        assert many.points == ()
        (table,) = many.tables
        assert table.columns == ("No", "Layanan", "Pertimbangan")
        assert table.rows[19][2] == "kuota habis."


def test_lines_with_persons_of_their_own_have_a_column_for_them_and_each_takes_its_passwords() -> None:
    until = matter().told[0].claim_until
    names = ("Bayu Rekaan", "Ratna Rekaan", "Bayu Rekaan", "Bima Rekaan")
    lines = [replace(one, technical=name, claim_until=until) for one, name in zip(told(len(names)), names, strict=True)]
    sheet = compose(matter(told=tuple(lines)))
    assert sheet.tables[0].columns[-1] == "Penanggung jawab teknis"
    assert tuple(row[-1] for row in sheet.tables[0].rows) == names
    assert sheet.tables[0].notes == ("Ruang simpan: tidak ditegakkan: diukur harian dan diperingatkan",)
    assert "diambil sendiri oleh penanggung jawab teknis masing-masing layanan melalui" in sheet.closing[0]
    alike = compose(matter(told=tuple(replace(one, technical="Ratna Rekaan") for one in lines)))
    assert "Penanggung jawab teknis" in [row.label for row in alike.reports[0].rows]
    assert "penanggung jawab teknis, Saudara Ratna Rekaan, melalui" in alike.closing[0]
