"""What does a wish become when some of its fields change, and do they still fit together?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from provisioner.digests import Value
from provisioner.errors import Fault
from provisioner.requests.fields import Field, applies, condition, place, seen


def changed_wish(
    fields: Iterable[Field], stands: Mapping[str, Any], asked: Mapping[str, Any], where: str = ""
) -> tuple[dict[str, Value], tuple[Fault, ...]]:
    """Return the whole wish with `asked` in place of what `stands`, and every fault of the two together.

    A field that is not asked any more (cron, once the runtime is static) goes back to its default by itself. Faults:
    one that is sent and not asked, one that is required now and stands nowhere, a settled one that would move. What
    stands is not read anew: it was allowed when it was asked for.
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
        elif field.settled and stands.get(field.name) not in (value, field.default):
            faults.append(_fault(where, field, value, f"tetap {seen(stands[field.name])}", field.settled))
        elif is_asked and value is None and field.required:
            faults.append(_fault(where, field, None, "wajib diisi", field.help or f"isi {field.label.lower()}"))
        wish[field.name] = value
    return wish, tuple(faults)


def _fault(where: str, field: Field, value: Any, what: str, mend: str) -> Fault:
    return Fault(where=place(where, field.name), seen="" if value is None else seen(value), what=what, mend=mend)
