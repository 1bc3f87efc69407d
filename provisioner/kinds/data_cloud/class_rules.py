"""Do the rules of a limit class stand as they were made, or are they somebody's own work by now (ADR 0025)?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.facts import nextcloud
from provisioner.facts.estate import Host
from provisioner.facts.observation import Spot
from provisioner.kinds.data_cloud import file_types
from provisioner.kinds.data_cloud import wish as asked
from provisioner.kinds.data_cloud.amounts import exact
from provisioner.kinds.port import Question
from provisioner.plans.plan import Reason

MOST_SHOWN = 200
MEND = (
    "pengelola Nextcloud menghapus aturan itu (Setelan administrasi, Alur) atau mengembalikannya, lalu lihat lagi; "
    "Gerbang tidak menyentuhnya dan tidak menambah aturan di sampingnya"
)


def of_class(wish: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the class's rules say: {'size_rule': {'largest_bytes': n}, 'type_rule': {'types': [...]} | None}."""
    types = [*file_types.types_of(wish["file_types"])]
    return {
        "size_rule": {"largest_bytes": asked.largest_bytes(wish)},
        "type_rule": {"types": types} if types else None,
    }


def refuse_changed(question: Question, host: Host) -> tuple[Reason, ...]:
    """Say which rule of the wish's class is neither absent nor ours: whoever is in the class is held to it."""
    group = asked.limit_group(question.wish)
    reasons = []
    for prop, wanted in of_class(question.wish).items():
        seen = question.seen.value(Spot(system=nextcloud.SYSTEM, target=f"{host.name}/{group}", property=prop))
        if seen not in (None, wanted):
            label = nextcloud.PROPERTIES[prop].label.lower()
            what = f"{label} kelompok {group} di {host.name} bukan yang dibuat Gerbang"
            told = f"{what}: terbaca {_seen(seen)}, mestinya {_wanted(wanted)}"
            reasons.append(Reason(code="class_changed", what=told, mend=MEND))
    return tuple(reasons)


def _seen(rule: Any) -> str:
    """Tell a rule as it was read, in a line."""
    if "largest_bytes" in rule:
        return f"paling besar {exact(int(rule['largest_bytes']))}"
    text = "; ".join(map(str, rule.get("types") or rule.get("other") or ()))
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"


def _wanted(rule: Any) -> str:
    if rule is None:
        return "tidak ada aturan, semua jenis boleh"
    return f"{len(rule['types'])} jenis yang diminta" if "types" in rule else _seen(rule)
