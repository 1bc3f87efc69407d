"""Do runs that share a call on a cloud server stay apart, wait where it takes nothing, and leave no secret behind?"""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tests.cloud_errands import LOOK_AT_RULES, MAKE_A_RULE, SECRET, WELCOME, CloudWorker, change, creation, limit_class

# -- Runs that share a call --------------------------------------------------------------------------------------------


def test_runs_that_share_a_call_share_its_looks_and_keep_their_own_answers(worker: CloudWorker) -> None:
    names = ("sari", "tono", "wati")
    worker.do_together("limit_class", *[limit_class()] * 3)
    assert worker.calls() == ["GET /cloud/groups", LOOK_AT_RULES, *["POST /cloud/groups"] * 3, *[MAKE_A_RULE] * 2]
    assert [worker.answer(number, "limit_class")["changed"] for number in range(3)] == [True, False, False]
    since = worker.mark()
    answers = worker.do_together("cloud_account", *(creation(name, f"{name}@kota.lab") for name in names))
    assert worker.calls(since) == [WELCOME, *["POST /cloud/users"] * 3]
    assert [answer["changes"][0]["target"] for answer in answers] == [f"cloud1/{name}" for name in names]
    assert worker.result == {"changed": True, "failed": False}


def test_one_run_that_fails_holds_up_no_other_of_its_call_and_is_not_gone_on_with(worker: CloudWorker) -> None:
    worker.cloud.ask(do="account", id="tono", password="Sandi-orang-lain-1")
    worker.do("limit_class", *limit_class())
    answers = worker.do_together("cloud_account", creation("tono"), creation("sari"))
    assert [answer["failed"] for answer in answers] == [True, False]
    assert worker.result == {"changed": True, "failed": False}
    since = worker.mark()
    assert worker.do_together("limit_class", limit_class(), limit_class())[0] == {}
    assert len(worker.calls(since)) == 2


def test_a_run_that_was_cancelled_is_left_out_and_the_others_are_done(ready: CloudWorker) -> None:
    ready.errand(0, "cloud_account", ())
    (ready.folder / "run0" / "stop").touch()
    answers = ready.do_together("cloud_account", creation("tono"), creation("sari"))
    assert [(answer["cancelled"], answer["changed"]) for answer in answers] == [(True, False), (False, True)]
    assert ready.account("tono") == {}


def test_where_the_server_falls_silent_the_rest_is_not_begun_and_nobody_waits_for_each(ready: CloudWorker) -> None:
    ready.cloud.ask(do="fault", name="cut", calls=1, method="POST", path="/cloud/users")
    since = ready.mark()
    answers = ready.do_together("cloud_account", creation("tono", None), creation("sari", None))
    assert [(answer["lost"], answer["changes"]) for answer in answers] == [(True, []), (True, [])]
    assert ready.calls(since) == ["POST /cloud/users"]


# -- Waiting, stopping, secrets ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "said"),
    [("maintenance", "pemeliharaan"), ("too_many_requests", "server membatasi jumlah panggilan, dilanjutkan sendiri")],
)
def test_a_server_that_takes_nothing_now_is_waited_for_and_the_run_says_why(
    ready: CloudWorker, fault: str, said: str
) -> None:
    ready.cloud.ask(do="fault", name=fault, calls=3)
    answers = ready.do_together("cloud_account", creation("tono"), creation("sari"))
    assert [answer["failed"] for answer in answers] == [False, False]
    words = [f"menunggu server cloud cloud1: {said}"] * 3
    assert ready.said("cloud_account") == ["giliran 1 dari 2 di cloud1", *words]
    assert ready.said("cloud_account", 1) == [*words, "giliran 2 dari 2 di cloud1"]


def test_whoever_cancels_need_not_wait_for_the_end_of_a_maintenance(
    ready: CloudWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_when: Any) -> None:
        (ready.folder / "run0" / "stop").touch()

    ready.cloud.ask(do="maintain", on=True)
    monkeypatch.setattr(ready.cloud.cloud, "hook", stop)
    answer = ready.do("cloud_account", *creation())
    ready.cloud.ask(do="maintain", on=False)
    assert (answer["cancelled"], answer["changes"], answer.get("lost")) == (True, [], None)


def test_a_server_that_stays_closed_is_lost_and_nothing_was_begun(
    ready: CloudWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["errand.service"], "PATIENCE_SECONDS", 0.02)
    ready.cloud.ask(do="maintain", on=True)
    answer = ready.do("cloud_account", *creation())
    ready.cloud.ask(do="maintain", on=False)
    assert (answer["lost"], answer["changes"]) == (True, [])
    assert ready.account("sari") == {}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("nextcloud_app_password_file", "/nowhere/app-password"),
        ("nextcloud_ca_file", "/nowhere/ca.pem"),
        ("nextcloud_url", "http://cloud.kota.lab"),
    ],
)
def test_an_inventory_that_is_wrong_fails_before_anything_is_asked(
    ready: CloudWorker, variable: str, value: str
) -> None:
    since = ready.mark()
    ready.variables = {variable: value}
    answer = ready.do("cloud_account", *creation())
    assert (answer["failed"], answer["msg"].startswith("cloud1: "), ready.calls(since)) == (True, True, [])


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_planted_fault_fails_its_task_before_or_after_it_acted(ready: CloudWorker, moment: str) -> None:
    (ready.folder / "fail_task").write_text(f"{moment}:cloud_account\n")
    answer = ready.do("cloud_account", *creation())
    assert (answer["failed"], len(answer["changes"])) == (True, {"before": 0, "after": 6}[moment])
    ready.variables = {"lab": False}
    assert ready.do("cloud_account", *creation())["failed"] is False


def test_a_secret_stands_in_nothing_that_a_run_leaves(sari: CloudWorker) -> None:
    sari.do("limit_class", change("gerbang-2", "group", None, {"exists": True}))
    sari.do("cloud_account", change("sari", "password", {"version": 1}, {"version": 2}))
    words = (SECRET.encode(), sari.cloud.app_password.encode())
    left = [path for path in sari.folder.rglob("*") if path.is_file() and path.name != "secrets.json"]
    assert [path for path in left if any(word in path.read_bytes() for word in words)] == []


def test_an_answer_that_holds_a_secret_is_thrown_away(ready: CloudWorker) -> None:
    ready.secret = "gerbang-limit"  # stands in the name of a group, as if the server had printed it
    answer = ready.do("cloud_account", *creation())
    assert (answer["failed"], "gerbang-limit" in str(answer)) == (True, False)
