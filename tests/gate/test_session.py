"""Does the door let in whom it should, and nobody else's page?"""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Literal

import httpx
import pytest
from argon2 import PasswordHasher

from api.app import create_app
from api.session import PasswordGuard
from tests.gate.office import CHEAP, PASSWORD, InProcess, Office, csrf_of

HOSTS = ("gerbang.test", "gerbang.test:80", "127.0.0.1:8420", "jahat.example", "gerbang.test.jahat.example", "")
LED_ASTRAY = (
    "//jahat.example/x",
    "https://jahat.example",
    "/\\jahat.example",
    "javascript:alert(1)",
    "/\t/jahat.example",
    "/\n//jahat.example",
    "/%2f/jahat.example",
    "/?lanjut=//jahat.example",
    "/@jahat.example:80#",
    "jahat.example",
)
JSON = "/api/v1/lines/{line_id}/decision"


def cookie_of(answer: httpx.Response, name: str = "gerbang") -> SimpleCookie:
    """Read the Set-Cookie of that name as the browser does."""
    found = SimpleCookie()
    for header in answer.headers.get_list("set-cookie"):
        if header.startswith(f"{name}="):
            found.load(header)
    return found


def sign_in(client: httpx.Client, username: str, password: str = PASSWORD) -> httpx.Response:
    """Fill in the form and send it."""
    form = client.get("/masuk")
    return client.post("/masuk", data={"username": username, "password": password, "csrf": csrf_of(form)})


def test_a_login_gives_a_cookie_that_no_script_and_no_other_site_gets(office: Office) -> None:
    answer = sign_in(office.anonymous(), "kabid")
    morsel = cookie_of(answer)["gerbang"]
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (morsel["httponly"], morsel["samesite"], morsel["path"], morsel["domain"]) == (True, "strict", "/", "")


def test_over_tls_the_cookie_is_bound_to_the_host(office: Office) -> None:
    settings = office.settings.model_copy(update={"public_url": "https://gerbang.test"})
    app = create_app(office.house.desk, settings, office.house.clock, PasswordGuard(CHEAP))
    client = httpx.Client(transport=InProcess(app), base_url="https://gerbang.test")
    answer = sign_in(client, "kabid")
    assert cookie_of(answer, "__Host-gerbang")["__Host-gerbang"]["secure"] is True
    assert answer.headers["strict-transport-security"] == "max-age=31536000"


def test_a_session_id_planted_before_login_is_worth_nothing_after_it(office: Office) -> None:
    client = office.browser("kabid")
    before = client.cookies["gerbang"]
    sign_in(client, "kabid")
    old = office.anonymous()
    old.cookies.set("gerbang", before)
    assert client.cookies["gerbang"] != before
    assert old.get("/api/v1/session").status_code == 401


def test_logging_out_ends_the_session_in_the_store(office: Office) -> None:
    client = office.browser("kabid")
    kept = client.cookies["gerbang"]
    answer = client.post("/keluar", data={"csrf": csrf_of(client.get("/"))})
    thief = office.anonymous()
    thief.cookies.set("gerbang", kept)
    assert answer.headers["location"] == "/masuk"
    assert thief.get("/api/v1/session").status_code == 401


def test_a_session_ends_when_it_lies_idle_and_after_its_day(office: Office) -> None:
    client = office.browser("kabid")
    office.house.clock.move(minutes=31)
    assert client.get("/api/v1/session").status_code == 401


