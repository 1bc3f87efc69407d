"""How are many lines told in one letter? What is the same for all once, what tells them apart as a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from provisioner.letters.line_report import LineReport, Row

#: so many lines are told each for itself; more of them become a table
FEW_LINES = 3
_NUMBER, _LINE, _REASON = "No", "Layanan", "Pertimbangan"


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of the letter: columns 'No', 'Layanan', ...; `notes` stand below it."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def told_in_tables(reports: Sequence[LineReport]) -> tuple[tuple[LineReport, ...], tuple[Table, ...]]:
    """Return what is the same for all lines of one form as one report each, and what is not as its table.

    Lines of one form are those whose rows bear the same labels, as all of one kind and verb do.
    """
    forms: dict[tuple[str, ...], list[LineReport]] = defaultdict(list)
    for report in reports:
        forms[tuple(row.label for row in report.rows)].append(report)
    made = [_of_form(labels, alike) for labels, alike in forms.items()]
    return tuple(same for same, _ in made), tuple(table for _, table in made)


def reasons_in_a_table(points: Sequence[tuple[str, str]]) -> Table:
    """Return the lines that were refused, or failed, each with its reason."""
    rows = tuple((str(number), title, reason) for number, (title, reason) in enumerate(points, start=1))
    return Table(columns=(_NUMBER, _LINE, _REASON), rows=rows)


def _of_form(labels: Sequence[str], reports: Sequence[LineReport]) -> tuple[LineReport, Table]:
    by_label = {label: [report.rows[at] for report in reports] for at, label in enumerate(labels)}
    same = tuple(rows[0] for rows in by_label.values() if len(set(rows)) == 1)
    apart = {label: rows for label, rows in by_label.items() if len(set(rows)) > 1}
    shared = _shared([report.sentences for report in reports])
    notes = _shared([report.notes for report in reports])
    head = f"Untuk {len(reports)} layanan" if len(reports) > 1 else reports[0].title
    for_all = LineReport(title=head, sentences=shared, rows=same, notes=notes)
    rows = tuple(
        (
            str(number),
            "\n".join([report.title, *(said for said in report.sentences if said not in shared)]),
            *(_cell(told[number - 1], alone=_one_hand(told)) for told in apart.values()),
        )
        for number, report in enumerate(reports, start=1)
    )
    hands = tuple(
        f"{label}: {told[0].enforced}" for label, told in apart.items() if _one_hand(told) and told[0].enforced != "-"
    )
    return for_all, Table(columns=(_NUMBER, _LINE, *apart), rows=rows, notes=hands)


def _cell(row: Row, *, alone: bool) -> str:
    """Say what was granted, beside it what was asked where that is another, and who holds it where lines differ."""
    asked = f" (diminta {row.asked})" if row.asked not in ("", "-") and not _says(row.granted, row.asked) else ""
    held = "" if alone or row.enforced in ("", "-") else f"; {row.enforced}"
    return f"{row.granted}{asked}{held}"


def _says(granted: str, asked: str) -> bool:
    """Tell whether what was granted says what was asked: the same, or more exactly ('simpeg', 'simpeg.kota.lab')."""
    return granted.startswith(asked) and not granted[len(asked) :][:1].isalnum()


def _one_hand(rows: Sequence[Row]) -> bool:
    return len({row.enforced for row in rows}) == 1


def _shared(told: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(said for said in told[0] if all(said in other for other in told))
