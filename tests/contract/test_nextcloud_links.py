"""When does the server mail a link that sets a password, and how long does it open? As its own source does.

Recorded are the mails and what a used, an old and a weak one answer (mail-*, reset-*); what is between them is not.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from provisioner.https_line import HttpsLine
from tests.cloud import Served, serving
from tests.cloud_errands import follow, mailed

NEW = "Sandi-pemilik-4j7q-y"
SET_BY_ADMIN = "Sandi-rekaan-7h2k9"


class Links:
    """A server, asked as its admin, whose outbox is read behind its back."""

    def __init__(self, cloud: Served) -> None:
        self.cloud = cloud
        self.line = HttpsLine(cloud.url, address=cloud.address, ca_file=str(cloud.ca_file), seconds=10)

    def ask(self, method: str, path: str, data: Any = None, *, who: str = "") -> int:
        """One call of OCS; its HTTP status."""
        login = who or f"{self.cloud.user}:{self.cloud.app_password}"
        headers = {
            "Authorization": "Basic " + base64.b64encode(login.encode()).decode(),
            "OCS-APIRequest": "true",
            "Content-Type": "application/json",
        }
        said = self.line.exchange(method, f"/ocs/v2.php{path}?format=json", headers, json.dumps(data or {}).encode())
        return said.status

    def make(self, **fields: Any) -> None:
        assert self.ask("POST", "/cloud/users", {"userid": "sari", "email": "tunggu@kota.lab", **fields}) == 200

    def edit(self, key: str, value: str) -> None:
        assert self.ask("PUT", "/cloud/users/sari", {"key": key, "value": value}) == 200

    def welcome(self) -> tuple[str, str]:
        """Let the mail be sent again: to whom it went, and its link, '' where it holds none."""
        assert self.ask("POST", "/cloud/users/sari/welcome") == 200
        return self.mailed()[-1]

    def mailed(self) -> list[tuple[str, str]]:
        """Every mail: to whom, and the link in it."""
        return mailed(self.cloud.ask(do="dump"))

    def follow(self, link: str) -> str:
        """Set a password by a link."""
        return follow(self.cloud, link, NEW)

    def opens(self, password: str) -> bool:
        return self.ask("GET", "/cloud/user", who=f"sari:{password}") == 200


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("certificates")


@pytest.fixture
def links(tmp_path: Path, certificates: Path) -> Iterator[Links]:
    with serving(tmp_path, certificates=certificates) as cloud:
        cloud.cloud.state.config["core"] = {"newUser.sendEmail": "yes"}
        asked = Links(cloud)
        yield asked
        asked.line.close()


@pytest.mark.parametrize(
    ("password", "server_writes", "mailed", "has_link"),
    [
        ("", "yes", 2, True),
        ("", "no", 1, False),
        (SET_BY_ADMIN, "yes", 2, False),
        (SET_BY_ADMIN, "no", 1, False),
    ],
)
def test_only_who_was_mailed_a_link_at_creation_is_mailed_one_again(
    links: Links, password: str, server_writes: str, mailed: int, has_link: bool
) -> None:
    links.cloud.cloud.state.config["core"] = {"newUser.sendEmail": server_writes}
    links.make(password=password)
    assert bool(links.welcome()[1]) is has_link
    assert [bool(link) for _, link in links.mailed()] == [has_link] * mailed


def test_a_password_that_an_admin_sets_and_a_login_with_it_leave_the_link_pending(links: Links) -> None:
    links.make()
    links.edit("password", SET_BY_ADMIN)
    assert links.opens(SET_BY_ADMIN)
    to, link = links.welcome()
    assert (to, links.follow(link)) == ("tunggu@kota.lab", "success")
    assert (links.opens(NEW), links.opens(SET_BY_ADMIN)) == (True, False)


def test_another_address_takes_the_link_along_and_voids_the_one_mailed_before(links: Links) -> None:
    links.make()
    links.edit("email", "sari@kota.lab")
    assert [to for to, _ in links.mailed()] == ["tunggu@kota.lab"], "an edit mails nobody"
    assert links.follow(links.mailed()[0][1]) == "invalid"
    to, link = links.welcome()
    assert to == "sari@kota.lab"
    assert (links.follow(links.mailed()[0][1]), links.follow(link)) == ("invalid", "success")


def test_once_used_nothing_is_pending_any_more(links: Links) -> None:
    links.make()
    assert links.follow(links.mailed()[0][1]) == "success"
    assert links.welcome() == ("tunggu@kota.lab", "")


def test_a_second_mail_voids_the_first_link(links: Links) -> None:
    links.make()
    links.welcome()
    first, second = (link for _, link in links.mailed())
    assert (links.follow(first), links.follow(second)) == ("invalid", "success")


@pytest.mark.parametrize(("seconds", "said"), [(7 * 24 * 3600 - 60, "success"), (7 * 24 * 3600 + 60, "expired")])
def test_a_link_opens_for_seven_days(links: Links, seconds: int, said: str) -> None:
    links.make()
    links.cloud.ask(do="forward", seconds=seconds)
    assert links.follow(links.mailed()[0][1]) == said


def test_a_login_after_the_mail_voids_the_link(links: Links) -> None:
    links.make()
    links.edit("password", SET_BY_ADMIN)
    links.cloud.ask(do="forward", seconds=100)
    assert links.opens(SET_BY_ADMIN)
    assert links.follow(links.mailed()[0][1]) == "expired"


def test_a_disabled_account_opens_by_no_link_and_a_removed_one_has_none_left(links: Links) -> None:
    links.make()
    (_, link), path = links.mailed()[0], "/cloud/users/sari"
    assert links.ask("PUT", f"{path}/disable") == 200
    assert links.follow(link) == "invalid"
    assert links.ask("PUT", f"{path}/enable") == 200
    assert links.ask("DELETE", path) == 200
    links.make(password=SET_BY_ADMIN)
    assert links.follow(link) == "invalid"
    assert links.welcome()[1] == ""
