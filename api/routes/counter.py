"""Who stands at the counter, and which code is given to them?"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from api.replies.base import Envelope, Reply
from api.routes.envelope import new_router
from api.sending import every_time
from api.session import Caller, CallerOf, Door, DoorOf
from provisioner.desk.counter import CounterLogin
from provisioner.people.code import draw_code

router = new_router("counter")


class CounterReply(Reply):
    """One login as the counter sees it; `why_not` says why no code may be given, '' if one may."""

    username: str
    name: str
    positions: tuple[str, ...]
    contract_end: date | None
    has_password: bool
    code_until: datetime | None
    why_not: str

    @classmethod
    def of(cls, seen: CounterLogin, today: date) -> CounterReply:
        """Tell a login."""
        held = seen.person.positions_on(today)
        return cls(
            username=seen.username,
            name=seen.person.name,
            positions=tuple(f"{one.title}, {one.opd}" if one.opd else one.title for one in held),
            contract_end=seen.person.contract_end,
            has_password=seen.has_password,
            code_until=seen.code_until,
            why_not=seen.why_not,
        )


class CounterPage(Reply):
    """Whom the words fit, at most twenty."""

    logins: tuple[CounterReply, ...]


class CodeEnvelope(Envelope):
    """Give a code; `letter` is the number of the surat tugas shown."""

    username: Annotated[str, Field(min_length=1, max_length=100)]
    letter: Annotated[str, Field(max_length=100)]


class CodeReply(Reply):
    """A code, shown once: whoever knows it sets the password of that login until `expires_at`."""

    username: str
    code: str
    expires_at: datetime


@router.get("/logins")
def find_logins(who: CallerOf, door: DoorOf, words: Annotated[str, Query(max_length=100)] = "") -> CounterPage:
    """Find the logins of persons by name, NIP or login; for the counter alone."""
    found = door.desk.logins_at_counter(who.person, words)
    return CounterPage(logins=tuple(CounterReply.of(one, door.desk.today) for one in found))


@router.post("/codes", status_code=201)
@every_time("the answer holds a code; a second one takes its place")
def give_code(response: Response, sent: CodeEnvelope, who: CallerOf, door: DoorOf) -> CodeReply:
    """Give a code for ten minutes; the login's password, sessions and tokens end at once."""
    response.headers["Cache-Control"] = "no-store"
    return issue(door, who, sent.username, sent.letter)


def issue(door: Door, who: Caller, username: str, letter: str) -> CodeReply:
    """Draw a code, have its hash kept, and return it: it lies nowhere else."""
    code = draw_code()
    made = door.desk.issue_code(who.person, username, door.guard.hash(code), letter=letter)
    return CodeReply(username=made.username, code=code, expires_at=made.expires_at)
