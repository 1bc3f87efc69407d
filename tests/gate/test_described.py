"""Does the API do what its description says, whatever is sent? schemathesis over the OpenAPI, with a fixed seed."""

from __future__ import annotations

import contextlib
import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.gate.access import rows
from tests.gate.office import URL, Office
from tests.gate.standing import Standing

SEED, EXAMPLES = 20261127, 6
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
#: an id that is drawn would be found nowhere; with real ids a call goes deep
OF_PATH = re.compile(r"{([a-z_]+)}")


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory, opened: Path) -> Standing:
    """An office with one site that stands."""
    return Standing(tmp_path_factory.mktemp("described"), opened, "delivered")


def send(standing: Standing, person: str, case: Any) -> httpx.Response:
    """Send what schemathesis drew, as it would be written on the wire."""
    how = case.as_transport_kwargs(base_url=URL)
    prepared = requests.Request(
        how["method"],
        how["url"],
        params=how.get("params"),
        json=how.get("json"),
        data=how.get("data"),
        headers={**how.get("headers", {}), **standing.token(person)},
    ).prepare()
    headers = [
        (name.encode(), value if isinstance(value, bytes) else value.encode("utf-8", "replace"))
        for name, value in prepared.headers.items()
    ]
    body: Any = prepared.body or b""
    url = str(prepared.url)
    answer = standing.office.anonymous().request(str(prepared.method), url, content=body, headers=headers)
    answer.elapsed = timedelta()  # no wire lies between, and the library asks how long it took
    return answer


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["as described", "against it"])
@pytest.mark.parametrize("person", ["kabid", "opd"])
def test_no_answer_is_other_than_described(
    delivered: Standing, person: str, mode: GenerationMode, record_property: Callable[[str, object], None]
) -> None:
    schema = schemathesis.openapi.from_dict(delivered.office.app.openapi())
    told: Counter[int] = Counter()
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # our own description is readable
        ids = {name: delivered.ids.get(name, f"no_{name}") for name in OF_PATH.findall(operation.path)}

        @seed(SEED)
        @settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(mode, path_parameters=ids))
        def knock(case: Any) -> None:
            answer = send(delivered, person, case)
            told[answer.status_code] += 1
            case.validate_response(answer, checks=CHECKS)

        # A call that takes nothing can be sent nothing against its description.
        with warnings.catch_warnings(), contextlib.suppress(Unsatisfiable):
            warnings.simplefilter("ignore")  # what the library says of itself
            knock()
        delivered.put_back()
    assert set(told) <= {200, 201, 202, 400, 401, 403, 404, 409, 410, 413, 415, 422, 429, 503}
    said = f"described, {person}, {mode.value}: {sum(told.values())} calls"
    record_property("counted", f"{said}, {dict(sorted(told.items()))}")


def test_every_status_that_is_described_is_given_by_a_route_to_somebody(office: Office) -> None:
    """The table of access has tried them: a documented success that nobody ever gets is a story."""
    given_by: defaultdict[str, set[int]] = defaultdict(set)
    for row in rows():
        given_by[row.door].update(row.told.values())
    for path, operations in office.app.openapi()["paths"].items():
        for method, operation in operations.items():
            door = f"{method.upper()} {path}"
            documented = {int(status) for status in operation["responses"] if status.isdigit()}
            seen = {status for status in given_by[door] if status < 300}
            assert seen in (documented, set()), door
