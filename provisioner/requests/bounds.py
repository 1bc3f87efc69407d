"""What does this office give of a limit where nobody asks, and how much at most?

The inventory's `limits`, by the names that field tables bear (`Field.bound`):
{'data_cloud': {'quota_gb': {'default': 5, 'most': 100}, 'file_types': {'most': ['dokumen', 'gambar']}}}.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from provisioner.errors import BadInput, Fault
from provisioner.requests.availability import Verbs
from provisioner.requests.fields import Field, Known, Wrong, check_most, seen

KEYS = ("default", "most")


def bounded(fields: Iterable[Field], limits: Any) -> tuple[Field, ...]:
    """Return the table with the office's defaults and maxima; a field that the office says nothing of stays ours.

    Why our own default is what it is says nothing of another one.
    """
    return tuple(_bounded(field, _said_of(field, limits)) for field in fields)


def bounded_verbs(verbs: Verbs, limits: Any) -> Verbs:
    """Return what a kind answers for each verb, with the office's defaults and maxima in every table."""
    return {verb: replace(said, fields=bounded(said.fields, limits)) for verb, said in verbs.items()}


def check_bounds(tables: Iterable[Iterable[Field]], limits: Any, known: Known) -> None:
    """Raise BadInput with every fault of the inventory's `limits`: a name no field bears, a value it cannot hold."""
    fields = {field.bound: field for table in tables for field in table if field.bound}
    flat, faults = _flat(limits)
    for name in flat:
        if name not in fields:
            faults.append(_fault(name, flat[name], "tidak dikenal", "pakai: " + ", ".join(fields)))
    for name, field in fields.items():
        own = [fault for key, value in flat.get(name, {}).items() for fault in _faults(field, key, value, known)]
        faults += own or _beyond(_bounded(field, flat.get(name, {})))
    if faults:
        raise BadInput(tuple(faults))


def over_bounds(fields: Iterable[Field], wish: Mapping[str, Any], has: Mapping[str, Any]) -> tuple[Wrong, ...]:
    """Say of each field of a wish that is over the office's maximum, beyond what stands already, what it may be."""
    found = []
    for field in fields:
        try:
            check_most(field, wish.get(field.name), has.get(field.name))
        except Wrong as wrong:
            found.append(wrong)
    return tuple(found)


def _said_of(field: Field, limits: Any) -> Mapping[str, Any]:
    kind, _, name = field.bound.partition(".")
    return _mapping(_mapping(_mapping(limits).get(kind)).get(name))


def _bounded(field: Field, said: Mapping[str, Any]) -> Field:
    if "most" in said:
        most = said["most"]
        field = replace(field, most=tuple(most) if isinstance(most, list) else most)
    if "default" in said and said["default"] != field.default:
        field = replace(field, default=said["default"], default_why="")
    return field


def _faults(field: Field, key: str, value: Any, known: Known) -> list[Fault]:
    where = f"{field.bound}.{key}"
    if key not in KEYS:
        return [_fault(where, value, "tidak dikenal", "pakai: " + ", ".join(KEYS))]
    if key == "most" and field.choices and isinstance(value, list):
        strange = [one for one in value if one not in field.choices]
        return [_fault(where, strange, "bukan pilihan", "pilih dari: " + ", ".join(field.choices))] if strange else []
    try:
        field.type.read(value, field, known)
    except Wrong as wrong:
        return [_fault(where, value, wrong.what, wrong.mend)]
    return []


def _beyond(field: Field) -> list[Fault]:
    try:
        check_most(field, field.default)
    except Wrong as wrong:
        return [_fault(f"{field.bound}.default", field.default, wrong.what, wrong.mend)]
    return []


def _flat(limits: Any) -> tuple[dict[str, Mapping[str, Any]], list[Fault]]:
    """Return each field's setting by its name, and what is no mapping though it should be."""
    what, mend = "bukan sekumpulan isian", "tulis sebagai {default: 5, most: 100} di bawah layanan dan isiannya"
    if not isinstance(limits, Mapping):
        return {}, [Fault(where="limits", seen=seen(limits), what=what, mend=mend)]
    flat: dict[str, Mapping[str, Any]] = {}
    faults = []
    for kind, own in limits.items():
        if not isinstance(own, Mapping):
            faults.append(_fault(kind, own, what, mend))
            continue
        flat |= {f"{kind}.{name}": one for name, one in own.items() if isinstance(one, Mapping)}
        faults += [
            _fault(f"{kind}.{name}", one, what, mend) for name, one in own.items() if not isinstance(one, Mapping)
        ]
    return flat, faults


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _fault(where: str, value: Any, what: str, mend: str) -> Fault:
    return Fault(where=f"limits.{where}", seen=seen(value), what=what, mend=mend)
