"""What does one field of a wish allow, and what is wrong with what was sent?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from provisioner.digests import Value
from provisioner.errors import Fault

LONGEST_SEEN = 80
_SIXTEEN = re.compile(r"\s*[0-9]{16}\s*", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the rules need to be told, since a room does no I/O.

    `opd_codes`: every OPD there is ({'DISDIK', 'BKPSDM'}); `zone` 'kota.lab'; `reserved_labels`: the office's own,
    beside ours; `today`: the office's date; `procedures`: the ids that may be named; `opd`: who asks, set
    while its lines are read.
    """

    opd_codes: frozenset[str]
    zone: str
    reserved_labels: frozenset[str]
    today: date
    procedures: frozenset[str] = frozenset()
    opd: str = ""


class Wrong(Exception):
    """What a type says of one value; it never leaves this room, `Fault` is what it becomes.

    `what` is wrong and how to `mend` it (Indonesian); `hide` for a value that is never echoed.
    """

    def __init__(self, what: str, mend: str, *, hide: bool = False) -> None:
        super().__init__(what, mend)
        self.what, self.mend, self.hide = what, mend, hide


class FieldType(Protocol):
    """How a type of field reads a value. Must raise `Wrong`, and return JSON data; may ask `known`."""

    def read(self, value: Any, field: Field, known: Known) -> Value:
        """Return the value as it is kept, or raise Wrong."""

    def schema(self, field: Field) -> dict[str, Any]:
        """Describe the type as a JSON schema, for OpenAPI."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One row of a field table: `sub_domain`, its type, its Indonesian label, what it allows.

    `default` is used where the key is missing and not `required`. `choices` for Choice and Choices; `not_yet`: a choice
    that exists and cannot be served, with why. `needs`: (other field, its values); where the other holds none of them,
    this field must be left out or stand at its default. `personal`: a person's datum, digested with a salt.
    `words`: choice -> what people call it ({'every_15_minutes': 'tiap 15 menit'}); `default_why`: why the office's
    default is what it is ('kuota yang lazim bagi kabupaten dan kota'). `settled`: why no change touches it any more
    once it stands at something else than its default, and what to ask for instead. `sole`: what its value names
    ('nama situs'): no two lines of one request may ask for the same, whichever field of that word it stands in, but for
    the values in `shared` ('none'). `bound`: the office's setting that says its default and maximum
    ('data_cloud.quota_gb', `bounds.py`); `most`: that maximum, a number or the choices it gives. `within`: the field it
    may not exceed, and how many of its own units make one of that ('quota_gb', 1024). `clears`: in a
    change's table, null asks for its removal.
    """

    name: str
    type: FieldType
    label: str
    required: bool = True
    default: Value = None
    choices: tuple[str, ...] = ()
    not_yet: Mapping[str, str] | None = None
    minimum: int | None = None
    maximum: int | None = None
    help: str = ""
    personal: bool = False
    needs: tuple[str, tuple[str, ...]] | None = None
    words: Mapping[str, str] | None = None
    default_why: str = ""
    settled: str = ""
    sole: str = ""
    shared: tuple[str, ...] = ()
    bound: str = ""
    most: int | tuple[str, ...] | None = None
    within: tuple[str, int] | None = None
    clears: bool = False


def may_be_empty(field: Field) -> bool:
    """Tell whether nothing at all is a value of the field, so that a change can ask for its removal."""
    return not field.required and field.default is None


def seen(value: Any) -> str:
    """Write a value so that a person can see it: escaped ASCII, at most 80 characters."""
    text = ascii(value)
    return text if len(text) <= LONGEST_SEEN else text[: LONGEST_SEEN - 3] + "..."


def parse_fields(
    fields: Iterable[Field], data: Any, where: str, known: Known
) -> tuple[dict[str, Value], tuple[Fault, ...]]:
    """Read `data` by the table: the values, and every fault of them at once.

    `where` 'lines[0]' stands before each fault's place. Unknown keys are faults. A value at fault is left out.
    """
    table = {field.name: field for field in fields}
    return _read(table, data, where, lambda field, values: _value(field, data, values, table, known), [*table])


def parse_given(
    fields: Iterable[Field], data: Any, where: str, known: Known
) -> tuple[dict[str, Value], tuple[Fault, ...]]:
    """Read those fields of the table that were sent; what was left out stays as it stands.

    Null asks for the removal of a field that may be empty; of any other it says the same as leaving it out. Nothing
    sent at all is a fault. Whether the fields fit together is asked of what comes of them: `changed_wish`.
    """
    table = {field.name: field for field in fields}
    sent = data if isinstance(data, dict) else {}
    given = [
        name for name, field in table.items() if sent.get(name) is not None or (name in sent and may_be_empty(field))
    ]

    def read(field: Field, _: Mapping[str, Value]) -> Value:
        return None if sent[field.name] is None else field.type.read(sent[field.name], field, known)

    values, faults = _read(table, data, where, read, given)
    if not given and not faults:
        mend = "tulis sedikitnya satu isian yang berubah: " + ", ".join(table)
        faults = (Fault(where=where, seen="", what="tidak ada yang diminta berubah", mend=mend),)
    return values, faults


