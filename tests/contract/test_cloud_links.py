"""Is a link that sets a password mailed once the account is proved, to its person alone, and in how few calls?

Against the lab's Nextcloud in the test's own process; each assertion of calls is of all calls that came.
"""

from __future__ import annotations

import sys

import pytest

from lab.nextcloud.state import opens
from tests.cloud_errands import (
    CLASS,
    OPD,
    SECRET,
    WAITING,
    WELCOME,
    CloudWorker,
    creation,
    follow,
    handing_over,
    link_class,
    link_creation,
    mailed,
    removal,
)

LOOK, EDIT, JOIN = "GET /cloud/users/sari", "PUT /cloud/users/sari", "POST /cloud/users/sari/groups"
CREATE, MAIL, DELETE = "POST /cloud/users", "POST /cloud/users/sari/welcome", "DELETE /cloud/users/sari"
NEW = "Sandi-pemilik-4j7q-y"


@pytest.fixture
def linked(worker: CloudWorker) -> CloudWorker:
    """A server that mails links, with the class and the groups that an account for a link is in."""
    worker.cloud.cloud.state.config["core"] = {"newUser.sendEmail": "yes"}
    assert worker.do("limit_class", *link_class())["failed"] is False
    return worker


@pytest.fixture
def made(linked: CloudWorker) -> CloudWorker:
    """The same with an account that waits for its link."""
    assert linked.do("cloud_account", *link_creation())["failed"] is False
    return linked


def password_opens(worker: CloudWorker, password: str) -> bool:
    return opens(password, worker.state()["accounts"]["sari"]["password"])


def to_whom(worker: CloudWorker) -> list[str]:
    return [to for to, _ in mailed(worker.state())]


def test_an_account_for_a_link_is_made_without_a_password_and_given_the_runs_own(linked: CloudWorker) -> None:
    since = linked.mark()
    answer = linked.do("cloud_account", *link_creation())
    assert (answer["failed"], sorted(map(str, answer["changes"]))) == (False, sorted(map(str, link_creation())))
    assert linked.calls(since) == [WELCOME, CREATE, EDIT, JOIN]
    assert linked.account("sari") == {
        "account": {"mark": "gerbang"},
        "groups": [CLASS, OPD],
        "password": {"version": 1},
        "display_name": "Sari Dewi",
        "email": WAITING,
        "link": {"mailed": False},
        "quota": {"bytes": 5 * 2**30},
    }
    assert password_opens(linked, SECRET)
    assert to_whom(linked) == [WAITING]


def test_the_link_goes_to_the_person_in_four_calls_and_the_second_time_nobody_is_mailed(made: CloudWorker) -> None:
    since = made.mark()
    assert made.do("cloud_account", *handing_over())["changes"] == list(handing_over())
    assert made.calls(since) == [LOOK, EDIT, MAIL, JOIN]
    assert to_whom(made) == [WAITING, "sari@kota.lab"]
    assert (made.account("sari")["link"], made.account("sari")["email"]) == ({"mailed": True}, "sari@kota.lab")
    since = made.mark()
    assert made.do("cloud_account", *handing_over())["changes"] == []
    assert made.calls(since) == [LOOK]
    assert to_whom(made) == [WAITING, "sari@kota.lab"]


def test_the_persons_link_opens_the_account_and_the_waiting_addresss_opens_nothing(made: CloudWorker) -> None:
    made.do("cloud_account", *handing_over())
    (_, thrown_away), (_, link) = mailed(made.state())
    assert follow(made.cloud, thrown_away, "Sandi-orang-lain-1") == "invalid"
    assert password_opens(made, SECRET)
    assert follow(made.cloud, link, NEW) == "success"
    assert (password_opens(made, NEW), password_opens(made, SECRET)) == (True, False)
    assert follow(made.cloud, link, "Sandi-orang-lain-1") == "invalid"


def test_three_accounts_of_one_call_ask_for_the_setting_once(linked: CloudWorker) -> None:
    since = linked.mark()
    answers = linked.do_together("cloud_account", *(link_creation(name) for name in ("sari", "dewi", "tono")))
    assert [answer["failed"] for answer in answers] == [False] * 3
    assert [call for call in linked.calls(since) if call.startswith("GET")] == [WELCOME]
    assert to_whom(linked) == [WAITING] * 3


@pytest.mark.parametrize("setting", ["no", "1", None])
def test_where_no_link_would_be_mailed_no_account_is_made_and_it_is_said_what_mends_it(
    linked: CloudWorker, setting: str | None
) -> None:
    linked.cloud.cloud.state.config["core"] = {"newUser.sendEmail": setting} if setting else {}
    if setting is None:
        linked.cloud.ask(do="fault", name="wrong_json_type", calls=1, path="sendEmail")
    since = linked.mark()
    answer = linked.do("cloud_account", *link_creation())
    assert (answer["failed"], answer.get("lost"), answer["changes"]) == (True, None, [])
    assert "core newUser.sendEmail --value yes" in answer["msg"]
    assert linked.calls(since) == [WELCOME]
    assert linked.account("sari") == {}


