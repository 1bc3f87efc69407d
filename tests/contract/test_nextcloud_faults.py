"""Does the lab's Nextcloud fail as it is told to, lock out whom the real one would, and keep what it was given?"""

from __future__ import annotations

import base64
import http.client
import json
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.cloud import Served, serving

OCS = "/ocs/v2.php"
PASSWORD = "Sandi-percobaan-2026"


@dataclass(frozen=True, kw_only=True)
class Reply:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def ocs(self) -> tuple[int, Any]:
        said = json.loads(self.body)["ocs"]
        return said["meta"]["statuscode"], said["data"]


def connect(cloud: Served) -> http.client.HTTPSConnection:
    context = ssl.create_default_context(cafile=str(cloud.ca_file))
    connection = http.client.HTTPSConnection("127.0.0.1", cloud.port, context=context, timeout=5)
    plain = socket.create_connection((cloud.address, cloud.port), timeout=5)
    connection.sock = context.wrap_socket(plain, server_hostname="cloud.kota.lab")
    return connection


def call(cloud: Served, method: str, path: str, data: Any = None, *, user: str = "", password: str = "") -> Reply:
    """One call on a connection of its own; without a user, gerbang with its app password."""
    given = f"{user or cloud.user}:{password or cloud.app_password}".encode()
    headers = {"Authorization": f"Basic {base64.b64encode(given).decode()}", "OCS-APIRequest": "true"}
    headers |= {"Accept": "application/json", "Host": f"cloud.kota.lab:{cloud.port}"}
    body = urlencode(data).encode() if isinstance(data, list | dict) else data
    if isinstance(data, list | dict):
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection = connect(cloud)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return Reply(status=answer.status, headers=answer.headers, body=answer.read())
    finally:
        connection.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("cloud")) as cloud:
        yield cloud


@pytest.fixture
def cloud(served: Served) -> Served:
    served.ask(do="reset")
    return served


def make(cloud: Served, name: str = "ani", **fields: str) -> Reply:
    return call(cloud, "POST", f"{OCS}/cloud/users", {"userid": name, "password": PASSWORD, **fields})


def test_an_account_with_a_quota_takes_what_fits_and_answers_507_to_more(cloud: Served) -> None:
    assert make(cloud, quota="30 MB").ocs == (200, {"id": "ani"})
    fits = call(cloud, "PUT", "/remote.php/dav/files/ani/a.txt", b"x" * 5_000_000, user="ani", password=PASSWORD)
    more = call(cloud, "PUT", "/remote.php/dav/files/ani/b.txt", b"x" * 20_000_000, user="ani", password=PASSWORD)
    assert (fits.status, more.status) == (201, 507)
    quota = call(cloud, "GET", f"{OCS}/cloud/users/ani").ocs[1]["quota"]
    assert (quota["quota"], quota["used"]) == (31457280, 20174294 + 5_000_000)


def test_accounts_and_files_outlast_a_restart(tmp_path: Path) -> None:
    with serving(tmp_path) as cloud:
        make(cloud)
        call(cloud, "PUT", "/remote.php/dav/files/ani/a.txt", b"isi", user="ani", password=PASSWORD)
    with serving(tmp_path) as cloud:
        got = call(cloud, "GET", "/remote.php/dav/files/ani/a.txt", user="ani", password=PASSWORD)
    assert (got.status, got.body) == (200, b"isi")


@pytest.mark.parametrize(
    ("fault", "status", "is_made"),
    [
        ("too_many_requests", 429, False),
        ("html_error", 502, False),
        ("redirect_elsewhere", 302, False),
        ("maintenance", 503, False),
        ("error_after_work", 500, True),
        ("half_made_account", 400, True),
        ("wrong_json_type", 200, True),
    ],
)
def test_a_fault_meets_the_call_that_it_names_and_no_other(
    cloud: Served, fault: str, status: int, *, is_made: bool
) -> None:
    cloud.ask(do="fault", name=fault, calls=1, method="POST", path="/cloud/users$")
    assert call(cloud, "GET", f"{OCS}/cloud/users").status == 200
    assert make(cloud, quota="1 GB").status == status
    assert (call(cloud, "GET", f"{OCS}/cloud/users/ani").status == 200) is is_made
    assert make(cloud, "budi", quota="1 GB").status == 200


