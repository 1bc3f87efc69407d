"""Does a field say what the letter says? The reviewer's mark beside each."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.errors import BadInput, Fault
from provisioner.requests.fields import seen
from provisioner.requests.reading import Reading

#: as in the letter, or different (the note says what the letter says)
SAME, DIFFERS = "same", "differs"
_LONGEST_NOTE = 500
_LINE = re.compile(r"lines\[[0-9]{1,4}\]", re.ASCII)
#: so many lines are compared field by field; more stand in a table that the letter brings, and it is compared whole
FEW_LINES = 3
TABLE = "lines"


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One mark: 'same', or 'differs' with what the letter says instead."""

    mark: str
    note: str


def compared(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """Return the fields that a letter speaks of: all but those that stand at the office's default.

    Of more than a few lines the letter has a table: it is compared as one, under the place 'lines'.
    """
    kept = tuple(one for one in readings if not one.is_default)
    lines = {found[0] for one in kept if (found := _LINE.match(one.where))}
    if len(lines) <= FEW_LINES:
        return kept
    table = Reading(
        where=TABLE,
        section="Lampiran",
        label="tabel baris",
        value=len(lines),
        said=f"{len(lines)} baris",
        is_default=False,
        is_date=False,
    )
    return (*(one for one in kept if not _LINE.match(one.where)), table)


def read_marks(sent: Mapping[str, Any], readings: Iterable[Reading]) -> dict[str, Mark]:
    """Read {'letter.number': {'mark': 'differs', 'note': 'surat: 12'}}; BadInput lists every fault at once.

    All `readings` must be marked, and nothing else; a difference says what it is.
    """
    wanted = {one.where: one for one in readings}
    faults = [_strange(where) for where in sent if where not in wanted]
    marks: dict[str, Mark] = {}
    for where, reading in wanted.items():
        found = sent.get(where)
        mark, note = (found.get("mark"), found.get("note", "")) if isinstance(found, dict) else (None, "")
        fault = _fault(reading, mark, note)
        if fault is None:
            marks[where] = Mark(mark=str(mark), note=str(note).strip())
        else:
            faults.append(fault)
    if faults:
        raise BadInput(tuple(faults))
    return marks


def _fault(reading: Reading, mark: Any, note: Any) -> Fault | None:
    where, label = f"marks.{reading.where}", f"{reading.section}, {reading.label}"
    if mark not in (SAME, DIFFERS):
        shown = "" if mark is None else seen(mark)
        return Fault(
            where=where, seen=shown, what=f"{label}: belum dibandingkan", mend="pilih sesuai surat, atau berbeda"
        )
    if not isinstance(note, str) or len(note) > _LONGEST_NOTE or not note.isprintable():
        return Fault(
            where=where, seen=seen(note), what=f"{label}: catatan tidak dapat dibaca", mend="paling banyak 500 huruf"
        )
    if mark == DIFFERS and not note.strip():
        return Fault(
            where=where, seen="", what=f"{label}: berbeda tanpa catatan", mend="tulis apa yang dikatakan surat"
        )
    return None


def _strange(where: str) -> Fault:
    return Fault(where=f"marks.{where[:80]}", seen="", what="bukan isian yang dibandingkan", mend="hapus tanda ini")
