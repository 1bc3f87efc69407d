"""`gerbang request lines` and `decide-lines`: how do all lines stand, and who says yes to which of them?"""

from __future__ import annotations

from typing import Annotated

import typer

from provisioner.cli.asking import Answer, Exit, Gate, Stopped
from provisioner.cli.plans import Outcome
from provisioner.cli.requests import Json, find, request
from provisioner.cli.showing import pairs, show, table
from provisioner.settings import Settings

_ALL = "semua"
_LONGEST_NUMBER = 4


@request.command("lines")
def show_lines(
    request_id: Annotated[str, typer.Argument(help="Id atau nomor permohonan.")], json: Json = False
) -> None:
    """Semua baris permohonan dalam satu tabel: rencana, sidik, keputusan, pelaksanaan."""
    gate = Gate(Settings())
    found = gate.get(f"/requests/{find(gate, request_id)}/lines")
    rows = (
        (
            one["number"],
            ", ".join(one["told_apart"].values()) or "-",
            one["plan_state"] or "-",
            one["digest"][:12] or "-",
            one["run_state"] or one["state"],
        )
        for one in found["lines"]
    )
    head = {
        "Permohonan": found["number"],
        "Selesai": f"{found['ended']} dari {len(found['lines'])} baris",
        "Boleh memutuskan": "ya" if found["may_decide"] else f"tidak: {found['why_not']}",
    }
    listed = table("#", "diminta", "rencana", "sidik", "kini", rows=rows)
    show(found, json, pairs(head), listed, f"Sidik tabel {found['sha256']}")


def decide_lines(
    request_id: Annotated[str, typer.Argument(help="Id atau nomor permohonan.")],
    outcome: Annotated[Outcome, typer.Argument(help="approved atau rejected, bagi semua baris yang disebut.")],
    lines: Annotated[str, typer.Option(help="Baris yang dimaksud: 'semua', atau nomornya, misalnya 1-20,22.")],
    seen: Annotated[str, typer.Option(help="Sidik tabel yang Anda lihat (wajib untuk menyetujui).")] = "",
    reason: Annotated[str, typer.Option(help="Alasan (wajib untuk menolak).")] = "",
    json: Json = False,
) -> None:
    """Putuskan banyak baris sekaligus, tiap baris pada rencananya sendiri: semua, atau tidak satu pun."""
    gate = Gate(Settings())
    found = gate.get(f"/requests/{find(gate, request_id)}/lines")
    if outcome is Outcome.RETURNED:
        raise Stopped(Exit.USAGE, "pengembalian berlaku untuk seluruh permohonan: `gerbang decide BARIS returned`.")
    if outcome is not Outcome.REJECTED and seen != found["sha256"]:
        why = "sidik tabel tidak disebut." if not seen else "tabelnya sudah berubah sejak dilihat."
        code = Exit.USAGE if not seen else Exit.STALE
        raise Stopped(code, f"{why} Lihat lagi dengan `gerbang request lines {request_id}`.")
    words = [_word(one, outcome, reason) for one in _chosen(found["lines"], lines)]
    try:
        said = gate.post(
            f"/requests/{found['request_id']}/decisions", {"decisions": words, "version": found["version"]}
        )
    except Stopped as stopped:
        if stopped.slug == "refused" and stopped.problem.get("faults"):
            raise Stopped(Exit.STALE, stopped.said, stopped.problem) from stopped
        raise
    show(said, json, f"{len(said['decisions'])} baris: {outcome.value}.")


def _word(one: Answer, outcome: Outcome, reason: str) -> Answer:
    """Say yes to the plan that the table showed, as what it is; or no."""
    if outcome is Outcome.REJECTED:
        return {"line_id": one["line_id"], "outcome": outcome.value, "reason": reason}
    return {"line_id": one["line_id"], "outcome": one["outcome"], "digest": one["digest"], "reason": reason}


def _chosen(lines: list[Answer], words: str) -> list[Answer]:
    """Return the lines called '1-20,22', or all that are open."""
    if words == _ALL:
        return [one for one in lines if one["state"] == "open"]
    numbers: set[int] = set()
    for word in words.split(","):
        first, _, last = word.strip().partition("-")
        if not (_is_number(first) and _is_number(last or first)):
            raise Stopped(Exit.USAGE, f"--lines {words}: tulis semua, atau nomor seperti 1-20,22.")
        numbers |= set(range(int(first), int(last or first) + 1))
    strange = sorted(numbers - {one["number"] for one in lines})
    if strange:
        raise Stopped(Exit.USAGE, f"--lines {words}: baris {strange[0]} tidak ada; permohonan ini {len(lines)} baris.")
    return [one for one in lines if one["number"] in numbers]


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) <= _LONGEST_NUMBER
