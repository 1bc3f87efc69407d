"""What does each fault of a cloud server come to? The run is done, perhaps later, or it is taken back; never half.

Every fault that the lab's Nextcloud can have meets every call of a creation and of a change once; those that stay meet
a run until it gives up. Whatever happens, nobody is mailed before the verdict and no wrong password is counted.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.cloud_runs import NEW_SECRET, RUNS, Disturbed
from tests.cloud import Served, serving
from tests.cloud_errands import HOST, CloudWorker, follow, handing_over, mailed, module_of

CREATE, CHANGE = "create", "change of class, quota, name and address"
FOR_A_LINK, HAND_OVER = "create for a link", "hand over a link"
CALLS: dict[str, tuple[tuple[str, str], ...]] = {
    CREATE: (
        ("GET", "/cloud/groups"),
        ("GET", "/workflows/global"),
        ("POST", "/cloud/groups"),
        ("POST", "/workflows/global"),
        ("GET", "newUser.sendEmail"),
        ("POST", "/cloud/users"),
    ),
    CHANGE: (
        ("POST", "/cloud/groups"),
        ("POST", "/workflows/global"),
        ("GET", "/cloud/users/sari"),
        ("POST", "/cloud/users/sari/groups"),
        ("DELETE", "/cloud/users/sari/groups"),
        ("PUT", "/cloud/users/sari"),
    ),
    FOR_A_LINK: (
        ("GET", "newUser.sendEmail"),
        ("POST", "/cloud/users"),
        ("PUT", "/cloud/users/sari"),
        ("POST", "/cloud/users/sari/groups"),
    ),
    HAND_OVER: (
        ("GET", "/cloud/users/sari"),
        ("PUT", "/cloud/users/sari"),
        ("POST", "/cloud/users/sari/welcome"),
        ("POST", "/cloud/users/sari/groups"),
    ),
}
#: fault -> how the run ends where it meets a call that reads, and one that writes
ONCE: dict[str, tuple[str, str]] = {
    "slow": ("done", "done"),
    "too_many_requests": ("done", "done"),
    "maintenance": ("done", "done"),
    "hang": ("done later", "done later"),
    "cut": ("done later", "done later"),
    "html_error": ("done later", "done later"),
    "redirect_elsewhere": ("done later", "done later"),
    "hang_after_work": ("done later", "done later"),
    "cut_after_work": ("done later", "done later"),
    "error_after_work": ("done later", "done later"),
    "wrong_json_type": ("done later", "done"),
}
WITHIN_THE_CREATING_CALL = ("half_made_account", "error_after_work")
#: a read that broke on a kept connection, hence not the first call of a task, is sent once more by the client
SENT_AGAIN, NOT_FIRST = ("cut", "cut_after_work"), ("GET", "/workflows/global")
SETTING = ("GET", "newUser.sendEmail")  # where it cannot be read, the address goes by a call of its own
STAYING: dict[str, str] = {
    "too_many_requests": "undone",
    "maintenance": "undone",
    "hang": "undone",
    "cut": "undone",
    "html_error": "undone",
    "redirect_elsewhere": "undone",
    "hang_after_work": "done later",
    "cut_after_work": "done later",
    "error_after_work": "done",
    "wrong_json_type": "done",
    "half_made_account": "done",
    "slow": "done",
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    module_of("cloud_account")
    with serving(tmp_path_factory.mktemp("cloud")) as cloud:
        yield cloud
        assert cloud.ask(do="dump")["wrong_passwords"] == {}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Time as in a film: the client's time-out and pauses, and how slow a slow answer is."""
    service = sys.modules["errand.service"]
    monkeypatch.setattr(service, "TIMEOUT_SECONDS", 0.4 if "hang" in request.node.name else 5)
    monkeypatch.setattr(service, "PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr("provisioner.ocs.FIRST_PAUSE_SECONDS", 0.02)
    monkeypatch.setattr("lab.nextcloud.faults.SLOW_SECONDS", 0.02)


def disturbed(served: Served, tmp_path: Path, name: str) -> Disturbed:
    variables = {"service_longest_call_seconds": 0.01}  # what hangs here is cut, and never done later
    return Disturbed(CloudWorker(cloud=served, folder=tmp_path, variables=variables), RUNS[name])


def pictures(run: Disturbed) -> dict[str, object]:
    """What stands before the run and after it, undisturbed."""
    before = run.picture(shared=False)
    assert run.carry_out() == "done"
    after = run.picture()
    run.begin()
    return {"undone": before, "done": after, "done later": after}


def how_it_ends(name: str, fault: str, method: str, path: str) -> str:
    """The table's word, and where a call is of another mind."""
    if (name, fault, path) == (FOR_A_LINK, "wrong_json_type", SETTING[1]):
        return "undone"  # a server that is not known to mail links would hand over nothing
    if (method, path) == NOT_FIRST and fault in SENT_AGAIN:
        return "done"
    if (method, path) == SETTING and fault == "wrong_json_type":
        return "done"
    if (method, path) == ("POST", "/cloud/users") and fault in WITHIN_THE_CREATING_CALL:
        return "done"
    return ONCE[fault][method != "GET"]


@pytest.mark.parametrize("fault", ONCE)
@pytest.mark.parametrize("name", CALLS)
def test_a_fault_that_meets_any_one_call_leaves_nothing_half_done(
    served: Served, tmp_path: Path, name: str, fault: str
) -> None:
    run = disturbed(served, tmp_path, name)
    expected = pictures(run)
    for method, path in CALLS[name]:
        run.begin()
        ended = run.carry_out(name=fault, calls=1, method=method, path=rf"{path}(\?|$)")
        assert ended == how_it_ends(name, fault, method, path), f"{method} {path}"
        assert run.is_fault_spent, f"{method} {path}: it met no call"
        assert run.picture(shared=ended != "undone") == expected[ended], f"{method} {path}"


@pytest.mark.parametrize("name", [CREATE, FOR_A_LINK])
@pytest.mark.parametrize("fault", STAYING)
def test_a_fault_that_stays_ends_in_a_whole_account_or_none(
    served: Served, tmp_path: Path, fault: str, name: str
) -> None:
    run = disturbed(served, tmp_path, name)
    expected = pictures(run)
    ended = run.carry_out(name=fault, method="POST", path=r"/cloud/users(\?|$)")
    is_half = (name, fault) == (FOR_A_LINK, "half_made_account")  # of which no link can ever be mailed
    assert ended == ("undone" if is_half else STAYING[fault])
    assert run.picture(shared=ended != "undone") == expected[ended]


@pytest.mark.parametrize("fault", ["hang_after_work", "cut_after_work", "error_after_work", "cut", "slow"])
def test_whatever_meets_the_mail_the_last_link_opens_and_none_before_it(
    served: Served, tmp_path: Path, fault: str
) -> None:
    run = disturbed(served, tmp_path, HAND_OVER)
    run.carry_out(name=fault, calls=1, method="POST", path=r"/welcome(\?|$)")
    *earlier, (to, link) = mailed(run.worker.state())
    assert to == "sari@kota.lab"
    assert [follow(served, old, "Sandi-lain-9w2e-z") for _, old in earlier] == ["invalid"] * len(earlier)
    assert len(earlier) == (2 if fault.endswith("after_work") else 1)
    assert follow(served, link, NEW_SECRET) == "success"
    assert run.picture()["accounts"]["sari"]["password"] == NEW_SECRET


@pytest.mark.parametrize("fault", ["half_made_account", "cut_after_work", "error_after_work"])
def test_an_account_for_a_link_that_was_made_by_half_still_has_a_link_mailed(
    served: Served, tmp_path: Path, fault: str
) -> None:
    run = disturbed(served, tmp_path, FOR_A_LINK)
    run.carry_out(name=fault, calls=1, method="POST", path=r"/cloud/users(\?|$)")
    assert run.worker.do("cloud_account", *handing_over())["failed"] is False
    to, link = mailed(run.worker.state())[-1]
    assert (to, follow(served, link, NEW_SECRET)) == ("sari@kota.lab", "success")


def test_another_certificate_is_told_nothing_and_the_right_one_lets_the_run_go_on(
    served: Served, tmp_path: Path
) -> None:
    run = disturbed(served, tmp_path, CREATE)
    expected, since = pictures(run), run.worker.mark()
    served.ask(do="fault", name="wrong_certificate")
    answers = run.act(run.run.part)
    served.cloud.faults.switch_off()
    assert [answer.get("lost") for answer in answers] == [True]
    assert run.worker.calls(since) == []
    run.go_on()
    assert run.picture() == expected["done"]


def test_a_half_made_account_that_bears_no_mark_is_nobodys_and_stays_for_a_person(
    served: Served, tmp_path: Path
) -> None:
    run = disturbed(served, tmp_path, CREATE)
    served.ask(do="account", id="sari", password="Sandi-orang-lain-1")  # what SQLite left of two creations at once
    before = run.picture(shared=False)
    answers = run.act(run.run.part)
    assert [answer["failed"] for answer in answers] == [False, True]
    assert answers[-1]["foreign"][0] == {
        "system": "nextcloud",
        "target": f"{HOST}/sari",
        "property": "account",
        "seen": {"mark": None},
    }
    assert run.picture(shared=False) == before


def test_the_51st_edit_in_ten_minutes_waits_and_is_done(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = disturbed(served, tmp_path, CHANGE)
    expected = pictures(run)
    server = served.cloud
    server.edits["gerbang"] = [server.clock() for _ in range(49)]
    monkeypatch.setattr(sys.modules["errand.service"].Service, "_waits", lambda _self, _text: pass_ten_minutes(served))
    since = run.worker.mark()
    assert run.carry_out() == "done"
    assert run.picture() == expected["done"]
    rows = served.ask(do="journal", since=since)
    assert [row["status"] for row in rows if row["method"] == "PUT"] == [200, 429, 200, 200]


def pass_ten_minutes(served: Served) -> None:
    served.ask(do="forward", seconds=601)
