"""How does the server write a listing? A WebDAV multistatus, one response a file or folder."""

import re
from email.utils import formatdate
from urllib.parse import quote
from xml.sax.saxutils import escape

from lab.nextcloud.answers import Answer

HEADERS = {
    "Content-Type": "application/xml; charset=utf-8",
    "DAV": "1, 3, extended-mkcol, access-control, calendarserver-principal-property-search, nc-paginate, "
    "nextcloud-checksum-update, nc-calendar-search, nc-enable-birthday-calendar",
}
SPACES = (
    'xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns" '
    'xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns"'
)
FILE = ("d:getlastmodified", "d:getcontentlength", "d:resourcetype", "d:getetag", "d:getcontenttype")
FOLDER = ("d:getlastmodified", "d:resourcetype", "d:quota-used-bytes", "d:quota-available-bytes", "d:getetag")
NAMES = {"DAV:": "d", "http://owncloud.org/ns": "oc", "http://nextcloud.org/ns": "nc"}


def asked(body: bytes) -> list[str]:
    """The properties that a PROPFIND names: ["d:quota-used-bytes", "oc:size"]; empty where it names none."""
    text = body.decode(errors="replace")
    prefixes = {prefix: NAMES[uri] for prefix, uri in re.findall(r'xmlns:(\w+)="([^"]+)"', text) if uri in NAMES}
    inner = re.search(r"<\w+:prop\s*>(.*?)</\w+:prop\s*>", text, re.DOTALL)
    found = re.findall(r"<(\w+):([\w-]+)\s*/?>", inner[1]) if inner else []
    return [f"{prefixes[prefix]}:{name}" for prefix, name in found if prefix in prefixes]


def response(href: str, values: dict[str, str], wanted: list[str]) -> str:
    """One response: what is known of what was asked for, and what is not (404)."""
    names = wanted or [*values]
    known = "".join(written(name, values[name]) for name in names if name in values)
    unknown = "".join(f"<{name}/>" for name in names if name not in values)
    parts = [(known, "200 OK"), (unknown, "404 Not Found")]
    stats = "".join(
        f"<d:propstat><d:prop>{inner}</d:prop><d:status>HTTP/1.1 {status}</d:status></d:propstat>"
        for inner, status in parts
        if inner
    )
    return f"<d:response><d:href>{escape(quote(href))}</d:href>{stats}</d:response>"


def written(name: str, value: str) -> str:
    if name == "d:resourcetype":
        return f"<{name}>{value}</{name}>" if value else f"<{name}/>"
    return f"<{name}>{escape(value, {chr(34): '&quot;'})}</{name}>"


def multistatus(responses: list[str]) -> Answer:
    body = f'<?xml version="1.0"?>\n<d:multistatus {SPACES}>{"".join(responses)}</d:multistatus>\n'
    return Answer(status=207, headers=dict(HEADERS), body=body.encode())


def date(seconds: float) -> str:
    return formatdate(seconds, usegmt=True)
