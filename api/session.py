"""Who is asking? Logins, server-side sessions, API tokens, and proof that a form is ours (CSRF)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Annotated, cast

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from fastapi import Depends, Request, Response

from api.problems import Problem, Turned
from api.sending import SAFE_METHODS, Shown, note_sending, sending_of, shown_by
from api.tries import TRIES, Limits, Tries
from provisioner.clock import Clock
from provisioner.desk import Desk
from provisioner.people.password import normal
from provisioner.people.person import Person
from provisioner.settings import Settings

FRESH = timedelta(minutes=10)
COOKIE_DAYS = 1


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who asks. `csrf` is '' for an API token, which no browser sends by itself; `signed_in_at`: how fresh."""

    person: Person
    csrf: str
    signed_in_at: datetime
    token_sha256: str


@dataclass(frozen=True, kw_only=True)
class Door:
    """What every request needs of this process: the desk, the settings, the clock and the guard of passwords."""

    desk: Desk
    settings: Settings
    clock: Clock
    guard: PasswordGuard

    @property
    def is_https(self) -> bool:
        """Tell whether people reach us over TLS; by our own setting, never by what a request says."""
        return self.settings.public_url.startswith("https://")

    @property
    def cookie_name(self) -> str:
        """`__Host-` binds the cookie to this very host, and needs TLS."""
        return "__Host-gerbang" if self.is_https else "gerbang"


class PasswordGuard:
    """Checks passwords with the same work for a name that does not exist, few at once, and not too often."""

    def __init__(self, hasher: PasswordHasher | None = None, tries: int = TRIES) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_urlsafe(24))
        # Each check takes 64 MiB; forty threads at once would take the machine.
        self._room = threading.BoundedSemaphore(4)
        self._limits = Limits.of(tries)

    def person_of(self, door: Door, username: str, password: str, network: str) -> Person:
        """Return who this is; Turned with one and the same sentence for a wrong name or password, or too many tries."""
        tries = self.count_try(door, username, network)
        login = door.desk.login(username)
        holds = self.holds(login.password_hash if login else "", password)
        if login is None or not holds:
            door.desk.note_login_failure()
            raise Turned(wrong_login())
        tries.came_in()
        return door.desk.person(login.person_id)

    def count_try(self, door: Door, username: str, network: str) -> Tries:
        """Count one try for that name from that address; Turned where there were too many. Tell it who came in."""
        tries = Tries(self._limits, door.desk, door.clock, username, network)
        wait_seconds = tries.wait_seconds()
        if wait_seconds:
            raise Turned(too_many(wait_seconds))
        return tries

    def hash(self, secret: str) -> str:
        """Return the argon2id hash of a password or code: all that is kept of it."""
        with self._room:
            return self._hasher.hash(normal(secret))

    def holds(self, kept_hash: str, secret: str) -> bool:
        """Tell whether the secret is the one that was hashed; the same work where there is none ('')."""
        with self._room:
            try:
                self._hasher.verify(kept_hash or self._nobody, normal(secret))
            except (VerificationError, InvalidHashError):
                return False
        return bool(kept_hash)


def door_of(request: Request) -> Door:
    """Return what create_app put there; for a POST with the desk of this one sending."""
    door, sending = cast("Door", request.app.state.door), sending_of(request)
    return door if sending is None else replace(door, desk=door.desk.for_sending(sending))


async def _door(request: Request) -> Door:
    # A dependency that is no coroutine takes a thread of its own for each request.
    return door_of(request)


DoorOf = Annotated[Door, Depends(_door)]


def sha256_of(token: str) -> str:
    """What the store keeps of a token: a stolen database opens no session."""
    return hashlib.sha256(token.encode()).hexdigest()


def network_of(request: Request) -> str:
    """Return the peer's address; a forwarded header's last one only where the peer is our own proxy, by our setting."""
    peer, proxy = request.client.host if request.client else "unknown", door_of(request).settings.proxy_address
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return forwarded if proxy and peer == proxy and forwarded else peer


# -- Opening and closing ---------------------------------------------------------------------------


def open_session(door: Door, person: Person, request: Request, response: Response) -> None:
    """Give the browser a new session id, and end the one it came with: none is carried over a login."""
    close_session(door, request, response)
    token = secrets.token_urlsafe(32)
    door.desk.open_session(person.id, sha256_of(token), secrets.token_urlsafe(32))
    response.set_cookie(
        door.cookie_name,
        token,
        max_age=COOKIE_DAYS * 86_400,
        secure=door.is_https,
        httponly=True,
        samesite="strict",
        path="/",
    )


def close_session(door: Door, request: Request, response: Response) -> None:
    """End the session the request came with, in the store and in the browser."""
    token = request.cookies.get(door.cookie_name)
    if token:
        door.desk.close_session(sha256_of(token))
        response.delete_cookie(door.cookie_name, path="/", secure=door.is_https, httponly=True, samesite="strict")


