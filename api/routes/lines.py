"""How do all lines of a request stand, and who says yes to which of them, each on its own plan?"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from api.replies.base import Envelope, Reply
from api.replies.lines import DecisionsReply, LinesReply
from api.replies.plans import DecisionReply
from api.routes.envelope import Version, Words, new_router
from api.session import CallerOf, DoorOf
from provisioner.decisions.decision import Outcome, Word
from provisioner.requests.parse import MOST_LINES

router = new_router("decisions")
Id = Annotated[str, Field(max_length=60)]


class WordEnvelope(Envelope):
    """What is said of one line. Approving names the digest of that line's plan (law 1); rejecting needs a reason."""

    line_id: Id
    outcome: Literal["approved", "adjusted", "rejected"]
    digest: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    reason: Words = ""


class DecisionsEnvelope(Envelope):
    """Words on many lines of one request, done all together or not at all."""

    decisions: Annotated[list[WordEnvelope], Field(min_length=1, max_length=MOST_LINES)]
    version: Version = None


class LooksEnvelope(Envelope):
    """Look again at those lines; at all that are open, where none is named."""

    line_ids: Annotated[list[Id], Field(max_length=MOST_LINES, default_factory=list)]
    reason: Words = ""


class LooksAsked(Reply):
    """How many plans are being made anew."""

    asked: int


class EndEnvelope(Envelope):
    """Why the failed lines are ended; quoted in the letter to the OPD."""

    reason: Words


class LinesDone(Reply):
    """Of how many lines it was done."""

    lines: int


@router.post("/requests/{request_id}/retries", status_code=202)
def retry_lines(request_id: str, who: CallerOf, door: DoorOf) -> LinesDone:
    """Run every failed line again, each under its own decision; 409 where none failed."""
    return LinesDone(lines=door.desk.retry_lines(who.person, request_id))


@router.post("/requests/{request_id}/endings")
def give_up_lines(request_id: str, sent: EndEnvelope, who: CallerOf, door: DoorOf) -> LinesDone:
    """End every failed line for good; one letter tells them all."""
    return LinesDone(lines=door.desk.give_up_lines(who.person, request_id, sent.reason))


@router.get("/requests/{request_id}/lines")
def show_lines(request_id: str, who: CallerOf, door: DoorOf) -> LinesReply:
    """Show every line with its plan's state and digest, and how far its run got."""
    return LinesReply.of(door.desk.lines(who.person, request_id), door.desk.verbs())


@router.post("/requests/{request_id}/decisions", status_code=201)
def decide_lines(request_id: str, sent: DecisionsEnvelope, who: CallerOf, door: DoorOf) -> DecisionsReply:
    """Decide many lines; 409 says of each whose plan is another by now what moved, and then none was decided."""
    words = [
        Word(line_id=one.line_id, outcome=Outcome(one.outcome), digest=one.digest, reason=one.reason)
        for one in sent.decisions
    ]
    made = door.desk.decide_lines(who.person, request_id, words, version=sent.version)
    return DecisionsReply(decisions=tuple(DecisionReply.of(decision) for decision in made))


@router.post("/requests/{request_id}/looks", status_code=202)
def look_at_lines(request_id: str, sent: LooksEnvelope, who: CallerOf, door: DoorOf) -> LooksAsked:
    """Queue a new look for many lines, each of which makes a new plan."""
    return LooksAsked(asked=door.desk.look_at_lines(who.person, request_id, sent.line_ids, sent.reason))
