"""`gerbang audit` and `gerbang waiting`: is the chain whole, and what waits for me?"""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated

import typer

from provisioner.cli.asking import Exit, Gate
from provisioner.cli.requests import Json
from provisioner.cli.showing import moment, show, table
from provisioner.settings import Settings

audit = typer.Typer(no_args_is_help=True, help="Riwayat berantai.")


@audit.command("list")
def list_rows(
    after: Annotated[int, typer.Option(min=0)] = 0,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
    json: Json = False,
) -> None:
    """Baris riwayat sesuai urutannya."""
    page = Gate(Settings()).get("/audit", after=after, limit=limit)
    rows = ((r["sequence"], moment(r["at"]), r["event"], r["actor"], r["subject"]) for r in page["rows"])
    show(page, json, table("#", "waktu", "peristiwa", "oleh", "tentang", rows=rows))


@audit.command("history")
def history(
    request: Annotated[str | None, typer.Option(help="Nomor permohonan, misalnya 2026-0007.")] = None,
    person: Annotated[str | None, typer.Option(help="Sebagian nama orang.")] = None,
    since: Annotated[str | None, typer.Option(help="Sejak tanggal, misalnya 2026-11-23.")] = None,
    until: Annotated[str | None, typer.Option(help="Sampai tanggal itu.")] = None,
    before: Annotated[int | None, typer.Option(min=1, help="Hanya baris sebelum nomor ini.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
    json: Json = False,
) -> None:
    """Baris yang cocok, yang terbaru di atas, dengan nama pelaku dan pencatat."""
    asked = {"request": request, "person": person, "since": since, "until": until, "before": before}
    page = Gate(Settings()).get("/audit/history", **asked, limit=limit)
    rows = (
        (r["row"]["sequence"], moment(r["row"]["at"]), r["row"]["event"], r["actor_name"], r["recorder_name"] or "-")
        for r in page["rows"]
    )
    show(page, json, table("#", "waktu", "peristiwa", "oleh", "dicatat oleh", rows=rows))


@audit.command("verify")
def verify(
    offline: Annotated[bool, typer.Option("--offline", help="Baca basis data langsung, tanpa gerbang.")] = False,
    json: Json = False,
) -> None:
    """Periksa seluruh rantai; tempat rusak pertama disebut."""
    if offline:
        raise typer.Exit(subprocess.call([sys.executable, "-m", "provisioner.admin", "audit", "verify"]))
    report = Gate(Settings()).get("/audit/verify")
    said = f"Rantai utuh: {report['rows']} baris, kode {report['head'][:12]}."
    show(report, json, said if report["whole"] else f"Rantai rusak setelah {report['rows']} baris: {report['broken']}")
    if not report["whole"]:
        raise typer.Exit(Exit.FAILED)


def waiting(json: Json = False) -> None:
    """Apa yang menunggu saya."""
    found = Gate(Settings()).get("/waiting")
    rows = ((w["act"], w["what"], w["opd"], w["subject"], moment(w["since"])) for w in found["waiting"])
    show(found, json, table("tindakan", "apa", "OPD", "tentang", "sejak", rows=rows))
