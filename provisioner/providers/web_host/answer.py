"""Is what a host's probe printed of the types we can read? A hostile host must neither crash nor mislead us."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from provisioner.errors import Unreachable

Check = Callable[[str, Any], None]
MEND = (
    "Compare /usr/local/sbin/gerbang-look with playbooks/duties/gerbang_look.py; if it differs, the host may be taken."
)
LARGEST = 2**63 - 1


def read_answer(data: bytes, host: str) -> dict[str, Any]:
    """Return the probe's JSON with every type checked, or Unreachable saying where it is off.

    Nothing is interpreted here: texts and rows stay as they came.
    """
    try:
        answer = json.loads(data.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as off:
        raise Unreachable(f"answered what is no JSON: {shown(str(off))}.", host, MEND) from None
    try:
        _answer("answer", answer)
        _plain("answer", answer, depth=0)
    except ValueError as off:
        raise Unreachable(f"answered what cannot be read: {off}.", host, MEND) from None
    assert isinstance(answer, dict)
    return answer


def shown(value: object) -> str:
    """Write a value of a host so that it can stand in a message: ASCII, at most 80 characters."""
    text = ascii(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _off(where: str, value: object, wanted: str) -> NoReturn:
    raise ValueError(f"{where} is {shown(value)}, {wanted} was expected")


def text(where: str, value: Any) -> None:
    """A string that can be written down: lone surrogates are refused."""
    if not isinstance(value, str):
        _off(where, value, "a text")
    try:
        value.encode()
    except UnicodeEncodeError:
        _off(where, value, "a text in UTF-8")


def lines(where: str, value: Any) -> None:
    """A list of texts."""
    if not isinstance(value, list):
        _off(where, value, "a list")
    for number, line in enumerate(value):
        text(f"{where}[{number}]", line)


def table(where: str, value: Any) -> None:
    """An object with texts as keys; what is in it is checked as plain JSON."""
    if not isinstance(value, dict):
        _off(where, value, "an object")
    for key in value:
        text(f"key of {where}", key)


def _mode(where: str, value: Any) -> None:
    text(where, value)
    if not (value.isascii() and value.isdigit() and len(value) in (3, 4)):
        _off(where, value, "a mode such as '0644'")


FILE: Mapping[str, Check] = {"text": text, "owner": text, "group": text, "mode": _mode}


def _files(where: str, value: Any) -> None:
    table(where, value)
    for path, file in value.items():
        table(f"{where}[{shown(path)}]", file)
        for key, check in FILE.items():
            check(f"{where}[{shown(path)}].{key}", file.get(key))


ANSWER: Mapping[str, Check] = {
    "host": text,
    "files": _files,
    "passwd": lines,
    "group": lines,
    "locked": lines,
    "mariadb": table,
    "postgresql": table,
    "storage": table,
    "directories": table,
    "logs": table,
    "certificates": table,
    "measurements": table,
}


def _answer(where: str, value: Any) -> None:
    table(where, value)
    for key, check in ANSWER.items():
        if key not in value:
            raise ValueError(f"{key} is missing")
        check(key, value[key])


def _plain(where: str, value: Any, depth: int) -> None:
    if depth > 8:
        raise ValueError(f"{where} is nested deeper than any answer of ours")
    if isinstance(value, dict):
        for key, inner in value.items():
            text(f"key of {where}", key)
            _plain(f"{where}.{shown(key)}", inner, depth + 1)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _plain(f"{where}[{number}]", inner, depth + 1)
    elif isinstance(value, str):
        text(where, value)
    elif isinstance(value, int) and abs(value) > LARGEST:
        _off(where, value, "a number of 63 bits")
