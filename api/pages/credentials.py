"""Kredensial: what can be taken over, once, and by whom?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from api import problems
from api.pages.layout import page
from api.problems import Problem
from api.routes.credentials import MOST_AT_ONCE, opener
from api.sending import every_time
from api.session import Caller, CallerOf, Door, DoorOf, FreshCallerOf
from provisioner.errors import BadInput, Gone, NotAllowed, NotFound, Refused, Unavailable
from provisioner.items.item import Item
from provisioner.items.sealed_secret import SealedSecret

router = APIRouter()


@router.get("/kredensial")
def list_claimable(request: Request, door: DoorOf, who: CallerOf) -> Response:
    """Say what waits for this person, of all items; looking opens nothing."""
    return _all_shown(request, door, who)


@router.post("/kredensial")
@every_time("the answer holds secrets; a second claim is an alarm of its own")
def claim_all(
    request: Request,
    door: DoorOf,
    who: FreshCallerOf,
    credential: Annotated[list[str], Form(max_length=MOST_AT_ONCE)] = [],  # noqa: B006  the form's own, never changed
    statement: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Show all that the form names, in the answer to it: every one of them, or none."""
    waiting = {secret.id: (item, secret) for item, secret in door.desk.claimable(who.person)}
    chosen = tuple(dict.fromkeys(credential))
    try:
        opened = door.desk.claim_all(
            who.person, chosen, statement_accepted=statement == "ya", open_envelope=opener(door)
        )
    except (BadInput, Gone, NotAllowed, NotFound, Refused, Unavailable) as refusal:
        return _all_shown(request, door, who, problem=problems.of_error(refusal))
    return _all_shown(request, door, who, opened=[(waiting[secret.id][0], secret, text) for secret, text in opened])


def _all_shown(
    request: Request,
    door: Door,
    who: Caller,
    problem: Problem | None = None,
    opened: Sequence[tuple[Item, SealedSecret, str]] = (),
) -> Response:
    return page(
        request,
        "kredensial_semua.html",
        who,
        problem.status if problem else 200,
        waiting=door.desk.claimable(who.person)[:MOST_AT_ONCE],
        problem=problem,
        opened=opened,
    )


@router.get("/layanan/{item_id}/kredensial")
def list_credentials(request: Request, item_id: str, door: DoorOf, who: CallerOf) -> Response:
    """Say what can be taken and how; looking opens nothing."""
    return _shown(request, door, who, item_id)


@router.post("/layanan/{item_id}/kredensial/{credential_id}")
@every_time("the answer holds a secret; a second claim is an alarm of its own")
def claim(
    request: Request,
    item_id: str,
    credential_id: str,
    door: DoorOf,
    who: FreshCallerOf,
    statement: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Show one secret in the answer to this very form; a reload shows it no more."""
    try:
        opened = door.desk.claim(
            who.person, credential_id, statement_accepted=statement == "ya", open_envelope=opener(door)
        )
    except (BadInput, NotAllowed, Refused, Unavailable) as refusal:
        return _shown(request, door, who, item_id, problem=problems.of_error(refusal))
    return _shown(request, door, who, item_id, opened=opened)


def _shown(
    request: Request,
    door: Door,
    who: Caller,
    item_id: str,
    problem: Problem | None = None,
    opened: tuple[SealedSecret, str] | None = None,
) -> Response:
    view = door.desk.item(who.person, item_id)
    return page(
        request,
        "kredensial.html",
        who,
        problem.status if problem else 200,
        item=view.item,
        claimed_by=view.claimed_by,
        may_ask=door.desk.may_ask(who.person, view.item.opd),
        alarms=view.alarms,
        access=view.card.standing.access,
        credentials=door.desk.credentials(who.person, item_id),
        is_named=who.person.id == view.item.technical_person_id,
        problem=problem,
        opened=opened,
    )
