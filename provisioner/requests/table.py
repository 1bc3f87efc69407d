"""Which lines does one table hold? A CSV as an office's spreadsheet writes it, for any kind and verb.

A document's `lines` may be {"kind": "hosting", "verb": "create", "csv": "sub_domain;storage_gb ..."} instead of a list:
the text stands in the document, and so is kept verbatim under its sha256. Cells are only typed here; the one parser
judges them, and each fault names its row and column as the spreadsheet shows them. Columns 'technical_name',
'technical_email' and so on name a line's own technical person; where all of them are empty, it is the letter's.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from provisioner.errors import Fault
from provisioner.requests import envelope
from provisioner.requests.availability import Availability, Verbs
from provisioner.requests.fields import Field, seen
from provisioner.requests.reading import CLEAR, clears, of_verb, value_of

KEYS = ("kind", "verb", "csv")
LARGEST_BYTES = 256 * 1024
MOST_COLUMNS = 100
#: so many lines are written on a page each; more of one form are a table
MOST_PAGES = 10
_DELIMITERS = ",;"
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})", re.ASCII)
_TRUTH = {"ya": True, "true": True, "tidak": False, "false": False}
_SOME = re.compile(r"[\s,;|]+")
#: what a spreadsheet would take for a formula; ours are written with an apostrophe before them, and read without it
_OBEYED = re.compile(r"'(?=[=+\-@])")
_LINE = re.compile(r"lines\[([0-9]{1,4})\](?:\.(.+))?", re.ASCII)
_ANY_LINE = re.compile(r"lines\[[0-9]{1,4}\](?:\.[a-z_]+){0,2}", re.ASCII)
_TEXT_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
#: a spreadsheet obeys this line and does not show it: its row 1 is the one below
_HINT = re.compile(r"\Asep=[,;][ \t]*(?:\r\n|\r|\n|\Z)")
_QUOTED = re.compile(r'[";,\r\n]|^ | $')
_ITEM = "item"
_LABELS_OF_ITEM = ("kode layanan", "layanan")
_TECHNICAL = "technical"
_OF_PERSON = f"{_TECHNICAL}_"
#: the columns of a line's own technical person: 'technical_name', 'Nama penanggung jawab teknis'
PERSON = tuple(
    replace(field, name=f"{_OF_PERSON}{field.name}", label=f"{field.label} penanggung jawab teknis", required=False)
    for field in envelope.TECHNICAL
)
_PERSON_NAMES = frozenset(field.name for field in PERSON)


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table as read: the document's line of each row, and the row's number in the spreadsheet, whose head is row 1
    where no empty one stands above it.

    `missing`: the columns that every row needs and the head lacks.
    """

    lines: tuple[dict[str, Any], ...] = ()
    rows: tuple[int, ...] = ()
    missing: frozenset[str] = frozenset()

    def told(self, faults: Iterable[Fault]) -> tuple[Fault, ...]:
        """Say of each fault of a line in which row and column it stands: 'baris 7, kolom quota_gb'."""
        return tuple(self._told(fault) for fault in faults if not self._is_missing(fault))

    def _told(self, fault: Fault) -> Fault:
        what = _ANY_LINE.sub(lambda found: self._place(found[0]), fault.what)
        return replace(fault, where=self._place(fault.where), what=what)

    def _place(self, where: str) -> str:
        found = _LINE.fullmatch(where)
        if not found or int(found[1]) >= len(self.rows):
            return where
        row, column = f"baris {self.rows[int(found[1])]}", found[2]
        if column == _TECHNICAL:
            column = PERSON[0].name
        return f"{row}, kolom {column.replace(f'{_TECHNICAL}.', _OF_PERSON, 1)}" if column else row

    def _is_missing(self, fault: Fault) -> bool:
        """A column that the head lacks is said once, not in every row."""
        found = _LINE.fullmatch(fault.where)
        return found is not None and found[2] in self.missing


def is_table(lines: Any) -> bool:
    """Tell whether a document's `lines` are a table, not a list."""
    return isinstance(lines, Mapping)


def text_of(raw: bytes) -> tuple[str, tuple[Fault, ...]]:
    """Read an uploaded file's bytes as text: UTF-8, with or without the mark that a spreadsheet puts before it."""
    if len(raw) > LARGEST_BYTES:
        return "", (_too_large(len(raw)),)
    if raw[:4] == b"PK\x03\x04":
        return "", (_fault("tabel", "", "bukan CSV, melainkan berkas lembar kerja", "simpan sebagai CSV UTF-8"),)
    try:
        return raw.decode("utf-8", errors="strict"), ()
    except UnicodeDecodeError as error:
        shown = seen(raw[error.start : error.start + 8])
        return "", (_fault(f"tabel, bita {error.start}", shown, "bukan UTF-8", "simpan sebagai CSV UTF-8"),)


