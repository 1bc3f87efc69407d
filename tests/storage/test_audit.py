"""Does the chain grow at its end only, and does verify name the row that was touched?"""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta, timezone

import pytest
import sqlalchemy as sa

from provisioner.audit_events import AuditEvent
from provisioner.errors import Refused
from provisioner.evidence.chain import GENESIS, AuditRow, ChainReport, row_digest, verify
from provisioner.store import audit
from provisioner.store.database import Database
from provisioner.store.tables.evidence import AUDIT
from tests.storage.world import NOW

DROP = {
    "sqlite": "DROP TRIGGER {}",
    "postgresql": "DROP TRIGGER {} ON audit",
}


def fill(database: Database, count: int) -> None:
    with database.transaction() as uow:
        for number in range(count):
            audit.append(
                uow,
                AuditEvent.STEP_DO,
                actor=f"person_{number % 3}",
                subject=f"req_{number % 2}",
                data={"n": number, "note": "é"},
                at=NOW,
            )


def report(database: Database) -> ChainReport:
    with database.reading() as uow:
        return verify(audit.all_rows(uow))


def test_rows_come_back_as_appended_and_chained(database: Database) -> None:
    makassar = NOW.astimezone(timezone(timedelta(hours=8)))
    with database.transaction() as uow:
        first = audit.append(
            uow,
            AuditEvent.REQUEST_SUBMIT,
            actor="p1",
            subject="req_1",
            data={"a": [1, None]},
            recorder="p2",
            at=makassar,
        )
        second = audit.append(uow, AuditEvent.STEP_AUTO, actor="worker", subject="req_1", data={}, at=NOW)
        assert audit.rows(uow, 0, 10) == (first, second)
        assert tuple(audit.all_rows(uow)) == (first, second)
    assert first == AuditRow(
        sequence=1,
        event="person:request:submit",
        actor="p1",
        recorder="p2",
        subject="req_1",
        data={"a": [1, None]},
        at="2026-11-23T02:00:00.123456+00:00",
        previous=GENESIS,
        digest=row_digest(first),
    )
    assert (second.sequence, second.previous) == (2, first.digest)
    assert report(database) == ChainReport(rows=2, head=second.digest, broken="")


def test_a_rolled_back_act_leaves_no_row_and_no_gap(database: Database) -> None:
    fill(database, 2)
    with pytest.raises(KeyError), database.transaction() as uow:  # noqa: PT012
        audit.append(uow, AuditEvent.STEP_DO, actor="p", subject="r", data={}, at=NOW)
        raise KeyError
    fill(database, 1)
    assert report(database).rows == 3
    assert report(database).broken == ""


def test_pages_of_rows_follow_subject_and_actor(database: Database) -> None:
    fill(database, 9)
    with database.reading() as uow:
        newest = audit.page(uow, limit=4)
        rest = audit.page(uow, before=newest[-1].sequence, limit=99)
        assert [row.sequence for row in (*newest, *rest)] == [9, 8, 7, 6, 5, 4, 3, 2, 1]
        assert [row.sequence for row in audit.page(uow, subjects={"req_1"})] == [8, 6, 4, 2]
        assert [row.sequence for row in audit.page(uow, persons={"person_0"})] == [7, 4, 1]
        assert [row.sequence for row in audit.page(uow, persons={"person_0"}, subjects={"req_1"}, before=9)] == [4]
        assert [row.sequence for row in audit.rows(uow, 6, 2)] == [7, 8]


ZEROS = "0" * 64


@pytest.mark.parametrize(
    ("trigger", "damage", "broken"),
    [
        ("audit_stand", "UPDATE audit SET actor = 'person_9' WHERE sequence = 5", "baris 5 diubah"),
        ("audit_stand", "UPDATE audit SET data = '{}' WHERE sequence = 2", "baris 2 diubah"),
        ("audit_stand", "UPDATE audit SET digest = :zeros WHERE sequence = 3", "baris 3 diubah"),
        ("audit_stand", "UPDATE audit SET previous = :zeros WHERE sequence = 4", "baris 4 tidak menyambung"),
        ("audit_stay", "DELETE FROM audit WHERE sequence = 6", "baris 6 hilang"),
        ("audit_stay", "DELETE FROM audit WHERE sequence = 1", "baris 1 hilang"),
        ("audit_stand", "UPDATE audit SET sequence = -sequence WHERE sequence IN (7, 8)", "baris 7 hilang"),
    ],
)
def test_verify_names_the_row_that_a_stronger_hand_touched(
    own_database: Database, trigger: str, damage: str, broken: str
) -> None:
    fill(own_database, 9)
    with own_database.engine.begin() as connection:
        connection.exec_driver_sql(DROP[connection.dialect.name].format(trigger))
        connection.execute(sa.text(damage), {"zeros": ZEROS} if ":zeros" in damage else {})
    assert report(own_database).broken.startswith(broken)


def test_the_database_refuses_to_change_or_delete_a_row(database: Database) -> None:
    fill(database, 3)
    before = report(database)
    for statement in ("UPDATE audit SET actor = 'x' WHERE sequence = 2", "DELETE FROM audit WHERE sequence = 3"):
        with pytest.raises(Refused, match="tidak boleh diubah"), database.transaction() as uow:
            uow.connection.exec_driver_sql(statement)
    assert report(database) == before


@pytest.mark.parametrize(("sequence", "previous"), [(3, "head"), (5, "head"), (4, GENESIS), (1, "head")])
def test_the_database_refuses_a_row_that_does_not_continue_the_chain(
    database: Database, sequence: int, previous: str
) -> None:
    fill(database, 3)
    head = report(database).head if previous == "head" else previous
    values = f"({sequence}, 'x', 'x', 'x', '{{}}', 'x', '{head}', 'x')"
    with pytest.raises(Refused, match="menyambung"), database.transaction() as uow:
        uow.connection.exec_driver_sql(
            f"INSERT INTO audit (sequence, event, actor, subject, data, at, previous, digest) VALUES {values}"  # noqa: S608
        )


def chain(count: int) -> Iterator[AuditRow]:
    """A whole chain, made without a database."""
    previous = GENESIS
    for sequence in range(1, count + 1):
        row = AuditRow(
            sequence=sequence,
            event=AuditEvent.STEP_DO,
            actor="p",
            recorder=None,
            subject=f"req_{sequence}",
            data={"digest": previous},
            at="2026-11-23T02:00:00.000000+00:00",
            previous=previous,
            digest="",
        )
        row = replace(row, digest=row_digest(row))
        yield row
        previous = row.digest


def test_ten_thousand_rows_are_verified_quickly(database: Database) -> None:
    with database.transaction() as uow:
        uow.connection.execute(sa.insert(AUDIT), [vars(row) for row in chain(10_000)])
    started = time.perf_counter()
    assert report(database).rows == 10_000
    assert time.perf_counter() - started < 5
