"""How is a recorded call sent again, and when is an answer the same? Status, headers that mean something, body."""

from __future__ import annotations

import base64
import http.client
import json
import re
import socket
import ssl
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from tests.cloud import ADMIN, ADMIN_PASSWORD, HOST, Served

RECORDINGS = Path(__file__).resolve().parents[2] / "lab" / "recordings" / "nextcloud-32.jsonl"
# What a header says of session, cache or length changes from call to call; these mean something to a client.
HEADERS = ("content-type", "www-authenticate", "x-nextcloud-maintenance-mode", "retry-after", "x-user-id", "dav")
TIMES = ("firstLoginTimestamp", "lastLoginTimestamp", "lastLogin")
# Drawn anew by each server, or a path of its own.
FIGURES = ("freespace", "num_users", "num_files", "last24hours")
DRAWN = ("storageLocation", "apppassword", "appPassword", "token")
LINK = re.compile(r"/lostpassword/reset/form/([^/]+)/(\S+)")
PLACE = re.compile(r"https?://[^/\"]+")
SIZED = re.compile(r"<(\d+) bytes>")
PAGE = "<a page of HTML>"
MASKED_ID = re.compile(r"^EXAMPLETOKENx{52,53}$")


@dataclass(frozen=True, kw_only=True)
class Recording:
    """One line of the file: what was asked, what came back, and what else was noted."""

    name: str
    request: dict[str, Any]
    response: dict[str, Any]
    noted: dict[str, Any]

    @property
    def user(self) -> str:
        """Who asked: "admin"; "" for nobody."""
        found = re.match(r"Basic ([^:]+):", self.request.get("auth") or "")
        return found[1] if found else ""


