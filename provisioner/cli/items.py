"""`gerbang item` and `gerbang credentials`: what stands there, and its secrets, once."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from provisioner.cli.asking import Answer, Gate, Stopped, keep_token
from provisioner.cli.requests import Json
from provisioner.cli.showing import moment, pairs, show, size, table
from provisioner.settings import Settings

item = typer.Typer(no_args_is_help=True, help="Layanan yang sudah berdiri.")
credentials = typer.Typer(no_args_is_help=True, help="Kredensial: ditampilkan sekali, kepada yang ditunjuk.")
STATEMENT = "Saya penanggung jawab teknis yang ditunjuk, dan akan menjaga kerahasiaan serta keamanan kredensial ini."
ItemId = Annotated[str, typer.Argument(help="Id layanan, misalnya g7kq2mx4pd.")]


@item.command("list")
def list_all(limit: Annotated[int, typer.Option(min=1, max=200)] = 50, json: Json = False) -> None:
    """Daftar layanan."""
    page = Gate(Settings()).get("/items", limit=limit)
    rows = ((i["id"], i["label"], i["kind"], i["opd"], i["state"], moment(i["delivered_at"])) for i in page["items"])
    show(page, json, table("id", "nama", "jenis", "OPD", "keadaan", "diserahkan", rows=rows))


@item.command("show")
def show_one(item_id: ItemId, json: Json = False) -> None:
    """Satu layanan: uji terakhir, kredensial, dan apa yang dapat diminta."""
    found = Gate(Settings()).get(f"/items/{item_id}")
    about = found["item"]
    head = {
        "Layanan": f"{about['label']} ({about['kind']})",
        "Berdiri": found["sentence"],
        "OPD": about["opd"],
        "Keadaan": about["state"],
        "Diukur": moment(found["looked_at"]),
    }
    uses = ((use["label"], use["granted"], use["used"], use["unit"]) for use in found["uses"])
    life = ((c["number"], c["verb"], c["line_state"], moment(c["submitted_at"])) for c in found["chapters"])
    verdicts = (("✓" if v["holds"] else "✗", v["label"], v["note"]) for v in found["verdicts"])
    alarms = ((alarm["what"], alarm["mend"]) for alarm in found["alarms"])
    verbs = ((name, said["state"], said["why"]) for name, said in found["verbs"].items())
    show(
        found,
        json,
        pairs(head),
        table("batas", "diberikan", "terpakai", "satuan", rows=uses, title="\nBatas"),
        table("nomor", "tindakan", "keadaan", "diajukan", rows=life, title="\nPerjalanan"),
        table("", "uji terakhir", "catatan", rows=verdicts, title="\nUji"),
        *([table("peringatan", "yang perlu dilakukan", rows=alarms, title="\nPeringatan")] if found["alarms"] else ()),
        _credentials(found["credentials"]),
        table("tindakan", "keadaan", "sebab", rows=verbs, title="\nYang dapat diminta"),
    )


@item.command("look")
def look(item_id: ItemId, json: Json = False) -> None:
    """Periksa sekarang: mengukur pemakaian, tidak mengubah apa pun."""
    found = Gate(Settings()).post(f"/items/{item_id}/look")
    show(found, json, f"Pemeriksaan {found['label']} diminta; hasilnya terlihat dengan 'item show'.")


@item.command("usage")
def show_usage(
    item_id: ItemId,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Berapa hasil ukur, yang terbaru dahulu.")] = 60,
    json: Json = False,
) -> None:
    """Pemakaian satu layanan dari waktu ke waktu, menurut tiap pengukuran."""
    found = Gate(Settings()).get(f"/items/{item_id}/usage", limit=limit)
    labels = {measure["name"]: measure for measure in found["measures"]}
    rows = ((moment(p["at"]), labels[p["measure"]]["label"], *measured(p, labels)) for p in found["points"])
    left_out = (f"{m['label']}: tidak dihitung {m['not_counted']}." for m in found["measures"] if m["not_counted"])
    told = table("diukur", "ukuran", "terpakai", "batas", rows=rows)
    show(found, json, *([told] if found["points"] else ["Belum ada pengukuran."]), *left_out)


@item.command("receipt")
def receipt(
    item_id: ItemId,
    sha256: Annotated[str, typer.Argument(help="sha256 arsip yang sudah diambil, bila ada arsipnya.")] = "",
    downloaded: Annotated[
        bool, typer.Option("--downloaded", help="Isinya sudah saya unduh sendiri; tidak ada arsip yang bersidik.")
    ] = False,
    json: Json = False,
) -> None:
    """Catat bahwa isinya sudah diterima; tanpa ini tidak ada yang dihapus."""
    sent = ({"sha256": sha256} if sha256 else {}) | ({"downloaded": True} if downloaded else {})
    found = Gate(Settings()).post(f"/items/{item_id}/receipt", sent)
    show(found, json, f"Tanda terima {found['label']} tercatat.")


@item.command("paper-receipt")
def paper_receipt(
    item_id: ItemId,
    number: Annotated[str, typer.Option(help="Nomor tanda terima.")],
    date: Annotated[str, typer.Option(help="Tanggalnya, misalnya 2026-11-21.")],
    signed_by: Annotated[str, typer.Option(help="Id orang OPD yang menandatangani; lihat 'item show --json'.")],
    json: Json = False,
) -> None:
    """Catat tanda terima di atas kertas (Bagian Umum), bila penanggung jawab teknis sudah tidak ada."""
    sent = {"number": number, "date": date, "signed_by": signed_by}
    found = Gate(Settings()).post(f"/items/{item_id}/receipt/paper", sent)
    show(found, json, f"Tanda terima {found['label']} di atas kertas tercatat.")


@credentials.command("list")
def list_credentials(item_id: ItemId, json: Json = False) -> None:
    """Kredensial satu layanan; melihat daftar tidak membukanya."""
    found = Gate(Settings()).get(f"/items/{item_id}/credentials")
    show(found, json, _credentials(found["credentials"]))


@credentials.command("claim")
def claim(
    credential_id: Annotated[str, typer.Argument(help="Id kredensial.")],
    accept_statement: Annotated[bool, typer.Option("--accept-statement", help=STATEMENT)] = False,
    json: Json = False,
) -> None:
    """Tampilkan satu kredensial, sekali, lalu hancurkan salinannya."""
    if not accept_statement and sys.stdin.isatty():
        accept_statement = typer.confirm(STATEMENT)
    gate = Gate(Settings())
    sent = {"statement_accepted": accept_statement}
    try:
        found = gate.post_each_time(f"/credentials/{credential_id}/claim", sent)
    except Stopped as stopped:
        if stopped.slug != "not-fresh" or not sys.stdin.isatty():
            raise
        sign_in_again(gate)
        found = gate.post_each_time(f"/credentials/{credential_id}/claim", sent)
    about = found["credential"]
    use = ", ".join(f"{name} {value}" for name, value in about["use"].items())
    told = {"Kredensial": about["label"], "Pengguna": about["user"], "Dipakai di": use, "Rahasia": found["secret"]}
    show(found, json, pairs(told), "Ini tidak dapat ditampilkan lagi.")


def sign_in_again(gate: Gate) -> None:
    """Ask for the password anew: claiming needs a login of the last ten minutes."""
    username = typer.prompt("Nama masuk")
    answer = gate.sign_in(username, typer.prompt("Kata sandi", hide_input=True), "gerbang")
    keep_token(str(answer["token"]))


def measured(point: Answer, measures: Mapping[str, Answer]) -> tuple[str, str]:
    """Write what was measured and how much was granted then: ('1,2 GB', '5 GB')."""
    if measures[point["measure"]]["unit"] == "unix_seconds":
        at = datetime.fromtimestamp(point["value"], UTC).isoformat()
        return moment(at) if point["value"] else "belum pernah", ""
    return size(point["value"]), size(point["granted"]) if point["granted"] else "-"


def _credentials(found: list[Answer]) -> Table:
    rows = ((c["id"], c["label"], c["user"], c["state"], moment(c["expires_at"])) for c in found)
    return table("id", "kredensial", "pengguna", "keadaan", "batas", rows=rows, title="\nKredensial")
