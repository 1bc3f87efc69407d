"""`gerbang run`: how far is it, live, and how did it end?"""

from __future__ import annotations

import json as json_text
import sys
import time
from collections.abc import Iterator
from typing import Annotated, Any

import httpx
import typer
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table

from provisioner.cli.asking import Answer, Exit, Gate, Stopped
from provisioner.cli.requests import Json
from provisioner.cli.showing import WORDS, marked, out, seconds, show, table, time_of_day, value
from provisioner.settings import Settings

run = typer.Typer(no_args_is_help=True, help="Pelaksanaan: ikuti, hentikan, ulangi, akhiri.")
RECONNECTS = 20
ENDS = {
    "done": Exit.DONE,
    "failed": Exit.FAILED,
    "cancelled": Exit.FAILED,
    "refused": Exit.REFUSED,
    "stale": Exit.STALE,
    "needs_attention": Exit.NEEDS_PERSON,
    "waiting_for_person": Exit.NEEDS_PERSON,
    "waiting_until": Exit.NEEDS_PERSON,
    "unknown": Exit.NEEDS_PERSON,
}
STATES = {
    "queued": "menunggu giliran",
    "looking": "melihat keadaan",
    "applying": "mengerjakan",
    "verifying": "menguji dari luar",
    "undoing": "membatalkan",
    "done": "selesai",
    "failed": "gagal, semua dibatalkan",
    "cancelled": "dihentikan, semua dibatalkan",
    "stale": "keadaan berubah",
    "refused": "ditolak sebelum mulai",
    "needs_attention": "perlu perhatian",
    "waiting_for_person": "menunggu orang",
    "waiting_until": "menunggu tanggal",
    "unknown": "belum diketahui",
}
VERDICTS = {
    "done": "SELESAI",
    "failed": "GAGAL, semua dibatalkan",
    "cancelled": "DIHENTIKAN, semua dibatalkan",
    "refused": "DITOLAK sebelum mulai",
    "stale": "KEADAAN BERUBAH sejak disetujui; tidak ada yang disentuh",
    "needs_attention": "PERLU PERHATIAN",
    "waiting_for_person": "MENUNGGU ORANG",
    "waiting_until": "MENUNGGU TANGGAL",
    "unknown": "BELUM DIKETAHUI; Gerbang akan melihat lagi",
}
RunId = Annotated[str, typer.Argument(help="Id pelaksanaan.")]
Reason = Annotated[str, typer.Option(help="Alasan.", prompt="Alasan")]


@run.command("show")
def show_run(run_id: RunId, json: Json = False) -> None:
    """Keadaan satu pelaksanaan sekarang."""
    found = Gate(Settings()).get(f"/runs/{run_id}")
    show(found, json, _duties(found, None), *_ending(found))


@run.command("watch")
def watch(run_id: RunId, json: Json = False) -> None:
    """Ikuti sampai berakhir atau menunggu orang; baris terakhir adalah hasilnya."""
    gate = Gate(Settings())
    found = gate.get(f"/runs/{run_id}")
    if json:
        found = _watch_as_data(gate, found)
        sys.stdout.write(json_text.dumps(found, ensure_ascii=False) + "\n")
    else:
        found = _watch_drawn(gate, found) if sys.stdout.isatty() else _watch_in_lines(gate, found)
        for one in _ending(found):
            out.print(one)
    raise typer.Exit(ENDS.get(found["state"], Exit.FAILED))


@run.command("cancel")
def cancel(run_id: RunId, reason: Reason, json: Json = False) -> None:
    """Hentikan di antara dua tugas, lalu batalkan yang sudah dikerjakan."""
    found = Gate(Settings()).post(f"/runs/{run_id}/cancel", {"reason": reason})
    show(found, json, f"Diminta berhenti. Keadaan: {found['state']}.")


@run.command("retry")
def retry(run_id: RunId, json: Json = False) -> None:
    """Ulangi di bawah keputusan yang sama."""
    found = Gate(Settings()).post(f"/runs/{run_id}/retry")
    show(found, json, f"Pelaksanaan baru: {found['id']}.")


@run.command("look")
def look(run_id: RunId, json: Json = False) -> None:
    """Lihat lagi yang perlu perhatian, sesudah orang membereskannya."""
    found = Gate(Settings()).post(f"/runs/{run_id}/look")
    show(found, json, f"Akan dilihat lagi. Keadaan: {found['state']}.")


@run.command("give-up")
def give_up(run_id: RunId, reason: Reason, json: Json = False) -> None:
    """Akhiri yang gagal; yang dicadangkan dilepas, alasannya dikutip dalam surat kepada OPD."""
    found = Gate(Settings()).post(f"/runs/{run_id}/give_up", {"reason": reason})
    show(found, json, "Diakhiri; cadangannya dilepas.")


# -- Following -------------------------------------------------------------------------------------


