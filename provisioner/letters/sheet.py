"""What stands on the paper, word for word? Data alone: the press lays it out and computes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from provisioner.letters.line_report import LineReport
from provisioner.letters.table import Table


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One letter, laid out by the press as it stands here.

    `number_note` '(nomor sementara)' stands beside the number; `opening`, `points` (numbered), `reports`, `tables`
    and `closing` are the three parts of the body; `signs` the lines above the room for the signature; `created` the
    act's moment in the office's zone, from which the file's own date comes.
    """

    paper: str
    draft: bool
    created: datetime
    head: tuple[str, ...]
    address: tuple[str, ...]
    place_and_date: str
    number: str
    number_note: str
    sifat: str
    lampiran: str
    hal: str
    to: tuple[str, ...]
    opening: tuple[str, ...]
    reports: tuple[LineReport, ...]
    points: tuple[str, ...]
    tables: tuple[Table, ...]
    closing: tuple[str, ...]
    signs: tuple[str, ...]
    signatory: tuple[str, ...]
    copies: tuple[str, ...]
    foot: str

    def as_data(self) -> Mapping[str, Any]:
        """Return it as JSON data for the press: texts, and the moment as [2026, 11, 23, 10, 15, 0]."""
        moment = self.created
        return {
            **{name: list(value) if isinstance(value, tuple) else value for name, value in vars(self).items()},
            "created": [moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second],
            "reports": [_report(report) for report in self.reports],
            "tables": [_table(table) for table in self.tables],
        }


def _table(table: Table) -> dict[str, Any]:
    return {"columns": list(table.columns), "rows": [list(row) for row in table.rows], "notes": list(table.notes)}


def _report(report: LineReport) -> dict[str, Any]:
    return {
        "title": report.title,
        "sentences": list(report.sentences),
        "rows": [[row.label, row.asked, row.granted, row.enforced] for row in report.rows],
        "notes": list(report.notes),
    }
