"""What does the copy of a form or call get? The answer that the first was given."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.sending import SLOT, sending_of
from api.session import door_of
from provisioner.desk import Desk
from provisioner.errors import GerbangError
from provisioner.sending import Answer, Sending

LARGEST_KEPT = 64 * 1024
#: a copy that comes while the first is being answered waits for that answer
WAIT_SECONDS, LOOK_SECONDS = 3.0, 0.02
log = structlog.get_logger(__name__)


class Again:
    """Plain ASGI: gives each POST its sending, and keeps what the first of it is answered."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app, self._desk = app, desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let it through; what is answered to an act done under a key is kept before it is sent."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        sending = Sending()
        scope[SLOT] = sending
        await self._app(scope, receive, Keeping(sending, self._desk, send))


class Keeping:
    """Holds an answer back until it is whole and kept."""

    def __init__(self, sending: Sending, desk: Desk, send: Send) -> None:
        self._sending, self._desk, self._send = sending, desk, send
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        """Send on what is not for keeping as it comes."""
        if message["type"] == "http.response.start" and self._sending.is_done and is_for_keeping(message):
            self._start = message
            return
        if self._start is None:
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if not message.get("more_body", False):
            await self._keep(self._start)
            await self._send(self._start)
            await self._send({"type": "http.response.body", "body": self._body})

    async def _keep(self, start: Message) -> None:
        if len(self._body) > LARGEST_KEPT:
            return
        headers = Headers(raw=start["headers"])
        answer = Answer(
            status=start["status"],
            location=headers.get("location", ""),
            media_type=headers.get("content-type", ""),
            body=self._body,
        )
        try:
            await run_in_threadpool(self._desk.keep_answer, self._sending, answer)
        except GerbangError as error:
            # The act stands and is answered; only a copy of it will be told less.
            log.warning("answer_not_kept", kind=type(error).__name__)


def is_for_keeping(start: Mapping[str, Any]) -> bool:
    """Tell whether an answer may be kept: where to go on, or JSON; never what its route says is not to be stored."""
    headers = Headers(raw=start["headers"])
    if "no-store" in headers.get("cache-control", ""):
        return False
    return start["status"] == 303 or (start["status"] < 300 and headers.get("content-type") == "application/json")


async def first_answer(request: Request) -> Response | None:
    """Return what the first of this sending was answered, once it is; None where that was not for keeping."""
    sending, desk = sending_of(request), door_of(request).desk
    if sending is None:
        return None
    for _ in range(round(WAIT_SECONDS / LOOK_SECONDS)):
        kept = await run_in_threadpool(desk.answer, sending)
        if kept is not None:
            headers = {"Location": kept.location} if kept.location else {}
            return Response(kept.body, kept.status, headers, kept.media_type or None)
        await asyncio.sleep(LOOK_SECONDS)
    return None
