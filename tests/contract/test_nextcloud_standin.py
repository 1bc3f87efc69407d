"""Does the lab's Nextcloud answer as the recorded server did? Each recording that our calls belong to, in its order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cloud import serving
from tests.contract.nextcloud_replay import Replay, Reply, differences, plain, recordings, unequal
from tests.contract.nextcloud_sequences import LEFT_OUT, SEQUENCES, SERIES, names
from tests.contract.nextcloud_steps import PASSWORD, Step, user
from tests.contract.nextcloud_table import DOCUMENT, table

SESSION = {"OCS-APIRequest": "true", "Accept": "application/json"}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture
def replay(tmp_path: Path, certificates: Path) -> Iterator[Replay]:
    """A fresh server as the recorded one was: with the one account admin."""
    with serving(tmp_path, certificates=certificates) as cloud:
        account = cloud.cloud.state.account(cloud.user)
        assert account is not None
        cloud.cloud.state.remove_account(account)
        del cloud.cloud.state.config["core"]
        replay = Replay(cloud=cloud)
        yield replay
        replay.close()


def quota(replay: Replay, name: str) -> Any:
    return replay.ocs("GET", f"/cloud/users/{name}")["quota"]


def noted(replay: Replay, step: Step) -> list[str]:
    """What was noted beside the recording, looked at now: quota and groups read back, whether the account exists."""
    recording = recordings()[step.name]
    fields = dict(recording.request["body"])
    name = fields.get("userid", "tanaka-v2")
    exists = replay.cloud.cloud.state.account(name) is not None
    found = []
    if recording.noted.get("exists_afterwards", True) is not exists:
        found.append(f"exists: {exists}")
    if exists:
        account = replay.ocs("GET", f"/cloud/users/{name}")
        for key, now in (
            ("quota_read_back_after", "quota"),
            ("quota_read_back", "quota"),
            ("groups_read_back", "groups"),
        ):
            found += unequal(recording.noted.get(key, account[now]), account[now], f".{key}", is_part=False)
    return found


def mailed(replay: Replay, name: str) -> list[str]:
    """The mail that the call sent: to whom, from whom, its subject where that is English, and the link's place."""
    then = recordings()[name].noted["mails_sent"][0]
    now = replay.cloud.ask(do="dump")["mails"][-1]
    keys = ["to", "from", *(["subject"] if then["subject"].isascii() else [])]
    found = [f"{key}: {now[key]!r}, recorded {then[key]!r}" for key in keys if now[key] != then[key]]
    has_link = ["/lostpassword/reset/form/" in mail["text"] for mail in (now, then)]
    return found if has_link[0] == has_link[1] else [*found, f"link: {has_link[0]}"]


def play(replay: Replay, step: Step) -> list[str]:
    recording = recordings()[step.name]
    password = "salah" if step.is_wrong else ""
    if step.is_by_app:
        password = replay.app_passwords[recording.user or "admin"]
    reply = replay.play(recording, password=password)
    found = differences(recording, reply, is_part=step.is_part)
    if step.quota_is_noted:
        found += noted(replay, step)
    if "mails_sent" in recording.noted:
        found += mailed(replay, step.name)
    return [f"{step.name}: {one}" for one in found]


@pytest.mark.parametrize("title", SEQUENCES)
def test_recordings_played_again_are_answered_the_same(replay: Replay, title: str) -> None:
    found = []
    for step in SEQUENCES[title]:
        if isinstance(step, str | Step):
            found += play(replay, step if isinstance(step, Step) else Step(name=step))
        else:
            step(replay)
    assert found == []


def test_wrong_passwords_lock_the_address_at_the_twelfth_for_all_at_every_door(replay: Replay) -> None:
    recorded = recordings()["bruteforce-sequence"].noted
    for attempt in recorded["attempts"]:
        reply = replay.send("GET", "/ocs/v2.php/cloud/users?format=json", None, SESSION, password="salah")
        assert (reply.status, plain(json.loads(reply.body))) == (attempt["http"], plain(attempt["body"]))
    doors = {
        "right_password_afterwards": ("GET", "/ocs/v2.php/cloud/users?format=json"),
        "right_password_afterwards_v1": ("GET", "/ocs/v1.php/cloud/users?format=json"),
        "webdav_right_password_afterwards": ("PROPFIND", "/remote.php/dav/files/admin/"),
    }
    for key, (method, path) in doors.items():
        then = recorded[key]["response"]["body"]
        reply = replay.send(method, path, None, SESSION)
        now = reply.body.decode() if isinstance(then, str) else json.loads(reply.body)
        assert (reply.status, now) == (recorded[key]["response"]["status"], then), key
    capabilities = json.loads(replay.send("GET", "/ocs/v2.php/cloud/capabilities", None, SESSION, user="").body)
    assert (
        capabilities["ocs"]["data"]["capabilities"]["bruteforce"]
        == recorded["anonymous_capabilities_bruteforce_afterwards"]
    )
    assert replay.send("GET", "/status.php", user="").status == recorded["status_php_afterwards"]


