"""How does an answer look in a terminal of 80 columns? Without colour where it is piped."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from provisioner.cli.asking import Answer, Stopped, as_json
from provisioner.settings import Settings

DAYS = ("Sen", "Sel", "Rab", "Kam", "Jum", "Sab", "Min")
MARKS: Mapping[str, tuple[str, str]] = {
    "waiting": ("·", "dim"),
    "running": ("▸", "blue"),
    "changed": ("✓", "green"),
    "same": ("=", "green"),
    "failed": ("✗", "red"),
    "foreign": ("✗", "red"),
    "cancelled": ("■", "yellow"),
    "undone": ("↶", "yellow"),
}
WORDS: Mapping[str, str] = {
    "waiting": "menunggu",
    "running": "berjalan",
    "changed": "selesai",
    "same": "sudah sesuai",
    "failed": "gagal",
    "foreign": "milik pihak lain",
    "cancelled": "dihentikan",
    "undone": "dibatalkan",
}
#: columns whose words are copied into the next command: never broken over two lines
WHOLE = frozenset({"id", "nomor", "tentang", "pelaksanaan"})
out = Console(highlight=False, width=None if sys.stdout.isatty() else 80)
error_out = Console(highlight=False, stderr=True, soft_wrap=True)


def show(answer: Any, as_data: bool, *tables: Table | str) -> None:
    """Print the answer itself for a program, the tables for a person."""
    if as_data:
        sys.stdout.write(as_json(answer) + "\n")
        return
    for table in tables:
        out.print(table)


def table(*columns: str, rows: Iterable[Iterable[Any]], title: str | None = None) -> Table:
    """Lay rows out under their columns; text of others is never read as markup."""
    laid = Table(title=title, box=None, pad_edge=False, header_style="bold", title_justify="left", title_style="bold")
    for column in columns:
        laid.add_column(column, overflow="fold", no_wrap=column in WHOLE)
    for row in rows:
        laid.add_row(*(escape("" if cell is None else str(cell)) for cell in row))
    return laid


def pairs(data: Mapping[str, Any], title: str | None = None) -> Table:
    """Lay out name and value."""
    laid = table("", "", rows=data.items(), title=title)
    laid.show_header = False
    return laid


def refused(stopped: Stopped, as_data: bool) -> None:
    """Say why the command ends here, every fault on its line."""
    if as_data and stopped.problem:
        sys.stdout.write(as_json(stopped.problem) + "\n")
        return
    error_out.print(escape(stopped.said), style="red")
    for fault in stopped.problem.get("faults", ()):
        seen = f" ({fault['seen']})" if fault["seen"] else ""
        error_out.print(escape(f"  {fault['where']}: {fault['what']}{seen}. {fault['mend']}"))


def moment(text: str | None) -> str:
    """Write an instant in the office's zone: 'Sab 21-11-2026 10.15'."""
    if not text:
        return "-"
    at = datetime.fromisoformat(text).astimezone(ZoneInfo(Settings().timezone))
    return f"{DAYS[at.weekday()]} {at:%d-%m-%Y %H.%M}"


def time_of_day(text: str) -> str:
    """Write the time in the office's zone: '18.00.24'."""
    return f"{datetime.fromisoformat(text).astimezone(ZoneInfo(Settings().timezone)):%H.%M.%S}"


def size(count: int) -> str:
    """Write bytes: 5368709120 -> '5 GB', 73400320 -> '70 MB'."""
    for unit, factor in (("GB", 1024**3), ("MB", 1024**2), ("KB", 1024)):
        if count >= factor:
            return f"{count / factor:.1f}".removesuffix(".0").replace(".", ",") + f" {unit}"
    return f"{count} B"


def seconds(value: float | None) -> str:
    """Write a duration: '2,1 dtk', '-' where none is known."""
    return "-" if value is None else f"{value:.1f}".replace(".", ",") + " dtk"


def marked(state: str) -> str:
    """Write a duty's state with its mark and colour: word, mark and colour together."""
    mark, style = MARKS.get(state, ("?", "yellow"))
    return f"[{style}]{mark} {WORDS.get(state, state)}[/]"


def value(seen: object) -> str:
    """Write a value that a trial wanted or saw: True -> 'ya', [] -> 'tidak ada', {'status': 200} -> 'status 200'."""
    if isinstance(seen, bool):
        return "ya" if seen else "tidak"
    if isinstance(seen, Mapping) and seen:
        return ", ".join(f"{name} {value(inner)}" for name, inner in seen.items())
    if isinstance(seen, list) and seen:
        return ", ".join(value(inner) for inner in seen)
    return str(seen) if seen or seen == 0 else "tidak ada"


def lines_of(request: Answer) -> Table:
    """Lay out the lines of a request; a verb on an item with the item and what is asked of it."""
    rows = (
        (x["number"], x["id"], x["kind"], f"{x['verb']}{_asked(x)}", x["state"], x["run_id"] or "-")
        for x in request["lines"]
    )
    return table("baris", "id", "layanan", "tindakan", "keadaan", "pelaksanaan", rows=rows)


def _asked(line: Answer) -> str:
    """Say ' g7kq2mx4pd: storage_gb 8, cron daily'; nothing of a line that makes its item: its wish is on the page."""
    if line["verb"] == "create" or not line["item_id"]:
        return ""
    fields = ", ".join(f"{name} {value}" for name, value in line["wish"].items())
    return f" {line['item_id']}" + (f": {fields}" if fields else "")
