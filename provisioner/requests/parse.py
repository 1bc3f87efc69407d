"""What does a document ask for? One parser for every door; it returns the draft or every fault at once (law 12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from provisioner.errors import BadInput, Fault
from provisioner.names import ITEM_ID
from provisioner.requests import envelope
from provisioner.requests.availability import Availability, Verbs
from provisioner.requests.fields import Field, Known, parse_fields, parse_given, place, seen
from provisioner.requests.persons import Named, apart
from provisioner.requests.request import AdministrativePerson, Draft, DraftLine, Letter, TechnicalPerson
from provisioner.requests.sub_domain import skeleton
from provisioner.requests.table import read_table

MOST_LINES = 200
_PARTS: Mapping[str, tuple[Field, ...]] = {
    "letter": envelope.LETTER,
    "administrative": envelope.ADMINISTRATIVE,
    "technical": envelope.TECHNICAL,
}
_REFUSED = {"not_yet": "belum tersedia", "not_applicable": "tidak berlaku untuk layanan ini"}
_SINGLE = (envelope.OPD, envelope.APPLICATION_NAME, envelope.PROCEDURE)


def parse_request(document: Mapping[str, Any], kinds: Mapping[str, Verbs], known: Known) -> Draft:
    """Read {"opd", "letter", "administrative", "technical", "application_name", "procedure"?, "lines"} into a draft.

    `kinds`: name -> what it answers for each verb. A line is {"kind", "verb": "create", ...fields} or {"kind", "verb":
    "change", "item": "g7kq2mx4pd", ...fields}; where its verb appoints somebody it may name its own "technical" person,
    else the letter's is it. `lines` is a list of them, or a table (`table.py`) whose faults are told by row. Raises
    BadInput with all faults.
    """
    singles = {key: value for key, value in document.items() if key not in _PARTS and key != "lines"}
    values, faults = parse_fields(_SINGLE, singles, "", known)
    known = replace(known, opd=str(values.get("opd", "")))
    if "opd" in values and values["opd"] not in known.opd_codes:
        faults += (_fault("opd", values["opd"], "OPD tidak terdaftar", "periksa kode OPD, atau daftarkan dahulu"),)
    if values.get("procedure") not in {None, *known.procedures}:
        mend = "kosongkan, atau tulis salah satu: " + ", ".join(sorted(known.procedures))
        faults += (_fault("procedure", values["procedure"], "prosedur tidak dikenal", mend),)
    parts = {}
    for name, table in _PARTS.items():
        parts[name], more = parse_fields(table, document.get(name), name, known)
        faults += more
    faults += apart(parts["administrative"], [("technical", parts["technical"])])
    lines, more = _lines(document.get("lines"), kinds, known, parts)
    faults += more
    if faults:
        raise BadInput(faults)
    return _draft(values, parts, lines, known)


def parse_line(document: Mapping[str, Any], kinds: Mapping[str, Verbs], known: Known) -> DraftLine:
    """Read one line by itself, as `parse_request` reads each: {"kind", "verb": "create", ...fields}.

    BadInput tells every fault of it; a place is the field's name alone. Here it names nobody: who works with what is
    asked is the letter's to say.
    """
    nobody = {kind: {verb: replace(said, appoints=False) for verb, said in kinds[kind].items()} for kind in kinds}
    line, faults = _line(document, "", nobody, known)
    if faults or line is None:
        raise BadInput(faults)
    return line


def _draft(
    values: Mapping[str, Any], parts: Mapping[str, dict[str, Any]], lines: tuple[DraftLine, ...], known: Known
) -> Draft:
    letter = parts["letter"]
    return Draft(
        opd=values["opd"],
        letter=Letter(number=letter["number"], date=date.fromisoformat(letter["date"]), subject=letter["subject"]),
        administrative=AdministrativePerson(**parts["administrative"]),
        technical=_technical(parts["technical"], known),
        application_name=values["application_name"],
        procedure=values["procedure"],
        lines=lines,
    )


def _technical(values: Mapping[str, Any], known: Known) -> TechnicalPerson:
    """Return the person whose fields were read without fault; a contract without an end counts to the year's."""
    values, end = {**values}, values["contract_end"]
    if values["employment"] == "non_asn":
        end = date.fromisoformat(end) if end else date(known.today.year, 12, 31)
    return TechnicalPerson(**{**values, "contract_end": end})


