"""Who may see a secret, once? The gate's only door to sealed things."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Response
from pydantic import Field

from api.replies.base import Envelope
from api.replies.items import ClaimedListReply, ClaimedReply, CredentialList, CredentialReply
from api.routes.envelope import new_router
from api.sending import every_time
from api.session import CallerOf, Door, DoorOf, FreshCallerOf
from provisioner import sealing
from provisioner.items.sealed_secret import SealedSecret

router = new_router("credentials")
MOST_AT_ONCE = 200


class ClaimAllEnvelope(Envelope):
    """`credential_ids`: which, each once; `statement_accepted`: as for one."""

    credential_ids: Annotated[list[str], Field(min_length=1, max_length=MOST_AT_ONCE)]
    statement_accepted: bool


class ClaimEnvelope(Envelope):
    """`statement_accepted`: the statement of responsibility was read and accepted; nothing is shown without it."""

    statement_accepted: bool


@router.get("/items/{item_id}/credentials")
def list_credentials(item_id: str, who: CallerOf, door: DoorOf) -> CredentialList:
    """List an item's credentials; looking opens none."""
    found = door.desk.credentials(who.person, item_id)
    return CredentialList(credentials=tuple(CredentialReply.of(credential) for credential in found))


@router.get("/credentials")
def list_claimable(who: CallerOf, door: DoorOf) -> CredentialList:
    """List what you can claim now, of all items whose technical person you are; looking opens none."""
    found = door.desk.claimable(who.person)
    return CredentialList(credentials=tuple(CredentialReply.of(credential) for _, credential in found))


@router.post("/credentials/claim")
@every_time("the answer holds secrets; a second claim is an alarm of its own")
def claim_credentials(sent: ClaimAllEnvelope, who: FreshCallerOf, door: DoorOf, response: Response) -> ClaimedListReply:
    """Show several secrets at once, as one is shown: all of them, or none where one cannot be."""
    response.headers["Cache-Control"] = "no-store"
    opened = door.desk.claim_all(
        who.person,
        tuple(dict.fromkeys(sent.credential_ids)),
        statement_accepted=sent.statement_accepted,
        open_envelope=opener(door),
    )
    replies = (ClaimedReply(credential=CredentialReply.of(credential), secret=secret) for credential, secret in opened)
    return ClaimedListReply(claimed=tuple(replies))


@router.post("/credentials/{credential_id}/claim")
@every_time("the answer holds a secret; a second claim is an alarm of its own")
def claim_credential(
    credential_id: str, sent: ClaimEnvelope, who: FreshCallerOf, door: DoorOf, response: Response
) -> ClaimedReply:
    """Show a secret to the named technical person, once, and destroy it. Needs a login of the last ten minutes."""
    response.headers["Cache-Control"] = "no-store"
    credential, secret = door.desk.claim(
        who.person, credential_id, statement_accepted=sent.statement_accepted, open_envelope=opener(door)
    )
    return ClaimedReply(credential=CredentialReply.of(credential), secret=secret)


def opener(door: Door) -> Callable[[SealedSecret], str]:
    """Return what opens a sealed secret; called inside the transaction that marks it claimed.

    The key is read at that moment, so that a missing one is Unavailable and nothing is consumed.
    """

    def open_envelope(secret: SealedSecret) -> str:
        keys = sealing.read_keys(door.settings.key_file)
        return keys.open(secret.sealed, secret.key_id, secret.id)

    return open_envelope
