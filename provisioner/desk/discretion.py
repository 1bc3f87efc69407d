"""What may an OPD's own people see of a shared host? Their own things and counts; no other OPD's, no sums."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from provisioner.plans.plan import Reason
from provisioner.plans.record import PlanRecord
from provisioner.runs.run import Event, Run, RunState
from provisioner.verification.verdict import Verdict

FOR_STAFF = "perlu ditangani petugas"
_WHY = {
    RunState.UNKNOWN: "Gerbang akan melihat lagi",
    RunState.WAITING_UNTIL: "menunggu masa tenggang berakhir",
    RunState.CANCELLED: "dihentikan petugas",
}
_REASONS: Mapping[str, tuple[str, str]] = {
    "name_taken": ("nama yang diminta sudah terpakai atau dicadangkan", "ajukan nama lain"),
    "look_alike": (
        "nama yang diminta mirip nama lain dan dapat tertukar",
        "ajukan nama lain (0/o, 1/l/i, rn/m, vv/w dan tanda hubung dianggap sama)",
    ),
    "host_full": ("kapasitas yang diminta tidak tersedia sekarang", "ajukan lebih kecil, atau tunggu petugas"),
    "disk_full": ("kapasitas yang diminta tidak tersedia sekarang", "ajukan lebih kecil, atau tunggu petugas"),
    "hold_lost": ("yang diminta baru saja dicadangkan permohonan lain", "ajukan yang lain, atau tunggu petugas"),
    "no_runtime": ("bahasa atau ekstensi yang diminta tidak tersedia", "kurangi ekstensi, atau tunggu petugas"),
    "no_database_engine": ("basis data yang diminta tidak tersedia", "ajukan basis data lain"),
    "no_outgoing_mail": ("surat keluar belum tersedia", "ajukan tanpa surat keluar"),
    "use_unknown": (
        "berapa yang terpakai sekarang tidak diketahui",
        "biarkan ruang simpannya, atau tunggu; petugas memeriksanya",
    ),
    "account_gone": ("akun itu tidak ada lagi", "ajukan pengakhirannya, lalu akun baru"),
    "class_changed": ("aturan batas di server berbeda dari yang dibuat Gerbang", "tunggu; petugas memeriksanya"),
    "server_lacks": ("server yang diperlukan belum siap", "tunggu; petugas menyiapkannya"),
    "unreachable": ("sistem yang diperlukan belum menjawab", "tunggu; petugas melihat ulang"),
}
#: what speaks of the asking OPD's own wish and use alone is told as it is, with its figures
_OWN = frozenset({"over_office_limit", "file_over_quota", "below_use"})
_HELD = frozenset({"name_taken", "host_full", "hold_lost"})
_DAY = re.compile(r"\b[0-9]{2}-[0-9]{2}-[0-9]{4}\b", re.ASCII)
_NAMING = frozenset({"neighbours", "neighbour", "readable", "databases"})


def discreet(record: PlanRecord, opd: str) -> PlanRecord:
    """Return a plan's record as the OPD's own people see it; its digest stays, what is shown is not digested."""
    plan = record.plan
    shown = None if plan is None else replace(plan, page=_page(plan.page, opd, str(plan.choices.get("host", ""))))
    return replace(
        record,
        plan=shown,
        moved=(FOR_STAFF,) if record.moved else (),
        reasons=tuple(dict.fromkeys(discreet_reason(reason) for reason in record.reasons)),
        asked_reason="",
        wishes={},
    )


def discreet_run(run: Run) -> Run:
    """Return a run whose `why` names nothing on the host."""
    return replace(run, why=_WHY.get(run.state, FOR_STAFF) if run.why else "")


def discreet_events(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """Keep states (the word alone), duties and verdicts; lines of the log may name others' files."""
    kept = (event for event in events if event.kind in {"state", "task", "verdict"})
    return tuple(
        replace(event, text=event.text.partition(":")[0] if event.kind == "state" else event.text) for event in kept
    )


def discreet_verdicts(verdicts: tuple[Verdict, ...]) -> tuple[Verdict, ...]:
    """Keep whether each trial held; what was found of others is not told."""
    return tuple(
        verdict if verdict.holds else replace(verdict, seen=_unnamed(verdict.seen), note="") for verdict in verdicts
    )


def discreet_reason(reason: Reason) -> Reason:
    """Say why it cannot be without a host, a sum, another's name or who is silent; a reason not known here says least.

    A name is in the public DNS or on nobody's page: that it is taken is told and until when it is held, by whom is not.
    What concerns the OPD alone, and the office's maxima, are told as staff read them.
    """
    if reason.code in _OWN:
        return reason
    what, mend = _REASONS.get(reason.code, (FOR_STAFF, "tunggu; petugas melihat sebab lengkapnya"))
    until = _DAY.search(reason.what) if reason.code in _HELD else None
    return Reason(code=reason.code, what=what + (f", cadangan lepas {until[0]}" if until else ""), mend=mend)


def _unnamed(seen: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in seen.items() if name not in _NAMING}


def _page(page: Mapping[str, Any], opd: str, host: str) -> dict[str, Any]:
    shown = dict(page)
    near = shown.get("neighbours")
    if near:
        mine = [site for site in near.get("sites", ()) if site.get("opd") == opd]
        hidden = len(near.get("sites", ())) - len(mine)
        shown["neighbours"] = {**near, "sites": mine, "measured": {}, "hidden": hidden}
    shown["capacity"] = []
    shown["columns"] = [_unsummed(row) for row in shown.get("columns", ())]
    # An alarm names the item that has too much; what the host itself cannot do names nobody.
    shown["alarms"] = [said for said in shown.get("alarms", ()) if said.startswith(f"{host} ")]
    chosen = (said for said in shown.get("why_here", ()) if said.startswith(f"{host} dipilih"))
    shown["why_here"] = [said.rpartition(" (")[0] + "." if said.endswith(" setelahnya).") else said for said in chosen]
    return shown


def _unsummed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what the host has left afterwards; a row that bore its bar stays among the first."""
    kept = {name: value for name, value in row.items() if name not in {"left", "bar"}}
    return {**kept, "is_first": True} if "bar" in row else kept
