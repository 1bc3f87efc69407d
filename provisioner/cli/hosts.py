"""`gerbang host`: what stands on each host, and how much of it is promised?"""

from __future__ import annotations

from typing import Annotated

import typer

from provisioner.cli.asking import Answer, Gate
from provisioner.cli.requests import Json
from provisioner.cli.showing import moment, pairs, show, table
from provisioner.settings import Settings

host = typer.Typer(no_args_is_help=True, help="Host bersama: isi, pemakaian, cadangan.")


@host.command("list")
def list_all(json: Json = False) -> None:
    """Daftar host."""
    found = Gate(Settings()).get("/hosts")
    rows = ((h["name"], len(h["items"]), len(h["runs"]), moment(h["looked_at"])) for h in found["hosts"])
    show(found, json, table("host", "layanan", "berjalan", "dilihat", rows=rows))


@host.command("show")
def show_one(name: Annotated[str, typer.Argument(help="Nama host, misalnya web1.")], json: Json = False) -> None:
    """Satu host: jumlah yang dijanjikan, yang dicadangkan sampai kapan, yang berjalan."""
    found = Gate(Settings()).get(f"/hosts/{name}")
    pools = ((pool["name"], pool["held"], pool["limit"], pool["limit"] - pool["held"]) for pool in found["pools"])
    holds = ((_thing(h), h["state"], h["request"], h["item_id"], moment(h["until"])) for h in found["holds"])
    head = {
        "Host": found["name"],
        "Layanan": ", ".join(found["items"]) or "-",
        "Berjalan": ", ".join(found["runs"]) or "-",
        "Dilihat": moment(found["looked_at"]),
    }
    show(
        found,
        json,
        pairs(head),
        table("jumlah", "dijanjikan", "batas", "sisa", rows=pools, title="\nJumlah"),
        table("cadangan", "keadaan", "nomor", "layanan", "sampai", rows=holds, title="\nCadangan"),
    )


def _thing(hold: Answer) -> str:
    return f"{hold['label']} {hold['key'] or hold['amount']}"