def read_table(data: Mapping[str, Any], kinds: Mapping[str, Verbs]) -> tuple[Table, tuple[Fault, ...]]:
    """Read a document's table into the lines of a document, and everything wrong with its form.

    Delimiter: comma or semicolon, whichever the head has more of. The head names fields, or says their labels, in any
    order. Empty rows are passed over; an empty cell is a field left out; 'hapus' in a change's cell is null where the
    field may be empty.
    """
    known, faults = _asked(data, kinds)
    text = data.get("csv")
    if not isinstance(text, str):
        faults += (_fault("lines.csv", text, "bukan teks CSV", "tulis isi berkas CSV sebagai satu teks"),)
    elif len(text.encode(errors="replace")) > LARGEST_BYTES:
        faults += (_too_large(len(text.encode(errors="replace"))),)
    if faults or known is None:
        return Table(), faults
    rows, faults = _rows(str(text))
    if faults:
        return Table(), faults
    top, cells = rows[0] if rows else (1, [])
    head, faults = _head(cells, known, f"baris {top}")
    if faults:
        return Table(), faults
    fixed = {"kind": data["kind"], "verb": data["verb"]}
    lines: list[dict[str, Any]] = []
    for number, cells in rows[1:]:
        line, more = _line(head, cells, known, f"baris {number}")
        lines.append(fixed | line)
        faults += more
    if not lines:
        faults += (_fault("tabel", "", "tidak ada baris di bawah judulnya", "isi sedikitnya satu baris"),)
    missing = _missing(head, known)
    faults = (*(_lacking(one, f"baris {top}") for one in missing), *faults)
    names = frozenset(one.name for one in missing)
    return Table(lines=tuple(lines), rows=tuple(number for number, _ in rows[1:]), missing=names), faults


