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
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem
from provisioner.settings import Settings

BODY_BYTES = 1024 * 1024
#: data: is for Bootstrap's own marks, which are pictures inside its style sheet
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
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
        turned = self._turned(headers)
        if turned is not None:
            await turned.reply()(scope, receive, passage.send)
            return
        with contextlib.suppress(TooLarge):
            await self._app(scope, passage.bounded(receive), passage.send)
        if passage.overflowed and not passage.status:
            passage.overflowed = False
            await too_large().reply()(scope, receive, passage.send)

    def _turned(self, headers: Headers) -> Problem | None:
        # Of two Host headers a proxy may believe the one and we the other.
        hosts = [host.lower() for host in headers.getlist("host")]
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return Problem(slug="unknown-host", status=400, detail="Gerbang tidak melayani nama alamat ini.")
        if "content-length" in headers and "transfer-encoding" in headers:
            return Problem(slug="bad-request", status=400, detail="Panjang isi dikatakan dengan dua cara.")
        declared = headers.get("content-length", "0")
        if not declared.isascii() or not declared.isdigit() or int(declared) > BODY_BYTES:
            return too_large()
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
            for name, value in self._headers.items():
                headers[name] = value
            # Ours and the browser's files carry an ETag and are asked for again; all else is a person's.
            headers.setdefault(
                "Cache-Control", "no-cache" if self._scope["path"].startswith("/static/") else "no-store"
            )
        await self._send(message)

    def bounded(self, receive: Receive) -> Receive:
        """Count the body as it comes: a chunked one declares no length. TooLarge once it is over its bound."""
        count = 0

        async def counted() -> Message:
            nonlocal count
            message = await receive()
            count += len(message.get("body", b""))
            if count > BODY_BYTES:
                self.overflowed = True
                raise TooLarge
            return message

        return counted

    def write_log(self) -> None:
        """Write one line; the path holds ids of requests and runs, never a secret (law 8)."""
        milliseconds = round((time.monotonic() - self._began) * 1000, 1)
        path, method = self._scope["path"], self._scope["method"]
        log.info("answered", method=method, path=path, status=self.status, milliseconds=milliseconds)


def too_large() -> Problem:
    """Say the bound."""
    detail = "Isi kiriman melebihi 1 MiB."
    return Problem(slug="too-large", status=413, detail=detail, mend="Kirim berkas yang lebih kecil.")


def known_hosts(settings: Settings) -> frozenset[str]:
    """Return the Host values we answer to: that of public_url, and our own listening address for health checks."""
    public = urlsplit(settings.public_url)
    return frozenset(_with_port(public.netloc, public.scheme)) | {f"{settings.gate_host}:{settings.gate_port}"}


def _with_port(netloc: str, scheme: str) -> Iterable[str]:
    yield netloc.lower()
    if ":" not in netloc.rpartition("]")[2]:
        yield f"{netloc.lower()}:{443 if scheme == 'https' else 80}"
