"""Double click, back button, a proxy that tries again: is the act done once and the first answer given again?"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields

import httpx
import pytest
from fastapi.routing import APIRoute

from api import pages
from api.app import PREFIX, ROUTERS
from provisioner.sending import Answer
from tests.gate.office import Office, csrf_of
from tests.gate.standing import counts
from tests.gate.test_pages import digest_in
from tests.house import EXAMPLE

KEY = {"Idempotency-Key": "kirim-1"}
#: a POST that counts each time it is sent; every other one is done once under its key
EVERY_TIME = {
    "/api/v1/session": "the answer holds a token",
    "/api/v1/credentials/{credential_id}/claim": "the answer holds a secret; a second claim is an alarm of its own",
    "/layanan/{item_id}/kredensial/{credential_id}": "the answer holds a secret; a second claim is an alarm of its own",
    "/api/v1/codes": "the answer holds a code; a second one takes its place",
    "/api/v1/codes/use": "a password is not even kept as a digest of the sending",
    "/api/v1/session/password": "a password is not even kept as a digest of the sending",
    "/api/v1/credentials/claim": "the answer holds secrets; a second claim is an alarm of its own",
    "/kredensial": "the answer holds secrets; a second claim is an alarm of its own",
    "/loket": "the answer holds a code; a second one takes its place",
    "/kode": "a password is not even kept as a digest of the sending",
    "/kata-sandi": "a password is not even kept as a digest of the sending",
    "/masuk": "nobody is known yet",
    "/keluar": "it only ends the session it came with",
    "/permohonan/draf/{draft_id}/{slug}": "it only replaces what the draft said",
    "/permohonan/draf/{draft_id}/pindaian": "it only replaces the draft's scan",
    "/permohonan/draf/{draft_id}/tabel": "it only replaces the draft's lines",
    "/permohonan/nama": "it only answers",
}


def post_routes() -> Iterator[tuple[str, APIRoute]]:
    """Every route that takes a POST, with its whole path."""
    for prefix, routers in ((PREFIX, ROUTERS), ("", pages.ROUTERS)):
        for router in routers:
            for route in router.routes:
                if isinstance(route, APIRoute) and "POST" in (route.methods or ()):
                    yield prefix + route.path, route


def test_every_post_is_done_once_but_these_and_each_says_why() -> None:
    marked = {path: getattr(route.endpoint, "every_time", "") for path, route in post_routes()}
    assert {path: why for path, why in marked.items() if why} == EVERY_TIME


def test_no_answer_with_a_secret_is_kept() -> None:
    """What is kept is a place to go on or a reply; one with such a field comes from a route that counts each time."""
    secret = {"token", "secret", "password", "code", "sandi"}
    for path, route in post_routes():
        reply = route.response_model
        told = set(getattr(reply, "model_fields", {}))
        assert not told & secret or path in EVERY_TIME, path
    assert {field.name for field in fields(Answer)} == {"status", "location", "media_type", "body"}


def test_a_form_sent_a_hundred_times_at_once_decides_once_and_always_leads_to_the_run(office: Office) -> None:
    line_id = office.house.to_decision()
    browser = office.browser("kabid")
    plan = browser.get(f"/baris/{line_id}/rencana")
    sent = {"csrf": csrf_of(plan), "digest": digest_in(plan), "outcome": "approved"}
    cookie = {"Cookie": f"gerbang={browser.cookies['gerbang']}"}

    def click(_: int) -> tuple[int, str]:
        answer = office.anonymous().post(f"/baris/{line_id}/keputusan", data=sent, headers=cookie)
        return answer.status_code, answer.headers.get("location", "")

    with ThreadPoolExecutor(10) as pool:
        told = set(pool.map(click, range(100)))
    decided = office.house.desk.plan(office.person("kabid"), line_id)
    assert told == {(303, f"/pelaksanaan/{decided.line.run_id}")}
    assert len(decided.decisions) == 1


def test_a_call_sent_a_hundred_times_under_one_key_files_one_request(office: Office) -> None:
    client = office.client("opd")

    def send(_: int) -> tuple[int, bytes]:
        answer = office.anonymous().post(
            "/api/v1/requests", json=EXAMPLE, headers={**KEY, "Authorization": client.headers["Authorization"]}
        )
        return answer.status_code, answer.content

    with ThreadPoolExecutor(10) as pool:
        told = set(pool.map(send, range(100)))
    assert len(told) == 1
    assert {status for status, _ in told} == {201}
    assert len(client.get("/api/v1/requests").json()["requests"]) == 1


def test_a_key_for_other_words_is_refused_and_another_persons_is_another(office: Office) -> None:
    client = office.client("opd")
    first = client.post("/api/v1/requests", json=EXAMPLE, headers=KEY)
    other = client.post("/api/v1/requests", json={**EXAMPLE, "application_name": "Lain"}, headers=KEY)
    paper = office.client("umum").post("/api/v1/requests", json=EXAMPLE, headers=KEY)
    assert (first.status_code, other.status_code, paper.status_code) == (201, 422, 201)
    assert [fault["where"] for fault in other.json()["faults"]] == ["Idempotency-Key"]
    assert paper.json()["id"] != first.json()["id"]


@pytest.mark.parametrize("key", ["", "dua kata", "\x01", "é", "x" * 101])
def test_what_is_no_key_is_refused(office: Office, key: str) -> None:
    answer = office.client("opd").post("/api/v1/requests", json=EXAMPLE, headers=[(b"Idempotency-Key", key.encode())])
    assert (answer.status_code, answer.json()["faults"][0]["where"]) == (422, "Idempotency-Key")


def test_what_was_refused_is_done_once_it_may_be(office: Office) -> None:
    client = office.client("kabid")
    line_id = office.house.to_plan()
    path, body = f"/api/v1/lines/{line_id}/decision", {"outcome": "rejected", "reason": "x"}
    early = client.post(path, json=body, headers=KEY)
    office.house.desk.do_step(office.person("pengkaji"), office.house.request_of(line_id), "review")
    now, again = (client.post(path, json=body, headers=KEY) for _ in range(2))
    assert (early.status_code, now.status_code, again.status_code) == (409, 201, 201)
    assert now.json() == again.json()


def test_gone_back_and_changed_a_form_is_another_wish(office: Office) -> None:
    line_id = office.house.to_decision()
    browser = office.browser("pengkaji")
    form = {"csrf": csrf_of(browser.get(f"/baris/{line_id}/rencana"))}
    path = f"/baris/{line_id}/lihat-ulang"
    before = counts(office.house.database)["plans"]
    for reason in ("", "", "disk diganti", "disk diganti"):
        assert browser.post(path, data={**form, "reason": reason}).status_code == 303
    assert counts(office.house.database)["plans"] == before + 2


def test_a_page_drawn_again_is_a_new_form(office: Office) -> None:
    line_id = office.house.to_decision()
    browser = office.browser("pengkaji")
    before = counts(office.house.database)["plans"]
    for _ in range(2):
        form = {"csrf": csrf_of(browser.get(f"/baris/{line_id}/rencana"))}
        browser.post(f"/baris/{line_id}/lihat-ulang", data=form)
    assert counts(office.house.database)["plans"] == before + 2


def test_a_copy_of_what_was_done_but_not_answered_is_told_so(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate was killed between the act and its answer: nobody does it again, and nobody invents an answer."""
    monkeypatch.setattr("api.app.again.WAIT_SECONDS", 0.1)
    monkeypatch.setattr("provisioner.store.sendings.keep", lambda *_: None)
    line_id = office.house.to_decision()
    client, browser = office.client("kabid"), office.browser("pengkaji")
    body = {"outcome": "rejected", "reason": "x"}
    said = [client.post(f"/api/v1/lines/{line_id}/decision", json=body, headers=KEY) for _ in range(2)]
    assert [answer.status_code for answer in said] == [201, 409]
    assert said[1].json()["type"] == "urn:gerbang:problem:repeated"
    other = office.house.to_decision(sub_domain="kedua", second_name="none")
    form = {"csrf": csrf_of(browser.get(f"/baris/{other}/rencana"))}
    twice: list[httpx.Response] = [browser.post(f"/baris/{other}/lihat-ulang", data=form) for _ in range(2)]
    assert [(answer.status_code, answer.headers["location"]) for answer in twice] == [
        (303, f"/baris/{other}/rencana")
    ] * 2
