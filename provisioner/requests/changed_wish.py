"""What does a wish become when some of its fields change, and do they still fit together?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from provisioner.digests import Value
from provisioner.errors import Fault
from provisioner.requests.fields import Field, Wrong, applies, check_most, check_within, condition, place, seen


def changed_wish(
    fields: Iterable[Field], stands: Mapping[str, Any], asked: Mapping[str, Any], where: str = ""
) -> tuple[dict[str, Value], tuple[Fault, ...]]:
    """Return the whole wish with `asked` in place of what `stands`, and every fault of the two together.

    A field that is not asked any more (cron, once the runtime is static) goes back to its default by itself. Faults:
    one that is sent and not asked, one that is required now and stands nowhere, a settled one that would move, one that
    goes over the office's maximum or over the field it stays within. What stands is not read anew: it was allowed when
    it was asked for.
    """
    table = {field.name: field for field in fields}
    wish: dict[str, Value] = {}
    faults = []
    for field in table.values():
        sent, is_asked = asked.get(field.name, field.default), applies(field, wish)
        value = asked.get(field.name, stands.get(field.name, field.default)) if is_asked else field.default
        if not is_asked and sent != field.default:
            what = f"hanya diisi bila {condition(field, table)}"
            faults.append(_fault(where, field, sent, what, "kosongkan isian ini"))
        elif is_settled(field, stands) and stands[field.name] != value:
            faults.append(_fault(where, field, value, f"tetap {seen(stands[field.name])}", field.settled))
        elif is_asked and value is None and field.required:
            faults.append(_fault(where, field, None, "wajib diisi", field.help or f"isi {field.label.lower()}"))
        elif field.name in asked or (field.within is not None and field.within[0] in asked):
            faults += _too_much(table, field, value, stands, wish, asked, where)
        wish[field.name] = value
    return wish, tuple(faults)


def _too_much(
    table: Mapping[str, Field],
    field: Field,
    value: Any,
    stands: Mapping[str, Any],
    wish: Mapping[str, Value],
    asked: Mapping[str, Any],
    where: str,
) -> tuple[Fault, ...]:
    """Say what is over the office's maximum, or over the field it stays within: of the one that was sent."""
    sent = field if field.name in asked or field.within is None else table[field.within[0]]
    try:
        check_most(field, value, stands.get(field.name))
        check_within(field, value, wish, table)
    except Wrong as wrong:
        return (_fault(where, sent, asked[sent.name], wrong.what, wrong.mend),)
    return ()


def is_settled(field: Field, stands: Mapping[str, Any]) -> bool:
    """Tell whether no change touches the field any more: it says so itself, and stands at more than its default."""
    return bool(field.settled) and stands.get(field.name, field.default) != field.default


def why_fixed(field: Field, stands: Mapping[str, Any]) -> str:
    """Say why a change cannot ask for anything else here, '' where it can: settled, or no other choice is to be had."""
    if is_settled(field, stands):
        return field.settled
    not_yet = field.not_yet or {}
    others = [one for one in field.choices if one != stands.get(field.name, field.default)]
    return "; ".join(not_yet[one] for one in others) if others and all(one in not_yet for one in others) else ""


def open_fields(fields: Iterable[Field], stands: Mapping[str, Any]) -> tuple[Field, ...]:
    """Return those that a change can touch; one that needs what is fixed is asked without it, or left out with it."""
    table = {field.name: field for field in fields}
    fixed = {name for name, field in table.items() if why_fixed(field, stands)}
    found = []
    for field in table.values():
        needs_fixed = field.needs is not None and field.needs[0] in fixed
        if field.name not in fixed and (not needs_fixed or applies(field, stands)):
            found.append(replace(field, needs=None) if needs_fixed else field)
    return tuple(found)


def _fault(where: str, field: Field, value: Any, what: str, mend: str) -> Fault:
    return Fault(where=place(where, field.name), seen="" if value is None else seen(value), what=what, mend=mend)
