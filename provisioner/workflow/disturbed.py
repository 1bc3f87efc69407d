"""Were the neighbours left alone by this run, done or undone?"""

from __future__ import annotations

from datetime import timedelta

from provisioner.facts.neighbours import fingerprint, moved
from provisioner.facts.observation import Observation
from provisioner.runs.run import Intent, RunState
from provisioner.store import looking_back
from provisioner.workflow.carrying import MAKE, Carrying

_LONGEST = 1500
_FRESH = timedelta(days=1)


def neighbours_left_alone(carrying: Carrying, seen: Observation) -> bool:
    """Compare with the fingerprint before the act; a difference ends needs_attention with both values, no undo.

    What another run's own changes explain is not counted, place by place.
    """
    reference = _reference(carrying)
    if reference is None:
        return True
    now = fingerprint(seen, carrying.own)
    with carrying.hands.database.reading() as uow:
        explained = looking_back.places_of_others_since(uow, reference.written_at, carrying.run.id)
    off = [str(one) for one in moved(reference.neighbours, now) if one.place not in explained]
    if off:
        carrying.move(RunState.NEEDS_ATTENTION, "tetangga berubah selama pelaksanaan: " + "; ".join(off)[:_LONGEST])
    return not off


def _reference(carrying: Carrying) -> Intent | None:
    """The look before the part that acted last; after a grace the undo's own: a month of other work lies between."""
    intents = sorted(carrying.intents().values(), key=lambda intent: intent.written_at)
    made = [intent for intent in intents if intent.way == MAKE]
    if not made:
        return None
    undone_late = [i for i in intents if i.way != MAKE and i.written_at - made[-1].written_at > _FRESH]
    return undone_late[0] if undone_late else made[-1]
