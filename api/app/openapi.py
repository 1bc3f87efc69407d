"""What does the API's description say of a request's body? The same field tables that the parser reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from fastapi import FastAPI

from api.problems import MEDIA_TYPE
from provisioner.kinds.port import Kind
from provisioner.requests import envelope
from provisioner.requests.availability import Availability
from provisioner.requests.fields import Field, may_be_empty
from provisioner.requests.parse import MOST_LINES
from provisioner.requests.reading import given_at_most
from provisioner.requests.table import KEYS, LARGEST_BYTES

SUBMITS = ("/api/v1/requests", "/api/v1/requests/{request_id}/versions")
_CSV = "CSV; its head names fields or their labels, technical_name and so on for a line's own technical person"
NULL: Mapping[str, Any] = {"type": "null"}
ITEM_PATTERN = "^g[a-km-np-z2-9]{9}$"
KEY: Mapping[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": "^[\\x21-\\x7e]{1,100}$"},
    "description": "The same key by the same person: done once, and the answer of the first is given again (30 days).",
}
PROBLEM: Mapping[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "urn:gerbang:problem:<slug>, see docs/errors.md"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "mend": {"type": "string"},
        "faults": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["where", "seen", "what", "mend"],
                "properties": {name: {"type": "string"} for name in ("where", "seen", "what", "mend")},
            },
        },
    },
}


def attach(app: FastAPI, kinds: Callable[[], Mapping[str, Kind]], once: frozenset[str]) -> None:
    """Put a request's document, problems, and the key of the calls that are done `once` into the app's OpenAPI.

    `kinds` is asked each time: the office's maxima may have changed since.
    """
    plain = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(plain(), once)
        schemas = {**app.openapi_schema["components"]["schemas"], "RequestDocument": request_schema(kinds().values())}
        return {**app.openapi_schema, "components": {**app.openapi_schema["components"], "schemas": schemas}}

    app.openapi = described  # type: ignore[method-assign]  # FastAPI's own way to extend it


def request_schema(kinds: Iterable[Kind]) -> dict[str, Any]:
    """Describe the document that POST /requests takes: the envelope's tables, and one form of line a kind and verb."""
    single = (envelope.OPD, envelope.APPLICATION_NAME, envelope.PROCEDURE)
    document = table_schema(single)
    for name, table in (
        ("letter", envelope.LETTER),
        ("administrative", envelope.ADMINISTRATIVE),
        ("technical", envelope.TECHNICAL),
    ):
        document["properties"][name] = table_schema(table)
        document["required"].append(name)
    kinds = tuple(kinds)
    lines = [form for kind in kinds for form in _line_forms(kind)]
    listed = {"type": "array", "minItems": 1, "maxItems": MOST_LINES, "items": {"oneOf": lines}}
    document["properties"]["lines"] = {"oneOf": [listed, *(_table_form(kind) for kind in kinds)]}
    document["required"].append("lines")
    return document


def table_schema(table: Iterable[Field]) -> dict[str, Any]:
    """Describe a field table as an object that allows no other key; a missing optional field takes its default."""
    fields = tuple(table)
    return {
        "type": "object",
        "properties": {field.name: _field_schema(field) for field in fields},
        "required": [field.name for field in fields if field.required and field.needs is None],
        "additionalProperties": False,
    }


def _field_schema(field: Field) -> dict[str, Any]:
    schema = dict(field.type.schema(field))
    told = [one for one in (field.help, given_at_most(field)) if one]
    if told:
        schema["description"] = ". ".join([schema.get("description", field.label), *told])
    if isinstance(field.most, tuple):
        schema["items" if "items" in schema else "enum"] = (
            {"type": "string", "enum": list(field.most)} if "items" in schema else list(field.most)
        )
    elif field.most is not None:
        schema["maximum"] = field.most
    if field.default is not None:
        schema["default"] = field.default
    if not field.required or field.needs is not None:
        # An explicit null says the same as leaving the field out.
        schema = {"anyOf": [schema, {"type": "null"}]}
    return schema


def _line_forms(kind: Kind) -> list[dict[str, Any]]:
    return [_line_form(kind.name, verb, said) for verb, said in kind.verbs.items() if said.state == "available"]


def _table_form(kind: Kind) -> dict[str, Any]:
    """Describe the other form of `lines`: one table, as a spreadsheet writes it, for one kind and verb."""
    verbs = [verb for verb, said in kind.verbs.items() if said.state == "available"]
    csv = {"type": "string", "maxLength": LARGEST_BYTES, "description": _CSV}
    properties = {"kind": {"const": kind.name}, "verb": {"enum": verbs}, "csv": csv}
    return {"type": "object", "properties": properties, "required": list(KEYS), "additionalProperties": False}


def _line_form(kind: str, verb: str, said: Availability) -> dict[str, Any]:
    """Describe the line of one verb; of a partial one each field may be missing, but not all."""
    # A change may name what stands already, be it more than the office gives today.
    form = table_schema(replace(field, most=None) if said.partial else field for field in said.fields)
    named = {"item": {"type": "string", "pattern": ITEM_PATTERN}} if said.names_item else {}
    head = {"kind": {"const": kind}, "verb": {"const": verb}, **named}
    if said.partial:
        form["required"] = []
        form["properties"] = {name: {"anyOf": [_bare(one), NULL]} for name, one in form["properties"].items()}
        for field in said.fields:
            if may_be_empty(field):
                form["properties"][field.name]["description"] = "null menghapusnya; dihilangkan: tetap"
        form["minProperties"] = len(head) + 1
    if said.appoints:
        form["properties"]["technical"] = _own_technical()
    form["properties"] = head | form["properties"]
    form["required"] = [*head, *form["required"]]
    return form


def _own_technical() -> dict[str, Any]:
    """Describe the person of one line; null, or nothing, leaves it to the letter's."""
    person = table_schema(envelope.TECHNICAL)
    return {"anyOf": [person, NULL], "description": "Penanggung jawab teknis baris ini, bila bukan yang disebut surat"}


def _bare(schema: dict[str, Any]) -> dict[str, Any]:
    """What is left out of a change stays: there is no default. Null says so too, or empties what may be."""
    first: dict[str, Any] = schema["anyOf"][0] if "anyOf" in schema else schema
    return {key: value for key, value in first.items() if key != "default"}


def _described(document: dict[str, Any], once: frozenset[str]) -> dict[str, Any]:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = dict(PROBLEM)
    form = {"schema": {"$ref": "#/components/schemas/RequestDocument"}}
    for path in SUBMITS:
        document["paths"][path]["post"]["requestBody"] = {
            "required": True,
            "content": {"application/json": form, "application/yaml": form},
        }
    for path in once:
        document["paths"][path]["post"].setdefault("parameters", []).append(dict(KEY))
    problem = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    for operations in document["paths"].values():
        for operation in operations.values():
            _tell_problems(operation["responses"], problem)
    return document


def _tell_problems(responses: dict[str, Any], problem: Mapping[str, Any]) -> None:
    responses.pop("422", None)
    responses["default"] = {"description": "Refused: problem details (RFC 9457)", **problem}
