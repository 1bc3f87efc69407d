"""Is every refusal said in full, in one shape, and without a secret?"""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
import structlog
import yaml

from api.problems import TITLES
from tests.gate.office import PASSWORD, Office
from tests.house import EXAMPLE

SAFE_HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


@pytest.mark.parametrize("path", ["/masuk", "/", "/api/v1/session", "/api/v1/none", "/none", "/healthz"])
def test_every_answer_bears_the_safe_headers(office: Office, path: str) -> None:
    answer = office.anonymous().get(path)
    assert {name: answer.headers[name] for name in SAFE_HEADERS} == SAFE_HEADERS


def test_every_fault_of_a_request_is_told_at_once_and_nothing_is_stored(office: Office) -> None:
    wrong = {
        **EXAMPLE,
        "letter": {**EXAMPLE["letter"], "date": "2027-01-01"},
        "administrative": {**EXAMPLE["administrative"], "nip": "1975051619950111001", "nik": "3273000000000001"},
        "lines": [{**EXAMPLE["lines"][0], "sub_domain": "Simpeg\n", "storage_gb": 5000, "root": True}],
    }
    client = office.client("opd")
    answer = client.post("/api/v1/requests", json=wrong)
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert {name: problem[name] for name in ("type", "title", "status")} == {
        "type": "urn:gerbang:problem:bad-input",
        "title": "Isian perlu diperbaiki",
        "status": 422,
    }
    assert {fault["where"] for fault in problem["faults"]} == {
        "letter.date",
        "administrative.nip",
        "administrative.nik",
        "lines[0].sub_domain",
        "lines[0].storage_gb",
        "lines[0].root",
    }
    assert "3273000000000001" not in answer.text
    assert client.get("/api/v1/requests").json()["requests"] == []


def test_json_and_yaml_are_read_alike_and_filed_once_under_one_key(office: Office) -> None:
    client = office.client("opd")
    first = client.post("/api/v1/requests", json=EXAMPLE, headers={"Idempotency-Key": "a1"})
    again = client.post("/api/v1/requests", json=EXAMPLE, headers={"Idempotency-Key": "a1"})
    other = client.post(
        "/api/v1/requests", content=yaml.safe_dump(EXAMPLE), headers={"Content-Type": "application/yaml; charset=utf-8"}
    )
    assert (first.status_code, again.json()["id"], other.status_code) == (201, first.json()["id"], 201)
    assert other.json()["lines"][0]["wish"] == first.json()["lines"][0]["wish"]
    assert len(client.get("/api/v1/requests").json()["requests"]) == 2


@pytest.mark.parametrize("field", ["status", "state", "opd_id", "approved_by", "person_id", "quota_gb"])
def test_a_field_that_is_ours_to_set_is_refused_in_every_envelope(office: Office, field: str) -> None:
    client = office.client("kabid")
    line_id = office.house.to_decision()
    request_id = office.house.request_of(line_id)
    said = [
        client.post(f"/api/v1/lines/{line_id}/decision", json={"outcome": "rejected", "reason": "x", field: "x"}),
        client.post(f"/api/v1/lines/{line_id}/look", json={field: "x"}),
        client.post(f"/api/v1/requests/{request_id}/steps/review", json={field: "x"}),
        client.post("/api/v1/session", json={"username": "kabid", "password": PASSWORD, field: "x"}),
        office.client("opd").post("/api/v1/requests", json={**EXAMPLE, field: "x"}),
    ]
    assert [answer.status_code for answer in said] == [422] * len(said)
    assert all(fault["where"] == field for answer in said for fault in answer.json()["faults"])


@pytest.mark.parametrize(
    "body",
    ['{"outcome":"rejected","outcome":"approved"}', '{"outcome":NaN}', '{"outcome":', "[]", '"x"', "\x00", "[" * 5000],
)
def test_json_that_two_readers_could_read_differently_is_refused(office: Office, body: str) -> None:
    line_id = office.house.to_decision()
    answer = office.client("kabid").post(
        f"/api/v1/lines/{line_id}/decision", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in {400, 422}
    assert office.house.desk.plan(office.person("kabid"), line_id).decisions == ()


def test_nothing_is_guessed_of_a_value_of_another_type(office: Office) -> None:
    client = office.client("teknis")
    values: tuple[object, ...] = ("yes", 1, "true", None, [])
    for value in values:
        answer = client.post("/api/v1/credentials/sec_x/claim", json={"statement_accepted": value})
        assert answer.status_code == 422


def test_what_is_typed_as_a_password_is_never_said_back(office: Office) -> None:
    long = "k4t4-s4nd1-" * 200
    for body in ({"username": "kabid", "password": long}, {"username": "kabid", "password": ["k4t4-s4nd1-"]}):
        answer = office.anonymous().post("/api/v1/session", json=body)
        assert (answer.status_code, "k4t4-s4nd1" in answer.text) == (422, False)


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/api/v1/requests", "application/yaml"),
        ("/api/v1/session", "application/json"),
        ("/masuk", "application/x-www-form-urlencoded"),
    ],
)
def test_a_body_over_its_bound_is_413_declared_or_not(office: Office, path: str, media_type: str) -> None:
    client = office.client("opd")
    headers = {"Content-Type": media_type}
    declared = client.post(path, content=b"a" * (1024 * 1024 + 1), headers=headers)
    chunked = client.post(path, content=(b"a" * 65536 for _ in range(17)), headers=headers)
    assert [answer.status_code for answer in (declared, chunked)] == [413, 413]
    assert chunked.json()["type"] == "urn:gerbang:problem:too-large"


