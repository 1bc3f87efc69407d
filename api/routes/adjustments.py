"""What would be granted instead of what was asked?"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from api.replies.base import Envelope
from api.replies.plans import AdjustmentReply
from api.routes.envelope import Words, new_router
from api.routes.plans import LookAsked
from api.session import CallerOf, DoorOf

router = new_router("adjustments")


class ProposalEnvelope(Envelope):
    """The fields to grant otherwise, e.g. {"storage_gb": 3}, read by the kind's own table; and why, for the OPD."""

    wish: Annotated[dict[str, Any], Field(min_length=1, max_length=100)]
    reason: Words


@router.post("/lines/{line_id}/adjustment", status_code=201)
def propose_adjustment(line_id: str, sent: ProposalEnvelope, who: CallerOf, door: DoorOf) -> AdjustmentReply:
    """Propose what to grant; another person decides `adjusted`. 422 names every fault at once, 409 where none could."""
    return AdjustmentReply.of(door.desk.propose(who.person, line_id, sent.wish, reason=sent.reason))


@router.post("/lines/{line_id}/adjustment/withdrawal", status_code=202)
def withdraw_adjustment(line_id: str, who: CallerOf, door: DoorOf) -> LookAsked:
    """Take the proposal back: the wish as asked counts again, and its look is queued. 409 where none stands."""
    return LookAsked(plan_id=door.desk.withdraw_proposal(who.person, line_id))
