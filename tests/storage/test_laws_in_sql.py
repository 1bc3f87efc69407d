"""Does the database refuse, from whatever hand, what the laws forbid?"""

import pytest
import sqlalchemy as sa

from provisioner.audit_events import AuditEvent
from provisioner.items.receipt import Receipt
from provisioner.procedures.step_done import StepDone
from provisioner.store import decisions, holds, items, receipts, requests, runs, secrets, steps
from provisioner.store.audit import append
from provisioner.store.database import Database
from provisioner.verification.verdict import Verdict
from tests.storage.test_items import SECRET
from tests.storage.test_runs import INTENT, RESULT
from tests.storage.world import BUDI, FQDN, ITEM, NOW, RINA, SOON, STORAGE, TONO, World, bare, item

#: each table with one column that a forger would like to write
FROZEN = {
    "audit": "actor",
    "decisions": "reason",
    "intents": "reach",
    "line_wishes": "wish",
    "originals": "body",
    "plans": "plan",
    "procedures": "text",
    "receipts": "sha256",
    "request_persons": "technical",
    "request_versions": "author_id",
    "requests": "requester_id",
    "results": "outcome",
    "run_records": "data",
    "steps_done": "actor_name",
    "verdicts": "seen",
}
#: what may be erased when its time has come, and what is only looked through
ERASABLE = {"originals", "request_persons"}
STAYING = {*FROZEN, "items", "lines"} - ERASABLE


def step_done(request_id: str) -> StepDone:
    """A step that Sari did."""
    return StepDone(
        request_id=request_id,
        step="register",
        outcome=None,
        actor_id="x",
        actor_name="x",
        position="x",
        office="x",
        recorder_id=None,
        note="",
        number=None,
        happened_at=NOW,
        recorded_at=NOW,
    )


@pytest.fixture
def full(world: World) -> World:
    """A world where every table that stays has a row."""
    line_id = world.line()
    world.running(line_id)
    with world.database.transaction() as uow:
        holds.set_sum(uow, STORAGE.pool, STORAGE.amount)
        holds.take(uow, line_id=line_id, item_id=ITEM, things=(STORAGE, FQDN), expires_at=SOON)
        runs.write_intent(uow, INTENT)
        runs.write_result(uow, RESULT)
        runs.file_record(uow, "run_1", {})
        secrets.add(uow, SECRET)
        items.add(uow, item(line_id))
        receipts.record(uow, Receipt(item_id=ITEM, person_id=TONO.id, at=NOW, sha256="ab" * 32))
        request_id = requests.line(uow, line_id).request_id
        append(uow, AuditEvent.STEP_DO, actor="x", subject="x", data={}, at=NOW)
        verdict = Verdict(name="x", label="x", wanted={}, seen={}, holds=True)
        runs.write_verdicts(uow, "run_1", (verdict,), NOW)
        steps.write(uow, step_done(request_id))
    return world


def refused(database: Database, statement: str, **values: object) -> str:
    """Run the SQL as any client would; return what the database said no with."""
    with pytest.raises(sa.exc.IntegrityError) as refusal, bare(database) as uow:
        uow.connection.execute(sa.text(statement), values)
    return str(refusal.value.orig)


def test_what_was_written_is_not_rewritten(full: World) -> None:
    for table, column in FROZEN.items():
        value = b"x" if column == "body" else "x"
        said = refused(full.database, f"UPDATE {table} SET {column} = :value", value=value)  # noqa: S608
        assert "gerbang law=append_only" in said, table


def test_what_was_written_is_not_deleted(full: World) -> None:
    for table in STAYING:
        assert "gerbang law=append_only" in refused(full.database, f"DELETE FROM {table}"), table  # noqa: S608


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)  # SQLite has no TRUNCATE
def test_no_table_is_emptied_at_once(full: World) -> None:
    for table in STAYING:
        assert "gerbang law=append_only" in refused(full.database, f"TRUNCATE {table} CASCADE"), table


def test_persons_and_originals_can_be_erased(full: World) -> None:
    with bare(full.database) as uow:
        counts = {table: uow.connection.execute(sa.text(f"DELETE FROM {table}")).rowcount for table in ERASABLE}  # noqa: S608
    assert counts == dict.fromkeys(ERASABLE, 1)


def test_a_forged_decision_of_the_requester_is_refused(full: World) -> None:
    with full.database.reading() as uow:
        line_id = decisions.decision(uow, "dec_1").line_id
    said = refused(
        full.database,
        "INSERT INTO decisions (id, line_id, decider_id, decider_name, position, outcome, digest, reason, decided_at,"
        " expires_at) VALUES ('d', :line, :rina, 'x', 'x', 'approved', :digest, '', '2026-11-23', '2026-12-23')",
        line=line_id,
        rina=RINA.id,
        digest="0" * 64,
    )
    assert "gerbang law=four_eyes" in said


