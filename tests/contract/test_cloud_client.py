"""Does our client of a Nextcloud hold, whatever answers? What was done is told from what is not known."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from provisioner import ocs as ocs_client
from provisioner.errors import GerbangError, Unknown, Unreachable
from provisioner.ocs import Nextcloud
from tests.contract.tls_server import LOCAL, NAME, Asked, Said, Server, ocs, said, serving

SECRET = "kenari-sandi-aplikasi"
PLAIN = {"ocs": {"meta": {"statuscode": 200}, "data": []}}


MADE: list[Nextcloud] = []


@pytest.fixture(autouse=True)
def all_are_closed() -> Iterator[None]:
    """End the connections of every client that a test made."""
    yield
    while MADE:
        MADE.pop().close()


def client(server: Server, **given: object) -> Nextcloud:
    """A client of the test's server, as the inventory would describe it."""
    known: dict[str, object] = {"address": LOCAL, "ca_file": str(server.ca_file), "timeout_seconds": 1.0}
    MADE.append(Nextcloud(server.url, "gerbang", SECRET, **{**known, "patience_seconds": 0.0, **given}))  # type: ignore[arg-type]
    return MADE[-1]


def always(back: Said) -> Callable[[Asked], Said]:
    return lambda _asked: back


def in_turn(*backs: Said) -> Callable[[Asked], Said]:
    """Answer with each in turn."""
    left = list(backs)
    return lambda _asked: left.pop(0)


def test_a_call_carries_the_account_in_its_header_and_what_is_said_in_its_body(tmp_path: Path) -> None:
    with serving(tmp_path, always(ocs(200, {"id": "sari"}))) as server:
        cloud = client(server)
        made = cloud.post("/cloud/users", {"userid": "sari", "password": "a&b c", "groups": ["gerbang", "opd x"]})
        cloud.get("/cloud/users/details", {"limit": 500, "offset": 0})
        cloud.post("/apps/workflowengine/api/v1/workflows/global", json={"events": []})
        cloud.delete("/cloud/users/sari")
    first, second, third, fourth = server.asked
    assert (made.status, made.ocs_code, made.data, made.ok) == (200, 200, {"id": "sari"}, True)
    assert (first.method, first.path) == ("POST", "/ocs/v2.php/cloud/users?format=json")
    assert first.body == b"userid=sari&password=a%26b+c&groups%5B%5D=gerbang&groups%5B%5D=opd+x"
    assert first.headers == {
        "host": f"{NAME}:{server.port}",
        "authorization": "Basic " + base64.b64encode(f"gerbang:{SECRET}".encode()).decode(),
        "ocs-apirequest": "true",
        "accept": "application/json",
        "content-type": "application/x-www-form-urlencoded",
        "content-length": str(len(first.body)),
    }
    assert (second.method, second.path, second.body) == (
        "GET",
        "/ocs/v2.php/cloud/users/details?limit=500&offset=0&format=json",
        b"",
    )
    assert (third.body, third.headers["content-type"]) == (b'{"events": []}', "application/json")
    assert (fourth.method, fourth.path, fourth.body) == ("DELETE", "/ocs/v2.php/cloud/users/sari?format=json", b"")
    assert server.connections == 1, "one kept connection"