def issue_token(door: Door, person: Person, label: str) -> str:
    """Make an API token, e.g. 'gerbang_6920f1a0_<43 letters>', and have its sha256 kept.

    The moment of issue stands in the token itself: nobody can change it without changing the sha256 we look up.
    """
    token = f"gerbang_{int(door.clock().timestamp()):x}_{secrets.token_urlsafe(32)}"
    door.desk.issue_token(person, sha256_of(token), label)
    return token


def issued_at(token: str) -> datetime:
    """Read when a token was issued; a token of another form was never fresh."""
    try:
        return datetime.fromtimestamp(int(token.split("_")[1], 16), UTC)
    except (IndexError, ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


# -- Asking ----------------------------------------------------------------------------------------


async def shown(request: Request) -> AsyncIterator[Shown]:
    """Give what the request shows of itself; a form's files are closed when it is answered."""
    try:
        yield await shown_by(request)
    finally:
        await request.close()


def caller(request: Request, door: DoorOf, showing: Annotated[Shown, Depends(shown)]) -> Caller:
    """Return who asks, by API token or by session. 401, or 403 where a cookie came without our form."""
    authorization = request.headers.get("authorization")
    found = _by_cookie(door, request) if authorization is None else _by_token(door, authorization)
    if authorization is None and request.method not in SAFE_METHODS:
        check_same_site(request)
        check_csrf(showing.csrf, found.csrf)
    note_sending(request, found.person, showing, door.clock())
    return found


CallerOf = Annotated[Caller, Depends(caller)]


def fresh_caller(door: DoorOf, who: CallerOf) -> Caller:
    """Return who asks, if they gave their password within the last ten minutes."""
    if door.clock() - who.signed_in_at > FRESH:
        mend = "Masuk ulang, lalu ulangi dalam sepuluh menit."
        raise Turned(Problem(slug="not-fresh", status=401, detail="Anda masuk lebih dari 10 menit lalu.", mend=mend))
    return who


FreshCallerOf = Annotated[Caller, Depends(fresh_caller)]


def _by_token(door: Door, authorization: str) -> Caller:
    scheme, _, token = authorization.partition(" ")
    person = door.desk.person_of_token(sha256_of(token)) if scheme.lower() == "bearer" and token else None
    if person is None:
        raise Turned(not_signed_in())
    return Caller(person=person, csrf="", signed_in_at=issued_at(token), token_sha256=sha256_of(token))


def _by_cookie(door: Door, request: Request) -> Caller:
    token = request.cookies.get(door.cookie_name)
    session = door.desk.session(sha256_of(token)) if token else None
    if token is None or session is None:
        raise Turned(not_signed_in())
    person = door.desk.person(session.person_id)
    return Caller(person=person, csrf=session.csrf, signed_in_at=session.opened_at, token_sha256=sha256_of(token))


def check_same_site(request: Request) -> None:
    """Turn away what another site's page sent; a browser says so, and the CSRF token holds where it says nothing."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Turned(cross_site())


def check_csrf(shown: str, kept: str) -> None:
    """Turn away a form that does not bear this session's token."""
    if not kept or not hmac.compare_digest(shown.encode(), kept.encode()):
        raise Turned(cross_site())


# -- What is said at the door ----------------------------------------------------------------------


def not_signed_in() -> Problem:
    """Say that nobody is signed in."""
    return Problem(
        slug="not-signed-in",
        status=401,
        detail="Belum masuk, atau masa masuk sudah habis.",
        mend="Masuk, lalu ulangi.",
        headers={"WWW-Authenticate": "Bearer"},
    )


def wrong_login() -> Problem:
    """Say one sentence for all: whether a name exists is nobody's business."""
    return Problem(
        slug="not-signed-in",
        status=401,
        detail="Nama atau kata sandi salah, atau masuk ditunda karena terlalu sering gagal.",
        mend="Periksa ejaan, tunggu beberapa menit bila perlu.",
        headers={"WWW-Authenticate": "Bearer"},
    )


def too_many(wait_seconds: int) -> Problem:
    """Say how long to wait; the same for a name that does not exist."""
    return Problem(
        slug="too-many",
        status=429,
        detail="Terlalu sering mencoba masuk.",
        mend=f"Tunggu {ceil(wait_seconds / 60)} menit. Bila mendesak, datang ke loket dengan surat tugas.",
        headers={"Retry-After": str(wait_seconds)},
    )


def cross_site() -> Problem:
    """Say that the form was not ours."""
    return Problem(
        slug="cross-site",
        status=403,
        detail="Formulir ini tidak membawa tanda sesi Anda.",
        mend="Muat ulang halaman, lalu kirim lagi.",
    )