def test_voiding_a_decision_changes_nothing_else(full: World) -> None:
    for column in ("decider_id", "digest", "outcome", "line_id", "reason"):
        said = refused(full.database, f"UPDATE decisions SET voided_at = decided_at, {column} = 'x'")  # noqa: S608
        assert "gerbang law=append_only" in said, column


def test_a_voided_decision_is_not_revived(full: World) -> None:
    with full.database.transaction() as uow:
        decisions.void(uow, "dec_1", NOW)
    assert "gerbang law=append_only" in refused(full.database, "UPDATE decisions SET voided_at = NULL")


#: what a forger of the counter would try, and the law that refuses it
COUNTER = (
    ("UPDATE sums SET held = 0", "counter"),
    ("UPDATE sums SET held = held + 1, ceiling = ceiling + 9", "counter"),
    ("UPDATE sums SET pool = 'x'", "counter"),
    ("DELETE FROM sums", "counter"),
    ("INSERT INTO sums (pool, ceiling, held) VALUES ('y', 9, 1)", "counter"),
    ("UPDATE holds SET pool = 'web2:storage_bytes'", "counter"),
    ("UPDATE holds SET key = 'x' WHERE key <> ''", "counter"),
    ("UPDATE sums SET ceiling = ceiling - 1", "within_ceiling"),
    ("UPDATE holds SET amount = amount + 1 WHERE key = ''", "within_ceiling"),
    ("UPDATE holds SET amount = 2 WHERE key <> ''", "single_thing_is_one"),
    ("UPDATE holds SET state = 'free'", "state_known"),
    ("UPDATE holds SET state = 'committed'", "committed_never_expires"),
    ("UPDATE holds SET expires_at = NULL", "has_an_end"),
)


def test_the_counter_is_kept_by_the_holds_alone(full: World) -> None:
    for statement, law in COUNTER:
        assert law in refused(full.database, statement), statement
    with full.database.reading() as uow:
        assert holds.sums(uow, None) == {STORAGE.pool: (STORAGE.amount, STORAGE.amount)}


def test_a_single_thing_has_one_row_that_takes_it(full: World) -> None:
    columns = "line_id, item_id, of_item, pool, key, amount, label"
    end = "'2026-12-01'" + ("::timestamptz" if full.database.engine.dialect.name == "postgresql" else "")
    for state, expires in (("held", end), ("committed", "NULL"), ("quarantined", end)):
        copied = f"SELECT {columns}, '{state}', {expires} FROM holds WHERE key <> ''"  # noqa: S608
        said = refused(full.database, f"INSERT INTO holds ({columns}, state, expires_at) {copied}")
        assert "unique" in said.lower(), state


def test_a_secret_is_sealed_or_gone(full: World) -> None:
    for said in (
        # handed over, or destroyed, and still sealed here
        refused(full.database, "UPDATE secrets SET state = 'claimed', claimed_by = 'person_tono'"),
        refused(full.database, "UPDATE secrets SET state = 'destroyed'"),
        # taken by someone without being handed over, and handed over to nobody
        refused(full.database, "UPDATE secrets SET claimed_by = 'person_tono'"),
        refused(full.database, "UPDATE secrets SET state = 'claimed', sealed = :wiped", wiped=b""),
    ):
        assert "ck_secrets_" in said


def test_a_claimed_secret_never_comes_back(full: World) -> None:
    with full.database.transaction() as uow:
        secrets.make_claimable(uow, ITEM, NOW, SOON)
        secrets.mark_claimed(uow, "sec_1", TONO.id, NOW)
    said = refused(full.database, "UPDATE secrets SET state = 'made', sealed = :sealed, claimed_by = NULL", sealed=b"x")
    assert "gerbang law=append_only" in said


def test_an_active_hosting_without_its_address_is_refused(full: World) -> None:
    statement = "UPDATE items SET choices = :choices"
    assert "gerbang law=item_parts" in refused(full.database, statement, choices='{"host":"web1"}')


def test_a_line_keeps_its_kind_and_its_request(full: World) -> None:
    for column in ("kind", "verb", "request_id"):
        assert "gerbang law=append_only" in refused(full.database, f"UPDATE lines SET {column} = 'x'")  # noqa: S608


def test_a_state_nobody_knows_is_refused(full: World) -> None:
    for table in ("requests", "lines", "runs", "items", "plans"):
        assert f"ck_{table}_state_known" in refused(full.database, f"UPDATE {table} SET state = 'asleep'")  # noqa: S608


def test_budi_is_no_author_and_the_world_is_as_the_test_says(full: World) -> None:
    with full.database.reading() as uow:
        made = decisions.decision(uow, "dec_1")
        assert made.decider_id == BUDI.id
        assert requests.request(uow, requests.line(uow, made.line_id).request_id).authors == {RINA.id}