@cache
def recordings() -> dict[str, Recording]:
    """All that lie in the repository, by name; a second one of a name is called "v2-welcome (2)"."""
    found: dict[str, Recording] = {}
    for line in RECORDINGS.read_text().splitlines():
        said = json.loads(line)
        request, response, name = said.pop("request", {}), said.pop("response", {}), said["name"]
        name = f"{name} (2)" if name in found else name
        found[name] = Recording(name=name, request=request, response=response, noted=said)
    return found


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came back now."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(kw_only=True)
class Replay:
    """One server under test, and the secrets of its accounts as far as the calls told them."""

    cloud: Served
    passwords: dict[str, str] = field(default_factory=lambda: {ADMIN: ADMIN_PASSWORD})
    app_passwords: dict[str, str] = field(default_factory=dict)
    poll_token: str = ""

    def __post_init__(self) -> None:
        self.context = ssl.create_default_context(cafile=str(self.cloud.ca_file))
        self.connection: http.client.HTTPSConnection | None = None

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        user: str = ADMIN,
        password: str = "",
    ) -> Reply:
        """One call on the connection that stays open; `user` "" is nobody."""
        given = {"Host": f"{HOST}:{self.cloud.port}", **(headers or {})}
        if user:
            secret = password or self.passwords.get(user, "salah")
            basic = base64.b64encode(f"{user}:{secret}".encode()).decode()
            given["Authorization"] = given.get("Authorization") or f"Basic {basic}"
        if self.connection is None:
            self.connection = http.client.HTTPSConnection(HOST, self.cloud.port, timeout=20)
            plain = socket.create_connection((self.cloud.address, self.cloud.port), timeout=20)
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.connection.sock = self.context.wrap_socket(plain, server_hostname=HOST)
        self.connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in given.items():
            self.connection.putheader(name, value)
        self.connection.putheader("Content-Length", str(len(body or b"")))
        self.connection.endheaders(body)
        answer = self.connection.getresponse()
        kept = {name.lower(): value for name, value in answer.headers.items()}
        return Reply(status=answer.status, headers=kept, body=answer.read())

    def ocs(self, method: str, path: str, data: Any = None, *, user: str = ADMIN) -> Any:
        """Prepare something by OCS; the call must succeed. Returns its data."""
        body = json.dumps(data).encode() if data is not None else None
        headers = {"OCS-APIRequest": "true", "Content-Type": "application/json", "Accept": "application/json"}
        reply = self.send(method, f"/ocs/v2.php{path}", body, headers, user)
        assert reply.status == 200, (method, path, reply)
        return json.loads(reply.body)["ocs"]["data"]

    def play(self, recording: Recording, *, password: str = "") -> Reply:
        """Send what was recorded, with the secrets of this server in place of the masked ones."""
        request = recording.request
        headers = {**request["headers"]}
        if "Host" in headers and headers["Host"] == "localhost":
            headers["Host"] = f"localhost:{self.cloud.port}"
        if "Destination" in headers:
            headers["Destination"] = PLACE.sub(self.cloud.url, headers["Destination"])
        if (request.get("auth") or "").startswith("Bearer"):
            headers["Authorization"] = f"Bearer {password}"
        headers.pop("Transfer-Encoding", None)
        body = self.body(recording)
        query = urlencode(request["query"]) if request["query"] else ""
        path = self.with_link(request["path"]) + (f"?{query}" if query else "")
        user = recording.user or (ADMIN if "Authorization" in headers else "")
        reply = self.send(request["method"], quote(path, safe="/?=&%+"), body, headers, user, password)
        self.learn(recording, reply)
        return reply

    def with_link(self, path: str) -> str:
        """The path with tokens of this server: <token> of the last link that was mailed, <old-token> of the first."""
        if "token>" not in path:
            return path
        found = (LINK.search(mail["text"]) for mail in self.cloud.ask(do="dump")["mails"])
        of_account = [one[1] for one in found if one and one[2] == path.rpartition("/")[2]]
        return path.replace("<token>", of_account[-1]).replace("<old-token>", of_account[0])

    def body(self, recording: Recording) -> bytes | None:
        """The body as bytes; a masked one of 512 bytes is 512 bytes of something."""
        body, kind = recording.request["body"], recording.request["headers"].get("Content-Type", "")
        if body is None:
            return None
        if isinstance(body, str):
            sized = SIZED.fullmatch(body)
            return b"x" * int(sized[1]) if sized else body.replace("\ufffd", "?").encode()
        body = json.loads(json.dumps(body).replace("<poll-token-128-chars>", self.poll_token))
        body = unmasked(body, recording.name[:2])
        pairs = [tuple(pair) for pair in body] if isinstance(body, list) else body
        return json.dumps(body).encode() if "json" in kind else urlencode(pairs).encode()

    def learn(self, recording: Recording, reply: Reply) -> None:
        """Remember the secrets that a call set or was given."""
        sent = recording.request["body"]
        fields = dict(sent) if isinstance(sent, dict | list) and all(len(one) for one in sent) else {}
        is_good = recording.response["status"] == 200 and b'"failure"' not in reply.body
        if not is_good:
            return
        if "userid" in fields and isinstance(fields.get("password"), str):
            self.passwords[fields["userid"]] = fields["password"]
        if fields.get("key") == "password":
            self.passwords[recording.request["path"].rpartition("/")[2]] = fields["value"]
        if b"apppassword" in reply.body:
            self.app_passwords[recording.user] = json.loads(reply.body)["ocs"]["data"]["apppassword"]
        if b'"poll"' in reply.body:
            self.poll_token = json.loads(reply.body)["poll"]["token"]


def unmasked(body: Any, version: str) -> Any:
    """Two ids were masked to the same word: give each version its own."""
    if isinstance(body, dict):
        return {key: unmasked(value, version) for key, value in body.items()}
    if isinstance(body, list):
        return [unmasked(value, version) for value in body]
    return f"{'x' * (len(body) - 2)}{version}" if isinstance(body, str) and MASKED_ID.match(body) else body


