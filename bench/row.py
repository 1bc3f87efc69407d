"""What is one measured ratio, and where is it written?"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

BENCH_JSON = Path(__file__).resolve().parents[1] / "var" / "bench.json"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of var/bench.json. `ours` and `floor` are medians in `unit` over `runs` interleaved rounds."""

    name: str
    ours: float
    floor: float
    ratio: float
    better: str
    goal: float | None
    unit: str
    runs: int


def lower_is_better(name: str, ours: list[float], floor: list[float], goal: float | None) -> Row:
    """Compare two lists of seconds by their medians."""
    return Row(
        name=name,
        ours=round(median(ours), 4),
        floor=round(median(floor), 4),
        ratio=round(median(ours) / median(floor), 2),
        better="lower",
        goal=goal,
        unit="s",
        runs=len(ours),
    )


def higher_is_better(name: str, ours: list[float], floor: list[float], goal: float | None) -> Row:
    """Compare two lists of requests a second by their medians."""
    return Row(
        name=name,
        ours=round(median(ours), 1),
        floor=round(median(floor), 1),
        ratio=round(median(ours) / median(floor), 2),
        better="higher",
        goal=goal,
        unit="1/s",
        runs=len(ours),
    )


def write(rows: list[Row]) -> None:
    """Put the rows into var/bench.json; rows of other names stay."""
    kept = json.loads(BENCH_JSON.read_text()) if BENCH_JSON.exists() else []
    names = {row.name for row in rows}
    kept = [row for row in kept if row["name"] not in names]
    BENCH_JSON.parent.mkdir(parents=True, exist_ok=True)
    BENCH_JSON.write_text(json.dumps([*kept, *(asdict(row) for row in rows)], indent=2) + "\n")


def show(row: Row) -> str:
    """'hosting-playbook-vs-shell   0.750 s / 0.290 s = 2.59 (goal 3.0)'."""
    goal = f" (goal {row.goal:g})" if row.goal is not None else ""
    figures = f"{row.ours:.3f} {row.unit} / {row.floor:.3f} {row.unit} = {row.ratio:.2f}{goal}"
    return f"{row.name:32} {figures}, {row.runs} rounds"
