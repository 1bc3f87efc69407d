"""Which pages does the request form have, which fields stand on each, and where does a fault belong?"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.pages.controls import Control, Posted, controls, read
from provisioner.errors import Fault
from provisioner.kinds.port import Kind
from provisioner.requests import envelope
from provisioner.requests.fields import Field, place
from provisioner.requests.reading import Kinds, of_verb
from provisioner.requests.side_by_side import Asked
from provisioner.requests.table import is_table, read_table

_LINE = re.compile(r"lines\[([0-9]{1,3})\](\.technical)?", re.ASCII)
#: where a fault of a table is told: 'baris 7, kolom storage_gb'
ROW = re.compile(r"baris ([0-9]{1,6})\b", re.ASCII)
_RADIOS = frozenset({"employment"})
_TOP = (envelope.OPD, envelope.APPLICATION_NAME)


@dataclass(frozen=True, kw_only=True)
class Part:
    """Some fields under one heading: where 'letter', its table, 'Surat permohonan'.

    `folded`: what is the case where it is left empty; then it opens by itself only with something in it.
    """

    where: str
    title: str
    table: tuple[Field, ...]
    folded: str = ""


@dataclass(frozen=True, kw_only=True)
class Stop:
    """One page of the form: slug 'surat', label 'Surat'; without parts it is a page of its own kind."""

    slug: str
    label: str
    parts: tuple[Part, ...] = ()


SCAN = Stop(slug="pindaian", label="Pindaian")
LINES = Stop(slug="layanan", label="Layanan")
CHECK = Stop(slug="periksa", label="Periksa dan kirim")
LETTER = Stop(
    slug="surat",
    label="Surat",
    parts=(
        Part(where="", title="Pemohon", table=_TOP),
        Part(where="letter", title="Surat permohonan", table=envelope.LETTER),
    ),
)
PERSONS = Stop(
    slug="penanggung-jawab",
    label="Penanggung jawab",
    parts=(
        Part(where="administrative", title="Penanggung jawab administratif", table=envelope.ADMINISTRATIVE),
        Part(where="technical", title="Penanggung jawab teknis", table=envelope.TECHNICAL),
    ),
)


def stops_of(document: Mapping[str, Any], kinds: Mapping[str, Kind]) -> tuple[Stop, ...]:
    """Return the form's pages in order; each line asked for has one of its own."""
    lines = lines_of(document)
    technical = [_line_stop(number, line, len(lines), kinds) for number, line in enumerate(lines)]
    return (LETTER, SCAN, LINES, PERSONS, *technical, CHECK)


def lines_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the lines asked for one by one so far; a table's are none of them."""
    lines = document.get("lines", ())
    return [] if is_table(lines) else [dict(line) for line in lines]


def table_lines(document: Mapping[str, Any], kinds: Kinds) -> list[Asked]:
    """Return the lines of the draft's table by the numbers of its rows, right or wrong; [] where it has none."""
    lines = document.get("lines")
    if not isinstance(lines, Mapping):
        return []
    table, _ = read_table(lines, kinds)
    of_letter = _name_in(document.get("technical")) if any("technical" in line for line in table.lines) else ""
    return [
        Asked(
            number=row,
            kind=line["kind"],
            verb=line["verb"],
            item=line.get("item"),
            wish=line,
            technical=_name_in(line.get("technical")) or of_letter,
        )
        for row, line in zip(table.rows, table.lines, strict=True)
    ]


def table_persons(document: Mapping[str, Any], kinds: Kinds) -> list[tuple[int, Mapping[str, Any]]]:
    """Return the technical persons that rows of the draft's table name for themselves, right or wrong, by row."""
    lines = document.get("lines")
    if not isinstance(lines, Mapping):
        return []
    table, _ = read_table(lines, kinds)
    rows = zip(table.rows, table.lines, strict=True)
    return [(row, line["technical"]) for row, line in rows if "technical" in line]


def table_of(line: Mapping[str, Any], kinds: Mapping[str, Kind]) -> tuple[Field, ...]:
    """Return the fields that a line of its kind and verb takes, () for one that takes nothing but the item."""
    kind = kinds.get(str(line.get("kind")))
    asked = kind.verbs.get(str(line.get("verb"))) if kind is not None else None
    return of_verb(asked) if asked is not None else ()


