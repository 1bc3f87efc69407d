"""What does the server send back? One answer, and how OCS, WebDAV and the web pages write theirs."""

import json
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

NO_CACHE = {"Cache-Control": "no-cache, no-store, must-revalidate"}
WRONG_PATH = (
    "Invalid query, please check the syntax. API specifications are here: "
    "http://www.freedesktop.org/wiki/Specifications/open-collaboration-services.\n"
)
NAMESPACES = 'xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns"'
OWNCLOUD = ' xmlns:o="http://owncloud.org/ns"'
HTTP_OF_OCS = {100: 200, 996: 500, 997: 401, 998: 404}


@dataclass(kw_only=True)
class Answer:
    """One HTTP answer: status, headers in their order, body."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    ocs_code: int | None = None


class OcsError(Exception):
    """An OCS answer that is no success: its code (998 not found, 996 fault inside), its message, often empty."""

    def __init__(self, code: int, message: str = "", data: Any = None) -> None:
        super().__init__(code, message)
        self.code, self.message, self.data = code, message, [] if data is None else data


class DavError(Exception):
    """A WebDAV refusal: HTTP status, the exception's class as the server names it, its message."""

    def __init__(self, status: int, exception: str, message: str = "", more: str = "") -> None:
        super().__init__(status, exception, message)
        self.status, self.exception, self.message, self.more = status, exception, message, more


def ocs(data: Any, *, version: int, as_json: bool, code: int = 100, message: str = "OK") -> Answer:
    """Write an OCS answer; `code` 100 is success, which version 2 calls 200.

    Version 1 answers HTTP 200 to everything but 997 (401), version 2 puts the code into the status.
    """
    good = code == 100
    said = 200 if good and version == 2 else code
    meta: dict[str, Any] = {"status": "ok" if good else "failure", "statuscode": said, "message": message}
    if version == 1:
        meta |= {"totalitems": "", "itemsperpage": ""}
    status = HTTP_OF_OCS.get(code, code if 200 <= code < 600 else 400)
    if version == 1 and code != 997:
        status = 200
    kind, body = ("json", json_bytes({"ocs": {"meta": meta, "data": data}})) if as_json else ("xml", xml(meta, data))
    headers = {"Content-Type": f"application/{kind}; charset=utf-8", **NO_CACHE}
    return Answer(status=status, headers=headers, body=body, ocs_code=said)


def json_bytes(value: Any) -> bytes:
    """JSON as PHP writes it: no spaces, ASCII, slashes escaped."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/").encode()


def plain_json(value: Any, status: int = 200) -> Answer:
    """JSON without an OCS wrapper."""
    headers = {"Content-Type": "application/json; charset=utf-8", **NO_CACHE}
    return Answer(status=status, headers=headers, body=json_bytes(value))


def xml(meta: dict[str, Any], data: Any) -> bytes:
    """OCS as XML, indented by one space a level as the server does."""
    lines = ['<?xml version="1.0"?>', "<ocs>", *element("meta", meta, 1), *element("data", data, 1), "</ocs>", ""]
    return "\n".join(lines).encode()


def element(name: str, value: Any, depth: int) -> list[str]:
    """The lines of one element; empty lists and objects close at once, true is 1, false and null are empty."""
    indent = " " * depth
    if isinstance(value, list | dict) and not value:
        return [f"{indent}<{name}/>"]
    if isinstance(value, dict):
        inner = [line for key, inner in value.items() for line in element(str(key), inner, depth + 1)]
    elif isinstance(value, list):
        inner = [line for inner in value for line in element("element", inner, depth + 1)]
    else:
        text = "1" if value is True else "" if value is False or value is None else value
        return [f"{indent}<{name}>{escape(str(text))}</{name}>"]
    return [f"{indent}<{name}>", *inner, f"{indent}</{name}>"]


def dav_error(error: DavError) -> Answer:
    """The XML of a WebDAV refusal."""
    message = f"<s:message>{escape(error.message)}</s:message>" if error.message else "<s:message/>"
    spaces = NAMESPACES + (OWNCLOUD if error.more else "")
    lines = ['<?xml version="1.0" encoding="utf-8"?>', f"<d:error {spaces}>"]
    lines += [f"  <s:exception>{error.exception}</s:exception>", f"  {message}", *error.more.splitlines()]
    body = "\n".join([*lines, "</d:error>", ""]).encode()
    return Answer(status=error.status, headers={"Content-Type": "application/xml; charset=utf-8"}, body=body)


def page(status: int, text: str, **headers: str) -> Answer:
    """An HTML page, where a person's browser is expected."""
    head = '<!DOCTYPE html>\n<html lang="en">\n<head><title>Nextcloud</title></head>\n'
    body = f"{head}<body><p>{escape(text)}</p></body>\n</html>\n"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status=status, headers={"Content-Type": "text/html; charset=UTF-8", **named}, body=body.encode())
