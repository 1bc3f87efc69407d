"""How is a request read by a person: field by field, in words, and what of it was changed?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from provisioner.requests import envelope
from provisioner.requests.availability import Availability, Verbs
from provisioner.requests.fields import Field, in_unit, may_be_empty, place

Kinds = Mapping[str, Verbs]
_PARTS: tuple[tuple[str, str, tuple[Field, ...]], ...] = (
    ("letter", "Surat", envelope.LETTER),
    ("administrative", "Penanggung jawab administratif", envelope.ADMINISTRATIVE),
    ("technical", "Penanggung jawab teknis", envelope.TECHNICAL),
)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One field as it is read: where 'lines[0].storage_gb', label 'Ruang simpan', section 'Layanan 1', said '5 GB'.

    `is_default`: it stands at the office's default, so no letter need speak of it. `is_date`: said '2026-11-21'.
    """

    where: str
    section: str
    label: str
    value: Any
    said: str
    is_default: bool
    is_date: bool


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One field that a later version says differently; '' where it was, or is, not said at all."""

    where: str
    section: str
    label: str
    was: str
    now: str


#: what a table's cell or a returned change's form writes for a field that the change removes
CLEAR = "hapus"
_CLEARED = "dihapus"


def said_in(field: Field, data: Mapping[str, Any]) -> str:
    """Say a field as it stands among others; of a change 'dihapus' where it asks for its removal."""
    return _CLEARED if clears(field, data) else said(field, data.get(field.name, field.default))


def clears(field: Field, data: Mapping[str, Any]) -> bool:
    """Tell whether a change's data ask for the removal of the field."""
    return field.clears and field.name in data and data[field.name] is None


def said(field: Field, value: Any) -> str:
    """Say a field's value in Indonesian: 5 -> '5 GB', True -> 'ya', [] -> 'tidak ada', 'hourly' -> 'tiap jam'."""
    words = field.words or {}
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    if isinstance(value, list | tuple):
        return ", ".join(words.get(str(one), str(one)) for one in value) or "tidak ada"
    if isinstance(value, int):
        return in_unit(field, value)
    return words.get(value, value) if isinstance(value, str) else str(value)


def given_at_most(field: Field) -> str:
    """Say what the office gives at most: 'paling banyak 100 GB', 'diberikan: dokumen, gambar'; '' without end."""
    if isinstance(field.most, tuple):
        return f"diberikan: {said(field, field.most)}"
    most = field.maximum if field.most is None else field.most
    return "" if most is None else f"paling banyak {in_unit(field, most)}"


def value_of(field: Field, text: str) -> str:
    """Return the value behind a word that was written in its place: 'tanpa nama kedua' -> 'none'; others stay."""
    return next((value for value, word in (field.words or {}).items() if word == text), text)


def read_request(data: Mapping[str, Any], kinds: Kinds) -> tuple[Reading, ...]:
    """Read a request's data (as `Draft.as_data` writes it) in the order of a letter; fields not asked are left out.

    `kinds`: name -> what it answers for each verb. What is missing is read as the default, as the parser does; what
    has none and is missing is not read: a draft may still lack it.
    """
    readings = [_reading(field, data, "", "Surat") for field in (envelope.OPD, envelope.APPLICATION_NAME)]
    for name, section, table in _PARTS:
        part = data.get(name)
        readings += read_table(table, part if isinstance(part, dict) else {}, name, section)
    for number, line in enumerate(_lines(data), start=1):
        asked = kinds.get(str(line.get("kind")), {}).get(str(line.get("verb")))
        if asked is not None:
            wish, section = line.get("wish", line), f"Layanan {number}"
            readings += read_table(of_verb(asked), wish, f"lines[{number - 1}]", section)
            own = line.get("technical")
            if asked.appoints and isinstance(own, dict):
                where = f"lines[{number - 1}].technical"
                readings += read_table(envelope.TECHNICAL, own, where, f"{section}, penanggung jawab teknis")
    return tuple(one for one in readings if one is not None)


def read_table(table: Iterable[Field], data: Mapping[str, Any], where: str, section: str) -> list[Reading | None]:
    """Read the fields of one table; None for one that is not asked beside the others' values, or not said."""
    fields = tuple(table)
    defaults = {field.name: field.default for field in fields}
    return [_reading(field, data, where, section) if is_asked(field, data, defaults) else None for field in fields]


def of_verb(asked: Availability) -> tuple[Field, ...]:
    """Return the fields of a verb's line; of a partial one none has a default: what is left out stays as it stands."""
    if not asked.partial:
        return asked.fields
    return tuple(replace(field, default=None, required=False, clears=may_be_empty(field)) for field in asked.fields)


def is_asked(field: Field, data: Mapping[str, Any], defaults: Mapping[str, Any]) -> bool:
    """Tell whether the field is asked beside the others' values, or what they stand at where they are left out.

    A change need not name the other: then it has no default, and the field is asked.
    """
    if field.needs is None:
        return True
    other, wanted = field.needs
    value = data.get(other, defaults.get(other))
    return value is None or value in wanted


def sections(readings: Iterable[Reading]) -> list[tuple[str, list[Reading]]]:
    """Group what is read under its headings, in order."""
    found: dict[str, list[Reading]] = {}
    for one in readings:
        found.setdefault(one.section, []).append(one)
    return list(found.items())


def differences(before: Sequence[Reading], after: Sequence[Reading]) -> tuple[Difference, ...]:
    """Return what a later version says differently, in its own order; what it no longer says comes last."""
    was = {one.where: one for one in before}
    now = {one.where: one for one in after}
    order = [*now, *(where for where in was if where not in now)]
    return tuple(
        Difference(
            where=where,
            section=(now.get(where) or was[where]).section,
            label=(now.get(where) or was[where]).label,
            was=was[where].said if where in was else "",
            now=now[where].said if where in now else "",
        )
        for where in order
        if (where in was, was[where].value if where in was else None)
        != (where in now, now[where].value if where in now else None)
    )


def _lines(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    lines = data.get("lines")
    return [line for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []


def _reading(field: Field, data: Mapping[str, Any], where: str, section: str) -> Reading | None:
    value = data.get(field.name, field.default)
    if value is None and not clears(field, data):
        return None
    return Reading(
        where=place(where, field.name),
        section=section,
        label=field.label,
        value=value,
        said=said_in(field, data),
        is_default=not field.required and value == field.default,
        is_date=value is not None and field.type.schema(field).get("format") == "date",
    )
