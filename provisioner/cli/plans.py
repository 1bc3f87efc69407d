"""`gerbang plan`, `look` and `decide`: what would change, and who says yes to exactly that?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table

from provisioner.cli import adjustments
from provisioner.cli.asking import Answer, Exit, Gate, Stopped
from provisioner.cli.requests import Json
from provisioner.cli.showing import moment, pairs, show, table
from provisioner.settings import Settings

plan = typer.Typer(no_args_is_help=True, help="Rencana: apa yang akan berubah.")
ENDS = {
    "current": Exit.DONE,
    "stale": Exit.STALE,
    "superseded": Exit.STALE,
    "impossible": Exit.FAILED,
    "unreachable": Exit.FAILED,
    "asked": Exit.FAILED,
    "looking": Exit.FAILED,
}
WAITS = {
    "grace": " (setelah masa tenggang)",
    "grace_only": " (setelah masa tenggang)",
    "verdict": " (setelah semua pemeriksaan sesuai)",
}
UNDO = {"remove": "dihapus", "restore": "dipulihkan", "keep": "tetap ada", "none": "tidak dapat dibatalkan"}


class Outcome(StrEnum):
    """What a decider can say."""

    APPROVED = "approved"
    ADJUSTED = "adjusted"
    REJECTED = "rejected"
    RETURNED = "returned"


@plan.command("show")
def show_plan(
    line_id: Annotated[str, typer.Argument(help="Id baris permohonan.")],
    wait: Annotated[int, typer.Option(help="Tunggu sampai selesai dilihat, paling lama sekian detik.")] = 0,
    json: Json = False,
) -> None:
    """Rencana satu baris: perubahan, sidik, dan apakah Anda boleh memutuskan."""
    found = _settled(Gate(Settings()), line_id, wait)
    show(found, json, *(_told(found)))
    if ENDS[found["state"]]:
        raise typer.Exit(ENDS[found["state"]])


def look(
    line_id: Annotated[str, typer.Argument(help="Id baris permohonan.")],
    wish: Annotated[list[str] | None, typer.Option(help="Pilihan lain, misalnya host=web2 (perlu alasan).")] = None,
    reason: Annotated[str, typer.Option(help="Alasan.")] = "",
    json: Json = False,
) -> None:
    """Lihat ulang, dan buat rencana baru."""
    wishes = dict(_pair(one) for one in wish or ())
    asked = Gate(Settings()).post(f"/lines/{line_id}/look", {"wishes": wishes, "reason": reason})
    show(asked, json, f"Diminta melihat ulang: rencana {asked['plan_id']}.")


def decide(
    line_id: Annotated[str, typer.Argument(help="Id baris permohonan.")],
    outcome: Annotated[Outcome, typer.Argument(help="Keputusan.")],
    digest: Annotated[str, typer.Option(help="Sidik rencana yang Anda lihat (wajib untuk menyetujui).")] = "",
    reason: Annotated[str, typer.Option(help="Alasan (wajib untuk menolak dan mengembalikan).")] = "",
    json: Json = False,
) -> None:
    """Putuskan satu baris; persetujuan menyebut sidik rencana yang dilihat."""
    gate = Gate(Settings())
    try:
        said = gate.post(f"/lines/{line_id}/decision", {"outcome": outcome, "digest": digest, "reason": reason})
    except Stopped as stopped:
        if stopped.slug == "refused" and digest and _moved_on(gate, line_id, digest):
            raise Stopped(Exit.STALE, stopped.said, stopped.problem) from stopped
        raise
    show(
        said,
        json,
        f"{said['decider_name']} ({said['position']}): {said['outcome']}, sidik {said['digest'][:12] or '-'}.",
    )


def _settled(gate: Gate, line_id: str, wait: int) -> Answer:
    until = time.monotonic() + wait
    while True:
        try:
            found = gate.get(f"/lines/{line_id}/plan")
        except Stopped as stopped:
            if stopped.slug != "not-found" or time.monotonic() >= until:
                raise
        else:
            if found["state"] not in {"asked", "looking"} or time.monotonic() >= until:
                return found
        time.sleep(0.3)


def _moved_on(gate: Gate, line_id: str, digest: str) -> bool:
    now = gate.get(f"/lines/{line_id}/plan")
    return bool(now["state"] == "stale" or now["digest"] != digest)


def _told(found: Answer) -> list[Table | str]:
    head = {
        "Rencana": f"{found['id']} ({found['state']})",
        "Dilihat": moment(found["looked_at"]),
        "Boleh memutuskan": "ya" if found["may_decide"] else f"tidak: {found['why_not']}",
    }
    told: list[Table | str] = [pairs(head), f"Sidik {found['digest'] or '-'}"]
    if found["page"].get("sentence"):
        told.append(f"\n{found['page']['sentence']}")
    if found["adjustment"]:
        told += adjustments.told(found["adjustment"])
    told += [f"[red]✗[/] {reason['what']}. {reason['mend']}" for reason in found["reasons"]]
    told += [f"[yellow]≠[/] {moved}" for moved in found["moved"]]
    told += [f"[yellow]≠[/] {off}" for off in found["page"].get("drift", ())]
    for part in found["parts"]:
        title = f"\n{part['stage']} di {part['limit']}" + WAITS.get(part["waits_for"], "")
        told.append(table("tugas", "perubahan", "bila dibatalkan", rows=_changes(part), title=title))
    return told


def _changes(part: Answer) -> Iterator[tuple[str, str, str]]:
    for task in part["tasks"]:
        for number, change in enumerate(task["changes"]):
            what = f"{change['system']} {change['target']} {change['property']}"
            yield "" if number else task["label"], what, UNDO[change["undo"]]


def _pair(word: str) -> tuple[str, str]:
    name, found, value = word.partition("=")
    if not found:
        raise Stopped(Exit.USAGE, f"--wish {word}: tulis nama=nilai.")
    return name, value
