"""`gerbang letter`: what the office sent, and the paper itself as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from provisioner.cli.asking import Exit, Gate, Stopped
from provisioner.cli.requests import Json, find
from provisioner.cli.showing import show, table
from provisioner.settings import Settings

letter = typer.Typer(no_args_is_help=True, help="Surat dari kantor: pemberitahuan, penolakan, kegagalan.")
WORDS = {"drafted": "konsep", "due": "sedang dicetak", "filed": "belum terkirim", "sent": "terkirim"}
LetterId = Annotated[str, typer.Argument(help="Id surat, dari `gerbang letter list`.")]


@letter.command("list")
def list_letters(request: Annotated[str, typer.Argument(help="Id atau nomor permohonan.")], json: Json = False) -> None:
    """Surat satu permohonan: nomor (sementara sampai ditandatangani), keadaan, sebab."""
    gate = Gate(Settings())
    found = gate.get(f"/requests/{find(gate, request)}/letters")
    letters = found["letters"]
    rows = ((one["id"], one["label"], one["number"], WORDS[one["state"]]) for one in letters)
    why = [f"{one['id']}: {one['why']}" for one in letters if one["why"]]
    show(found, json, table("id", "surat", "nomor surat", "keadaan", rows=rows), *why)


@letter.command("save")
def save(
    letter_id: LetterId,
    file: Annotated[Path | None, typer.Option("--output", "-o", help="Ke berkas mana; bawaan: nama suratnya.")] = None,
    json: Json = False,
) -> None:
    """Simpan surat sebagai PDF; berkas yang sudah ada tidak ditimpa."""
    name, pdf = Gate(Settings()).get_file(f"/letters/{letter_id}/pdf")
    place = file or Path(name)
    try:
        with place.open("xb") as kept:
            kept.write(pdf)
    except OSError as fault:
        raise Stopped(Exit.FAILED, f"{place}: {fault.strerror}. Pilih berkas lain dengan --output.") from fault
    show({"file": str(place), "bytes": len(pdf)}, json, f"Tersimpan: {place} ({len(pdf)} bita).")


@letter.command("handover")
def hand_over(
    letter_id: LetterId,
    note: Annotated[str, typer.Option(help="Kepada siapa dan bagaimana diserahkan.")],
    json: Json = False,
) -> None:
    """Catat bahwa surat yang tidak terkirim sudah diserahkan dengan cara lain."""
    found = Gate(Settings()).post(f"/letters/{letter_id}/handover", {"note": note})
    show(found, json, f"{found['label']} {found['number']}: penyerahan tercatat.")
