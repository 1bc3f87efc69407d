"""`gerbang adjust`: what would be granted instead of what was asked?"""

from __future__ import annotations

import json as json_text
from typing import Annotated, Any

import typer
from rich.table import Table

from provisioner.cli.asking import Answer, Exit, Gate, Stopped
from provisioner.cli.requests import Json
from provisioner.cli.showing import moment, show, table, value
from provisioner.settings import Settings

adjust = typer.Typer(no_args_is_help=True, help="Penyesuaian: usulkan isi lain, orang lain yang memutuskannya.")


@adjust.command("propose")
def propose(
    line_id: Annotated[str, typer.Argument(help="Id baris permohonan.")],
    grant: Annotated[list[str], typer.Option(help="Isian yang diberikan, misalnya storage_gb=3; boleh berulang.")],
    reason: Annotated[str, typer.Option(help="Alasan bagi OPD.")],
    json: Json = False,
) -> None:
    """Usulkan isi lain dari yang diminta; Anda tidak lagi dapat memutuskan permohonan ini."""
    wish = dict(_pair(one) for one in grant)
    made = Gate(Settings()).post(f"/lines/{line_id}/adjustment", {"wish": wish, "reason": reason})
    show(
        made, json, *told(made), f"Keputusan: gerbang plan show {line_id} --wait 60, lalu orang lain: decide adjusted."
    )


@adjust.command("withdraw")
def withdraw(line_id: Annotated[str, typer.Argument(help="Id baris permohonan.")], json: Json = False) -> None:
    """Tarik usulan yang berlaku; yang diminta OPD dilihat ulang."""
    asked = Gate(Settings()).post(f"/lines/{line_id}/adjustment/withdrawal")
    show(asked, json, f"Usulan ditarik; rencana {asked['plan_id']} untuk yang diminta sedang dibuat.")


def told(made: Answer) -> list[Table | str]:
    """Lay asked and granted out side by side."""
    rows = ((name, value(made["asked"].get(name)), value(made["granted"].get(name))) for name in made["differing"])
    by = f"Usulan penyesuaian oleh {made['proposer_name']} ({made['position']}), {moment(made['proposed_at'])}"
    return [table("isian", "diminta", "diusulkan", rows=rows, title=f"\n{by}"), f"Alasan: {made['reason']}"]


def _pair(word: str) -> tuple[str, Any]:
    """Read name=value; a value that is JSON (3, true, ["gd"]) is taken as such, any other as text."""
    name, found, text = word.partition("=")
    if not found:
        raise Stopped(Exit.USAGE, f"--grant {word}: tulis nama=nilai.")
    try:
        return name, json_text.loads(text)
    except ValueError:
        return name, text
