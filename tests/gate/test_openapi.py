"""Does the description say of a request what the parser does?"""

from __future__ import annotations

from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from provisioner.kinds.catalogue import KINDS
from tests.gate.office import Office
from tests.house import EXAMPLE


def document_of(office: Office) -> dict[str, Any]:
    """The description as served."""
    described: dict[str, Any] = office.anonymous().get("/api/v1/openapi.json").json()
    return described


def test_the_body_of_a_request_is_described_from_the_kinds_own_tables(office: Office) -> None:
    document = document_of(office)
    paths = document["paths"]
    body = paths["/api/v1/requests"]["post"]["requestBody"]["content"]
    assert paths["/api/v1/requests/{request_id}/versions"]["post"]["requestBody"]["content"] == body
    schema = document["components"]["schemas"]["RequestDocument"]
    lines = schema["properties"]["lines"]["oneOf"][0]["items"]["oneOf"]
    assert set(body) == {"application/json", "application/yaml"}
    assert [set(form["properties"]) for form in lines if "item" not in form["properties"]] == [
        {"kind", "verb", "technical", *(field.name for field in kind.fields)} for kind in KINDS.values()
    ]
    jsonschema.validate(EXAMPLE, schema)
    table = {"kind": "hosting", "verb": "create", "csv": "sub_domain;runtime"}
    jsonschema.validate({**EXAMPLE, "lines": table}, schema)


@pytest.mark.parametrize(
    "change",
    [
        {"storage_gb": 5000},
        {"sub_domain": "Simpeg"},
        {"runtime": "perl"},
        {"root": True},
        {"verb": "explode"},
        {"technical": {**EXAMPLE["technical"], "phone": "x"}},
        {"technical": {**EXAMPLE["technical"], "nik": "1"}},
        {"technical": "Bayu Rekaan"},
    ],
)
def test_what_the_parser_refuses_the_description_refuses_too(office: Office, change: dict[str, Any]) -> None:
    wrong = {**EXAMPLE, "lines": [{**EXAMPLE["lines"][0], **change}]}
    schema = document_of(office)["components"]["schemas"]["RequestDocument"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema)
    assert office.client("opd").post("/api/v1/requests", json=wrong).status_code == 422


ITEM = "g7kq2mx4pd"


@pytest.mark.parametrize("line", [{"verb": "change", "storage_gb": 8, "cron": "daily"}, {"verb": "appoint"}])
def test_the_line_of_a_verb_on_an_item_is_described_by_its_own_table(office: Office, line: dict[str, Any]) -> None:
    schema = document_of(office)["components"]["schemas"]["RequestDocument"]
    jsonschema.validate({**EXAMPLE, "lines": [{"kind": "hosting", "item": ITEM, **line}]}, schema)
    wrong: list[dict[str, Any]] = [{"item": "../x"}, {"root": True}, {"storage_gb": 0}]
    for change in [*wrong, {"item": None}]:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**EXAMPLE, "lines": [{"kind": "hosting", "item": ITEM, **line, **change}]}, schema)


def test_the_person_of_one_line_is_described_where_the_verb_appoints_somebody(office: Office) -> None:
    schema = document_of(office)["components"]["schemas"]["RequestDocument"]
    own = {"technical": EXAMPLE["technical"]}
    appoint = {"kind": "hosting", "verb": "appoint", "item": ITEM}
    for line in ({**EXAMPLE["lines"][0], **own}, {**appoint, **own}, {**appoint, "technical": None}):
        jsonschema.validate({**EXAMPLE, "lines": [line]}, schema)
    for verb in ("change", "suspend", "resume", "rotate", "terminate"):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**EXAMPLE, "lines": [{**appoint, "verb": verb, **own}]}, schema)


def test_a_change_of_nothing_is_refused_by_the_description_too(office: Office) -> None:
    schema = document_of(office)["components"]["schemas"]["RequestDocument"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**EXAMPLE, "lines": [{"kind": "hosting", "verb": "change", "item": ITEM}]}, schema)


def test_every_operation_tells_its_refusals_as_problems(office: Office) -> None:
    for path, found in document_of(office)["paths"].items():
        for method, operation in found.items():
            assert "application/problem+json" in operation["responses"]["default"]["content"], f"{method} {path}"
            assert "422" not in operation["responses"], f"{method} {path}"
