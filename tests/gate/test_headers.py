"""Does every answer bear what keeps it in its place, and does no page hold a script or a style of its own?"""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from api.session import PasswordGuard
from tests.gate.access import rows
from tests.gate.office import CHEAP, InProcess, Office
from tests.gate.standing import Standing

CONTENT_SECURITY_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "frame-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
ALWAYS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}
INLINE = re.compile(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=\s*[\"']|javascript:", re.IGNORECASE)


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory, opened: Path) -> Standing:
    """An office with one site that stands."""
    return Standing(tmp_path_factory.mktemp("headers"), opened, "delivered")


def policy_of(answer: httpx.Response) -> dict[str, str]:
    """Read the content security policy: directive -> sources."""
    parts = answer.headers["content-security-policy"].split("; ")
    return {name: sources for name, _, sources in (part.partition(" ") for part in parts)}


def test_security_headers(delivered: Standing) -> None:
    """The named test: on every route, page or JSON, done or refused, for somebody, nobody and another OPD."""
    for row in rows():
        for person in ("-", "kabid", "lain"):
            answer = delivered.knock(person, row.method, row.path, row.body)
            told = {name: answer.headers.get(name) for name in ALWAYS}
            assert told == ALWAYS, f"{row.door} as {person}"
            assert policy_of(answer) == CONTENT_SECURITY_POLICY, row.door
            assert "server" not in answer.headers
            if answer.headers.get("content-type", "").startswith("text/html"):
                assert not INLINE.search(answer.text), f"{row.door}: {INLINE.search(answer.text)}"
            if row.method != "GET" and answer.status_code < 400:
                delivered.put_back()


def test_hsts_is_said_over_tls_and_only_there(office: Office) -> None:
    tls = office.settings.model_copy(update={"public_url": "https://gerbang.test"})
    app = create_app(office.house.desk, tls, office.house.clock, PasswordGuard(CHEAP))
    client = httpx.Client(transport=InProcess(app), base_url="https://gerbang.test")
    assert client.get("/masuk").headers["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in office.anonymous().get("/masuk").headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "jahat.example"},
        {"Host": "gerbang.test.jahat.example"},
        {"Host": "gerbang.test@jahat.example"},
        {"Host": "gerbang.test:99999"},
        {"Host": "jahat.example", "X-Forwarded-Host": "gerbang.test"},
        {"Host": ""},
    ],
)
def test_a_host_that_is_not_ours_is_told_nothing(office: Office, headers: dict[str, str]) -> None:
    for path in ("/masuk", "/", "/api/v1/session", "/static/gerbang.css"):
        answer = office.anonymous().get(path, headers=headers)
        assert (answer.status_code, "jahat" in answer.text) == (400, False)


def test_no_header_of_a_stranger_moves_where_we_lead(office: Office) -> None:
    """Where we lead is a path of ours; the address people use is a setting."""
    strange = {
        "X-Forwarded-Host": "jahat.example",
        "X-Forwarded-Proto": "https",
        "X-Original-URL": "/api/v1/audit",
        "X-Rewrite-URL": "/api/v1/audit",
        "Forwarded": "host=jahat.example",
        "Referer": "https://jahat.example/",
        "Origin": "https://jahat.example",
    }
    answer = office.anonymous().get("/", headers=strange)
    assert (answer.status_code, answer.headers["location"]) == (303, "/masuk?lanjut=/")
    assert "jahat" not in str(answer.headers) + office.anonymous().get("/masuk", headers=strange).text
