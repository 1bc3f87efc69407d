"""Were the neighbours left alone by this run, done or undone?"""

from __future__ import annotations

from provisioner.facts.neighbours import fingerprint, moved
from provisioner.facts.observation import Observation
from provisioner.runs.run import RunState
from provisioner.store import looking_back
from provisioner.workflow.carrying import MAKE, Carrying

_LONGEST = 1500


def neighbours_left_alone(carrying: Carrying, seen: Observation) -> bool:
    """Compare with the fingerprint before the first act; a difference ends needs_attention with both values, no undo.

    What another run's rows explain is not counted.
    """
    first = carrying.intents().get((0, MAKE))
    if first is None:
        return True
    now = fingerprint(seen, frozenset({carrying.run.item_id}))
    with carrying.hands.database.reading() as uow:
        explained = looking_back.items_acted_on_since(uow, first.written_at)
    off = [str(place) for place in moved(first.neighbours, now) if not any(item in str(place) for item in explained)]
    if off:
        carrying.move(RunState.NEEDS_ATTENTION, "tetangga berubah selama pelaksanaan: " + "; ".join(off)[:_LONGEST])
    return not off