@pytest.mark.parametrize(("fault", "is_made"), [("cut", False), ("cut_after_work", True)])
def test_a_cut_connection_leaves_the_work_undone_or_done(cloud: Served, fault: str, *, is_made: bool) -> None:
    cloud.ask(do="fault", name=fault, calls=1, method="POST")
    with pytest.raises(http.client.RemoteDisconnected):
        make(cloud)
    assert (call(cloud, "GET", f"{OCS}/cloud/users/ani").status == 200) is is_made


@pytest.mark.parametrize(("fault", "is_made"), [("hang", False), ("hang_after_work", True)])
def test_a_call_that_hangs_is_cut_when_the_fault_ends(cloud: Served, fault: str, *, is_made: bool) -> None:
    cloud.ask(do="fault", name=fault, method="POST")
    connection = connect(cloud)
    connection.timeout = 0.3
    assert connection.sock is not None
    connection.sock.settimeout(0.3)
    given = base64.b64encode(f"{cloud.user}:{cloud.app_password}".encode()).decode()
    headers = {"Authorization": f"Basic {given}", "OCS-APIRequest": "true", "Host": "cloud.kota.lab"}
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request("POST", f"{OCS}/cloud/users", urlencode({"userid": "ani", "password": PASSWORD}), headers)
    with pytest.raises(TimeoutError):
        connection.getresponse()
    connection.close()
    cloud.ask(do="fault", name=fault, on=False)
    assert (call(cloud, "GET", f"{OCS}/cloud/users/ani").status == 200) is is_made


def test_a_wrong_certificate_is_shown_to_new_connections_and_ends_the_old_ones(cloud: Served) -> None:
    cloud.ask(do="fault", name="wrong_certificate")
    with pytest.raises(ssl.SSLCertVerificationError):
        call(cloud, "GET", "/status.php")
    cloud.ask(do="fault", name="wrong_certificate", on=False)
    assert call(cloud, "GET", "/status.php").status == 200


def test_eleven_wrong_passwords_lock_an_address_for_every_account_until_it_is_forgiven(cloud: Served) -> None:
    seen = [call(cloud, "GET", f"{OCS}/cloud/user", user="ani", password="salah").status for _ in range(12)]
    assert seen == [401] * 11 + [429]
    assert call(cloud, "GET", f"{OCS}/cloud/user").status == 429
    assert call(cloud, "PROPFIND", "/remote.php/dav/files/gerbang/").status == 429
    cloud.ask(do="forgive")
    assert call(cloud, "GET", f"{OCS}/cloud/user").status == 200


def test_the_fifty_first_edit_in_ten_minutes_is_429_without_a_word_and_creating_is_not_counted(cloud: Served) -> None:
    make(cloud)
    edits = [call(cloud, "PUT", f"{OCS}/cloud/users/ani", {"key": "quota", "value": "1 GB"}).status for _ in range(51)]
    assert edits == [200] * 50 + [429]
    refused = call(cloud, "PUT", "/ocs/v1.php/cloud/users/ani", {"key": "displayname", "value": "x"})
    assert (refused.status, refused.body, refused.headers["Retry-After"]) == (429, b"", None)
    assert make(cloud, "budi", quota="1 GB").status == 200
    cloud.ask(do="forward", seconds=601)
    assert call(cloud, "PUT", f"{OCS}/cloud/users/ani", {"key": "quota", "value": "1 GB"}).status == 200


def test_the_journal_knows_every_call_and_no_password(cloud: Served) -> None:
    make(cloud, quota="1 GB")
    written = cloud.ask(do="journal")
    assert [(one["method"], one["target"], one["user"], one["status"], one["ocs_code"]) for one in written] == [
        ("POST", f"{OCS}/cloud/users", "gerbang", 200, 200)
    ]
    assert PASSWORD not in json.dumps([written, cloud.ask(do="dump")])


def test_at_the_recorded_pace_a_create_call_takes_half_a_second(cloud: Served) -> None:
    cloud.ask(do="pace", on=True)
    begun = time.monotonic()
    assert make(cloud).status == 200
    assert time.monotonic() - begun >= 0.5
