"""What did the client ask? One request, and its parameters as PHP reads them."""

import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

KEY = re.compile(r"\[([^\]]*)\]")


@dataclass(kw_only=True)
class Request:
    """One HTTP request. `body` is bytes, or the file that a large one was written to.

    `user` and `is_by_app_password` are known once login.py has looked.
    """

    method: str
    target: str
    headers: dict[str, str]
    address: str
    body: bytes | Path = b""
    user: str = ""
    token: str = ""
    new_session: str = ""
    is_first_login: bool = False
    answered: dict[str, str] = field(default_factory=dict)

    @cached_property
    def path(self) -> str:
        """The path as it was sent, percent signs and all."""
        return self.target.partition("?")[0]

    @cached_property
    def query(self) -> dict[str, Any]:
        return structure(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @cached_property
    def params(self) -> dict[str, Any]:
        """Query and body together; the body's win. Values of a form are texts, JSON keeps its types."""
        return {**self.query, **self.body_params}

    @cached_property
    def body_params(self) -> dict[str, Any]:
        if not isinstance(self.body, bytes) or not self.body:
            return {}
        if "json" in self.headers.get("content-type", ""):
            try:
                said = json.loads(self.body)
            except ValueError:
                return {}
            return said if isinstance(said, dict) else {}
        if "x-www-form-urlencoded" in self.headers.get("content-type", ""):
            return structure(parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True))
        return {}

    @property
    def size_bytes(self) -> int:
        return len(self.body) if isinstance(self.body, bytes) else self.body.stat().st_size

    @property
    def wants_json(self) -> bool:
        """Say whether OCS answers in JSON: the parameter format goes before the header Accept, XML is the default."""
        named = self.query.get("format")
        return named == "json" if named else "application/json" in self.headers.get("accept", "")

    @property
    def language(self) -> str:
        """The first language that the client names: "ja"."""
        return self.headers.get("accept-language", "").split(",")[0].split(";")[0].split("-")[0].strip()

    @property
    def cookies(self) -> dict[str, str]:
        pairs = (part.strip().partition("=") for part in self.headers.get("cookie", "").split(";"))
        return {name: value for name, _, value in pairs if name}


def segment(text: str) -> str:
    """A part of a path in clear; an encoded slash stays as it is, as in the recordings."""
    return unquote(text.replace("%2F", "%252F").replace("%2f", "%252f"))


def structure(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """Read names as PHP does: groups[]=a is a list, checks[0][class]=x a list of objects."""
    result: dict[str, Any] = {}
    for name, value in pairs:
        first, keys = name.partition("[")[0], KEY.findall(name)
        place(result, [first, *keys], value)
    return {name: lists(value) for name, value in result.items()}


def place(into: dict[str, Any], keys: list[str], value: str) -> None:
    key = keys[0] or str(len(into))
    if len(keys) == 1:
        into[key] = value
    else:
        inner = into.setdefault(key, {})
        if isinstance(inner, dict):
            place(inner, keys[1:], value)


def lists(value: Any) -> Any:
    """Turn {"0": a, "1": b} into [a, b], at every depth."""
    if not isinstance(value, dict):
        return value
    inner = {key: lists(one) for key, one in value.items()}
    return list(inner.values()) if [*inner] == [str(number) for number in range(len(inner))] else inner
