"""Which requests made an item what it is? Its life, a moment for each that was delivered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from provisioner.digests import Value
from provisioner.items.item import ItemState, Verb


@dataclass(frozen=True, kw_only=True)
class Moment:
    """The item as one delivered line left it; `number` counts from 1, which is its making. Never rewritten.

    `line_id` leads to the request; `wish`, `choices`, `state` and the technical person are those from then on.
    """

    item_id: str
    number: int
    verb: Verb
    line_id: str
    state: ItemState
    wish: Mapping[str, Any]
    choices: Mapping[str, Value]
    technical_person_id: str | None
    at: datetime


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return what differs between two wishes: {'storage_gb': (5, 8)}; a key that is missing counts as None."""
    keys = sorted(before.keys() | after.keys())
    return {key: (before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)}
