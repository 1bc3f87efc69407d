"""How does the command ask the gate, and what does each answer mean for its exit code?"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Any

import httpx
from httpx import Client

from provisioner.settings import Settings

PREFIX = "/api/v1"
SECONDS = 30.0
Answer = dict[str, Any]


class Exit(IntEnum):
    """How a command ends; scripts may rely on it."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    REFUSED = 3
    STALE = 4
    NEEDS_PERSON = 5


class Stopped(Exception):
    """The command ends here. `problem` is the gate's own answer where it gave one."""

    def __init__(self, code: Exit, said: str, problem: Answer | None = None) -> None:
        super().__init__(said)
        self.code, self.said, self.problem = code, said, problem or {}

    @property
    def slug(self) -> str:
        """Return the problem's kind, e.g. 'not-fresh'; '' where the gate gave none."""
        return str(self.problem.get("type", "")).rpartition(":")[2]


class Unanswered(Stopped):
    """It was sent, and the answer was lost on the way: it may have been done."""


class Gate:
    """The gate over HTTP, as one person."""

    def __init__(self, settings: Settings, token: str | None = None) -> None:
        self.url = settings.public_url.rstrip("/")
        self._token = token if token is not None else settings.token.get_secret_value() or kept_token()
        # No proxy of the environment stands between: a token goes to the gate and nowhere else.
        self._client = Client(base_url=self.url + PREFIX, timeout=SECONDS, trust_env=False)

    def get(self, path: str, **query: str | int | list[str] | None) -> Answer:
        """GET and return the JSON; what is None is not asked. Stopped where the gate refuses or does not answer."""
        return self._send("GET", path, params={name: value for name, value in query.items() if value is not None})

    def get_file(self, path: str) -> tuple[str, bytes]:
        """GET a file: its name as the gate gives it, and its bytes."""
        response = self._answer("GET", path)
        named = response.headers.get("content-disposition", "").rpartition('filename="')[2].rstrip('"')
        return Path(named).name or "berkas", response.content

    def post(self, path: str, data: Mapping[str, Any] | None = None) -> Answer:
        """POST JSON and return the JSON; where the answer was lost it is asked for once more, under the same key."""
        return self._once(path, json=dict(data) if data is not None else None, headers={"Idempotency-Key": drawn_key()})

    def post_document(self, path: str, raw: bytes, media_type: str, key: str | None) -> Answer:
        """POST bytes as they are, once under `key`, or one drawn for this command."""
        headers = {"Content-Type": media_type, "Idempotency-Key": key or drawn_key()}
        return self._once(path, content=raw, headers=headers)

    def post_each_time(self, path: str, data: Mapping[str, Any]) -> Answer:
        """POST JSON that no key makes once: a login, a claim. A lost answer is not asked for again."""
        return self._send("POST", path, json=dict(data))

    def put_document(self, path: str, raw: bytes, media_type: str) -> Answer:
        """PUT bytes as they are: the same again changes nothing."""
        return self._send("PUT", path, content=raw, headers={"Content-Type": media_type})

    def sign_in(self, username: str, password: str, label: str) -> Answer:
        """Exchange a password for a token, and use it from now on."""
        answer = self.post_each_time("/session", {"username": username, "password": password, "label": label})
        self._token = str(answer["token"])
        return answer

    @contextmanager
    def lines(self, path: str, last_id: int) -> Iterator[Iterator[str]]:
        """Open a stream of server-sent events after `last_id`, line by line."""
        headers = self._headers() | {"Last-Event-ID": str(last_id), "Accept": "text/event-stream"}
        with self._client.stream("GET", path, headers=headers) as response:
            if response.status_code >= 400:
                response.read()
                raise refusal(response)
            yield response.iter_lines()

    def _once(self, path: str, **how: Any) -> Answer:
        try:
            return self._send("POST", path, **how)
        except Unanswered:
            return self._send("POST", path, **how)

    def _send(self, method: str, path: str, **how: Any) -> Answer:
        answer: Answer = self._answer(method, path, **how).json()
        return answer

    def _answer(self, method: str, path: str, **how: Any) -> httpx.Response:
        headers = self._headers() | how.pop("headers", {})
        try:
            response = self._client.request(method, path, headers=headers, **how)
        except httpx.HTTPError as error:
            said = f"{self.url}: tidak ada jawaban ({error}). Apakah `gerbang gate` berjalan?"
            is_lost = isinstance(error, (httpx.ReadError, httpx.ReadTimeout, httpx.RemoteProtocolError))
            raise (Unanswered if is_lost else Stopped)(Exit.FAILED, said) from error
        if response.status_code >= 400:
            raise refusal(response)
        return response

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}


def refusal(response: httpx.Response) -> Stopped:
    """Translate a refusal: what the gate cannot do now is failed, what it will not do is refused."""
    try:
        problem: Answer = response.json()
    except ValueError:
        problem = {"detail": f"jawaban {response.status_code} yang bukan dari Gerbang"}
    said = str(problem.get("detail", "")) + (f" {problem['mend']}" if problem.get("mend") else "")
    if response.status_code == 401 and not str(problem.get("type", "")).endswith("not-fresh"):
        said += " Jalankan `gerbang login`."
    return Stopped(Exit.FAILED if response.status_code >= 500 else Exit.REFUSED, said, problem)


def drawn_key() -> str:
    """Return a key that no other sending has."""
    return secrets.token_urlsafe(18)


# -- The token -------------------------------------------------------------------------------------


def token_file() -> Path:
    """Return where the token lies: ~/.config/gerbang/token."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "gerbang" / "token"


def kept_token() -> str:
    """Return the token kept by `gerbang login`, '' where there is none."""
    try:
        return token_file().read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""


def keep_token(token: str) -> Path:
    """Keep a token, readable by its owner alone from the first byte on."""
    path = token_file()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(token + "\n")
    return path


def as_json(answer: Any) -> str:
    """Write an answer for a program."""
    return json.dumps(answer, ensure_ascii=False, indent=2)