def follow(gate: Gate, run_id: str) -> Iterator[Answer]:
    """Yield events until the run ends or waits for a person; a lost connection goes on after the last one seen.

    {"event": "log", "sequence": 7, "task": "account", "text": "...", ...}, {"event": "run", "state": "applying", ...}.
    """
    last, losses = 0, 0
    while True:
        try:
            with gate.lines(f"/runs/{run_id}/events", last) as lines:
                for event in events_of(lines):
                    losses = 0
                    last = max(last, int(event.get("sequence", 0)))
                    yield event
                    if event["event"] == "end" or (event["event"] == "run" and event["state"] in ENDS):
                        return
        except httpx.HTTPError:
            losses += 1
        if losses > RECONNECTS:
            raise Stopped(Exit.FAILED, f"{gate.url}: sambungan terputus terus; coba `gerbang run watch {run_id}` lagi.")
        time.sleep(min(losses, 5))


def events_of(lines: Iterator[str]) -> Iterator[Answer]:
    """Read server-sent events out of their lines; a heartbeat's comment is passed over."""
    name, data = "message", ""
    for line in lines:
        if line.startswith("event:"):
            name = line[6:].strip()
        elif line.startswith("data:"):
            data += line[5:].strip()
        elif not line and data:
            yield {"event": name, **json_text.loads(data)}
            name, data = "message", ""


def _watch_as_data(gate: Gate, found: Answer) -> Answer:
    for event in follow(gate, found["id"]):
        sys.stdout.write(json_text.dumps(event, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    return gate.get(f"/runs/{found['id']}")


def _watch_in_lines(gate: Gate, found: Answer) -> Answer:
    """One line per change, for a file or a pipe."""
    labels = {task["name"]: task["label"] for task in found["tasks"]}
    undoing = False
    for event in follow(gate, found["id"]):
        said = event.get("text", "")
        if event["event"] == "state":
            undoing = said.startswith("undoing")
            state, _, why = said.partition(": ")
            said = STATES.get(state, state) + (f": {why}" if why else "")
        elif event["event"] == "task":
            word = WORDS.get("undone" if undoing and said in {"changed", "same"} else said, said)
            said = f"{labels.get(event['task'], event['task'])}  {word}"
        elif event["event"] != "verdict":
            continue
        out.print(escape(f"{time_of_day(event['at'])}  {said}"), soft_wrap=True)
    return gate.get(f"/runs/{found['id']}")


def _watch_drawn(gate: Gate, found: Answer) -> Answer:
    """Duties with a bar and times, drawn in place."""
    since = time.monotonic()
    with Live(get_renderable=lambda: _duties(found, since), console=out, refresh_per_second=8) as live:
        for event in follow(gate, found["id"]):
            if event["event"] in {"state", "task", "run", "end"}:
                found = gate.get(f"/runs/{found['id']}")
                since = time.monotonic()
                live.refresh()
    return found


def _duties(found: Answer, since: float | None) -> Table:
    laid = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("tugas", "keadaan", "waktu", "biasanya", ""):
        laid.add_column(column)
    acting = found["state"] == "applying"
    for task in found["tasks"]:
        state = task["state"]
        if acting and state == "waiting":
            state, acting = "running", False
        spent = time.monotonic() - since if state == "running" and since is not None else task["seconds"]
        laid.add_row(
            escape(task["label"]),
            marked(state),
            seconds(spent),
            seconds(task["usual_seconds"]),
            _bar(state, spent, task),
        )
    return laid


def _bar(state: str, spent: float | None, task: Answer) -> Any:
    if state not in {"running", "changed", "same"}:
        return ""
    usual = task["usual_seconds"] or 10.0
    done = min((spent or 0) / usual, 0.95) if state == "running" else 1.0
    return ProgressBar(total=1.0, completed=done, width=14)


def _ending(found: Answer) -> Iterator[Table | str]:
    """What was tried and what a person must look after; the verdict is the last line."""
    if found["verdicts"]:
        rows = ((_mark(v), v["label"], _seen(v)) for v in found["verdicts"])
        yield table("", "uji", "terlihat", rows=rows, title="\nHasil uji")
    for task in found["attention"]:
        yield f"[yellow]perlu orang:[/] {escape(task)}"
    holding = sum(verdict["holds"] for verdict in found["verdicts"])
    tried = f", {holding} dari {len(found['verdicts'])} uji sesuai" if found["verdicts"] else ""
    why = f". {found['why']}" if found["why"] else ""
    yield f"\n{escape(VERDICTS.get(str(found['state']), str(found['state'])) + tried + why)}"


def _mark(verdict: Answer) -> str:
    return "✓" if verdict["holds"] else "✗"


def _seen(verdict: Answer) -> str:
    """Write what was seen, and what was wanted where that is another thing."""
    seen = value(verdict["seen"])
    return seen if verdict["holds"] else f"{seen} (diminta: {value(verdict['wanted'])}) {verdict['note']}"
