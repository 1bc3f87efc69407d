"""How is a Nextcloud asked, by the engine and by the plugins alike? Its OCS interface, version 2, in JSON.

Sources: docs.nextcloud.com, "OCS APIs overview" and "User provisioning API"; how Nextcloud 32.0.1 really answers is
recorded in lab/recordings/. What is built on: codes, never messages, which are localised or empty.
"""

from __future__ import annotations

import base64
import json
import re
import time
import urllib.parse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from provisioner.errors import Unknown, Unreachable
from provisioner.https_line import READS, HttpsLine, Reply

ROOT = "/ocs/v2.php"
SESSION_SECONDS = 600.0
COOKIE = re.compile(r"[A-Za-z0-9_-]{1,64}=[!#-+\--:<-\[\]-~]{0,512}", re.ASCII)  # RFC 6265, and no longer than it needs
OK = 200
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 2.0, 30.0
TOO_MANY, MAINTENANCE = "too many calls (429)", "maintenance (503)"
Form = Mapping[str, Any] | Iterable[tuple[str, Any]] | None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the server said: `ocs_code` 200 for done, 101, 102, 404, 997 ... else; `data` is not yet trusted.

    `message` is for people: localised, often empty, at most 120 printable characters.
    """

    status: int
    ocs_code: int
    message: str
    data: Any = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    @property
    def ok(self) -> bool:
        """Say whether it was done."""
        return self.ocs_code == OK


class Nextcloud:
    """One server, spoken to as one account over one kept connection. Not for two threads at once.

    `password`: the account's app password (72 characters), so that no call costs a password hash. `timeout_seconds`:
    the longest time of one exchange. `patience_seconds`: how long a call waits, all its pauses together, for a server
    that takes nothing now (429, maintenance). `told('cloud.kota.lab: ...')` hears why before each pause and may raise,
    to give up.

    Raises Unreachable where nothing was done: no connection, another certificate, a redirect, not OCS, patience at its
    end. Raises Unknown where a write was sent and its outcome is not known: cut off, not in time, a 5xx, a page instead
    of JSON.
    """

    def __init__(
        self,
        url: str,
        user: str,
        password: str,
        *,
        address: str | None = None,
        ca_file: str | None = None,
        timeout_seconds: float = 30.0,
        patience_seconds: float = 60.0,
        told: Callable[[str], None] | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.line = HttpsLine(url, address=address, ca_file=ca_file, seconds=timeout_seconds)
        self.user, self.where = user, self.line.where
        self._authorization = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self._is_refused, self._session = False, _Session()
        self._patience_seconds, self._told, self._pause = patience_seconds, told or (lambda _: None), pause

    def __repr__(self) -> str:
        """Name server and account, never the password."""
        return f"Nextcloud({self.where}, {self.user})"

    def __enter__(self) -> Self:
        """Begin; the first call connects."""
        return self

    def __exit__(self, *_why: object) -> None:
        """End the connection."""
        self.close()

    def get(self, path: str, query: Form = None) -> Answer:
        """Read: get('/cloud/users/details', {'limit': 500, 'offset': 0})."""
        return self._asked("GET", f"{ROOT}{path}?{_encoded([*_pairs(query), ('format', 'json')])}", {}, b"")

    def post(self, path: str, data: Form = None, *, json: Any = None) -> Answer:
        """Create: post('/cloud/groups', {'groupid': 'opd-diskominfo'}); flow rules want `json`."""
        return self._written("POST", path, data, json)

    def put(self, path: str, data: Form = None, *, json: Any = None) -> Answer:
        """Change: put('/cloud/users/sari', {'key': 'quota', 'value': '5 GB'})."""
        return self._written("PUT", path, data, json)

    def delete(self, path: str, data: Form = None) -> Answer:
        """Remove: delete('/cloud/users/sari'); delete('/cloud/users/sari/groups', {'groupid': 'opd-x'})."""
        return self._written("DELETE", path, data, None)

    def fetched(self, path: str, query: Form = None) -> Any:
        """Return the data of a read that must succeed; Unreachable with how to mend it where it is refused."""
        answer = self.get(path, query)
        if not answer.ok:
            raise Unreachable(
                f"GET {path} is refused ({answer.status}, OCS {answer.ocs_code}).", self.where, _mend(answer.status)
            )
        return answer.data

    @property
    def was_answered(self) -> bool:
        """Say whether the last request brought any whole answer: after a 5xx, nothing of it is on its way any more."""
        return self.line.was_answered

    def close(self) -> None:
        """End the connection."""
        self.line.close()

    def _written(self, method: str, path: str, data: Form, body: Any) -> Answer:
        if body is None:
            content, kind = _encoded(_pairs(data)).encode(), "application/x-www-form-urlencoded"
        else:
            content, kind = json.dumps(body).encode(), "application/json"
        return self._asked(method, f"{ROOT}{path}?format=json", {"Content-Type": kind} if content else {}, content)

    def _asked(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        sent = {"OCS-APIRequest": "true", "Accept": "application/json", **headers, **self._session.header()}
        said = self.exchange(method, path, sent, body)
        self._session.keep(said)
        return _answer(method, said, self.where)

    def exchange(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | Iterable[bytes] = b"", length: int = -1
    ) -> Reply:
        """Send any request as this account (WebDAV too), waiting while the server takes nothing; the caller reads it.

        After one 401 nothing more is sent: repeated wrong passwords lock out everybody who comes from our address.
        `body`: bytes, or what gives `length` bytes each time it is gone through.
        """
        if self._is_refused:
            raise Unreachable("has refused our password.", self.where, _mend(401))
        waited, pause = 0.0, FIRST_PAUSE_SECONDS
        while True:
            said = self.line.exchange(method, path, {"Authorization": self._authorization, **headers}, body, length)
            why = _not_now(said)
            if not why:
                self._is_refused = said.status == 401
                return said
            if waited >= self._patience_seconds:
                raise Unreachable(f"takes no calls: {why}, waited {waited:.0f} s.", self.where, _wait(why))
            pause = min(pause, self._patience_seconds - waited, LONGEST_PAUSE_SECONDS)
            self._told(f"{self.where}: {why}; waiting {pause:.0f} s")
            self._pause(pause)
            waited, pause = waited + pause, pause * 2


class _Session:
    """The server's session: with its cookies a create takes half the time (recordings bench-sqlite, bench-mariadb).

    Given up with the first refusal and after ten minutes: after thirty the server wants a password confirmed.
    """

    def __init__(self) -> None:
        self._cookies: dict[str, str] = {}
        self._since = 0.0

    def header(self) -> dict[str, str]:
        if time.monotonic() - self._since > SESSION_SECONDS:
            self._cookies.clear()
        return (
            {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())} if self._cookies else {}
        )

    def keep(self, said: Reply) -> None:
        if said.status != 200:
            self._cookies.clear()
            return
        if not self._cookies:
            self._since = time.monotonic()
        for cookie in said.cookies:
            name, _, value = cookie.partition("=")
            if COOKIE.fullmatch(cookie):
                self._cookies[name] = value


def segment(text: str) -> str:
    """Return `text` as one part of a path: 'opd/x' -> 'opd%2Fx'."""
    return urllib.parse.quote(text, safe="")


def _pairs(data: Form) -> list[tuple[str, str]]:
    """Spell lists as PHP reads them: {'groups': ['a', 'b']} -> groups[]=a&groups[]=b."""
    pairs: list[tuple[str, str]] = []
    for name, value in data.items() if isinstance(data, Mapping) else data or ():
        if isinstance(value, list | tuple):
            pairs += [(f"{name}[]", str(one)) for one in value]
        else:
            pairs.append((name, str(value)))
    return pairs


def _encoded(pairs: list[tuple[str, str]]) -> str:
    return urllib.parse.urlencode(pairs)


def _not_now(said: Reply) -> str:
    """Say why nothing was taken: both are said before the server does anything."""
    if said.status == 429:
        return TOO_MANY
    if said.status == 503 and said.headers.get("x-nextcloud-maintenance-mode") == "1":
        return MAINTENANCE
    return ""


def _answer(method: str, said: Reply, where: str) -> Answer:
    """Read the envelope; what is none is Unreachable, or Unknown where a write may have been done."""
    off = Unreachable if method in READS or 300 <= said.status < 500 else Unknown
    mend = "Check nextcloud_url: something else may answer there."
    if 300 <= said.status < 400:
        raise Unreachable(f"answers {method} with a redirect ({said.status}), which is not followed.", where, mend)
    if said.status >= 500 and method not in READS:
        raise Unknown(f"answers {method} with {said.status}.", where, "It may have been done: look first.")
    try:
        meta = json.loads(said.body)["ocs"]["meta"]
        code, data = meta["statuscode"], json.loads(said.body)["ocs"]["data"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise off(f"answers {method} with {said.status} and no OCS ({len(said.body)} bytes).", where, mend) from None
    if type(code) is not int or (code == OK) != (said.status == OK):
        raise off(f"answers {method} with {said.status} and OCS code {ascii(code)[:20]}.", where, mend)
    if said.status >= 500:
        raise off(f"answers {method} with {said.status} (OCS {code}).", where, "Look into the server's log.")
    words = meta.get("message")
    message = "".join(c for c in words if c.isprintable())[:120] if isinstance(words, str) else ""
    return Answer(status=said.status, ocs_code=code, message=message, data=data, headers=said.headers)


def _mend(status: int) -> str:
    if status == 401:
        return "Check nextcloud_user and the app password that nextcloud_app_password_file holds."
    if status == 403:
        return "The account of nextcloud_user must be in the group admin."
    return "Check the server's version and apps."


def _wait(why: str) -> str:
    if why == MAINTENANCE:
        return "Try again when its maintenance is over."
    return "It counts 50 edits in 600 s, and wrong passwords by address: try again later."