def test_neither_trash_nor_old_versions_count_as_used(replay: Replay) -> None:
    recorded = recordings()["quota-used-trash-versions"].noted
    user("trash-u", quota="2 GB")(replay)
    path = "/remote.php/dav/files/trash-u/five.bin"

    def dav(method: str, path: str, body: bytes | None = None) -> Reply:
        return replay.send(method, path, body, user="trash-u", password=PASSWORD)

    five = b"5" * 5 * 1024 * 1024
    assert dav("PUT", path, five).status == 201
    assert quota(replay, "trash-u") == recorded["after_put"]
    assert dav("DELETE", path).status == 204
    assert quota(replay, "trash-u") == recorded["after_delete"]
    assert dav("DELETE", "/remote.php/dav/trashbin/trash-u/trash").status == 204
    assert quota(replay, "trash-u") == recorded["after_trash_emptied"]
    assert [dav("PUT", path, five).status, dav("PUT", path, five[::-1]).status] == [201, 204]
    assert quota(replay, "trash-u") == recorded["after_put_and_overwrite"]


def test_every_recording_that_lies_here_is_played_once(root: Path) -> None:
    played = [name for sequence in SEQUENCES.values() for name in names(sequence)]
    assert sorted([*played, *SERIES]) == sorted(recordings())
    assert sum(count for count, _ in LEFT_OUT.values()) + len(recordings()) == 533
    assert table() in (root / DOCUMENT).read_text(), (
        f"write it anew: python -m tests.contract.nextcloud_table {DOCUMENT}"
    )


def cookie(reply: Reply) -> str:
    return reply.headers["set-cookie"].rpartition("\n")[2].partition(";")[0]


def test_an_open_session_ends_when_its_account_is_disabled_and_does_not_come_back(replay: Replay) -> None:
    user("ani")(replay)
    opened = replay.send("GET", "/ocs/v2.php/cloud/user", None, SESSION, "ani")
    session = {**SESSION, "Cookie": cookie(opened)}

    def by_session() -> int:
        return replay.send("GET", "/ocs/v2.php/cloud/user", None, session, user="").status

    assert by_session() == 200
    replay.ocs("PUT", "/cloud/users/ani/disable")
    assert by_session() == 401
    replay.ocs("PUT", "/cloud/users/ani/enable")
    assert by_session() == 401


@pytest.mark.parametrize("written", ["//files/ani", "/files//ani", "/files/%61ni", "/files/ANI"])
def test_a_home_is_found_however_its_path_is_written(replay: Replay, written: str) -> None:
    """So whoever limits what is fetched there must know all of it."""
    user("ani")(replay)
    assert replay.send("PUT", "/remote.php/dav/files/ani/surat.txt", b"isi", user="ani").status == 201
    found = replay.send("GET", f"/remote.php/dav{written}/surat.txt", user="ani")
    assert (found.status, found.body) == (200, b"isi")


def test_a_neighbours_files_are_neither_found_nor_written(replay: Replay) -> None:
    user("ani")(replay)
    user("budi")(replay)
    assert replay.send("PUT", "/remote.php/dav/files/ani/rahasia.txt", b"isi", user="ani").status == 201
    answers = {
        "GET": replay.send("GET", "/remote.php/dav/files/ani/rahasia.txt", user="budi").status,
        "PUT": replay.send("PUT", "/remote.php/dav/files/ani/lain.txt", b"x", user="budi").status,
        "DELETE": replay.send("DELETE", "/remote.php/dav/files/ani/rahasia.txt", user="budi").status,
    }
    assert answers == {"GET": 404, "PUT": 403, "DELETE": 404}
    seen = replay.send("PROPFIND", "/remote.php/dav/files/ani/", user="budi")
    assert b"rahasia" not in seen.body
    assert [*replay.cloud.ask(do="dump")["accounts"]["ani"]["files"]][-1] == "rahasia.txt"
