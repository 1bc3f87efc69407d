"""How does a field table become labelled controls, and a posted form the one parser's document?

The HTML door of the one parser: what a control is follows the field's schema, what was posted is only typed here and
judged there. A control is named and marked by the parser's own place, 'lines[0].sub_domain', where its fault finds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from fastapi import Depends, Request
from starlette.datastructures import FormData

from api.session import CallerOf
from provisioner.errors import Fault
from provisioner.requests.fields import Field, may_be_empty, place
from provisioner.requests.reading import CLEAR, clears, given_at_most, said, value_of
from provisioner.requests.sub_domain import FORMAT

#: written as JSON writes it, so that what is shown again is what was typed: '007' stays a text and the parser says so
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})", re.ASCII)
_DATE = re.compile(r"(?:[0-9]{4}-[0-9]{2}-[0-9]{2})?", re.ASCII)
_TRUTH = {"true": True, "false": False}
_MOST_RADIOS = 4


class Posted(Protocol):
    """What came with a form: Starlette's FormData, or a test's own."""

    def multi_items(self) -> list[tuple[str, Any]]:
        """Return every name with its value, in order."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """One choice; `why_not` says why one that exists cannot be had yet."""

    value: str
    label: str
    is_chosen: bool
    why_not: str = ""


@dataclass(frozen=True, kw_only=True)
class Control:
    """One labelled control, all that `fields.html` needs. `where` is its name, its id and the place of its fault.

    `widget`: 'text' | 'number' | 'date' | 'name' | 'radios' | 'select' | 'ticks'; a 'name' answers while it is typed.
    `needs`: ('lines[0].runtime', ('php',)) where it is asked beside those values only; `condition` says it in words:
    'hanya bila Bahasa: PHP'. No longest length: a browser would cut what is pasted, and say nothing.
    """

    where: str
    label: str
    widget: str
    text: str
    hint: str
    options: tuple[Option, ...]
    unit: str
    may_be_empty: bool
    needs: tuple[str, tuple[str, ...]] | None
    condition: str
    fault: Fault | None


async def posted_form(request: Request, _who: CallerOf) -> FormData:
    """Return a form as posted, once it is known who sends it."""
    return await request.form()


PostedForm = Annotated[FormData, Depends(posted_form)]


def controls(
    table: Iterable[Field],
    where: str,
    data: Mapping[str, Any],
    faults: Sequence[Fault] = (),
    lists: Mapping[str, Mapping[str, str]] | None = None,
) -> tuple[Control, ...]:
    """Make the controls of a table under `where` ('lines[0]', 'letter', '' on top), filled with `data` or defaults.

    `data` is as `read` returns it, values at fault included. `lists`: field -> value -> label, for a field whose closed
    list the office knows and the table does not: {'opd': {'DISDIK': 'Dinas Pendidikan'}}.
    """
    known = {field.name: field for field in table}
    at_fault = {fault.where: fault for fault in reversed(faults)}
    return tuple(
        _control(field, where, data, at_fault, known, (lists or {}).get(field.name)) for field in known.values()
    )


def read(table: Iterable[Field], where: str, form: Posted, *, but: Iterable[str] = ()) -> dict[str, Any]:
    """Read what was posted under `where` into the parser's types: {'sub_domain': 'simpeg', 'storage_gb': 5}.

    An empty control is left out. A name that no field has, or one posted twice, is handed on for the parser to refuse.
    `but`: places below `where` that have a table of their own ('lines[0].technical').
    """
    known = {field.name: field for field in table}
    prefix = f"{where}." if where else ""
    posted: dict[str, list[Any]] = {}
    others = tuple(f"{other}." for other in but)
    for name, value in form.multi_items():
        if others and name.startswith(others):
            continue
        own = name.removeprefix(prefix)
        if name.startswith(prefix) if where else own in known:
            posted.setdefault(own, []).append(value)
    values = {name: _typed(known.get(name), texts) for name, texts in posted.items()}
    kept = {name: value for name, value in values.items() if value is not None}
    return {name: None if _is_clear(known.get(name), value) else value for name, value in kept.items()}


def emptied(table: Iterable[Field], where: str, form: Posted) -> dict[str, None]:
    """Return, as null, the fields that may be empty and whose control was posted empty: a change removes them."""
    posted = {name for name, text in form.multi_items() if text == ""}
    return {field.name: None for field in table if may_be_empty(field) and place(where, field.name) in posted}


def unplaced(faults: Iterable[Fault], shown: Iterable[Control]) -> tuple[Fault, ...]:
    """Return the faults that no control on the page bears: they belong to another step, or to the whole."""
    places = {control.where for control in shown}
    return tuple(fault for fault in faults if fault.where not in places)


def _typed(field: Field | None, texts: Sequence[Any]) -> Any:
    """Turn a control's texts into the field's type where they spell it; else they stay text, for the parser to see."""
    kind = field.type.schema(field).get("type") if field else "string"
    if kind == "array":
        return [text for text in texts if text != ""]
    if len(texts) > 1:
        return list(texts)
    text = texts[0]
    if not isinstance(text, str):
        return "(berkas)"
    if field is not None and not field.choices:
        text = value_of(field, text)
    if kind == "integer" and _WHOLE.fullmatch(text):
        return int(text)
    if kind == "boolean":
        return _TRUTH.get(text, text or None)
    return text or None


def _is_clear(field: Field | None, value: Any) -> bool:
    return field is not None and field.clears and isinstance(value, str) and value.casefold() == CLEAR


def _control(
    field: Field,
    where: str,
    data: Mapping[str, Any],
    faults: Mapping[str, Fault],
    known: Mapping[str, Field],
    listed: Mapping[str, str] | None,
) -> Control:
    schema = field.type.schema(field)
    value = data.get(field.name, field.default)
    options = _options(field, schema, value, listed)
    if clears(field, data):
        value = CLEAR
    text = _text(value) if options else (field.words or {}).get(_text(value), _text(value))
    here = place(where, field.name)
    return Control(
        where=here,
        label=field.label,
        widget=_widget(schema, options, text, is_listed=listed is not None, takes_word=field.clears),
        text=text,
        hint=_hint(field),
        options=options,
        unit=schema.get("x-unit", ""),
        may_be_empty=not field.required and field.default is None,
        needs=(place(where, field.needs[0]), field.needs[1]) if field.needs else None,
        condition=_condition(field, known),
        fault=faults.get(here),
    )


def _widget(
    schema: Mapping[str, Any], options: Sequence[Option], text: str, *, is_listed: bool, takes_word: bool
) -> str:
    if schema.get("type") == "array":
        return "ticks"
    if options:
        return "select" if is_listed or len(options) > _MOST_RADIOS else "radios"
    if schema.get("type") == "integer":
        return "number"
    # A browser's date control drops what is no date; then it is shown as the text that it is.
    by_format = {"date": "date" if _DATE.fullmatch(text) and not takes_word else "text", FORMAT: "name"}
    return by_format.get(schema.get("format", ""), "text")


def _options(
    field: Field, schema: Mapping[str, Any], value: Any, listed: Mapping[str, str] | None
) -> tuple[Option, ...]:
    chosen = {_text(one) for one in value} if isinstance(value, list) else {_text(value)}
    if schema.get("type") == "boolean":
        listed = {"true": "Ya", "false": "Tidak"}
    words = listed if listed is not None else {one: (field.words or {}).get(one, one) for one in field.choices}
    not_yet = field.not_yet or {}
    return tuple(
        Option(value=one, label=label, is_chosen=one in chosen, why_not=not_yet.get(one, ""))
        for one, label in words.items()
        if not isinstance(field.most, tuple) or one in field.most or one in chosen
    )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None or isinstance(value, list) else str(value)


def _hint(field: Field) -> str:
    """Say what is asked, the office's default and why, and its maximum: 'bawaan kantor: 5 GB; paling banyak 100 GB'."""
    parts = [field.help] if field.help else []
    if field.default is not None:
        why = f", {field.default_why}" if field.default_why else ""
        parts.append(f"bawaan kantor: {said(field, field.default)}{why}")
    parts += [most] if (most := given_at_most(field)) else []
    parts += [f"kosong: tetap; tulis {CLEAR} untuk menghapusnya"] if field.clears else []
    return "; ".join(parts)


def _condition(field: Field, known: Mapping[str, Field]) -> str:
    if field.needs is None:
        return ""
    other, wanted = known[field.needs[0]], field.needs[1]
    return f"hanya bila {other.label}: " + " atau ".join((other.words or {}).get(one, one) for one in wanted)