def write_table(lines: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Write lines of a document as a CSV that `read_table` reads as the same; no spreadsheet obeys a cell of it."""
    rows = [list(columns), *([_written(_cell(line, name)) for name in columns] for line in lines)]
    return "".join(";".join(row) + "\r\n" for row in rows)


def as_table(document: Mapping[str, Any], kinds: Mapping[str, Verbs]) -> dict[str, Any]:
    """Return the document with its many lines as a table, where all are of one kind and verb; else as it is."""
    lines = document.get("lines")
    if not isinstance(lines, list) or len(lines) <= MOST_PAGES:
        return dict(document)
    forms = {(line.get("kind"), line.get("verb")) for line in lines}
    (kind, verb), *others = forms
    if others or verb not in kinds.get(kind, {}):
        return dict(document)
    fields = of_verb(kinds[kind][verb])
    lines = [{**line, **{field.name: CLEAR for field in fields if clears(field, line)}} for line in lines]
    csv_text = write_table(lines, columns_of(kinds[kind][verb]))
    return {**document, "lines": {"kind": kind, "verb": verb, "csv": csv_text}}


def columns_of(asked: Availability) -> tuple[str, ...]:
    """Return the columns that a table of that verb can have: its fields, beside the item and person it may name."""
    person = PERSON if asked.appoints else ()
    return (*([_ITEM] if asked.names_item else []), *(field.name for field in (*asked.fields, *person)))


def _asked(data: Mapping[str, Any], kinds: Mapping[str, Verbs]) -> tuple[Availability | None, tuple[Fault, ...]]:
    faults = [_fault(f"lines.{seen(key)}", "", "isian tidak dikenal", "hapus") for key in data if key not in KEYS]
    kind, verb = data.get("kind"), data.get("verb")
    said = kinds[kind].get(verb) if isinstance(kind, str) and kind in kinds and isinstance(verb, str) else None
    if not isinstance(kind, str) or kind not in kinds:
        faults.append(_fault("lines.kind", kind, "jenis layanan tidak dikenal", "pilih: " + ", ".join(sorted(kinds))))
    elif said is None or said.state != "available":
        mend = "pilih: " + ", ".join(name for name, one in kinds[kind].items() if one.state == "available")
        faults.append(_fault("lines.verb", verb, "tindakan tidak dapat diminta", mend))
    return said, tuple(faults)


def _rows(text: str) -> tuple[list[tuple[int, list[str]]], tuple[Fault, ...]]:
    """Return every row that is not empty with its number; a quote that is never closed is a fault of its row."""
    text = text.removeprefix("\ufeff")
    text = _HINT.sub("", text, count=1)
    first = text.lstrip("\r\n").splitlines()[:1]
    delimiter = max(_DELIMITERS, key="".join(first).count)
    reader = csv.reader(_TEXT_LINE.findall(text), delimiter=delimiter, strict=True)
    found: list[tuple[int, list[str]]] = []
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            if any(cell.strip() for cell in cells):
                found.append((number, cells))
    except csv.Error:
        what = "tanda kutip tidak ditutup, atau ada huruf sesudah penutupnya"
        return [], (_fault(f"baris {number + 1}", "", what, "tulis isinya di antara dua tanda kutip ganda"),)
    return found, ()


def _head(cells: Sequence[str], asked: Availability, where: str) -> tuple[list[str], tuple[Fault, ...]]:
    """Return which field each column is of, '' for one that is empty from top to bottom."""
    fields = (*asked.fields, *(PERSON if asked.appoints else ()))
    words = {field.name: field.name for field in fields} | {field.label.casefold(): field.name for field in fields}
    if asked.names_item:
        words |= {_ITEM: _ITEM} | dict.fromkeys(_LABELS_OF_ITEM, _ITEM)
    if len(cells) > MOST_COLUMNS:
        return [], (_fault(where, f"{len(cells)} kolom", "terlalu banyak kolom", f"paling banyak {MOST_COLUMNS}"),)
    head: list[str] = []
    faults: list[Fault] = []
    for column, cell in enumerate(cells, start=1):
        name = words.get(cell.strip().casefold(), "") if cell.strip() else ""
        if cell.strip() and not name:
            mend = "pakai nama kolom: " + ", ".join(columns_of(asked))
            faults.append(_fault(f"{where}, kolom {column}", cell, _unknown(cell), mend))
        elif name and name in head:
            what = f"judul yang sama dengan kolom {head.index(name) + 1}"
            faults.append(_fault(f"{where}, kolom {column}", cell, what, "hapus salah satu kolom"))
        head.append(name)
    if not any(head) and not faults:
        mend = "tulis nama kolom pada baris pertama: " + ", ".join(columns_of(asked))
        faults.append(_fault(where, "", "tidak ada judul kolom", mend))
    return head, tuple(faults)


def _unknown(cell: str) -> str:
    """Say what is wrong with a head that the verb does not know; what appoints nobody takes no person."""
    if cell.strip().casefold() in {word for field in PERSON for word in (field.name, field.label.casefold())}:
        return "tindakan ini tidak menunjuk penanggung jawab teknis"
    return "judul kolom tidak dikenal"


def _missing(head: Sequence[str], asked: Availability) -> tuple[Field, ...]:
    if asked.partial:
        return ()
    return tuple(field for field in asked.fields if field.required and field.needs is None and field.name not in head)


def _lacking(field: Field, where: str) -> Fault:
    mend = f"tambahkan kolom {field.name} ({field.label})"
    return _fault(where, "", f"kolom {field.name} tidak ada", mend)


def _line(
    head: Sequence[str], cells: Sequence[str], asked: Availability, where: str
) -> tuple[dict[str, Any], tuple[Fault, ...]]:
    """Return the row as a line of a document; a cell below no head is a fault."""
    table = {field.name: field for field in (*of_verb(asked), *PERSON)}
    line: dict[str, Any] = {}
    person: dict[str, Any] = {}
    faults = []
    for column, cell in enumerate(cells):
        name, text = head[column] if column < len(head) else "", _OBEYED.sub("", cell.strip(" "), count=1)
        if not text:
            continue
        if name:
            into, key = (person, name.removeprefix(_OF_PERSON)) if name in _PERSON_NAMES else (line, name)
            into[key] = _typed(table.get(name), text)
        else:
            mend = "beri judul pada baris pertama, atau kosongkan sel ini"
            faults.append(_fault(f"{where}, kolom {column + 1}", cell, "isi tanpa judul kolom", mend))
    return line | ({_TECHNICAL: person} if person else {}), tuple(faults)


def _cell(line: Mapping[str, Any], column: str) -> Any:
    """Return what the line says in that column; a person's datum lies one deeper."""
    person = line.get(_TECHNICAL)
    if column not in _PERSON_NAMES:
        return line.get(column)
    return person.get(column.removeprefix(_OF_PERSON)) if isinstance(person, Mapping) else None


def _typed(field: Field | None, text: str) -> Any:
    """Turn a cell's text into the field's type where it spells it; else it stays text, for the parser to see."""
    if field is None:
        return text
    if field.clears and text.casefold() == CLEAR:
        return None
    kind = field.type.schema(field).get("type")
    if kind == "array":
        return [value_of(field, one) for one in _SOME.split(text) if one]
    if kind == "integer" and _WHOLE.fullmatch(text):
        return int(text)
    if kind == "boolean":
        return _TRUTH.get(text.casefold(), text)
    return value_of(field, text)


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    text = " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    text = f"'{text}" if text[:1] in "=+-@" and text else text
    doubled = text.replace('"', '""')
    return f'"{doubled}"' if _QUOTED.search(text) else text


def _too_large(size: int) -> Fault:
    return _fault("tabel", f"{size} bita", "tabel terlalu besar", f"paling banyak {LARGEST_BYTES // 1024} KiB")


def _fault(where: str, value: Any, what: str, mend: str) -> Fault:
    return Fault(where=where, seen="" if value in ("", None) else seen(value), what=what, mend=mend)
