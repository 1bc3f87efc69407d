"""Who says yes, to exactly which plan?"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from api.replies.base import Envelope
from api.replies.plans import DecisionReply
from api.routes.envelope import Version, Words, new_router
from api.session import CallerOf, DoorOf
from provisioner.decisions.decision import Outcome

router = new_router("decisions")


class DecisionEnvelope(Envelope):
    """A decision. Approving names the digest of the plan that was seen (law 1); the others need a reason."""

    outcome: Literal["approved", "adjusted", "rejected", "returned"]
    digest: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    reason: Words = ""
    version: Version = None


@router.post("/lines/{line_id}/decision", status_code=201)
def decide(line_id: str, sent: DecisionEnvelope, who: CallerOf, door: DoorOf) -> DecisionReply:
    """Decide a line; 409 when the plan is another by now, 403 for one's own request."""
    outcome = Outcome(sent.outcome)
    decision = door.desk.decide(
        who.person, line_id, outcome, digest=sent.digest, reason=sent.reason, version=sent.version
    )
    return DecisionReply.of(decision)
