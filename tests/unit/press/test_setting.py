"""Is what the press sets a PDF/A that says what was handed in, and does it open nothing else?"""

from __future__ import annotations

import ctypes
import io
import os
import struct
import subprocess
from pathlib import Path
from typing import Any

import pypdf
import pytest
import typst

from provisioner.errors import Unavailable
from provisioner.letters.compose import compose
from provisioner.letters.letter import LetterKind
from provisioner.press import setting
from provisioner.press.setting import set_sheet
from provisioner.settings import Settings
from tests.unit.letters.matters import matter, request

FONTS = Settings().font_directory
HOSTILE = (
    '#read("/etc/passwd")',
    "$x$ *tebal* _miring_ `kode`",
    "<label> @acuan [isi] \\ garis",
    '// komentar /* x */ #import "@preview/cetz:0.1.0"',
    "= judul",
    "#sys.inputs #panic() ${HOME}",
)
_IN_OPEN = 0x20


def text_of(paper: bytes, tmp_path: Path) -> str:
    """Read the paper back as poppler does, spaces and line ends as one space."""
    file = tmp_path / "surat.pdf"
    file.write_bytes(paper)
    said = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True).stdout
    return " ".join(said.split())


def sheet(**fields: Any) -> dict[str, Any]:
    """A delivered letter's sheet as data, with fields replaced."""
    return {**compose(matter()).as_data(), **fields}


@pytest.mark.parametrize("kind", list(LetterKind))
def test_a_letter_is_pdf_a_2b_with_embedded_font_and_the_office_paper(kind: LetterKind) -> None:
    reader = pypdf.PdfReader(io.BytesIO(set_sheet(FONTS, compose(matter(kind)).as_data())))
    root: Any = reader.trailer["/Root"]
    xmp = root["/Metadata"].get_data().decode()
    assert ("<pdfaid:part>2</pdfaid:part>" in xmp, "<pdfaid:conformance>B</pdfaid:conformance>" in xmp) == (True, True)
    assert [intent["/S"] for intent in root["/OutputIntents"]] == ["/GTS_PDFA1"]
    assert not reader.is_encrypted
    assert "/JavaScript" not in root.get("/Names", {})
    for page in reader.pages:
        assert [round(float(side) / 72 * 25.4) for side in page.mediabox[2:]] == [215, 330]
        fonts = page["/Resources"]["/Font"].values()  # type: ignore[index]
        assert {font.get_object()["/BaseFont"].partition("+")[2] for font in fonts} <= {
            "LiberationSans",
            "LiberationSans-Bold",
        }
        for font in fonts:
            assert "/FontFile2" in font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"]


def test_one_record_gives_the_same_bytes_and_another_gives_others() -> None:
    assert set_sheet(FONTS, sheet()) == set_sheet(FONTS, sheet())
    assert set_sheet(FONTS, sheet()) != set_sheet(FONTS, sheet(number="1"))


def test_a4_is_a_paper_too() -> None:
    page = pypdf.PdfReader(io.BytesIO(set_sheet(FONTS, sheet(paper="A4")))).pages[0]
    assert [round(float(side) / 72 * 25.4) for side in page.mediabox[2:]] == [210, 297]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_prints_as_typed_wherever_it_stands(value: str, tmp_path: Path) -> None:
    """Every text of the sheet is replaced by the hostile one: it is data to the template, never markup."""

    def poisoned(data: Any) -> Any:
        if isinstance(data, str):
            return value
        return [poisoned(one) for one in data] if isinstance(data, list) else data

    kept = {"paper", "draft", "created", "reports"}
    data = {name: said if name in kept else poisoned(said) for name, said in sheet().items()}
    data["reports"] = [{name: poisoned(said) for name, said in report.items()} for report in sheet()["reports"]]
    said = text_of(set_sheet(FONTS, data), tmp_path)
    assert said.count(value.split(maxsplit=1)[0]) >= 20
    assert "root:x:0" not in said
    letter = compose(matter(request=request(application_name=value)))
    assert " ".join(value.split()) in text_of(set_sheet(FONTS, letter.as_data()), tmp_path)


def test_the_letter_reads_as_it_was_composed(tmp_path: Path) -> None:
    said = text_of(set_sheet(FONTS, sheet()), tmp_path)
    for part in (
        "PEMERINTAH KOTA CONTOH DINAS KOMUNIKASI DAN INFORMATIKA",
        "(nomor sementara)",
        "Yth. Kepala Dinas Contoh",
        "Ruang simpan 10 GB 5 GB tidak ditegakkan:",
        "Hasan Rekaan",
        "NIP 1970",
        "1. Wali Kota Contoh (sebagai laporan)",
    ):
        assert part in said


def test_the_template_can_read_nothing_outside_its_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even a template that tried: what it asks for is looked for below its own folder and is not there."""
    (tmp_path / "nakal.typ").write_text('#read("/etc/passwd")')
    monkeypatch.setattr(setting, "TEMPLATE", tmp_path / "nakal.typ")
    with pytest.raises(Unavailable, match="tidak dapat dicetak"):
        set_sheet(FONTS, sheet())
    (tmp_path / "nakal.typ").write_text('#read("../../../../../../etc/passwd")')
    with pytest.raises(Unavailable, match="tidak dapat dicetak"):
        set_sheet(FONTS, sheet())


def test_fontconfig_and_other_fonts_are_not_opened() -> None:
    """The kernel says what was opened: with system fonts /etc/fonts is, which shows that the watch sees it."""
    with_system = opened_of_fonts(
        lambda: typst.compile(b"x", ignore_system_fonts=False, format="pdf"),
    )
    assert with_system
    assert opened_of_fonts(lambda: set_sheet(FONTS, sheet())) == 0


def test_a_missing_face_is_said_and_no_other_taken(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"LiberationSans-Regular\.ttf, LiberationSans-Bold\.ttf tidak ada"):
        set_sheet(tmp_path, sheet())


def opened_of_fonts(work: Any) -> int:
    """Count how often something in fontconfig's folders, or another font family's, is opened meanwhile (inotify(7))."""
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(os.O_NONBLOCK)
    others = (p for p in FONTS.parent.parent.rglob("*") if p.is_dir() and p not in {FONTS, FONTS.parent})
    folders = [Path("/etc/fonts"), *others]  # a folder's watch also tells of the folders in it, so none above FONTS
    for folder in folders:
        libc.inotify_add_watch(watch, str(folder).encode(), _IN_OPEN)
    try:
        work()
        try:
            said = os.read(watch, 65536)
        except BlockingIOError:
            return 0
        return len(said) // struct.calcsize("iIII")
    finally:
        os.close(watch)


def test_a_hundred_lines_are_set_on_a_few_pages_and_each_stands_there_once(tmp_path: Path) -> None:
    """The table's head comes again on every page, and hostile words in a cell are words."""
    rows = [[str(number), f"Akun kelurahan{number}", HOSTILE[number % len(HOSTILE)]] for number in range(1, 101)]
    table = {"columns": ["No", "Layanan", "Pertimbangan"], "rows": rows, "notes": ["Kuota: server"]}
    paper = set_sheet(FONTS, sheet(reports=[], tables=[table]))
    pages = len(pypdf.PdfReader(io.BytesIO(paper)).pages)
    said = text_of(paper, tmp_path)
    assert 2 <= pages <= 5
    assert said.count("Pertimbangan") >= pages - 1, "the last page may have the closing words alone"
    assert [number for number in range(1, 101) if f"kelurahan{number} " not in said] == []
    assert "root:x:0:0" not in said