def test_a_session_that_is_used_all_day_ends_after_ten_hours(office: Office) -> None:
    client = office.browser("kabid")
    told = []
    for _ in range(31):
        told.append(client.get("/api/v1/session").status_code)
        office.house.clock.move(minutes=20)
    assert told == [200] * 30 + [401]


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer_after_the_same_work(office: Office) -> None:
    verified: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002  argon2's own name
            verified.append(str(password))
            return super().verify(hash, password)

    guard = PasswordGuard(Counting(time_cost=1, memory_cost=8, parallelism=1))
    app = create_app(office.house.desk, office.settings, office.house.clock, guard)
    client = httpx.Client(transport=InProcess(app), base_url=office.settings.public_url)
    answers = [
        client.post("/api/v1/session", json={"username": name, "password": "salah"}) for name in ("kabid", "siapa")
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()
    assert verified == ["salah", "salah"]


def test_the_way_back_after_login_leads_only_into_our_own_pages(office: Office) -> None:
    for path in LED_ASTRAY:
        client = office.anonymous()
        sent = {"username": "kabid", "password": PASSWORD, "csrf": csrf_of(client.get("/masuk")), "lanjut": path}
        assert client.post("/masuk", data=sent).headers["location"] == "/"


@pytest.mark.parametrize(
    ("headers", "form", "status"),
    [
        ({}, {}, 403),
        ({}, {"csrf": "salah"}, 403),
        ({"sec-fetch-site": "cross-site"}, {"csrf": "right"}, 403),
        ({"sec-fetch-site": "same-site"}, {"csrf": "right"}, 403),
        ({"sec-fetch-site": "same-origin"}, {"csrf": "right"}, 303),
    ],
)
def test_a_form_of_another_page_decides_nothing(
    office: Office, headers: dict[str, str], form: dict[str, str], status: int
) -> None:
    line_id = office.house.to_decision()
    client = office.browser("kabid")
    right = csrf_of(client.get("/"))
    sent = {"outcome": "rejected", "reason": "x", **{k: right if v == "right" else v for k, v in form.items()}}
    answer = client.post(f"/baris/{line_id}/keputusan", data=sent, headers=headers)
    decided = office.house.desk.plan(office.person("kabid"), line_id).decisions
    assert (answer.status_code, len(decided)) == (status, 1 if status == 303 else 0)


def test_json_with_a_cookie_needs_the_token_in_a_header_and_is_never_text_plain(office: Office) -> None:
    line_id = office.house.to_decision()
    client = office.browser("kabid")
    path, body = JSON.format(line_id=line_id), {"outcome": "rejected", "reason": "x"}
    bare = client.post(path, json=body)
    smuggled = client.post(path, content='{"outcome":"rejected"}', headers={"content-type": "text/plain"})
    token = csrf_of(client.get("/"))
    meant = client.post(path, json=body, headers={"x-csrf-token": token})
    assert (bare.status_code, smuggled.status_code, meant.status_code) == (403, 415, 201)


def test_a_token_of_nobody_opens_nothing(office: Office) -> None:
    client = office.anonymous()
    for header in ("Bearer x", "Bearer ", "Basic a2FiaWQ6eA==", "gerbang_0_x"):
        assert client.get("/api/v1/session", headers={"Authorization": header}).status_code == 401


def test_a_token_ends_with_the_persons_rights_taking_effect_at_once(office: Office) -> None:
    client = office.client("kabid")
    office.house.clock.move(days=31)
    assert client.get("/api/v1/session").status_code == 401


def test_settings_say_who_we_are_not_the_host_header(office: Office) -> None:
    client = office.anonymous()
    said = {
        host: client.get("/healthz", headers={"host": host}).status_code
        for host in (
            "gerbang.test",
            "gerbang.test:80",
            "127.0.0.1:8420",
            "jahat.example",
            "gerbang.test.jahat.example",
            "",
        )
    }
    assert said == {
        "gerbang.test": 200,
        "gerbang.test:80": 200,
        "127.0.0.1:8420": 200,
        "jahat.example": 400,
        "gerbang.test.jahat.example": 400,
        "": 400,
    }


def test_two_host_headers_are_refused_whichever_comes_first(office: Office) -> None:
    for hosts in (("gerbang.test", "jahat.example"), ("jahat.example", "gerbang.test")):
        answer = office.anonymous().get("/healthz", headers=[("host", host) for host in hosts])
        assert answer.status_code == 400
