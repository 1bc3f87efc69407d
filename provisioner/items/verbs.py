"""From which state may each verb start, to which does it lead, and what does delivering it do to the item?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from provisioner.items.item import ItemState, Verb


class Holding(StrEnum):
    """What becomes of what the item keeps: `settled` to what is wanted now, `kept` as it is, or `released`."""

    SETTLED = "settled"
    KEPT = "kept"
    RELEASED = "released"


@dataclass(frozen=True, kw_only=True)
class VerbRow:
    """What one verb means for the item's record; the workflow reads it, and branches on no verb.

    `starts_from`: empty for the verb that makes its item. `leads_to`: None where the item stays in the state it was
    found in. `changes_wish`: the line's fields are those of the wish. `appoints`: the technical person whom the line or
    its letter names becomes the item's. `ends_credentials`: what lies unclaimed from earlier runs is destroyed; else
    only an earlier one of a name that the run made anew.
    """

    starts_from: frozenset[ItemState]
    leads_to: ItemState | None
    holding: Holding
    changes_wish: bool = False
    appoints: bool = False
    ends_credentials: bool = False

    @property
    def makes_item(self) -> bool:
        """Tell whether there is no item yet."""
        return not self.starts_from


_ACTIVE, _SUSPENDED = frozenset({ItemState.ACTIVE}), frozenset({ItemState.SUSPENDED})

# A verb that some kind has built has its row here; what it does to hosts, the kind's stages say.
VERBS: Mapping[Verb, VerbRow] = {
    Verb.CREATE: VerbRow(
        starts_from=frozenset(), leads_to=ItemState.ACTIVE, holding=Holding.SETTLED, changes_wish=True
    ),
    Verb.CHANGE: VerbRow(starts_from=_ACTIVE, leads_to=ItemState.ACTIVE, holding=Holding.SETTLED, changes_wish=True),
    Verb.SUSPEND: VerbRow(starts_from=_ACTIVE, leads_to=ItemState.SUSPENDED, holding=Holding.KEPT),
    Verb.RESUME: VerbRow(starts_from=_SUSPENDED, leads_to=ItemState.ACTIVE, holding=Holding.KEPT),
    Verb.ROTATE: VerbRow(starts_from=_ACTIVE, leads_to=None, holding=Holding.KEPT),
    Verb.APPOINT: VerbRow(
        starts_from=_ACTIVE, leads_to=None, holding=Holding.KEPT, appoints=True, ends_credentials=True
    ),
    Verb.TERMINATE: VerbRow(
        starts_from=_ACTIVE | _SUSPENDED,
        leads_to=ItemState.TERMINATED,
        holding=Holding.RELEASED,
        ends_credentials=True,
    ),
}
STATE_WORDS: Mapping[ItemState, str] = {
    ItemState.ACTIVE: "aktif",
    ItemState.SUSPENDED: "dibekukan",
    ItemState.ENDING: "sedang diakhiri",
    ItemState.TERMINATED: "sudah berakhir",
}


def refusal(verb: Verb, state: ItemState) -> str:
    """Say in Indonesian why the verb cannot start from `state`; '' where it can."""
    row = VERBS[verb]
    if state in row.starts_from:
        return ""
    wanted = " atau ".join(STATE_WORDS[one] for one in ItemState if one in row.starts_from)
    return f"layanan {STATE_WORDS[state]}; tindakan ini hanya untuk yang {wanted}"