def _read(
    table: Mapping[str, Field],
    data: Any,
    where: str,
    read: Callable[[Field, Mapping[str, Value]], Value],
    wanted: Iterable[str],
) -> tuple[dict[str, Value], tuple[Fault, ...]]:
    if not isinstance(data, dict):
        shown = "" if any(_may_be_nik(field, data) for field in table.values()) else seen(data)
        fault = Fault(where=where, seen=shown, what="bukan sekumpulan isian", mend="tulis sebagai objek nama: nilai")
        return {}, (fault,)
    values: dict[str, Value] = {}
    faults = [_unknown(key, data[key], where) for key in data if key not in table]
    for name in wanted:
        try:
            values[name] = read(table[name], values)
        except Wrong as wrong:
            hidden = wrong.hide or name not in data or _may_be_nik(table[name], data[name])
            shown = "" if hidden else seen(data[name])
            faults.append(Fault(where=place(where, name), seen=shown, what=wrong.what, mend=wrong.mend))
    return values, tuple(faults)


def _may_be_nik(field: Field, value: Any) -> bool:
    """Tell whether 16 digits were sent where a person's datum is: whatever the field, a NIK is never echoed."""
    return field.personal and _SIXTEEN.fullmatch(str(value)) is not None


def place(where: str, name: object) -> str:
    """Join two parts of a place: place('lines[0]', 'sub_domain') -> 'lines[0].sub_domain'; a strange key is escaped."""
    name = name if isinstance(name, str) and name.isascii() and name.isidentifier() else seen(name)
    return f"{where}.{name}" if where else name


def _value(
    field: Field, data: Mapping[str, Any], values: Mapping[str, Value], table: Mapping[str, Field], known: Known
) -> Value:
    value = data.get(field.name)
    if not applies(field, values):
        if value is not None and value != field.default:
            raise Wrong(f"hanya diisi bila {condition(field, table)}", "kosongkan isian ini")
        return field.default
    if value is None and field.required:
        raise Wrong("wajib diisi", field.help or f"isi {field.label.lower()}")
    read = field.default if value is None else field.type.read(value, field, known)
    check_most(field, read)
    check_within(field, read, values, table)
    return read


def check_most(field: Field, value: Any, stands: Any = None) -> None:
    """Raise Wrong where a value is more than the office gives; what `stands` already is not asked of it again."""
    if isinstance(field.most, tuple):
        given = {*field.most, *(stands if isinstance(stands, list | tuple) else [stands])}
        strange = [one for one in (value if isinstance(value, list | tuple) else [value]) if one not in given]
        if value is not None and strange:
            raise Wrong(
                f"tidak diberikan kantor: {', '.join(map(str, strange))}", "pilih dari: " + ", ".join(field.most)
            )
    elif field.most is not None and isinstance(value, int):
        allowed = max(field.most, stands) if isinstance(stands, int) else field.most
        if value > allowed:
            most = in_unit(field, field.most)
            what = f"{field.label.lower()} {in_unit(field, value)} melebihi yang diberikan kantor: {most}"
            raise Wrong(what, f"minta paling banyak {in_unit(field, allowed)}")


def check_within(field: Field, value: Any, values: Mapping[str, Value], table: Mapping[str, Field]) -> None:
    """Raise Wrong where a value exceeds the field that it must stay within; one that is itself at fault bounds none."""
    if field.within is None:
        return
    name, units = field.within
    outer = values.get(name)
    if isinstance(value, int) and isinstance(outer, int) and value > outer * units:
        label, room = table[name].label.lower(), in_unit(field, outer * units)
        what = f"{field.label.lower()} {in_unit(field, value)} melebihi {label} {in_unit(table[name], outer)} ({room})"
        raise Wrong(what, f"isi paling banyak {room}, atau perbesar {label}")


def in_unit(field: Field, number: int) -> str:
    """Write a number with the unit of its field: '5 GB'."""
    return f"{number} {field.type.schema(field).get('x-unit', '')}".strip()


def applies(field: Field, values: Mapping[str, Value]) -> bool:
    """Tell whether the field is asked at all; where the other field is itself at fault, this one is read as usual."""
    if field.needs is None or field.needs[0] not in values:
        return True
    return values[field.needs[0]] in field.needs[1]


def condition(field: Field, table: Mapping[str, Field]) -> str:
    """Say when the field is asked at all: 'bahasa = php'."""
    assert field.needs is not None
    other, wanted = field.needs
    return f"{table[other].label.lower()} = {' atau '.join(wanted)}"


def _unknown(key: Any, value: Any, where: str) -> Fault:
    if str(key).lower() == "nik":
        mend = "hapus; NIK tidak pernah disimpan, gunakan NIP atau nomor kontrak"
        return Fault(where=place(where, "nik"), seen="", what="NIK tidak diterima", mend=mend)
    mend = "hapus, atau periksa ejaan namanya"
    return Fault(where=place(where, key), seen=seen(value), what="isian tidak dikenal", mend=mend)
