"""What would change, as an approval must have seen it?"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.replies.base import Envelope, Reply
from api.replies.plans import PlanReply
from api.routes.envelope import Words, new_router
from api.session import CallerOf, DoorOf

router = new_router("plans")
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Wish = Annotated[str, Field(max_length=100)]


class LookEnvelope(Envelope):
    """Look again; `wishes` for the choice, e.g. {"host": "web2"}, need a reason."""

    wishes: Annotated[dict[Name, Wish], Field(max_length=10, default_factory=dict)]
    reason: Words = ""


class LookAsked(Reply):
    """The plan that a look will fill."""

    plan_id: str


@router.get("/lines/{line_id}/plan")
def show_plan(line_id: str, who: CallerOf, door: DoorOf) -> PlanReply:
    """Show the line's plan with its digest, and whether this person may decide."""
    return PlanReply.of(door.desk.plan(who.person, line_id))


@router.post("/lines/{line_id}/look", status_code=202)
def look_again(line_id: str, sent: LookEnvelope, who: CallerOf, door: DoorOf) -> LookAsked:
    """Queue a new look, which makes a new plan."""
    plan_id = door.desk.look_again(who.person, line_id, wishes=sent.wishes, reason=sent.reason)
    return LookAsked(plan_id=plan_id)