def in_rows(document: Mapping[str, Any], kinds: Mapping[str, Verbs], faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """Tell faults of lines ('lines[5].item') by their rows ('baris 7, kolom item') where the document has a table."""
    lines = document.get("lines")
    return read_table(lines, kinds)[0].told(faults) if isinstance(lines, Mapping) else faults


def lines_of(document: Mapping[str, Any], kinds: Mapping[str, Verbs]) -> tuple[Any, ...]:
    """Return a document's lines as they were sent, in order, of a list or a table; () where they cannot be read."""
    lines = document.get("lines")
    if isinstance(lines, Mapping):
        return read_table(lines, kinds)[0].lines[:MOST_LINES]
    return tuple(lines[:MOST_LINES]) if isinstance(lines, list) else ()


def _lines(
    data: Any, kinds: Mapping[str, Verbs], known: Known, parts: Mapping[str, Named]
) -> tuple[tuple[DraftLine, ...], tuple[Fault, ...]]:
    if isinstance(data, Mapping):
        table, faults = read_table(data, kinds)
        if not table.lines:
            return (), faults
        lines, more = _listed(list(table.lines), kinds, known, parts)
        return lines, (*faults, *table.told(more))
    return _listed(data, kinds, known, parts)


def _listed(
    data: Any, kinds: Mapping[str, Verbs], known: Known, parts: Mapping[str, Named]
) -> tuple[tuple[DraftLine, ...], tuple[Fault, ...]]:
    if not isinstance(data, list) or not 1 <= len(data) <= MOST_LINES:
        mend = f"tulis daftar berisi 1 sampai {MOST_LINES} baris layanan"
        if isinstance(data, list) and data:
            return (), (_fault("lines", len(data), "terlalu banyak baris layanan", mend),)
        return (), (_fault("lines", data, "bukan daftar baris layanan", mend),)
    lines: list[DraftLine] = []
    faults: list[Fault] = []
    for number, one in enumerate(data):
        line, more = _line(one, f"lines[{number}]", kinds, known)
        faults += more
        lines += [line] if line is not None else []
    faults += [*_twice(data), *_sole(data, kinds, frozenset(fault.where for fault in faults))]
    named = [("technical", parts["technical"]), *_named(data, kinds, known)]
    faults += (one for one in apart(parts["administrative"], named) if one.where.startswith("lines["))
    return tuple(lines), tuple(faults)


def _line(
    data: Any, where: str, kinds: Mapping[str, Verbs], known: Known
) -> tuple[DraftLine | None, tuple[Fault, ...]]:
    if not isinstance(data, dict):
        return None, (_fault(where, data, "bukan baris layanan", 'tulis {"kind": ..., "verb": "create", ...}'),)
    kind, verb = data.get("kind"), data.get("verb")
    if not isinstance(kind, str) or kind not in kinds:
        mend = "pilih: " + ", ".join(sorted(kinds))
        return None, (_fault(place(where, "kind"), kind, "jenis layanan tidak dikenal", mend),)
    said = kinds[kind].get(verb) if isinstance(verb, str) else None
    if said is None or said.state != "available":
        what = "tindakan tidak dikenal" if said is None else f"{_REFUSED[said.state]}: {said.why}"
        mend = "pilih: " + ", ".join(name for name, one in kinds[kind].items() if one.state == "available")
        return None, (_fault(place(where, "verb"), verb, what, mend),)
    own = {"kind", "verb", "technical", *(["item"] if said.names_item else [])}
    read = parse_given if said.partial else parse_fields
    wish, faults = read(said.fields, {key: value for key, value in data.items() if key not in own}, where, known)
    item = data.get("item") if said.names_item else None
    if said.names_item and not (isinstance(item, str) and ITEM_ID.fullmatch(item)):
        faults = (_fault(place(where, "item"), item, "bukan id layanan", "tulis id seperti g7kq2mx4pd"), *faults)
        item = None
    technical, more = _own_technical(data, where, said, known)
    return DraftLine(kind=kind, verb=str(verb), item_id=item, wish=wish, technical=technical), (*faults, *more)


def _own_technical(
    data: Mapping[str, Any], where: str, said: Availability, known: Known
) -> tuple[TechnicalPerson | None, tuple[Fault, ...]]:
    """Read the line's own technical person, None where it names none; a verb that appoints nobody takes none."""
    here = place(where, "technical")
    if not said.appoints:
        what, mend = "tindakan ini tidak menunjuk penanggung jawab teknis", "hapus; orang baru diminta lewat appoint"
        return None, (Fault(where=here, seen="", what=what, mend=mend),) if "technical" in data else ()
    if data.get("technical") is None:
        return None, ()
    values, faults = parse_fields(envelope.TECHNICAL, data["technical"], here, known)
    return None if faults else _technical(values, known), faults


def _named(data: list[Any], kinds: Mapping[str, Verbs], known: Known) -> list[tuple[str, Named]]:
    """Return whom the lines name, by place, as far as each can be read."""
    found: list[tuple[str, Named]] = []
    for number, line in enumerate(data):
        said = _said(line, kinds)
        if said is not None and said.appoints and line.get("technical") is not None:
            here = f"lines[{number}].technical"
            found.append((here, parse_fields(envelope.TECHNICAL, line["technical"], here, known)[0]))
    return found


def _said(line: Any, kinds: Mapping[str, Verbs]) -> Availability | None:
    return kinds.get(str(line.get("kind")), {}).get(str(line.get("verb"))) if isinstance(line, dict) else None


def _twice(data: list[Any]) -> tuple[Fault, ...]:
    """One item cannot be named by two lines of one request: the later one is told where the earlier one stands."""
    first: dict[str, str] = {}
    faults = []
    for number, line in enumerate(data):
        item, here = line.get("item") if isinstance(line, dict) else None, f"lines[{number}].item"
        if not isinstance(item, str) or not ITEM_ID.fullmatch(item):
            continue
        earlier = first.setdefault(item, here)
        if earlier != here:
            faults.append(_fault(here, item, f"layanan ini sudah disebut {earlier}", "hapus salah satu baris"))
    return tuple(faults)


def _sole(data: list[Any], kinds: Mapping[str, Verbs], at_fault: frozenset[str]) -> tuple[Fault, ...]:
    """Two lines that want one name, or two that look alike: the later one is told where the earlier one stands.

    One at fault asks for none.
    """
    first: dict[tuple[str, str], tuple[int, str, str]] = {}
    faults = []
    for number, line in enumerate(data):
        for field in _sole_fields(line, kinds):
            value, here = line.get(field.name), place(f"lines[{number}]", field.name)
            if not isinstance(value, str) or value in field.shared or here in at_fault:
                continue
            earlier, there, other = first.setdefault((field.sole, skeleton(value)), (number, here, value))
            if earlier != number:
                is_same = other.casefold() == value.casefold()
                what = f"{field.sole} ini sudah diminta {there}" if is_same else f"mirip {other} yang diminta {there}"
                faults.append(_fault(here, value, what, "tulis nama lain, atau hapus salah satu baris"))
    return tuple(faults)


def _sole_fields(line: Any, kinds: Mapping[str, Verbs]) -> tuple[Field, ...]:
    said = _said(line, kinds)
    return tuple(field for field in said.fields if field.sole) if said is not None and not said.partial else ()


def _fault(where: str, value: Any, what: str, mend: str) -> Fault:
    return Fault(where=where, seen=seen(value), what=what, mend=mend)
