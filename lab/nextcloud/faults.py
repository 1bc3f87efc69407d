"""Which faults can the server have, for which calls, and how often? Each by name, switched through the door."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from lab.nextcloud.answers import NO_CACHE, Answer, json_bytes, page
from lab.nextcloud.request import Request

# Before the work is done, instead of it; after it; and those that the work itself or the line knows about.
BEFORE = ("hang", "cut", "too_many_requests", "maintenance", "html_error", "redirect_elsewhere", "slow")
AFTER = ("error_after_work", "hang_after_work", "cut_after_work", "wrong_json_type")
WITHIN = ("half_made_account", "wrong_certificate")
NAMES = (*BEFORE, *AFTER, *WITHIN)
SLOW_SECONDS = 3.0
LONGEST_HANG_SECONDS = 600.0
BAD_GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    "<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n"
)


class CutError(Exception):
    """The connection ends here, without an answer."""


@dataclass(kw_only=True)
class Fault:
    """One that is on. `calls`: how many it still meets (None: all); `method` and `path` say which calls it meets."""

    name: str
    calls: int | None = None
    method: str = ""
    path: str = ""
    ended: threading.Event = field(default_factory=threading.Event)

    def meets(self, request: Request) -> bool:
        """Say whether it is about this call; `path` is searched for in the path with its query."""
        return self.method in ("", request.method) and re.search(self.path, request.target) is not None


class Faults:
    """Those that are on. A second fault of the same name takes the first one's place."""

    def __init__(self) -> None:
        self.on: dict[str, Fault] = {}
        self.lock = threading.Lock()

    def switch_on(self, fault: Fault) -> None:
        if fault.name not in NAMES:
            raise ValueError(f"{fault.name!r} is no fault of this server: it can have {', '.join(NAMES)}")
        self.switch_off(fault.name)
        self.on[fault.name] = fault

    def switch_off(self, name: str = "") -> None:
        """End one fault, or all; a call that hangs in it is cut."""
        for one in [name] if name else [*self.on]:
            fault = self.on.pop(one, None)
            if fault is not None:
                fault.ended.set()

    def take(self, request: Request, names: tuple[str, ...]) -> Fault | None:
        """The fault of these names that meets this call; one with a count is spent by it."""
        if not self.on:
            return None
        with self.lock:
            for fault in [self.on[name] for name in names if name in self.on]:
                if fault.meets(request):
                    if fault.calls is not None:
                        fault.calls -= 1
                        if fault.calls <= 0:
                            del self.on[fault.name]
                    return fault
        return None

    def before(self, request: Request) -> Answer | None:
        """What a fault answers instead of the server; None where the work goes on. Raises CutError."""
        fault = self.take(request, BEFORE)
        if fault is None:
            return None
        if fault.name == "slow":
            fault.ended.wait(SLOW_SECONDS)
            return None
        return INSTEAD[fault.name](fault, request)

    def after(self, request: Request, answer: Answer) -> Answer:
        """What becomes of an answer whose work was done. Raises CutError."""
        fault = self.take(request, AFTER)
        return answer if fault is None else AFTERWARDS[fault.name](fault, answer)


def hang(fault: Fault, _rest: object) -> Answer:
    fault.ended.wait(LONGEST_HANG_SECONDS)
    raise CutError


def cut(_fault: Fault, _rest: object) -> Answer:
    raise CutError


def too_many_requests(_fault: Fault, _request: Request) -> Answer:
    """As the 51st edit was answered: no word, no Retry-After."""
    return Answer(status=429, headers={"Content-Type": "text/html; charset=UTF-8", **NO_CACHE})


def html_error(_fault: Fault, _request: Request) -> Answer:
    return Answer(status=502, headers={"Content-Type": "text/html"}, body=BAD_GATEWAY.encode())


def redirect_elsewhere(_fault: Fault, request: Request) -> Answer:
    return page(302, "Found", Location=f"https://elsewhere.example{request.target}")


def maintenance(_fault: Fault, request: Request) -> Answer:
    """Handled by the server itself: it knows how each of its doors says so."""
    request.answered["maintenance"] = "1"
    return Answer(status=503)


def error_after_work(_fault: Fault, answer: Answer) -> Answer:
    meta = {"status": "failure", "statuscode": 996, "message": "Internal Server Error\n"}
    body = json_bytes({"ocs": {"meta": meta, "data": []}})
    answer.headers["Content-Type"] = "application/json; charset=utf-8"
    return Answer(status=500, headers=answer.headers, body=body, ocs_code=996)


def wrong_json_type(_fault: Fault, answer: Answer) -> Answer:
    """The same answer with a list where an object was due, or a text where a list was."""
    head, found, rest = answer.body.partition(b'"data":')
    wrong = b'[["wrong_json_type"]]' if rest.startswith(b"{") else b'"wrong_json_type"'
    answer.body = head + found + wrong + b"}}" if found else b'"wrong_json_type"'
    return answer


INSTEAD: dict[str, Callable[[Fault, Request], Answer]] = {
    "hang": hang,
    "cut": cut,
    "too_many_requests": too_many_requests,
    "maintenance": maintenance,
    "html_error": html_error,
    "redirect_elsewhere": redirect_elsewhere,
}
AFTERWARDS: dict[str, Callable[[Fault, Answer], Answer]] = {
    "error_after_work": error_after_work,
    "hang_after_work": hang,
    "cut_after_work": cut,
    "wrong_json_type": wrong_json_type,
}
