"""What does the plan page say of an account beside its changes? Indonesian; shown, never digested."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from provisioner.digests import Value
from provisioner.facts import nextcloud
from provisioner.facts.estate import Host
from provisioner.facts.property import Undo
from provisioner.kinds.data_cloud import (
    capacity,
    change,
    change_told,
    drift,
    ending,
    file_types,
    handover,
    rotation,
    server,
    traffic,
)
from provisioner.kinds.data_cloud import wish as asked
from provisioner.kinds.data_cloud.amounts import amount, kept
from provisioner.kinds.data_cloud.place import title
from provisioner.kinds.data_cloud.stages import PROPERTIES
from provisioner.kinds.data_cloud.standing import LARGEST_TRUSTS, NOT_COUNTED
from provisioner.kinds.port import NOT_LOOKED, Question
from provisioner.plans.hold import amounts
from provisioner.plans.plan import Part
from provisioner.requests.reading import said

NOT_COMPARED = (
    "Kata sandi: hanya versinya yang dibandingkan; masuknya dicoba sesudah pelaksanaan.",
    "Pemakaian dan ruang kosong: dilihat, tidak mengubah sidik rencana kecuali batas terlampaui.",
    "Apakah batas benar-benar menggigit: setelannya dibandingkan, akibatnya dicoba.",
    "Isi akun: tidak dibaca siapa pun.",
    f"Pemakaian menurut server tidak menghitung {NOT_COUNTED}.",
)


def page(question: Question, choices: Mapping[str, Value], parts: tuple[Part, ...]) -> Mapping[str, Any]:
    """Return sentence, columns, drift, neighbours, capacity, why_here, enforcement, alarms, cannot_undo, not_compared.

    `drift`: what stands otherwise than recorded and is not put right, or is left behind.
    """
    host = question.estate.hosts[str(choices["host"])]
    return {
        "sentence": sentence(question, choices, parts),
        "columns": _columns(question, choices, host),
        "drift": drift.lines(question, choices),
        "neighbours": capacity.neighbours(question, choices, host),
        "capacity": capacity.rows(question, host),
        "why_here": _why_here(question, host) if question.item is None else [],
        "enforcement": _enforcement(question, choices),
        "alarms": _alarms(question, host),
        "cannot_undo": cannot_undo(parts),
        "not_compared": [*NOT_COMPARED, *_not_tried(question, choices)],
    }


def sentence(question: Question, choices: Mapping[str, Any], parts: Sequence[Part]) -> str:
    """Say in one sentence what approval does."""
    if not any(part.tasks for part in parts):
        recorded = change_told.record_only(question, choices) if question.item else ""
        return recorded or f"Tidak ada yang perlu diubah: akun {title(choices)} sudah seperti yang diminta."
    return _SENTENCES[question.verb](question, choices)


def _of_create(question: Question, choices: Mapping[str, Any]) -> str:
    wish, size = question.wish, amount(int(choices["quota_bytes"]))
    types = " dan ".join(wish["file_types"])
    held = "" if choices["traffic_enforced_by"] else " (tidak ditegakkan)"
    return (
        f"Jika disetujui, Gerbang membuat akun {title(choices)} untuk {choices['opd_group']}: ruang simpan {size}, "
        f"berkas terbesar {amount(int(choices['largest_bytes']))}, jenis {types}, "
        f"traffic {wish['traffic_mbit']} Mbit/s{held}.{handover.sentence(question, choices)} "
        "Tidak ada akun lain yang diubah."
    )


def _of_suspend(_: Question, choices: Mapping[str, Any]) -> str:
    return (
        f"Jika disetujui, Gerbang membekukan akun {title(choices)}: masuk, WebDAV, sandi aplikasi dan sesi yang "
        "terbuka ditolak. Berkas, batas dan kata sandinya tetap. Tidak ada akun lain yang diubah."
    )


def _of_resume(_: Question, choices: Mapping[str, Any]) -> str:
    return (
        f"Jika disetujui, Gerbang membuka kembali akun {title(choices)} persis seperti sebelum dibekukan, "
        "dengan sandi yang sama. Tidak ada akun lain yang diubah."
    )


_SENTENCES: Mapping[str, Callable[[Question, Mapping[str, Any]], str]] = {
    "create": _of_create,
    "change": change_told.sentence,
    "suspend": _of_suspend,
    "resume": _of_resume,
    "rotate": rotation.sentence,
    "appoint": rotation.appoint_sentence,
    "terminate": ending.sentence,
}
_BY_PROBE = (
    "Kata sandi akun ini tidak diketahui di sini: yang dicoba adalah akun uji, dan setelan akun ini dibaca balik."
)
_NOT_TRIED: Mapping[str, tuple[str, ...]] = {
    "suspend": (_BY_PROBE,),
    "resume": (_BY_PROBE,),
    "rotate": rotation.NOT_TRIED,
    "appoint": (*rotation.NOT_TRIED, *rotation.APPOINT_NOT_TRIED),
}


def _not_tried(question: Question, choices: Mapping[str, Value]) -> tuple[str, ...]:
    told = change_told.not_tried(question, choices) if question.verb == "change" else ()
    return (*_NOT_TRIED.get(question.verb, ()), *told, *handover.not_tried(question, choices))


def _columns(question: Question, choices: Mapping[str, Any], host: Host) -> list[dict[str, Any]]:
    """Diminta, direncanakan, sisa setelahnya: of a new account every field, of a change what it changes."""
    if not server.takes_share(question):
        return []
    quota = _quota(question, host)
    if question.item is None:
        return _asked(question, choices, quota)
    return change_told.columns(question, choices, quota)


def _asked(question: Question, choices: Mapping[str, Any], quota: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Say in bytes what the server keeps of what was asked, and of each limit what holds the account to it."""
    requested = question.requested or question.wish
    planned = {
        "account_id": str(choices["account"]),
        "quota_gb": kept(asked.quota_bytes(question.wish), int(choices["quota_bytes"])),
        "file_types": ", ".join(file_types.WORDS[name] for name in question.wish["file_types"]),
        "traffic_mbit": f"{question.wish['traffic_mbit']} Mbit/s, {traffic.briefly(choices)}",
    }
    more: Mapping[str, Mapping[str, Any]] = {"quota_gb": quota}
    rows = [
        {
            "label": field.label,
            "asked": said(field, requested.get(field.name)) or "-",
            "planned": planned.get(field.name, said(field, question.wish.get(field.name)) or "tidak ada"),
            "left": "-",
            **({"is_first": True} if field.name in asked.LIMITS else {}),
            **more.get(field.name, {}),
        }
        for field in asked.FIELDS
    ]
    group = {"label": "Kelompok OPD", "asked": "-", "planned": str(choices["opd_group"]), "left": "-"}
    return [*rows, group, handover.row(question, choices)]


