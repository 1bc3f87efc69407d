"""Who is calling, and may he still try? Passwords, app passwords, sessions, and the lock per address."""

import base64
import binascii
import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from lab.nextcloud.request import Request
from lab.nextcloud.state import Account, State, opens

INSTANCE = "oczc4n2sw30a"
MOST_ATTEMPTS = 10
MEMORY_SECONDS = 30 * 60
DELAY_MEMORY_SECONDS = 12 * 3600
LONGEST_DELAY_MS = 25000
MOST_SESSIONS = 2000
LOGIN_AGAIN_SECONDS = 60


class LockedOutError(Exception):
    """More than ten wrong passwords came from this address in half an hour: nobody gets in from there."""


class WrongPasswordError(Exception):
    """Unknown account or wrong password; the address is a step nearer to the lock."""


class DisabledError(Exception):
    """The password is right and the account is disabled."""


@dataclass(kw_only=True)
class Guard:
    """Knows every session and every wrong password since the process started."""

    state: State
    now: Callable[[], float]
    sessions: OrderedDict[str, str] = field(default_factory=OrderedDict)
    attempts: dict[str, list[tuple[float, str]]] = field(default_factory=dict)
    passed: dict[str, str] = field(default_factory=dict)

    def identify(self, request: Request) -> Account | None:
        """The account that calls; None where nobody tries to be one.

        Raises LockedOutError before it looks at any password, then WrongPasswordError or DisabledError.
        """
        given = request.headers.get("authorization", "")
        if not given:
            return self._by_session(request)
        if self.is_locked(request.address):
            raise LockedOutError
        name, password = credentials(given)
        account = self._by_password(request, name, password)
        if account is None:
            self.attempts.setdefault(request.address, []).append((self.now(), name.lower()))
            raise WrongPasswordError
        if not account.enabled:
            raise DisabledError
        self._enter(request, account)
        return account

    def _by_session(self, request: Request) -> Account | None:
        """A cookie opens as long as its account is enabled; a disabled one loses all its sessions."""
        key = request.cookies.get(INSTANCE, "")
        account = self.state.account(self.sessions.get(key, ""))
        return account if account is not None and account.enabled else None

    def _by_password(self, request: Request, name: str, password: str) -> Account | None:
        token = hashlib.sha256(password.encode()).hexdigest()
        known = self.state.tokens.get(token)
        if known is not None and name.lower() in ("", known.user.lower()):
            request.token = token
            return self.state.account(known.user)
        account = self.state.account(name)
        return account if account is not None and opens(password, account.password) else None

    def _enter(self, request: Request, account: Account) -> None:
        request.user = account.id
        name = account.id.lower()
        if request.address in self.attempts:
            kept = [one for one in self.attempts[request.address] if one[1] != name]
            self.attempts[request.address] = kept
        if self.sessions.get(request.cookies.get(INSTANCE, "")) != account.id:
            request.new_session = secrets.token_hex(13)
            self.sessions[request.new_session] = account.id
            while len(self.sessions) > MOST_SESSIONS:
                self.sessions.popitem(last=False)

    def end_sessions(self, user: str) -> None:
        for key in [key for key, name in self.sessions.items() if name == user]:
            del self.sessions[key]

    def is_locked(self, address: str) -> bool:
        return len(self._lately(address, MEMORY_SECONDS)) > MOST_ATTEMPTS

    def delay_ms(self, address: str) -> int:
        """What capabilities tell of the address: twice as long with each attempt, 25 s at the most."""
        attempts = len(self._lately(address, DELAY_MEMORY_SECONDS))
        return min(LONGEST_DELAY_MS, 100 * 2**attempts) if attempts else 0

    def _lately(self, address: str, seconds: float) -> list[tuple[float, str]]:
        since = self.now() - seconds
        return [one for one in self.attempts.get(address, ()) if one[0] >= since]

    def forgive(self) -> None:
        """What `occ security:bruteforce:reset` does."""
        self.attempts.clear()


def credentials(given: str) -> tuple[str, str]:
    """Name and password of a Basic header; a Bearer token has no name."""
    kind, _, value = given.partition(" ")
    if kind.lower() == "bearer":
        return "", value
    try:
        name, _, password = base64.b64decode(value).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "?", ""
    return name, password
