"""Does verify name every kind of break, and the first one?"""

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.evidence.chain import GENESIS, AuditRow, ChainReport, row_digest, verify


def chain(count: int) -> list[AuditRow]:
    """A whole chain of so many rows."""
    rows: list[AuditRow] = []
    for sequence in range(1, count + 1):
        row = AuditRow(
            sequence=sequence,
            event="person:step:do",
            actor="person_budi",
            recorder=None,
            subject="req_1",
            data={"step": "review", "n": sequence},
            at="2026-11-23T02:00:00.000000+00:00",
            previous=rows[-1].digest if rows else GENESIS,
            digest="",
        )
        rows.append(replace(row, digest=row_digest(row)))
    return rows


def test_an_empty_chain_is_whole() -> None:
    assert verify([]) == ChainReport(rows=0, head=GENESIS, broken="")


def test_a_whole_chain_ends_at_its_last_row() -> None:
    rows = chain(5)
    assert verify(rows) == ChainReport(rows=5, head=rows[-1].digest, broken="")


def test_a_digest_covers_every_field_but_itself() -> None:
    (row,) = chain(1)
    other: dict[str, Any] = {"sequence": 2, "recorder": "x", "data": {"step": "decide", "n": 1}, "digest": "x"}
    changed = {
        field.name
        for field in fields(AuditRow)
        if row_digest(replace(row, **{field.name: other.get(field.name, "x")})) != row_digest(row)
    }
    assert changed == {field.name for field in fields(AuditRow)} - {"digest"}


@pytest.mark.parametrize(
    ("broken_at", "damage", "said"),
    [
        (3, lambda rows: [*rows[:2], replace(rows[2], actor="x"), *rows[3:]], "baris 3 diubah"),
        (3, lambda rows: [*rows[:2], replace(rows[2], data={}), *rows[3:]], "baris 3 diubah"),
        (3, lambda rows: [*rows[:2], replace(rows[2], digest=GENESIS), *rows[3:]], "baris 3 diubah"),
        (1, lambda rows: rows[1:], "baris 1 hilang: yang ada baris 2"),
        (3, lambda rows: rows[:2] + rows[3:], "baris 3 hilang: yang ada baris 4"),
        (3, lambda rows: [rows[0], rows[1], rows[3], rows[2], rows[4]], "baris 3 hilang: yang ada baris 4"),
        (4, lambda rows: [*rows[:3], rows[2], *rows[3:]], "baris 4 hilang: yang ada baris 3"),
        # changed and given its right digest again: the next row no longer hangs on it
        (4, lambda rows: [*rows[:2], forged(rows[2]), *rows[3:]], "baris 4 tidak menyambung baris 3"),
        (1, lambda rows: [replace(rows[0], previous="1" * 64), *rows[1:]], "baris 1 tidak menyambung baris 0"),
    ],
)
def test_verify_names_the_first_broken_row(broken_at: int, damage: object, said: str) -> None:
    rows = chain(5)
    report = verify(damage(rows))  # type: ignore[operator]
    assert report.broken.startswith(said)
    assert report.rows == broken_at - 1


def forged(row: AuditRow) -> AuditRow:
    """The row with another actor and a digest that fits."""
    changed = replace(row, actor="x")
    return replace(changed, digest=row_digest(changed))


@given(st.integers(2, 12), st.data())
def test_any_other_order_or_selection_of_rows_is_seen(count: int, data: st.DataObject) -> None:
    rows = chain(count)
    shown = data.draw(st.lists(st.sampled_from(rows), max_size=count))
    report = verify(shown)
    whole = shown == rows[: len(shown)]
    # A chain cut off at its end is whole in itself: its head then differs from the one witnessed outside.
    assert (report.broken == "") == whole
    assert not whole or report.head == (shown[-1].digest if shown else GENESIS)
