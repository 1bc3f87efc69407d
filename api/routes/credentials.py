"""Who may see a secret, once? The gate's only door to sealed things."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Response

from api.replies.base import Envelope
from api.replies.items import ClaimedReply, CredentialList, CredentialReply
from api.routes.envelope import new_router
from api.sending import every_time
from api.session import CallerOf, Door, DoorOf, FreshCallerOf
from provisioner import sealing
from provisioner.items.sealed_secret import SealedSecret

router = new_router("credentials")


class ClaimEnvelope(Envelope):
    """`statement_accepted`: the statement of responsibility was read and accepted; nothing is shown without it."""

    statement_accepted: bool


@router.get("/items/{item_id}/credentials")
def list_credentials(item_id: str, who: CallerOf, door: DoorOf) -> CredentialList:
    """List an item's credentials; looking opens none."""
    found = door.desk.credentials(who.person, item_id)
    return CredentialList(credentials=tuple(CredentialReply.of(credential) for credential in found))


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