def test_a_body_whose_length_is_said_in_two_ways_is_refused(office: Office) -> None:
    headers = {"Content-Type": "application/json", "Content-Length": "2", "Transfer-Encoding": "chunked"}
    assert office.anonymous().post("/api/v1/session", content=b"{}", headers=headers).status_code == 400


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "text/xml", ""])
def test_another_type_of_body_is_415(office: Office, media_type: str) -> None:
    client = office.client("kabid")
    headers = {"Content-Type": media_type}
    line_id = office.house.to_decision()
    decided = client.post(f"/api/v1/lines/{line_id}/decision", content=b'{"outcome":"rejected"}', headers=headers)
    filed = client.post("/api/v1/requests", content=json.dumps(EXAMPLE), headers=headers)
    assert (decided.status_code, filed.status_code) == (415, 415)


def test_a_method_that_is_not_served_is_405_and_an_unknown_path_404(office: Office) -> None:
    client = office.client("kabid")
    assert client.delete("/api/v1/requests").status_code == 405
    unknown = client.get("/api/v1/tidak-ada")
    assert (unknown.status_code, unknown.json()["type"]) == (404, "urn:gerbang:problem:not-found")


def test_an_approval_of_another_digest_is_409_and_of_none_too(office: Office) -> None:
    line_id = office.house.to_decision()
    client = office.client("kabid")
    said = [
        client.post(f"/api/v1/lines/{line_id}/decision", json={"outcome": "approved", "digest": digest})
        for digest in ("0" * 64, "")
    ]
    assert [(answer.status_code, answer.json()["type"]) for answer in said] == [
        (409, "urn:gerbang:problem:refused")
    ] * 2


def test_a_fault_of_ours_says_its_number_and_nothing_else(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        msg = "rahasia-dalam"
        raise RuntimeError(msg)

    monkeypatch.setattr(office.house.desk, "waiting", broken)
    answer = office.client("kabid").get("/api/v1/waiting", headers={"X-Request-Id": "permintaan-0001"})
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:gerbang:problem:fault")
    assert "rahasia" not in answer.text


def test_not_ready_is_503_with_what_is_missing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office.house.desk, "ready", lambda: {"database": "tidak ada jawaban"})
    answer = office.anonymous().get("/readyz")
    assert (answer.status_code, answer.json()) == (
        503,
        {"status": "not ready", "parts": {"database": "not ready"}},
    )


def test_every_kind_of_refusal_has_its_row_in_the_documents(root: Path) -> None:
    text = (root / "docs" / "errors.md").read_text(encoding="utf-8")
    rows = {
        line.split("`")[1]
        for line in text.splitlines()
        if line.startswith("| `") and line.split("|")[2].strip().isdigit()
    }
    assert rows == set(TITLES)


def test_the_log_has_a_line_a_request_and_no_query_header_or_body(office: Office) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    with structlog.testing.capture_logs() as lines:
        office.anonymous().get("/masuk?lanjut=/rahasia-query", headers={"Cookie": "gerbang=rahasia-kue"})
        office.anonymous().post("/api/v1/session", json={"username": "kabid", "password": "rahasia-sandi"})
    assert [set(line) for line in lines] == [{"event", "log_level", "method", "path", "status", "milliseconds"}] * 2
    assert "rahasia" not in repr(lines)


def test_files_of_the_browser_are_asked_for_again_and_not_kept_from_it(office: Office) -> None:
    client = office.anonymous()
    first = client.get("/static/gerbang.css")
    again = client.get("/static/gerbang.css", headers={"If-None-Match": first.headers["etag"]})
    assert (first.headers["cache-control"], first.status_code, again.status_code) == ("no-cache", 200, 304)
    assert client.get("/static/../app/__init__.py").status_code == 404
    assert client.get("/static/%2e%2e/app/__init__.py").status_code == 404
