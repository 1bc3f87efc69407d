"""Can a verb be asked of a kind, and which fields does its line take?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from provisioner.requests.fields import Field


@dataclass(frozen=True, kw_only=True)
class Availability:
    """What a kind answers for one verb (law 7): `state` 'available', 'not_yet' or 'not_applicable', and why not.

    `fields`: the table of the line's own fields, beside kind, verb and item. `names_item`: False for the verb that
    makes its item. `partial`: each field may be left out, which says that it stays as it stands; at least one is sent.
    `appoints`: who will work with the item is named with it, by the letter for all lines or by the line for itself.
    """

    state: str
    why: str = ""
    fields: tuple[Field, ...] = ()
    names_item: bool = True
    partial: bool = False
    appoints: bool = False


def not_yet(why: str) -> Availability:
    """Return the answer for a verb that is not built."""
    return Availability(state="not_yet", why=why)


Verbs = Mapping[str, Availability]
# What no kind can do yet, each with its reason; a kind that has built one answers for itself.
NOT_YET: Verbs = {
    "transfer": not_yet("pemindahan ke OPD lain belum dibangun"),
    "renew": not_yet("perpanjangan belum dibangun"),
    "adopt": not_yet("pengambilalihan layanan yang dibuat pihak lain belum dibangun"),
    "repair": not_yet("perbaikan penyimpangan belum dibangun"),
}
