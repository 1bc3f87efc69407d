"""What if an address itself is hostile? Every route on both databases: an answer that says no, and never a fault."""

from __future__ import annotations

import re

from tests.gate.office import Office, csrf_of
from tests.gate.standing import counts
from tests.storage.test_races_at_the_gate import office, opened_file, opened_template

__all__ = ["office", "opened_file", "opened_template"]

OF_PATH = re.compile(r"{[a-z_]+}")
IDS = ("a%00b", "..%2F..%2F%27%3B--", "%0d%0aX-Evil%3A1%ff%F0%9F%92%A9", "x" * 4000)
QUERY = {"sebelum": "\x00", "before": "\x00", "teks": "\x00';--", "opd": "\x00", "keadaan": "\x00", "lanjut": "\x00"}


def test_no_address_is_a_fault_of_ours(office: Office) -> None:
    client, browser = office.client("kabid"), office.browser("kabid")
    told: dict[str, int] = {}
    for door in sorted(office.doors()):
        method, path = door.split()
        asks = client if path.startswith("/api/") else browser
        if method == "GET":
            told[f"{door} ?"] = asks.get(OF_PATH.sub("x", path), params=QUERY).status_code
        for one in IDS if OF_PATH.search(path) else ():
            address = OF_PATH.sub(one, path)
            answer = asks.request(method, address, json={} if asks is client and method == "POST" else None)
            told[f"{door} {one[:20]}"] = answer.status_code
            assert "x-evil" not in answer.headers
    assert {door: status for door, status in told.items() if status >= 500} == {}


def test_a_name_or_word_with_a_nul_is_refused_like_any_other(office: Office) -> None:
    stranger = office.anonymous()
    before = counts(office.house.database)
    by_call = stranger.post("/api/v1/session", json={"username": "kabid\x00", "password": "x\x00"})
    form = {"username": "kabid\x00", "password": "x", "csrf": csrf_of(stranger.get("/masuk"))}
    by_form = stranger.post("/masuk", data=form)
    assert {by_call.status_code, by_form.status_code} <= {401, 422}
    after = counts(office.house.database)
    assert (after["sessions"], after["tokens"]) == (before["sessions"], before["tokens"])
