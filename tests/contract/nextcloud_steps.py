"""What is one step of a played sequence? A recording, or something that had to be there before it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.contract.nextcloud_replay import Replay

PASSWORD = "Kawa-no-nagare-2026-x"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One recording in a sequence. `is_by_app`: with the account's app password; `is_wrong`: with a wrong one.

    `is_part`: the real server says more than we need, and the stand-in less.
    """

    name: str
    is_by_app: bool = False
    is_wrong: bool = False
    is_part: bool = False
    quota_is_noted: bool = False


Prepared = Callable[[Replay], object]
Sequence = tuple["str | Step | Prepared", ...]


def user(name: str, *groups: str, quota: str = "") -> Prepared:
    """Prepare an account."""

    def do(replay: Replay) -> None:
        fields = {"userid": name, "password": PASSWORD, "groups": [*groups], "quota": quota}
        replay.ocs("POST", "/cloud/users", fields)
        replay.passwords[name] = PASSWORD

    return do


def group(name: str) -> Prepared:
    return lambda replay: replay.ocs("POST", "/cloud/groups", {"groupid": name})


def without(path: str) -> Prepared:
    return lambda replay: replay.ocs("DELETE", path)


def later(replay: Replay) -> None:
    """Ten minutes later: the edits counted so far are forgotten."""
    replay.cloud.ask(do="forward", seconds=601)


def fifty_edits(replay: Replay) -> None:
    later(replay)
    for _ in range(50):
        replay.ocs("PUT", "/cloud/users/tanaka-v2", {"key": "quota", "value": "5 GB"})


def app_password_of_admin(replay: Replay) -> None:
    replay.app_passwords["admin"] = replay.ocs("GET", "/core/getapppassword")["apppassword"]


def put(name: str, content: bytes, **headers: str) -> Prepared:
    """Prepare a file of flow-a."""

    def do(replay: Replay) -> None:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        assert replay.send("PUT", f"/remote.php/dav/files/flow-a/{name}", content, named, "flow-a").status == 201

    return do


def pieces(name: str) -> Prepared:
    """Prepare an upload of flow-a: two pieces, 3097152 bytes together."""

    def do(replay: Replay) -> None:
        for number in (1, 2):
            path = f"/remote.php/dav/uploads/flow-a/{name}/{number:05d}"
            assert replay.send("PUT", path, b"x" * 1548576, user="flow-a").status == 201

    return do


def maintained(*, on: bool) -> Prepared:
    return lambda replay: replay.cloud.ask(do="maintain", on=on)


def granted(replay: Replay) -> None:
    """Play the person who grants the login in a browser."""
    waiting = replay.cloud.cloud.flow.waiting[replay.poll_token]
    assert replay.cloud.ask(do="grant", page=waiting.page, user="pwlink")
