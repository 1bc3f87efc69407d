"""What does one more site mean for those who share its host?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.facts import alarm, apache, storage_limit
from provisioner.facts.estate import Host
from provisioner.kinds.port import Question
from provisioner.names import ITEM_ID


def neighbours(question: Question, choices: Mapping[str, Any], host: Host) -> dict[str, Any]:
    """Show who shares the host, with OPD and use, and how many afterwards (R-HO2)."""
    measures = question.seen.measurements
    users = [
        spot.object
        for spot in sorted(question.seen.values)
        if (spot.system, spot.host, spot.property) == ("apache", host.name, "vhost") and spot.object != question.item_id
    ]
    sites = [
        {
            "item": name,
            "opd": question.owners.get(name, "tidak tercatat"),
            "names": _names(question, host.name, name),
            "storage_used_bytes": measures.get(f"{host.name}/{name}:storage_used_bytes"),
        }
        for name in users
    ]
    others = sum(1 for name in users if ITEM_ID.fullmatch(name))
    now, afterwards = others + (question.item is not None), others + (question.verb != "terminate")
    return {
        "host": host.name,
        "things": "situs",
        "own": str(choices["names"][0]),
        "sites": sites,
        "sentence": f"Di {host.name} ada {now} situs Gerbang; sesudah ini {afterwards}. Beban, basis data dan "
        "jalur internet host dipakai bersama.",
        "measured": {
            name: measures[f"{host.name}:{name}"]
            for name in ("storage_size_bytes", "storage_free_bytes", "load_percent", "memory_available_bytes")
            if f"{host.name}:{name}" in measures
        },
    }


def _names(question: Question, host: str, item: str) -> list[str]:
    """Names of the vhost of that object."""
    for spot, value in question.seen.values.items():
        if (spot.system, spot.host, spot.object) == ("apache", host, item) and isinstance(value, dict):
            return sorted(apache.server_names(str(value["text"])))
    return []


def alarms_of(question: Question, choices: Mapping[str, Any]) -> list[str]:
    """Say first that the host itself stops nobody, then who on it has more than was granted."""
    host = str(choices["host"])
    unguarded = (
        f"{host} tidak dapat menegakkan batas ruang simpan: pemakaian hanya diukur, situs dapat melampaui batasnya."
    )
    found = [str(one) for one in alarm.alarms(question.seen) if one.target.startswith(f"{host}/")]
    return [*([unguarded] if choices["storage_driver"] == storage_limit.MEASURED else []), *found]