def controls_of(
    stop: Stop, document: Mapping[str, Any], faults: Sequence[Fault], lists: Mapping[str, Mapping[str, str]]
) -> list[tuple[Part, tuple[Control, ...]]]:
    """Return each part of a page with its controls, filled with the draft."""
    return [(part, controls(part.table, part.where, _at(document, part.where), faults, lists)) for part in stop.parts]


def put(stop: Stop, document: Mapping[str, Any], form: Posted) -> dict[str, Any]:
    """Return the document with what was posted on the page in place of what stood there."""
    changed = dict(document)
    for part in stop.parts:
        below = [other.where for other in stop.parts if other.where.startswith(f"{part.where}.")]
        values = read(part.table, part.where, form, but=below)
        line = _LINE.fullmatch(part.where)
        if line and line.group(2):
            # A radio cannot be unchosen: alone it names nobody.
            changed["lines"] = _with_own(lines_of(changed), int(line.group(1)), values if {*values} - _RADIOS else {})
        elif line:
            lines = lines_of(changed)
            number = int(line.group(1))
            kept = {name: lines[number][name] for name in ("kind", "verb", "item") if name in lines[number]}
            lines[number] = values | kept
            changed["lines"] = lines
        elif part.where:
            changed[part.where] = values
        else:
            names = {field.name for field in part.table}
            changed = {name: value for name, value in changed.items() if name not in names} | values
    return changed


def of_stop(stop: Stop, faults: Sequence[Fault]) -> tuple[Fault, ...]:
    """Return the faults that belong to the page."""
    return tuple(fault for fault in faults if belongs(fault, stop))


def belongs(fault: Fault, stop: Stop) -> bool:
    """Tell whether a fault's place is on the page."""
    if stop is LINES:
        named = re.fullmatch(r"lines\[\d+\]\.(?:kind|verb|item)|lines(?:\..*)?", fault.where)
        return named is not None or ROW.match(fault.where) is not None or fault.where.startswith("tabel")
    if stop is SCAN:
        return fault.where == "scan"
    for part in stop.parts:
        if part.where and (fault.where == part.where or fault.where.startswith(f"{part.where}.")):
            return True
        if not part.where and fault.where in {field.name for field in part.table}:
            return True
    return False


def title_of(fault: Fault, stops: Sequence[Stop]) -> str:
    """Return what a fault's field is called where it stands: 'Surat permohonan, Nomor surat'; else its place."""
    for part in (part for stop in stops for part in stop.parts):
        for field in part.table:
            if fault.where == place(part.where, field.name):
                return f"{part.title}, {field.label}"
    return fault.where


def _line_stop(number: int, line: Mapping[str, Any], count: int, kinds: Mapping[str, Kind]) -> Stop:
    kind = kinds.get(str(line.get("kind")))
    label = "Kebutuhan teknis" if count == 1 else f"Kebutuhan teknis {number + 1}"
    part = Part(where=f"lines[{number}]", title=kind.label if kind else "Layanan", table=table_of(line, kinds))
    parts = (part, _own_person(number)) if kind and kind.verbs[str(line.get("verb"))].appoints else (part,)
    return Stop(slug=f"kebutuhan-teknis-{number + 1}", label=label, parts=parts)


def _own_person(number: int) -> Part:
    return Part(
        where=f"lines[{number}].technical",
        title="Penanggung jawab teknis layanan ini",
        table=envelope.TECHNICAL,
        folded="kosongkan bila yang disebut surat",
    )


def _with_own(lines: list[dict[str, Any]], number: int, own: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the lines, the one of that number with its own technical person; {} leaves it to the letter's."""
    line = {name: value for name, value in lines[number].items() if name != "technical"}
    return [*lines[:number], line | ({"technical": own} if own else {}), *lines[number + 1 :]]


def _name_in(named: Any) -> str:
    return str(named.get("name") or "") if isinstance(named, Mapping) else ""


def _at(document: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    if not where:
        return document
    line = _LINE.fullmatch(where)
    found = lines_of(document)[int(line.group(1))] if line else document.get(where)
    if line and line.group(2) and isinstance(found, dict):
        found = found.get("technical")
    return found if isinstance(found, dict) else {}
