"""Does our client say what the recorded server said, and do our readers read it? Each recording of a call of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from provisioner.errors import GerbangError, Unknown, Unreachable
from provisioner.facts import nextcloud
from provisioner.facts.nextcloud_rule import OPERATION
from provisioner.facts.nextcloud_size import kept_bytes
from provisioner.https_line import Reply
from provisioner.ocs import ROOT, Nextcloud
from provisioner.providers.nextcloud.files import Files, word
from tests.contract.nextcloud_calls import BEGIN, DOCUMENT, END, call_of, of_files, ours, send, table
from tests.contract.nextcloud_replay import Recording, recordings
from tests.contract.tls_server import LOCAL, Asked, Said, Server, said, serving

OURS, FILES = ours(), of_files()


class Player:
    """Answers every call with the recording that is to be played."""

    def __init__(self) -> None:
        self.now: Recording | None = None
        self.server: Server | None = None

    def __call__(self, _asked: Asked) -> Said:
        assert self.now is not None
        response = self.now.response
        body, headers = response.get("body"), response.get("headers", {})
        kept = {name.replace("-", "_"): headers[name] for name in headers if name.startswith("X-Nextcloud")}
        return said(response["status"], body if isinstance(body, dict) else str(body or "").encode(), **kept)


@pytest.fixture(scope="module")
def player(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Player]:
    playing = Player()
    with serving(tmp_path_factory.mktemp("replay"), playing) as server:
        playing.server = server
        yield playing


@pytest.fixture
def cloud(player: Player) -> Iterator[Nextcloud]:
    assert player.server is not None
    with Nextcloud(
        player.server.url, "admin", "x", address=LOCAL, ca_file=str(player.server.ca_file), patience_seconds=0
    ) as client:
        yield client


@pytest.mark.parametrize("name", OURS)
def test_our_call_is_the_recorded_one_and_its_answer_is_told_from_no_answer(
    name: str, player: Player, cloud: Nextcloud
) -> None:
    one = player.now = OURS[name]
    outcome: Any
    try:
        outcome = send(cloud, one)
    except GerbangError as off:
        outcome = type(off)
    assert player.server is not None
    asked, request = player.server.asked[-1], one.request
    parts = urlsplit(asked.path)
    assert asked.method == request["method"]
    assert parts.path == request["path"].replace(" ", "%20")
    assert dict(parse_qsl(parts.query)) == {key: str(value) for key, value in request["query"].items()}
    assert asked.headers["ocs-apirequest"] == "true"
    if asked.headers.get("content-type") == "application/x-www-form-urlencoded":
        fields = request["body"].items() if isinstance(request["body"], dict) else request["body"]
        assert parse_qsl(asked.body.decode(), keep_blank_values=True) == [(k, str(v)) for k, v in fields]
    status, body = one.response["status"], one.response["body"]
    if status == 429 or (status == 503 and "X-Nextcloud-Maintenance-Mode" in one.response["headers"]):
        assert outcome is Unreachable, "nothing was done"
    elif status >= 500:
        assert outcome is (Unreachable if request["method"] == "GET" else Unknown), "it may have been done"
    elif not isinstance(body, dict):
        assert outcome is Unreachable
    else:
        seen = (outcome.status, outcome.ocs_code, outcome.data)
        assert seen == (status, body["ocs"]["meta"]["statuscode"], body["ocs"]["data"])


def data_of(one: Recording) -> Any:
    return one.response["body"]["ocs"]["data"]


def succeeded(pattern: str) -> dict[str, Recording]:
    """The recordings of one call of ours that were answered with what was asked for."""
    key = ("GET", pattern)
    return {name: one for name, one in OURS.items() if call_of(one) == key and one.response["status"] == 200}


@pytest.mark.parametrize("name", succeeded("/cloud/users/[^/]+") | succeeded("/cloud/user"))
def test_a_recorded_account_is_read(name: str) -> None:
    record = data_of(OURS[name])
    found = nextcloud.read_account(record, str(record["id"]))
    quota = record["quota"]["quota"]
    assert found["account"] == {"mark": None}, "nobody of the recordings bears our mark"
    assert found.get("quota") == ({"bytes": quota} if quota >= 0 else None)
    assert found.get("groups", []) == sorted(record["groups"])
    assert found.get("lock") == (None if record["enabled"] else {"disabled": True})


@pytest.mark.parametrize("name", succeeded("/cloud/users/details"))
def test_a_recorded_page_of_accounts_is_read_and_measured(name: str) -> None:
    users = data_of(OURS[name])["users"]
    assert set(nextcloud.read_accounts(users)) == {key.lower() for key in users}
    measured = nextcloud.measure({"users": users, "rules": []}, "cloud1")
    used = {f"cloud1/{key.lower()}:storage_used_bytes": one["quota"]["used"] for key, one in users.items()}
    assert used.items() <= measured.items()


@pytest.mark.parametrize("name", succeeded("/apps/workflowengine/api/v1/workflows/global"))
def test_recorded_rules_are_read(name: str) -> None:
    data = data_of(OURS[name])
    found = nextcloud.read_rules(data)
    assert set(found) == {
        check["value"]
        for rule in (data or {}).get(OPERATION, [])
        for check in rule["checks"]
        if check["class"].endswith("UserGroupMembership")
    }


def test_the_recorded_rules_of_a_size_and_of_types_are_ours_where_they_have_our_form() -> None:
    size = data_of(OURS["flow-create-size"])
    assert nextcloud.read_rules({OPERATION: [size]}) == {"flowgrp": {"size_rule": {"largest_bytes": 1 << 20}}}
    good = recordings()["flow-allowlist-good"].request["body"]
    types = {"types": ["application/pdf", "image/*", "text/plain"]}
    assert nextcloud.read_rules({OPERATION: [good]}) == {"flowgrp": {"type_rule": types}}
    bad = OURS["flow-allowlist-bad-create"].request["body"]
    other = [r"is flowgrp, !matches /^(application\/pdf|image\/.*|text\/plain)$/"]
    assert nextcloud.read_rules({OPERATION: [bad]}) == {"flowgrp": {"type_rule": {"other": other}}}


@pytest.mark.parametrize("name", succeeded("/cloud/groups"))
def test_recorded_groups_are_read(name: str) -> None:
    assert nextcloud.read_groups(data_of(OURS[name])["groups"]) == data_of(OURS[name])["groups"]


def recorded_quotas() -> dict[str, int]:
    """Every quota in plain bytes that was set and read back: what was asked -> what was kept."""
    found = {}
    for one in recordings().values():
        body, read = one.request.get("body"), one.noted.get("quota_read_back_after")
        if isinstance(body, dict) and read and re.fullmatch(r"\d+", str(body.get("value"))):
            found[str(body["value"])] = int(read["quota"])
    return found


def test_a_quota_will_be_what_the_recorded_server_made_of_it() -> None:
    quotas = recorded_quotas()
    assert {asked: kept_bytes(int(asked)) for asked in quotas} == quotas
    assert len(quotas) >= 5


@pytest.mark.parametrize("name", FILES)
def test_what_a_recorded_upload_came_to_is_said_in_our_words(name: str) -> None:
    response = FILES[name].response
    reply = Reply(status=response["status"], headers={}, body=str(response.get("body")).encode())
    if reply.status == 503 and "Maintenance" in str(response["body"]):
        with pytest.raises(Unreachable):
            word(reply)
        return
    known = {201: "accepted", 204: "accepted", 507: "full", 403: "forbidden", 503: "refused", 401: "refused"}
    assert word(reply) == known.get(reply.status, f"answer {reply.status}")


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("quota-propfind")])
def test_what_fits_is_read_as_the_recorded_server_said_it(name: str, player: Player, cloud: Nextcloud) -> None:
    player.now = FILES[name]
    said_so = re.search(r"available-bytes>(-?\d+)<", str(player.now.response["body"]))
    assert said_so is not None
    wanted = None if said_so[1] == "-3" else max(int(said_so[1]), 0)
    assert Files(cloud, "quota-u", "gerbang-probe-x").available() == wanted


def test_the_table_in_the_document_is_that_of_our_calls() -> None:
    text = (Path(__file__).resolve().parents[2] / DOCUMENT).read_text()
    assert text.partition(BEGIN)[2].partition(END)[0].strip() == table()


def test_every_recording_of_a_path_of_ours_is_played() -> None:
    """What is left out is asked in another way than we ask: version 1, XML, no header, in another language, nobody."""
    paths = {one.request["path"] for one in OURS.values()}
    others = {name for name, one in recordings().items() if one.request.get("path") in paths} - set(OURS)
    mine = {name for name in others if recordings()[name].request["path"].startswith(ROOT)}
    assert all(call_of(recordings()[name]) is None for name in mine)
    assert len(OURS) > 150
