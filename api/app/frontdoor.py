"""What does every request pass, before any route? Known host, bounded body, a number, safe headers, a log line."""

from __future__ import annotations

import contextlib
import re
import secrets
import time
from collections.abc import Iterable
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.pages.layout import problem_page
from api.problems import Problem
from provisioner.requests.scan import LARGEST_SCAN_BYTES
from provisioner.settings import Settings

BODY_BYTES = 1024 * 1024
#: where a scanned letter comes in: the file itself, and what a form writes around it
SCAN_BYTES = LARGEST_SCAN_BYTES + 64 * 1024
_TAKES_SCAN = re.compile(r"/api/v1/requests/[^/]+/scan|/permohonan/(?:draf/)?[^/]+/pindaian")
#: a browser shows no answer before it has sent its file; so much of it is read and thrown away
_DRAINED_BYTES = 64 * 1024 * 1024
#: data: is for Bootstrap's own marks, which are pictures inside its style sheet
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
SAFE_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_TOKEN = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
log = structlog.get_logger(__name__)


class TooLarge(Exception):
    """The body went over its bound while it was read."""


class FrontDoor:
    """Plain ASGI, so that a stream of events passes unbuffered."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._hosts = known_hosts(settings)
        self._headers = dict(SAFE_HEADERS)
        if settings.public_url.startswith("https://"):
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let an HTTP request through, or say why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        passage = Passage(scope, send, self._headers)
        structlog.contextvars.bind_contextvars(request_id=passage.request_id)
        try:
            await self._pass(passage, scope, receive)
        finally:
            passage.write_log()
            structlog.contextvars.clear_contextvars()

    async def _pass(self, passage: Passage, scope: Scope, receive: Receive) -> None:
        headers = Headers(scope=scope)
        bound = bound_of(scope["path"])
        turned = self._turned(headers, bound)
        if turned is not None:
            await self._turn(turned, scope, receive, passage)
            return
        with contextlib.suppress(TooLarge):
            await self._app(scope, passage.bounded(receive, bound), passage.send)
        if passage.overflowed and not passage.status:
            passage.overflowed = False
            await self._turn(too_large(bound), scope, receive, passage)

    async def _turn(self, problem: Problem, scope: Scope, receive: Receive, passage: Passage) -> None:
        """Say no as a problem to a program, and as a page to a person."""
        if scope["path"].startswith("/permohonan/"):
            await _drain(receive)
            await problem_page(Request(scope), problem)(scope, receive, passage.send)
        else:
            await problem.reply()(scope, receive, passage.send)

    def _turned(self, headers: Headers, bound: int) -> Problem | None:
        # Of two Host headers a proxy may believe the one and we the other.
        hosts = [host.lower() for host in headers.getlist("host")]
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return Problem(slug="unknown-host", status=400, detail="Gerbang tidak melayani nama alamat ini.")
        if "content-length" in headers and "transfer-encoding" in headers:
            return Problem(slug="bad-request", status=400, detail="Panjang isi dikatakan dengan dua cara.")
        declared = headers.get("content-length", "0")
        if not declared.isascii() or not declared.isdigit() or int(declared) > bound:
            return too_large(bound)
        return None


class Passage:
    """One request on its way: its number, its answer's status, the time it took."""

    def __init__(self, scope: Scope, send: Send, headers: dict[str, str]) -> None:
        self._scope, self._send, self._headers = scope, send, headers
        given = Headers(scope=scope).get("x-request-id", "")
        self.request_id = given if _TOKEN.fullmatch(given) else secrets.token_hex(8)
        self.status, self.overflowed = 0, False
        self._began = time.monotonic()

    async def send(self, message: Message) -> None:
        """Send on, with our headers on the answer's head; what was said of a body cut short is not sent."""
        if self.overflowed and not self.status:
            return
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self.request_id
            # What others made (a scan) comes with a stricter policy of its own.
            for name, value in self._headers.items():
                headers.setdefault(name, value)
            # Ours and the browser's files carry an ETag and are asked for again; all else is a person's.
            headers.setdefault(
                "Cache-Control", "no-cache" if self._scope["path"].startswith("/static/") else "no-store"
            )
        await self._send(message)

    def bounded(self, receive: Receive, bound: int) -> Receive:
        """Count the body as it comes: a chunked one declares no length. TooLarge once it is over its bound."""
        count = 0

        async def counted() -> Message:
            nonlocal count
            message = await receive()
            count += len(message.get("body", b""))
            if count > bound:
                self.overflowed = True
                raise TooLarge
            return message

        return counted

    def write_log(self) -> None:
        """Write one line; the path holds ids of requests and runs, never a secret (law 8)."""
        milliseconds = round((time.monotonic() - self._began) * 1000, 1)
        path, method = self._scope["path"], self._scope["method"]
        log.info("answered", method=method, path=path, status=self.status, milliseconds=milliseconds)


def bound_of(path: str) -> int:
    """Return the largest body that is taken at `path`, in bytes."""
    return SCAN_BYTES if _TAKES_SCAN.fullmatch(path) else BODY_BYTES


def too_large(bound: int) -> Problem:
    """Say the bound."""
    if bound == SCAN_BYTES:
        mend = "Pindai hitam putih atau dengan 150 dpi, lalu unggah lagi; isian lain tetap tersimpan."
        return Problem(slug="too-large", status=413, detail="Berkas pindaian melebihi 10 MB.", mend=mend)
    detail = "Isi kiriman melebihi 1 MiB."
    return Problem(slug="too-large", status=413, detail=detail, mend="Kirim berkas yang lebih kecil.")


async def _drain(receive: Receive) -> None:
    """Read what still comes and keep none of it, up to a bound."""
    left = _DRAINED_BYTES
    more = True
    while more and left > 0:
        message = await receive()
        left -= len(message.get("body", b""))
        more = message["type"] == "http.request" and message.get("more_body", False)


def known_hosts(settings: Settings) -> frozenset[str]:
    """Return the Host values we answer to: that of public_url, and our own listening address for health checks."""
    public = urlsplit(settings.public_url)
    return frozenset(_with_port(public.netloc, public.scheme)) | {f"{settings.gate_host}:{settings.gate_port}"}


def _with_port(netloc: str, scheme: str) -> Iterable[str]:
    yield netloc.lower()
    if ":" not in netloc.rpartition("]")[2]:
        yield f"{netloc.lower()}:{443 if scheme == 'https' else 80}"