def test_an_account_made_by_half_is_made_anew_for_an_edit_would_leave_it_without_a_link(linked: CloudWorker) -> None:
    linked.cloud.ask(do="fault", name="half_made_account", calls=1)
    since = linked.mark()
    answer = linked.do("cloud_account", *link_creation())
    assert (answer["failed"], sorted(map(str, answer["changes"]))) == (False, sorted(map(str, link_creation())))
    assert linked.calls(since) == [WELCOME, CREATE, LOOK, DELETE, CREATE, EDIT, JOIN]
    linked.do("cloud_account", *handing_over())
    assert follow(linked.cloud, mailed(linked.state())[-1][1], NEW) == "success"


@pytest.mark.parametrize("sign", ["login", "file"])
def test_one_that_somebody_came_in_to_is_not_made_anew(linked: CloudWorker, sign: str) -> None:
    form = {"userid": "sari", "password": SECRET, "groups": ["gerbang", CLASS, OPD]}
    with linked.client() as client:
        assert client.post("/cloud/users", form).ok
    account = linked.cloud.cloud.state.accounts["sari"]
    if sign == "login":
        account.first_login = account.last_login = 1795203575
    else:
        from lab.nextcloud.state import Node

        account.files["a.txt"] = Node(id=1, size_bytes=5)
    before = linked.state()["accounts"]
    answer = linked.do("cloud_account", *link_creation())
    assert (answer["failed"], answer.get("lost")) == (True, None)
    assert "Remove it by hand" in answer["msg"]
    assert linked.state()["accounts"] == before


@pytest.mark.parametrize("code", [101, 102])
def test_a_mail_that_the_server_could_not_send_fails_with_its_code_and_is_not_noted(
    made: CloudWorker, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = handing_over()
    if code == 101:
        made.cloud.cloud.state.accounts["sari"].email = None
        asked = asked[1:]
    else:
        monkeypatch.setattr("lab.nextcloud.mails.CAN_SEND", False)
    answer = made.do("cloud_account", *asked)
    assert (answer["failed"], answer.get("lost")) == (True, None)
    assert f" {code} " in answer["msg"]
    assert "mail settings" in answer["msg"]
    assert made.account("sari")["link"] == {"mailed": False}


def test_a_mail_goes_to_no_account_but_the_one_it_is_for(made: CloudWorker) -> None:
    assert made.do("cloud_account", *link_creation("dewi"))["failed"] is False
    dewi, since = made.account("dewi"), made.mark()
    made.do("cloud_account", *handing_over())
    assert all("/sari" in call for call in made.calls(since))
    assert made.account("dewi") == dewi
    assert to_whom(made) == [WAITING, WAITING, "sari@kota.lab"]


def test_sixty_lines_wait_for_the_server_that_counts_edits_and_none_of_them_is_refused(
    linked: CloudWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = sys.modules["errand.service"].Service
    own = service._waits

    def and_ten_minutes_pass(self: object, text: str) -> None:
        own(self, text)
        linked.cloud.ask(do="forward", seconds=601)

    monkeypatch.setattr(service, "_waits", and_ten_minutes_pass)
    names = [f"kelurahan-{number:02d}" for number in range(60)]
    since = linked.mark()
    answers = linked.do_together("cloud_account", *(link_creation(name) for name in names))
    answers += linked.do_together("cloud_account", *(handing_over(name, f"{name}@kota.lab") for name in names))
    assert [answer["msg"] for answer in answers if answer["failed"]] == []
    rows = linked.cloud.ask(do="journal", since=since)
    edits = [row["status"] for row in rows if row["method"] == "PUT"]
    assert (edits.count(200), edits.count(429), set(edits)) == (120, 2, {200, 429})
    assert to_whom(linked) == [WAITING] * 60 + [f"{name}@kota.lab" for name in names]
    said = [line for number in range(60) for line in linked.said("cloud_account", number)]
    assert any("server membatasi jumlah panggilan" in line for line in said)


def test_an_account_goes_with_its_link_and_the_link_opens_nothing_then(made: CloudWorker) -> None:
    made.do("cloud_account", *handing_over())
    answer = made.do("cloud_account", *removal(link={"mailed": True}))
    assert (answer["failed"], made.account("sari")) == (False, {})
    assert follow(made.cloud, mailed(made.state())[-1][1], NEW) == "invalid"


def test_where_passwords_are_claimed_nothing_of_links_is_asked(linked: CloudWorker) -> None:
    since = linked.mark()
    linked.do("cloud_account", *creation())
    assert linked.calls(since) == [WELCOME, CREATE, EDIT]
    assert (to_whom(linked), linked.account("sari").get("link")) == ([], None)
