"""Which hand answers which call? OCS paths, who may call them, and the functions that do."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lab.nextcloud.answers import OcsError
from lab.nextcloud.login import Guard
from lab.nextcloud.request import Request, segment
from lab.nextcloud.state import Account, State

NOT_ADMIN = "Logged in account must be an admin"
NOT_SUB_ADMIN = "Logged in account must be at least a sub admin"


@dataclass(kw_only=True)
class Call:
    """One call on its way: what was asked, by whom, and what the server remembers."""

    request: Request
    state: State
    guard: Guard
    caller: Account | None
    now: Callable[[], float]

    @property
    def me(self) -> Account:
        """The account that calls; OcsError 997 where nobody is logged in."""
        if self.caller is None:
            raise OcsError(997, "Current user is not logged in")
        return self.caller

    @property
    def params(self) -> dict[str, Any]:
        return self.request.params

    @property
    def is_admin(self) -> bool:
        return "admin" in self.me.groups

    @property
    def language(self) -> str:
        """The caller's own language, else what his client names."""
        own = self.caller.language if self.caller else ""
        return own or self.request.language

    def text(self, name: str, default: str | None = None) -> str:
        """A parameter that must be a text; as PHP's types do, a missing or another one is a fault inside (996)."""
        value = self.params.get(name)
        value = default if value is None else value
        if not isinstance(value, str):
            raise OcsError(996, "Internal Server Error\n")
        return value

    def whole(self, name: str, default: int | None) -> int | None:
        """A parameter that is a whole number: limit, offset."""
        value = self.params.get(name)
        try:
            return default if value is None else int(value)
        except (TypeError, ValueError):
            return default


Hand = Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class Route:
    """One path and method; the groups of the pattern are handed to the hand in clear."""

    method: str
    pattern: re.Pattern[str]
    hand: Hand
    who: str


class Routes:
    """A table of routes. `who`: "all" (also nobody), "user", "sub" (sub admin or admin), "admin"."""

    def __init__(self) -> None:
        self.table: list[Route] = []

    def add(self, method: str, path: str, who: str) -> Callable[[Hand], Hand]:
        """Enter a function for a path: {user} and {group} are one part, {any} takes slashes too."""
        pattern = path.replace("{user}", "([^/]+)").replace("{group}", "([^/]+)").replace("{any}", "(.+)")

        def enter(hand: Hand) -> Hand:
            self.table.append(Route(method=method, pattern=re.compile(pattern), hand=hand, who=who))
            return hand

        return enter

    def find(self, method: str, path: str) -> tuple[Route | None, list[str], bool]:
        """The route and the parts of the path; else whether another method would have one."""
        others = False
        for route in self.table:
            found = route.pattern.fullmatch(path)
            if found and route.method == method:
                return route, [segment(part) for part in found.groups()], False
            others = others or found is not None
        return None, [], others


def check_rights(route: Route, call: Call) -> None:
    """Raise OcsError 997 or 403 where the caller may not."""
    if route.who == "all":
        return
    me = call.me
    if route.who == "admin" and not call.is_admin:
        raise OcsError(403, NOT_ADMIN)
    if route.who == "sub" and not call.is_admin and not me.admin_of:
        raise OcsError(403, NOT_SUB_ADMIN)