ANSWERS = {
    # what comes back: what a read raises, what a write raises
    "an HTML page with 200": (said(200, b"<html>masuk</html>"), Unreachable, Unknown),
    "an HTML page with 400, as for an untrusted domain": (said(400, b"<html>"), Unreachable, Unreachable),
    "an HTML page with 500": (said(500, b"<html>galat</html>"), Unreachable, Unknown),
    "500 in the envelope": (ocs(996, status=500), Unreachable, Unknown),
    "503 without maintenance": (ocs(503, status=503), Unreachable, Unknown),
    "a gateway that lost it": (said(504, b""), Unreachable, Unknown),
    "CSRF refused, no envelope": (said(412, {"message": "CSRF check failed"}), Unreachable, Unreachable),
    "another method wanted": (said(405, b""), Unreachable, Unreachable),
    "a redirect elsewhere": (said(302, b"", Location="https://lain.example/"), Unreachable, Unreachable),
    "a list": (said(200, b"[1]"), Unreachable, Unknown),
    "an envelope of the wrong type": (said(200, {"ocs": []}), Unreachable, Unknown),
    "a code of the wrong type": (said(200, {"ocs": {"meta": {"statuscode": "200"}, "data": []}}), Unreachable, Unknown),
    "a code that is a truth": (said(200, {"ocs": {"meta": {"statuscode": True}, "data": []}}), Unreachable, Unknown),
    "a code that contradicts the status": (ocs(101, status=200), Unreachable, Unknown),
    "200 inside a refusal": (ocs(200, status=404), Unreachable, Unreachable),
    "nesting without end": (said(200, b"[" * 200_000), Unreachable, Unknown),
    "half an answer": (Said(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", hang_up=True), Unreachable, Unknown),
    "half a chunk": (
        Said(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n99\r\n{", hang_up=True),
        Unreachable,
        Unknown,
    ),
    "no HTTP at all": (Said(raw=b"220 smtp.kota.lab ESMTP\r\n", hang_up=True), Unreachable, Unknown),
    "nothing": (Said(raw=b"", hang_up=True), Unreachable, Unknown),
    "too much": (Said(raw=b"HTTP/1.1 200 OK\r\n\r\n" + b" " * (17 << 20), hang_up=True), Unreachable, Unknown),
    "a byte now and then": (Said(raw=b"HTTP/1.1 200 OK\r\n" * 99, piece=1, pause_seconds=0.3), Unreachable, Unknown),
    "a body without end": (
        Said(raw=b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 99, piece=20, pause_seconds=0.3),
        Unreachable,
        Unknown,
    ),
    "too many calls": (said(429, b""), Unreachable, Unreachable),
    "maintenance": (ocs(503, status=503), Unreachable, Unknown),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_what_is_no_answer_is_named_and_tells_no_secret(name: str, tmp_path: Path) -> None:
    back, of_a_read, of_a_write = ANSWERS[name]
    with serving(tmp_path, always(back)) as server:
        begun = time.monotonic()
        with pytest.raises(GerbangError) as read:
            client(server).get("/cloud/users")
        with pytest.raises(GerbangError) as written:
            client(server).post("/cloud/users", {"userid": "sari", "password": SECRET})
        assert time.monotonic() - begun < 4, "one deadline for each exchange"
    assert (read.type, written.type) == (of_a_read, of_a_write), (str(read.value), str(written.value))
    for raised in (read, written):
        assert f"{NAME}:{server.port}" in str(raised.value)
        encoded = base64.b64encode(f"gerbang:{SECRET}".encode()).decode()
        chain = "".join(map(repr, (raised.value, raised.value.__context__, raised.value.__cause__)))
        assert SECRET not in chain
        assert encoded not in chain
        assert "https://lain.example" not in str(raised.value)
    asked = [(one.method, one.path) for one in server.asked]
    where = "/ocs/v2.php/cloud/users?format=json"
    assert asked == [("GET", where), ("POST", where)], "nothing else, and no write twice"


def test_a_client_shows_no_password() -> None:
    assert repr(Nextcloud("https://cloud.kota.lab", "gerbang", SECRET)) == "Nextcloud(cloud.kota.lab, gerbang)"


@pytest.mark.parametrize("url", ["http://cloud.kota.lab", "https://", "https://a:b@cloud.kota.lab", "https://c/?x=1"])
def test_only_an_https_address_without_secrets_is_taken(url: str) -> None:
    with pytest.raises(GerbangError, match="form https"):
        Nextcloud(url, "gerbang", SECRET)


def test_a_server_below_a_folder_is_asked_there(tmp_path: Path) -> None:
    with serving(tmp_path, always(ocs(200))) as server:
        url = f"{server.url}/nextcloud/"
        with Nextcloud(url, "gerbang", SECRET, address=LOCAL, ca_file=str(server.ca_file)) as cloud:
            cloud.get("/cloud/users")
    assert server.asked[0].path == "/nextcloud/ocs/v2.php/cloud/users?format=json"


def test_another_certificate_is_refused_before_a_word_is_said(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    with (
        serving(tmp_path, always(ocs(200)), name="lain.kota.lab") as other_name,
        serving(tmp_path / "other", always(ocs(200))) as other_authority,
        serving(tmp_path, always(ocs(200))) as right,
    ):
        wrong_name = client(other_name)
        wrong_authority = client(other_authority, ca_file=str(right.ca_file))
        for cloud in (wrong_name, wrong_authority):
            with pytest.raises(Unreachable, match="certificate is not the right one") as off:
                cloud.post("/cloud/users", {"userid": "sari"})
            assert "nextcloud_ca_file" in off.value.mend
    assert (other_name.asked, other_authority.asked) == ([], [])


def test_the_session_is_kept_until_something_is_refused(tmp_path: Path) -> None:
    """Its cookies halve what a create costs; one that no browser would take is left out."""
    first = said(200, PLAIN, Set_Cookie="oc1234=abc%2Fdef; path=/; secure; HttpOnly")
    hostile = said(200, PLAIN, Set_Cookie='x="\x7f; y')
    with serving(tmp_path, in_turn(first, hostile, ocs(404), ocs(200))) as server:
        cloud = client(server)
        for _ in range(4):
            cloud.get("/cloud/users")
    assert [one.headers.get("cookie") for one in server.asked] == [None, "oc1234=abc%2Fdef", "oc1234=abc%2Fdef", None]


def test_the_session_is_given_up_before_the_server_wants_its_password_confirmed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After thirty minutes it wants that; ours ends after ten, counted from its first answer, and a new one begins."""
    now = [1000.0]
    monkeypatch.setattr(ocs_client, "time", SimpleNamespace(monotonic=lambda: now[0]))
    cookies = (said(200, PLAIN, Set_Cookie=f"oc=sesi{number}; path=/") for number in range(9))
    with serving(tmp_path, in_turn(*cookies)) as server:
        cloud = client(server)
        for now[0] in (1000.0, 1300.0, 1600.0, 1601.0, 2200.0, 2201.5):
            cloud.get("/cloud/users")
    sent = [one.headers.get("cookie") for one in server.asked]
    assert sent == [None, "oc=sesi0", "oc=sesi1", None, "oc=sesi3", None]


def test_nobody_there_is_unreachable_also_for_a_write(tmp_path: Path) -> None:
    with serving(tmp_path, always(ocs(200))) as server:
        cloud = client(server)
    with pytest.raises(Unreachable, match="no connection"):
        cloud.post("/cloud/users", {"userid": "sari"})


def test_a_ca_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(GerbangError, match="FileNotFoundError"):
        Nextcloud("https://cloud.kota.lab", "gerbang", SECRET, ca_file=str(tmp_path / "tidak-ada.pem"))


def test_too_many_calls_and_maintenance_are_waited_for_and_told(tmp_path: Path) -> None:
    busy = said(429, b"")
    closed = said(503, {"ocs": {"meta": {"statuscode": 503}, "data": []}}, X_Nextcloud_Maintenance_Mode="1")
    told: list[str] = []
    pauses: list[float] = []
    with serving(tmp_path, in_turn(busy, closed, busy, ocs(200, {"id": "sari"}))) as server:
        cloud = client(server, patience_seconds=60, told=told.append, pause=pauses.append)
        assert cloud.post("/cloud/users", {"userid": "sari"}).ok
    assert pauses == [2, 4, 8]
    assert told == [
        f"{NAME}:{server.port}: too many calls (429); waiting 2 s",
        f"{NAME}:{server.port}: maintenance (503); waiting 4 s",
        f"{NAME}:{server.port}: too many calls (429); waiting 8 s",
    ]
    assert {one.body for one in server.asked} == {b"userid=sari"}


def test_patience_ends_and_nothing_was_done(tmp_path: Path) -> None:
    pauses: list[float] = []
    with (
        serving(tmp_path, always(said(429, b""))) as server,
        pytest.raises(Unreachable, match=r"takes no calls: too many calls \(429\), waited 100 s"),
    ):
        client(server, patience_seconds=100, pause=pauses.append).post("/cloud/users", {"userid": "sari"})
    assert pauses == [2, 4, 8, 16, 30, 30, 10]


def test_who_is_told_may_give_up(tmp_path: Path) -> None:
    def stop(_text: str) -> None:
        raise InterruptedError

    with serving(tmp_path, always(said(429, b""))) as server, pytest.raises(InterruptedError):
        client(server, patience_seconds=60, told=stop, pause=lambda _: None).get("/cloud/users")
    assert len(server.asked) == 1


def test_after_one_refused_password_nothing_more_is_sent(tmp_path: Path) -> None:
    """Eleven wrong passwords lock out every account that comes from our address (recording bruteforce-sequence)."""
    with serving(tmp_path, always(ocs(997, status=401))) as server:
        cloud = client(server)
        assert cloud.get("/cloud/user").ocs_code == 997
        for _ in range(20):
            with pytest.raises(Unreachable, match=r"refused our password.*nextcloud_app_password_file"):
                cloud.put("/cloud/users/sari", {"key": "quota", "value": "5 GB"})
    assert len(server.asked) == 1


def test_a_connection_the_server_closed_meanwhile_is_opened_again(tmp_path: Path) -> None:
    closing = Said(raw=ocs(200).raw, hang_up=True)
    with serving(tmp_path, always(closing)) as server:
        cloud = client(server)
        for _ in range(3):
            assert cloud.post("/cloud/users", {"userid": "sari"}).ok
            time.sleep(0.05)
    assert (len(server.asked), server.connections) == (3, 3)


def test_a_server_that_says_it_closes_is_believed_and_read_to_the_end(tmp_path: Path) -> None:
    body = b'{"ocs": {"meta": {"statuscode": 200}, "data": ["' + b"x" * 200_000 + b'"]}}'
    raw = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with serving(tmp_path, always(Said(raw=raw, hang_up=True))) as server:
        cloud = client(server)
        assert [len(cloud.get("/cloud/users").data[0]) for _ in range(2)] == [200_000, 200_000]
    assert server.connections == 2


def test_a_read_that_must_succeed_says_which_right_is_missing(tmp_path: Path) -> None:
    with serving(tmp_path, always(ocs(403))) as server, pytest.raises(Unreachable, match="group admin"):
        client(server).fetched("/apps/workflowengine/api/v1/workflows/global")