def differences(recording: Recording, reply: Reply, *, is_part: bool = False) -> list[str]:
    """Where the answer is another than the recorded one; `is_part`: the answer may say less than the real server."""
    expected = recording.response
    found = []
    if reply.status != expected["status"]:
        found.append(f"status {reply.status}, recorded {expected['status']}")
    recorded = {name.lower(): value for name, value in expected["headers"].items()}
    for name in HEADERS:
        now, then = reply.headers.get(name), recorded.get(name)
        if (now or "").lower() != (then or "").lower():
            found.append(f"{name}: {now!r}, recorded {then!r}")
    return found + body_differences(recording, reply, is_part=is_part)


def body_differences(recording: Recording, reply: Reply, *, is_part: bool) -> list[str]:
    body = recording.response["body"]
    if body == PAGE:  # for a person, and others' work: it was left out of our copy
        return []
    if isinstance(body, dict | list):
        return unequal(plain(body), plain(json.loads(reply.body or b"null")), "", is_part=is_part)
    if body.startswith("<?xml") and "multistatus" in body:
        return unequal(listing(body.encode()), listing(reply.body), "", is_part=False)
    if body.startswith(("<?xml", "HTTP/")) or not body:
        text = "" if recording.request["method"] == "HEAD" else body
        masked = PLACE.sub("https://cloud", text)
        now = PLACE.sub("https://cloud", reply.body.decode(errors="replace"))
        return [] if masked == now else [f"body {now!r}, recorded {masked!r}"]
    sized = SIZED.fullmatch(body)
    if sized:
        return [] if len(reply.body) == int(sized[1]) else [f"{len(reply.body)} bytes, recorded {sized[1]}"]
    length = int(recording.response["headers"].get("Content-Length", len(reply.body)))
    return [] if len(reply.body) == length else [f"{len(reply.body)} bytes, recorded {length}"]


def unequal(then: Any, now: Any, where: str, *, is_part: bool) -> list[str]:
    """Every place where two values differ: "ocs.data.quota.free: 5, recorded 6"."""
    if isinstance(then, dict) and isinstance(now, dict):
        keys = [*then, *(key for key in now if key not in then)]
        keys = [key for key in keys if key in now] if is_part else keys
        missing = object()
        inner = (
            unequal(then.get(key, missing), now.get(key, missing), f"{where}.{key}", is_part=is_part) for key in keys
        )
        order = [] if is_part or [*then] == [*now] else [f"{where}: order {[*now]}, recorded {[*then]}"]
        return [one for found in inner for one in found] + order
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        pairs = enumerate(zip(then, now, strict=True))
        return [one for n, (a, b) in pairs for one in unequal(a, b, f"{where}[{n}]", is_part=is_part)]
    return [] if type(then) is type(now) and then == now else [f"{where}: {now!r}, recorded {then!r}"]


def plain(value: Any, key: str = "") -> Any:
    """Leave out what changes by itself: times, drawn secrets, addresses, etags."""
    if isinstance(value, dict):
        return {name: plain(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if key in TIMES:
        return bool(value)
    if key in (*FIGURES, *DRAWN):
        return type(value).__name__
    if isinstance(value, str):
        masked = "masked" if MASKED_ID.match(value) or value.startswith("xxxx") else PLACE.sub("https://cloud", value)
        return re.sub(r"(/login/v2/flow/).*", r"\1token", masked)
    return value


def listing(body: bytes) -> Any:
    """A multistatus as data: {"/a/": {"200": {"getetag": "set", ...}}}."""
    found = {}
    for response in ET.fromstring(body).iter("{DAV:}response"):  # noqa: S314  recorded, or our own server's
        href = response.findtext("{DAV:}href")
        properties = {}
        for stat in response.iter("{DAV:}propstat"):
            inner = stat.find("{DAV:}prop")
            values = {
                one.tag: ("set" if volatile(one.tag) else content(one)) for one in (inner if inner is not None else ())
            }
            properties[stat.findtext("{DAV:}status")] = values
        found[href] = properties
    return found


def volatile(tag: str) -> bool:
    return tag.endswith(("getetag", "getlastmodified"))


def content(element: ET.Element) -> Any:
    return [child.tag for child in element] or element.text
