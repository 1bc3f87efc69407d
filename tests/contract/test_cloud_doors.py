"""Is an account proved shut only where each of its doors was tried, and was open before?"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from lab.nextcloud.login import DisabledError, Guard, credentials
from lab.nextcloud.request import Request
from lab.nextcloud.state import Account
from provisioner.digests import Value
from provisioner.ocs import Nextcloud
from provisioner.providers.nextcloud import doors
from provisioner.verification.verdict import Trial, judge
from tests.cloud import Served
from tests.contract.cloud_ground import attempt, tried


def test_every_door_of_a_disabled_account_is_shut(served: Served, cloud: Nextcloud, tmp_path: Path) -> None:
    assert tried(served, tmp_path, "cloud_refused") == dict.fromkeys(doors.DOORS, "open"), "it is not disabled"
    assert cloud.put("/cloud/users/sari/disable").ok
    attempt(served, tmp_path, "cloud_refused", dict.fromkeys(doors.DOORS, "refused"))
    assert served.ask(do="dump")["wrong_passwords"] in ({}, {"127.0.0.1": []})


def door_of(guard: Guard, request: Request) -> str:
    """By which door a call comes."""
    given = request.headers.get("authorization", "")
    if not given:
        return "session"
    _, password = credentials(given)
    is_token = hashlib.sha256(password.encode()).hexdigest() in guard.state.tokens
    return "app_password" if is_token else "webdav" if "/remote.php/dav/" in request.path else "login"


@pytest.mark.parametrize("left_open", doors.DOORS)
def test_a_door_that_stays_open_turns_the_verdict(
    served: Served, cloud: Nextcloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left_open: str
) -> None:
    """Each by itself: a server that shuts the three others shuts nobody out."""
    real = Guard.identify

    def identify(guard: Guard, request: Request) -> Account | None:
        account = guard.state.account("gerbang-probe-run_abc")
        is_let_in = account is not None and not account.enabled and door_of(guard, request) == left_open
        if account is None or not is_let_in:
            return real(guard, request)
        account.enabled = True
        try:
            return real(guard, request)
        finally:
            account.enabled = False

    monkeypatch.setattr(Guard, "identify", identify)
    monkeypatch.setattr(Guard, "end_sessions", lambda _guard, _user: None)
    monkeypatch.setattr(doors, "CACHED_SECONDS", 0.0)
    monkeypatch.setattr(doors, "PAUSE_SECONDS", 0.0)
    assert cloud.put("/cloud/users/sari/disable").ok
    shut: dict[str, Value] = dict.fromkeys(doors.DOORS, "refused")
    seen = tried(served, tmp_path, "cloud_refused")
    assert seen == {**shut, left_open: "open"}
    trial = Trial(name="cloud_refused", system="nextcloud", label="", wanted=shut, arguments={})
    assert not judge(trial, seen).holds


@pytest.mark.parametrize("never_open", doors.DOORS)
def test_a_door_that_was_never_open_proves_nothing_by_being_shut(
    served: Served, cloud: Nextcloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, never_open: str
) -> None:
    real = Guard.identify

    def identify(guard: Guard, request: Request) -> Account | None:
        name = credentials(request.headers.get("authorization", ""))[0]
        if name in {"gerbang", "admin"} or door_of(guard, request) != never_open:
            return real(guard, request)
        raise DisabledError

    monkeypatch.setattr(Guard, "identify", identify)
    assert cloud.put("/cloud/users/sari/disable").ok
    said = str(tried(served, tmp_path, "cloud_refused")["unreachable"])
    wanted = {"login": "has refused our password"}.get(never_open, f"could not come in by: {never_open}.")
    assert wanted in said


def test_what_a_server_remembers_for_some_seconds_is_waited_for_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """An app password may pass for ten seconds more (recording apppw-old-just-after-rotate)."""
    answers = iter([*["open"] * 3, "refused"])
    monkeypatch.setattr(doors, "PAUSE_SECONDS", 0.001)
    assert doors._patient(lambda: next(answers))() == "refused"
    monkeypatch.setattr(doors, "CACHED_SECONDS", 0.01)
    assert doors._patient(lambda: "open")() == "open"
