"""What does the server do with one call? From the door to the hand that answers, in the order in which it asks."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lab.nextcloud import account_edit, accounts, dav, files, groups, lost, mails, rules, settings, tokens
from lab.nextcloud.answers import (
    NO_CACHE,
    WRONG_PATH,
    Answer,
    DavError,
    OcsError,
    dav_error,
    ocs,
    page,
    plain_json,
    xml,
)
from lab.nextcloud.faults import Faults
from lab.nextcloud.journal import Clock, Written
from lab.nextcloud.login import INSTANCE, DisabledError, Guard, LockedOutError, WrongPasswordError
from lab.nextcloud.pace import Pace
from lab.nextcloud.request import Request
from lab.nextcloud.routes import Call, Routes, check_rights
from lab.nextcloud.state import Account, State

EDITS_ALLOWED, EDITS_SECONDS = 50, 600
EDIT = re.compile(r"/cloud/users/[^/]+")
TOO_MANY = Answer(status=429, headers={"Content-Type": "text/html; charset=UTF-8", **NO_CACHE})
LOGIN_AGAIN_SECONDS = 60
MOST_WRITTEN_DOWN = 200_000
TOO_MANY_DAV = '  <o:hint xmlns:o="o:">too many requests</o:hint>'
COOKIES = ("nc_sameSiteCookielax=true", "nc_sameSiteCookiestrict=true", "oc_sessionPassphrase=lab")


def hands() -> Routes:
    """Every OCS path in one table."""
    whole = Routes()
    for module in (accounts, account_edit, groups, rules, tokens, settings):
        whole.table += module.routes.table
    # A path with fixed words goes before one that takes anything in their place.
    whole.table.sort(key=lambda route: route.pattern.pattern.count("("))
    return whole


@dataclass(kw_only=True)
class Cloud:
    """One server. `hosts`: the names it answers to, as its trusted domains; `hook` is called before and after the work.

    hook(moment, request): moment is "before" (nothing done yet) or "after" (done, not yet answered); what it raises
    ends the connection without an answer.
    """

    state: State
    hosts: tuple[str, ...]
    clock: Clock = field(default_factory=Clock)
    faults: Faults = field(default_factory=Faults)
    journal: list[Written] = field(default_factory=list)
    hook: Callable[[str, Request], None] | None = None
    pace: Pace = field(default_factory=Pace)

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self.routes = hands()
        self.begin()

    def begin(self) -> None:
        """Forget all that a process does not keep: sessions, wrong passwords, counted edits, logins that wait."""
        self.guard = Guard(state=self.state, now=self.clock)
        self.flow = tokens.LoginFlow(self.state)
        self.edits: dict[str, list[float]] = {}

    def answer(self, request: Request) -> Answer:
        """Do one call and write it down. Raises CutError where the connection is to end without an answer."""
        answer = None
        try:
            instead = self.faults.before(request)
            if self.hook is not None:
                self.hook("before", request)
            with self.lock:
                answer = self._work(request, instead)
            self.pace.keep(request)
            if self.hook is not None:
                self.hook("after", request)
            answer = self.faults.after(request, answer)
        finally:
            self._write_down(request, answer)
        return answer

    def _write_down(self, request: Request, answer: Answer | None) -> None:
        status, code = (answer.status, answer.ocs_code) if answer else (0, None)
        self.journal.append(
            Written(at=self.clock(), method=request.method, target=request.target, user=request.user, status=status,
                    ocs_code=code)
        )  # fmt: skip
        if len(self.journal) > MOST_WRITTEN_DOWN:
            del self.journal[: MOST_WRITTEN_DOWN // 2]

    def _work(self, request: Request, instead: Answer | None) -> Answer:
        is_told = "maintenance" in request.answered
        if instead is not None and not is_told:
            return instead
        if request.path == "/status.php":
            return settings.status_php(self.state)
        versioned = settings.is_version_path(request.path)
        if self.state.is_maintained or is_told:
            return maintained(request, int(versioned[1]) if versioned else 0)
        if not self._is_trusted(request.headers.get("host", "")):
            return page(400, "Access through untrusted domain")
        if versioned:
            return self._ocs(request, int(versioned[1]), versioned[2])
        return self._dav(request) if request.path.startswith("/remote.php/dav/") else self._web(request)

    def _is_trusted(self, host: str) -> bool:
        return host in self.hosts or host.rpartition(":")[0] in self.hosts

    def _web(self, request: Request) -> Answer:
        path = request.path.removeprefix("/index.php")
        if request.method == "POST" and path == "/login/v2":
            return self.flow.begin(request)
        if request.method == "POST" and path == "/login/v2/poll":
            return self.flow.poll(request)
        if (link := lost.asked(request)) is not None:
            return lost.set_password(request, self.state, self.clock(), *link)
        return page(404, "Page not found")

    def _ocs(self, request: Request, version: int, path: str) -> Answer:
        def say(data: Any, code: int = 100, message: str = "OK") -> Answer:
            return ocs(data, version=version, as_json=request.wants_json, code=code, message=message)

        try:
            account = self._enter(request)
        except LockedOutError:
            return say([], 429, "Reached maximum delay")
        except (WrongPasswordError, DisabledError):
            refused = say([], 997, "Unauthorised")
            refused.headers["WWW-Authenticate"] = 'Basic realm="Authorisation Required"'
            return refused
        if "ocs-apirequest" not in request.headers:
            return self._dressed(request, plain_json({"message": "CSRF check failed"}, 412), account)
        call = Call(request=request, state=self.state, guard=self.guard, caller=account, now=self.clock)
        try:
            answer = self._by_route(call, version, path)
        except OcsError as error:
            answer = say(error.data, error.code, error.message)
        return answer if answer.status == 405 else self._dressed(request, answer, account)

    def _by_route(self, call: Call, version: int, path: str) -> Answer:
        request = call.request
        route, parts, is_other_method = self.routes.find(request.method, path)
        if route is None and is_other_method:
            return Answer(status=405, headers={"Content-Type": "application/json; charset=utf-8"})
        if route is None:
            raise OcsError(998, WRONG_PATH)
        check_rights(route, call)
        if request.method == "PUT" and EDIT.fullmatch(path) and not self._may_edit(call.me.id):
            return Answer(status=TOO_MANY.status, headers=dict(TOO_MANY.headers))
        if route.hand is accounts.create and self.faults.take(request, ("half_made_account",)):
            return self._half_made(call, version)
        data = route.hand(call, *parts)
        return ocs(data, version=version, as_json=request.wants_json)

    def _half_made(self, call: Call, version: int) -> Answer:
        """Store the account and its groups and fail then, as parallel creates on SQLite did (bench-parallel-sqlite)."""
        for name in ("quota", "language", "email"):
            call.request.params.pop(name, None)
        call.request.params["password"] = call.text("password", "") or mails.any_password()
        accounts.create(call)
        return ocs([], version=version, as_json=call.request.wants_json, code=101, message="Bad request")

    def _may_edit(self, caller: str) -> bool:
        """Count an edit of the caller; fifty in ten minutes, whichever accounts they are about."""
        now = self.clock()
        lately = [one for one in self.edits.get(caller, ()) if one > now - EDITS_SECONDS]
        self.edits[caller] = lately
        if len(lately) >= EDITS_ALLOWED:
            return False
        lately.append(now)
        return True

    def _dav(self, request: Request) -> Answer:
        try:
            account = self._enter(request)
        except LockedOutError:
            exception = "OCA\\DAV\\Connector\\Sabre\\Exception\\TooManyRequests"
            return dav_error(DavError(429, exception, "", TOO_MANY_DAV))
        except DisabledError:
            exception = "Sabre\\DAV\\Exception\\ServiceUnavailable"
            return dav_error(DavError(503, exception, "OC\\User\\DisabledUserException: Account disabled"))
        except WrongPasswordError:
            return unauthorised("Username or password was incorrect")
        if account is None:
            return unauthorised("No public access to this resource.")
        call = Call(request=request, state=self.state, guard=self.guard, caller=account, now=self.clock)
        try:
            answer = dav.serve(call)
        except DavError as error:
            answer = dav_error(error)
        answer = self._dressed(request, answer, account)
        del answer.headers["X-User-Id"]
        return answer

    def _enter(self, request: Request) -> Account | None:
        """Let the caller in; the first login gives an account its first files."""
        account = self.guard.identify(request)
        if account is None or not request.user:
            return account
        now = self.clock()
        if not account.first_login:
            account.first_login = account.last_login = int(now)
            files.copy_skeleton(self.state, account, now)
            request.is_first_login = True
            self.state.save()
        elif now - account.last_login > LOGIN_AGAIN_SECONDS:
            account.last_login = int(now)
            self.state.save()
        return account

    def _dressed(self, request: Request, answer: Answer, account: Account | None) -> Answer:
        if account is not None:
            answer.headers["X-User-Id"] = account.id
        if request.new_session:
            cookies = [*COOKIES, f"{INSTANCE}={request.new_session}"]
            # Several headers of one name: server.py writes one line for each.
            answer.headers["Set-Cookie"] = "\n".join(f"{cookie}; path=/; secure; HttpOnly" for cookie in cookies)
        return answer


def unauthorised(message: str) -> Answer:
    """WebDAV's own 401. Not recorded: so does Sabre's authentication plugin."""
    answer = dav_error(DavError(401, "Sabre\\DAV\\Exception\\NotAuthenticated", message))
    answer.headers["WWW-Authenticate"] = 'Basic realm="Nextcloud", charset="UTF-8"'
    return answer


def maintained(request: Request, version: int) -> Answer:
    """How each door says that the server is being maintained; OCS does so with HTTP 503 in both versions."""
    if not version and request.path.startswith("/remote.php/dav/"):
        return dav_error(DavError(503, "OCA\\DAV\\Exception\\ServerMaintenanceMode", "System is in maintenance mode."))
    if not version:
        return page(503, "Maintenance mode", **{"X-Nextcloud-Maintenance-Mode": "1", "Retry-After": "120"})
    answer = ocs([], version=version, as_json=True, code=503, message="Service unavailable")
    answer.status = 503
    answer.headers["X-Nextcloud-Maintenance-Mode"] = "1"
    if not request.wants_json:
        meta = {"status": "failure", "statuscode": 503, "message": "Service unavailable"}
        answer.headers["Content-Type"], answer.body = "text/xml; charset=UTF-8", xml(meta, [])
    return answer