def _quota(question: Question, host: Host) -> dict[str, Any]:
    """What is left of the server's storage afterwards, and a bar of what is promised of it."""
    part, own = server.share(question, host), amounts(question.kept)
    bar = {"now": part.held + own[part.pool], "after": part.held + part.asked, "limit": part.limit}
    return {"left": f"{amount(max(part.left, 0))} dari {amount(part.limit)}", "bar": bar}


def _why_here(question: Question, chosen: Host) -> list[str]:
    """Say of each server why it was taken or not."""
    lines = []
    for host in question.estate.in_group(server.GROUP):
        reasons, left = server.refuse(question, host), amount(max(server.share(question, host).left, 0))
        if host.name == chosen.name:
            why = "pilihan rencana sebelumnya" if question.previous else "sisa ruang simpan terbanyak, lalu urutan nama"
            lines.append(f"{host.name} dipilih: {why} ({left} setelahnya).")
        elif reasons and reasons[0].code == NOT_LOOKED:
            lines.extend(f"{reason.what}, tidak dipertimbangkan." for reason in reasons)
        elif reasons:
            lines.append(f"{host.name} tidak cocok: {'; '.join(reason.what for reason in reasons)}.")
        else:
            lines.append(f"{host.name} cocok, tetapi tidak dipilih (sisa {left}).")
    return lines


def _alarms(question: Question, host: Host) -> list[str]:
    """Say where the server's own rules may hold this account to something that nobody asked for."""
    found = question.seen.measurements.get(f"{host.name}:rules_for_everybody", 0)
    told = "aturan berkas yang bukan buatan Gerbang dan dapat berlaku bagi semua akun, juga akun ini"
    return [f"{host.name} mempunyai {found} {told}."] if found else []


def _enforcement(question: Question, choices: Mapping[str, Any]) -> list[str]:
    """Say what holds the account to each limit that the verb grants or gives back; of one that ends, nothing."""
    granted = {"create": frozenset(asked.LIMITS), "resume": frozenset(asked.LIMITS), "change": change.moves(question)}
    by = f"ditegakkan aturan berkas Nextcloud bagi kelompok {choices['limit_group']}"
    types = f"Jenis berkas {by}." if choices["types"] else "Jenis berkas: semua diizinkan, sesuai yang diminta."
    told = {
        "quota_gb": "Ruang simpan ditegakkan kuota Nextcloud.",
        "largest_file_mb": f"Berkas terbesar {by}; {LARGEST_TRUSTS}.",
        "file_types": types,
        "traffic_mbit": f"Traffic {traffic.said(choices)}.",
    }
    return [told[name] for name in asked.LIMITS if name in granted.get(question.verb, ())]


def cannot_undo(parts: Sequence[Part]) -> list[str]:
    """Name each change that cannot be taken back."""
    return [
        f"{PROPERTIES[change.system][change.property].label} {change.spot.object} di {change.spot.host}"
        f"{handover.CANNOT_CALL_BACK if change.after == nextcloud.LINK_MAILED else ''}"
        for part in parts
        for change in part.changes
        if change.undo is Undo.NONE
    ]
