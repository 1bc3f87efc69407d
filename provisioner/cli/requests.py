"""`gerbang request` and `gerbang step`: how is a request sent in and carried on?"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from json import loads as read_json
from pathlib import Path
from typing import Annotated, Any

import typer

from provisioner.cli.asking import Answer, Exit, Gate, Stopped
from provisioner.cli.showing import lines_of, moment, pairs, show, table
from provisioner.cli.with_table import with_table
from provisioner.settings import Settings

request = typer.Typer(no_args_is_help=True, help="Permohonan: kirim, daftar, lihat.")
step = typer.Typer(no_args_is_help=True, help="Langkah prosedur yang sedang ditunggu.")
Json = Annotated[bool, typer.Option("--json", help="Jawaban utuh untuk program.")]
SCAN_TYPES = {".pdf": "application/pdf", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}
MEDIA_TYPES = {".json": "application/json", ".yaml": "application/yaml", ".yml": "application/yaml"}


@request.command("submit")
def submit(
    file: Annotated[str, typer.Argument(help="Berkas YAML atau JSON; '-' membaca masukan sebagai YAML.")],
    key: Annotated[str | None, typer.Option(help="Kunci agar kiriman ulang tidak tercatat dua kali.")] = None,
    again: Annotated[str | None, typer.Option(help="Id atau nomor permohonan yang dikembalikan.")] = None,
    lines: Annotated[str | None, typer.Option(help="Berkas CSV: satu baris tiap layanan, judulnya nama isian.")] = None,
    kind: Annotated[str, typer.Option(help="Jenis layanan semua baris CSV, misalnya hosting.")] = "",
    verb: Annotated[str, typer.Option(help="Tindakan semua baris CSV.")] = "create",
    json: Json = False,
) -> None:
    """Kirim permohonan, atau versi baru dari yang dikembalikan; semua kesalahan isian ditunjukkan sekaligus."""
    raw, media_type = _read(file)
    if lines is not None:
        raw = with_table(raw, media_type, lines, kind, verb)
    gate = Gate(Settings())
    path = f"/requests/{find(gate, again)}/versions" if again else "/requests"
    filed = gate.post_document(path, raw, media_type, key)
    version = f" versi {filed['version']}" if again else ""
    said = f"Permohonan {filed['number']}{version} tercatat (id {filed['id']})."
    show(filed, json, said, lines_of(filed))


@request.command("list")
def list_all(
    state: Annotated[list[str] | None, typer.Option(help="Hanya keadaan ini, misalnya open; boleh diulang.")] = None,
    opd: Annotated[str | None, typer.Option(help="Hanya OPD ini.")] = None,
    text: Annotated[str | None, typer.Option(help="Awal nomor, atau sebagian nama aplikasi.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    json: Json = False,
) -> None:
    """Daftar permohonan yang boleh Anda lihat, yang terbaru di atas."""
    page = Gate(Settings()).get("/requests", state=state, opd=opd, text=text, limit=limit)
    rows = (
        (r["number"], r["opd"], r["application_name"], r["state"], r["step"] or "-", r["id"]) for r in page["requests"]
    )
    show(page, json, table("nomor", "OPD", "aplikasi", "keadaan", "langkah", "id", rows=rows))


@request.command("show")
def show_one(
    request_id: Annotated[str, typer.Argument(help="Id atau nomor, misalnya 2026-0001.")], json: Json = False
) -> None:
    """Satu permohonan dengan langkah-langkahnya."""
    gate = Gate(Settings())
    detail = gate.get(f"/requests/{find(gate, request_id)}")
    about = detail["request"]
    head = {
        "Permohonan": f"{about['number']}  {about['application_name']}",
        "OPD": about["opd"],
        "Keadaan": about["state"],
        "Menunggu": detail["waits_for"] or "-",
    }
    rows = (
        (s["number"], {"done": "✓", "now": "▸", "to_come": "·"}[s["state"]], s["id"], _who(s), moment(s["happened_at"]))
        for s in detail["steps"]
    )
    show(detail, json, pairs(head), lines_of(about), table("#", "", "langkah", "oleh", "waktu", rows=rows))


@request.command("withdraw")
def withdraw(
    request_id: Annotated[str, typer.Argument(help="Id atau nomor permohonan.")],
    reason: Annotated[str, typer.Option(help="Alasan.", prompt="Alasan")],
    json: Json = False,
) -> None:
    """Tarik permohonan OPD sendiri, selama belum diputuskan."""
    gate = Gate(Settings())
    ended = gate.post(f"/requests/{find(gate, request_id)}/withdrawal", {"reason": reason})
    show(ended, json, f"Permohonan {ended['number']} ditarik; cadangannya dilepas.")


@request.command("scan")
def scan(
    request_id: Annotated[str, typer.Argument(help="Id atau nomor permohonan.")],
    file: Annotated[str, typer.Argument(help="Pindaian suratnya: PDF, JPEG atau PNG, paling besar 10 MB.")],
    json: Json = False,
) -> None:
    """Simpan pindaian surat permohonan di samping isiannya; yang sama dua kali tersimpan sekali."""
    raw, media_type = _read(file, SCAN_TYPES)
    gate = Gate(Settings())
    kept = gate.put_document(f"/requests/{find(gate, request_id)}/scan", raw, media_type)
    show(kept, json, f"Pindaian tersimpan: {kept['size_bytes']} bita, sha256 {kept['sha256']}.")


@step.command("do")
def do(
    request_id: Annotated[str, typer.Argument(help="Id atau nomor permohonan.")],
    step_id: Annotated[str, typer.Argument(help="Langkah yang sedang ditunggu, misalnya register.")],
    note: Annotated[str, typer.Option(help="Catatan.")] = "",
    number: Annotated[str | None, typer.Option(help="Nomor agenda atau surat.")] = None,
    happened_at: Annotated[
        str | None, typer.Option(help="Saat terjadinya di atas kertas, ISO 8601 dengan zona.")
    ] = None,
    on_behalf_of: Annotated[str | None, typer.Option(help="Id orang yang berbuat di atas kertas.")] = None,
    marks: Annotated[
        str | None, typer.Option(help="Berkas JSON: tanda tiap isian terhadap surat, pada langkah kaji.")
    ] = None,
    json: Json = False,
) -> None:
    """Kerjakan langkah yang sedang ditunggu."""
    gate = Gate(Settings())
    sent = {"note": note, "number": number, "happened_at": happened_at, "on_behalf_of": on_behalf_of}
    sent |= {"marks": _marks(marks)} if marks else {}
    filed = gate.post(f"/requests/{find(gate, request_id)}/steps/{step_id}", sent)
    show(filed, json, f"Langkah '{step_id}' selesai. Kini di langkah '{filed['step'] or 'selesai'}'.")


def _marks(file: str) -> Any:
    """Read {'letter.number': {'mark': 'same'}, ...}; what it says is judged by the gate."""
    try:
        return read_json(_read(file, {".json": "application/json"})[0])
    except ValueError as error:
        raise Stopped(Exit.USAGE, f"{file}: bukan JSON yang dapat dibaca.") from error


def find(gate: Gate, word: str) -> str:
    """Return the id of the request called `word`: an id, or a receipt's number such as 2026-0001."""
    if not word[:4].isdigit():
        return word
    for found in gate.get("/requests", text=word, limit=200)["requests"]:
        if found["number"] == word:
            return str(found["id"])
    raise Stopped(Exit.REFUSED, f"Permohonan bernomor {word} tidak ada.")


def _read(file: str, types: Mapping[str, str] = MEDIA_TYPES) -> tuple[bytes, str]:
    if file == "-":
        return sys.stdin.buffer.read(), "application/yaml"
    path = Path(file)
    media_type = types.get(path.suffix.lower())
    if media_type is None:
        raise Stopped(Exit.USAGE, f"{file}: hanya {', '.join(types)}.")
    try:
        return path.read_bytes(), media_type
    except OSError as error:
        raise Stopped(Exit.USAGE, f"{file}: {error.strerror}.") from error


def _who(told: Answer) -> str:
    if told["actor_name"]:
        return f"{told['actor_name']} ({told['position']})"
    return "Gerbang" if told["automatic"] else " / ".join(told["actors"])
