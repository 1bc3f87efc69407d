"""How is a change of an account told on the plan page? Indonesian; shown, never digested."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.kinds.data_cloud import change, file_types, traffic
from provisioner.kinds.data_cloud import wish as asked
from provisioner.kinds.data_cloud.amounts import exact, kept
from provisioner.kinds.data_cloud.place import title
from provisioner.kinds.port import Question
from provisioner.requests.fields import Field
from provisioner.requests.reading import said

_PROBED = "Batas dicoba dengan akun uji dalam kelompok yang sama: kata sandi akun ini sudah diserahkan, tidak disentuh."
_OTHERS = "Nama tampilan, surel dan kelompok lain: milik pemilik akun dan pengelola server, dibiarkan kecuali diminta."
_LARGER = (
    "Berkas yang sudah ada dan melebihi batas baru: tidak dicari, tetap tersimpan; versi barunya ditolak bila masih "
    "sebesar itu."
)
_OTHER_TYPES = "Berkas yang sudah ada dan jenisnya tidak lagi diizinkan: tetap tersimpan, tetapi tidak dapat dibuka."


def not_tried(question: Question, choices: Mapping[str, Any]) -> tuple[str, ...]:
    """Say what neither look nor trial tells of this change; of a limit that it leaves alone, nothing."""
    moved = change.moves(question)
    lines = (
        (_PROBED, change.moves_class(question) or "quota_gb" in moved),
        (_LARGER, "largest_file_mb" in moved and _is_smaller(question)),
        (_OTHER_TYPES, "file_types" in moved and _takes_types(question)),
        (traffic.READ_BACK, "traffic_mbit" in moved and bool(choices.get("traffic_proxy"))),
        (_OTHERS, True),
    )
    return tuple(line for line, is_so in lines if is_so)


def _is_smaller(question: Question) -> bool:
    assert question.item is not None
    return asked.largest_bytes(question.wish) < asked.largest_bytes(question.item.wish)


def _takes_types(question: Question) -> bool:
    """Tell whether something that may be kept now may not be any more."""
    assert question.item is not None
    was, now = {*question.item.wish["file_types"]}, {*question.wish["file_types"]}
    return file_types.ALL not in now and not was <= now


def changes_of(question: Question) -> list[tuple[Field, str, str]]:
    """Return what the wish changes, in the table's order: (field, 'semula', 'menjadi'), each in words."""
    has: Mapping[str, Any] = question.item.wish if question.item else {}
    moved = change.moves(question)
    return [(field, _said(field, has), _said(field, question.wish)) for field in asked.FIELDS if field.name in moved]


def sentence(question: Question, choices: Mapping[str, Any]) -> str:
    """Say in one sentence what approval changes, and what stays."""
    return (
        f"Jika disetujui, Gerbang mengubah akun {title(choices)}: {'; '.join(_moved(question))}. "
        "Berkas dan kata sandinya tetap, dan tidak ada akun lain yang diubah."
    )


def record_only(question: Question, choices: Mapping[str, Any]) -> str:
    """Say what a change comes to that no server hears of; '' where nothing at all changes."""
    moved = _moved(question)
    if not moved:
        return ""
    only = f"Jika disetujui, hanya catatan {title(choices)} yang berubah: {'; '.join(moved)}."
    return f"{only} Di server tidak ada yang disentuh."


def columns(question: Question, choices: Mapping[str, Any], quota: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return one row a changed field: asked is what the OPD wrote, planned says what was and what shall be.

    Storage is told to the byte, as the server keeps it. `quota`: what is left of the server's storage, and its bar.
    """
    requested = question.requested or question.wish
    more: Mapping[str, Mapping[str, Any]] = {"quota_gb": quota}
    rows = []
    for field, was, now in changes_of(question):
        planned = {
            "quota_gb": f"semula {was}{_exactly(question)}, menjadi {_kept(question, choices)}",
            "traffic_mbit": f"semula {was}, menjadi {now}; {traffic.said(choices)}",
        }.get(field.name, f"semula {was}, menjadi {now}")
        row = {"label": field.label, "asked": _said(field, requested), "planned": planned, "left": "-"}
        rows.append({**row, **more.get(field.name, {})})
    return rows


def _exactly(question: Question) -> str:
    has: Mapping[str, Any] = question.item.choices if question.item else {}
    return f" ({exact(int(has['quota_bytes']))})" if "quota_bytes" in has else ""


def _kept(question: Question, choices: Mapping[str, Any]) -> str:
    return kept(asked.quota_bytes(question.wish), int(choices["quota_bytes"]))


def _moved(question: Question) -> list[str]:
    return [f"{field.label.lower()} {was} menjadi {now}" for field, was, now in changes_of(question)]


def _said(field: Field, wish: Mapping[str, Any]) -> str:
    return said(field, wish.get(field.name)) or "tidak ada"
