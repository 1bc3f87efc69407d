"""Are delivered things, sealed secrets, receipts and workers kept as they are?"""

import importlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from provisioner.errors import NotFound, Refused
from provisioner.items.item import ItemState, Verb
from provisioner.items.receipt import Receipt
from provisioner.items.sealed_secret import SealedSecret, SecretState
from provisioner.requests.request import DraftLine, LineState
from provisioner.store import executors, items, life, receipts, requests, secrets
from tests.storage.world import CHOICES, ITEM, NOW, SOON, TONO, WATI, WISH, World, draft, item

OTHER = "gaaaaaaaaa"

SECRET = SealedSecret(
    id="sec_1",
    item_id=ITEM,
    run_id="run_1",
    name="sftp_password",
    label="Kata sandi SFTP",
    user=ITEM,
    use={"host": "web1.kota.lab", "port": 22},
    version=1,
    key_id="k1",
    sealed=b"\x00\x01sealed",
    state=SecretState.MADE,
    claimable_at=None,
    claimed_at=None,
    claimed_by=None,
    expires_at=None,
)


def test_an_item_comes_back_whole_and_changes(world: World) -> None:
    made = item(world.line())
    with world.database.transaction() as uow:
        items.add(uow, made)
        assert items.item(uow, ITEM) == made
        items.change(uow, ITEM, state=ItemState.ENDING, ending_until=SOON, receipt_sha256="ab" * 32)
        ending = replace(made, state=ItemState.ENDING, ending_until=SOON, receipt_sha256="ab" * 32)
        assert items.item(uow, ITEM) == ending
        assert items.difference(uow, ITEM) == "none"
        items.change(uow, ITEM, difference="found")
        assert items.difference(uow, ITEM) == "found"
        assert items.item(uow, ITEM) == ending
        with pytest.raises(NotFound):
            items.item(uow, "gaaaaaaaaa")
        with pytest.raises(NotFound):
            items.change(uow, "gaaaaaaaaa", label="x")


def test_an_item_changes_only_where_it_may(world: World) -> None:
    with world.database.transaction() as uow:
        items.add(uow, item(world.file(uow).lines[0].id))
        with pytest.raises(TypeError, match="colour, kind"):
            items.change(uow, ITEM, kind="other", colour="red")
        for wrong in ({"state": ItemState.ENDING}, {"difference": "odd"}, {"opd": "DISHUB"}):
            with pytest.raises(Refused, match="tidak dapat diubah"):
                items.change(uow, ITEM, **wrong)


def test_a_life_is_told_in_order_and_never_rewritten(world: World) -> None:
    made, bigger = item(world.line()), {**WISH, "storage_gb": 8}
    later = world.line()
    with world.database.transaction() as uow:
        items.add(uow, made)
        life.write(uow, made, verb=Verb.CREATE, line_id=made.line_id, at=NOW)
        items.change(uow, ITEM, wish=bigger, state=ItemState.SUSPENDED)
        life.write(uow, items.item(uow, ITEM), verb=Verb.CHANGE, line_id=later, at=SOON)
        assert [(m.number, m.verb, m.line_id, m.state, m.wish, m.at) for m in life.of_item(uow, ITEM)] == [
            (1, "create", made.line_id, "active", WISH, NOW),
            (2, "change", later, "suspended", bigger, SOON),
        ]
        assert life.delivered_state(uow, ITEM) is ItemState.SUSPENDED
        with pytest.raises(Refused, match="sudah tercatat"):
            life.write(uow, made, verb=Verb.CHANGE, line_id=later, at=SOON)
        with pytest.raises(NotFound):
            life.delivered_state(uow, "gaaaaaaaaa")
    for act in ("UPDATE item_moments SET state = 'active'", "DELETE FROM item_moments"):
        with pytest.raises(Refused, match="tidak boleh diubah"), world.database.transaction() as uow:
            uow.connection.execute(sa.text(act))


def test_what_was_delivered_before_lives_were_kept_gets_the_moments_that_are_known(world: World) -> None:
    """Its making, and its end where it has ended: the statements of the migration, on items without a life."""
    migration = importlib.import_module("provisioner.store.migrations.versions.0005_item_moments")
    standing, ended = item(world.line()), item(world.line(), id=OTHER, state=ItemState.TERMINATED)
    asked = DraftLine(kind="hosting", verb="terminate", item_id=OTHER, wish={})
    with world.database.transaction() as uow:
        end = world.file(uow, made=replace(draft(), lines=(asked,))).lines[0].id
    run = world.running(end)
    with world.database.transaction() as uow:
        requests.change_line(uow, end, item_id=OTHER, state=LineState.DELIVERED, run_id=run.id)
        uow.connection.execute(sa.text("UPDATE runs SET ended_at = queued_at WHERE id = :id"), {"id": run.id})
        for one in (standing, ended):
            items.add(uow, one)
        for statement in (migration._FIRST, migration._LAST):
            uow.connection.execute(sa.text(statement))
        lives = {
            one.id: [(m.number, m.verb, m.line_id, m.state) for m in life.of_item(uow, one.id)]
            for one in (standing, ended)
        }
        assert lives == {
            ITEM: [(1, "create", standing.line_id, "active")],
            OTHER: [(1, "create", ended.line_id, "active"), (2, "terminate", end, "terminated")],
        }


@pytest.mark.parametrize(
    ("wish", "choices"),
    [
        (WISH, {**CHOICES, "names": []}),
        (WISH, {**CHOICES, "address": {"A": [], "AAAA": []}}),
        (WISH, {**CHOICES, "host": ""}),
        (WISH, {key: value for key, value in CHOICES.items() if key != "database"}),
        (WISH, {}),
        ({**WISH, "storage_gb": 0}, CHOICES),
        ({"sub_domain": "simpeg", "storage_gb": 5}, CHOICES),
    ],
)
def test_an_active_hosting_has_all_its_parts(world: World, wish: dict[str, Any], choices: dict[str, Any]) -> None:
    half = item(world.line(), wish=wish, choices=choices)
    with world.database.transaction() as uow:
        with pytest.raises(Refused, match="bagian wajib"):
            items.add(uow, half)
        items.add(uow, replace(half, state=ItemState.TERMINATED))
        with pytest.raises(Refused, match="bagian wajib"):
            items.change(uow, ITEM, state=ItemState.ACTIVE)
        items.change(uow, ITEM, state=ItemState.ACTIVE, wish=WISH, choices=CHOICES)


def test_items_are_found_by_host_opd_and_technical_person(world: World) -> None:
    ids = ["gaaaaaaaaa", "gbbbbbbbbb", "gccccccccc", "gdddddddd2"]
    line_id = world.line()
    with world.database.transaction() as uow:
        for number, item_id in enumerate(ids):
            items.add(uow, item(line_id, id=item_id, delivered_at=NOW + timedelta(hours=number)))
        items.change(uow, ids[0], opd="DINKES", technical_person_id=None)
        items.change(uow, ids[1], choices={**CHOICES, "host": "web2"})
        items.change(uow, ids[2], state=ItemState.TERMINATED)
        assert [one.id for one in items.on_host(uow, "web1")] == [ids[0], ids[3]]
        assert [one.id for one in items.on_host(uow, "web2")] == [ids[1]]
        assert [one.id for one in items.page(uow, opds=frozenset({"DINKES"}))] == [ids[0]]
        named = items.page(uow, opds=frozenset({"DINKES"}), technical_person_id=TONO.id)
        assert [one.id for one in named] == ids[::-1]
        first = items.page(uow, opds=None, limit=2)
        rest = items.page(uow, opds=None, before=(first[-1].delivered_at, first[-1].id), limit=9)
        assert [one.id for one in (*first, *rest)] == ids[::-1]


def test_a_secret_is_claimed_once_and_then_wiped(world: World) -> None:
    world.running(world.line())
    with world.database.transaction() as uow:
        secrets.add(uow, SECRET)
        assert secrets.secret(uow, "sec_1") == SECRET
        with pytest.raises(Refused, match="made"):
            secrets.mark_claimed(uow, "sec_1", TONO.id, NOW)
        secrets.make_claimable(uow, ITEM, NOW, SOON)
        claimable = replace(SECRET, state=SecretState.CLAIMABLE, claimable_at=NOW, expires_at=SOON)
        assert secrets.of_item(uow, ITEM) == (claimable,)
        at = NOW + timedelta(hours=1)
        secrets.mark_claimed(uow, "sec_1", TONO.id, at)
        claimed = replace(claimable, state=SecretState.CLAIMED, sealed=b"", claimed_at=at, claimed_by=TONO.id)
        assert secrets.of_run(uow, "run_1") == (claimed,)
        with pytest.raises(Refused, match="claimed"):
            secrets.mark_claimed(uow, "sec_1", TONO.id, at)
        assert secrets.destroy(uow, "sec_1") == 0
        secrets.make_claimable(uow, ITEM, NOW, SOON)
        assert secrets.secret(uow, "sec_1") == claimed


def test_an_overdue_secret_is_found_and_cannot_be_claimed(world: World) -> None:
    world.running(world.line())
    with world.database.transaction() as uow:
        secrets.add(uow, SECRET)
        secrets.make_claimable(uow, ITEM, NOW, SOON)
        assert secrets.overdue(uow, SOON - timedelta(seconds=1)) == ()
        assert [one.id for one in secrets.overdue(uow, SOON)] == ["sec_1"]
        with pytest.raises(Refused, match="claimable"):
            secrets.mark_claimed(uow, "sec_1", TONO.id, SOON)


def test_destroying_wipes_what_a_run_made_and_frees_its_version(world: World) -> None:
    world.running(world.line())
    database = replace(SECRET, id="sec_2", name="database_password")
    with world.database.transaction() as uow:
        secrets.add(uow, SECRET)
        secrets.add(uow, database)
        with pytest.raises(Refused, match="versi 1 sudah ada"):
            secrets.add(uow, replace(SECRET, id="sec_3"))
        assert secrets.destroy(uow, "run_1") == 2
        assert {(one.state, one.sealed) for one in secrets.of_item(uow, ITEM)} == {(SecretState.DESTROYED, b"")}
        secrets.add(uow, replace(SECRET, id="sec_3"))
        assert secrets.destroy(uow, "sec_3") == 1


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)  # PostgreSQL keeps sealed row versions until vacuum
def test_a_wiped_secret_leaves_no_trace_in_the_file(world: World) -> None:
    canary = b"canary-canary-canary"
    world.running(world.line())
    with world.database.transaction() as uow:
        secrets.add(uow, replace(SECRET, sealed=canary))
    with world.database.transaction() as uow:
        secrets.destroy(uow, "sec_1")
    with world.database.engine.connect() as connection, connection.begin():
        file = connection.exec_driver_sql("PRAGMA database_list").one()[2]
    raw = world.database.engine.raw_connection()
    raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    with open(file, "rb") as stored:  # noqa: PTH123
        assert canary not in stored.read()


def test_receipts_are_kept_and_the_item_bears_the_last(world: World) -> None:
    made = item(world.line())
    with world.database.transaction() as uow:
        items.add(uow, made)
        assert receipts.of_item(uow, ITEM) == ()
        receipts.record(uow, Receipt(item_id=ITEM, person_id=TONO.id, at=NOW, sha256="ab" * 32))
        receipts.record(uow, Receipt(item_id=ITEM, person_id=WATI.id, at=SOON, sha256="cd" * 32))
        assert receipts.of_item(uow, ITEM) == (
            Receipt(item_id=ITEM, person_id=TONO.id, sha256="ab" * 32, at=NOW),
            Receipt(item_id=ITEM, person_id=WATI.id, sha256="cd" * 32, at=SOON),
        )
        assert items.item(uow, ITEM).receipt_sha256 == "cd" * 32
    with pytest.raises(sa.exc.IntegrityError), world.database.transaction() as uow:
        receipts.record(uow, Receipt(item_id="gaaaaaaaaa", person_id=TONO.id, at=NOW, sha256="ab" * 32))


PAPER = Receipt(
    item_id=ITEM,
    person_id=TONO.id,
    at=NOW,
    position="Kepala Dinas",
    recorder_id=WATI.id,
    letter_number="800/77",
    letter_date=NOW.date(),
)


def test_a_receipt_without_sha256_comes_back_whole_and_the_item_keeps_what_it_bore(world: World) -> None:
    """A word of who fetched single files, and one on paper."""
    word = Receipt(item_id=ITEM, person_id=TONO.id, at=NOW, position="Pengelola situs")
    with world.database.transaction() as uow:
        items.add(uow, item(world.file(uow).lines[0].id))
        for one in (word, PAPER):
            receipts.record(uow, one)
        assert receipts.of_item(uow, ITEM) == (word, PAPER)
        assert items.item(uow, ITEM).receipt_sha256 is None


@pytest.mark.parametrize(
    "half",
    [
        {"letter_number": None},
        {"letter_date": None},
        {"recorder_id": None},
        {"recorder_id": TONO.id},
        {"recorder_id": "per_none"},
        {"sha256": "ab"},
    ],
)
def test_half_a_paper_or_one_written_down_by_its_signer_is_no_receipt(world: World, half: dict[str, Any]) -> None:
    with world.database.transaction() as uow:
        items.add(uow, item(world.file(uow).lines[0].id))
    with pytest.raises(sa.exc.IntegrityError), world.database.transaction() as uow:
        receipts.record(uow, replace(PAPER, **half))
    with world.database.reading() as uow:
        assert receipts.of_item(uow, ITEM) == ()


def test_silent_workers_are_found_and_forgotten(world: World) -> None:
    with world.database.transaction() as uow:
        for number, name in enumerate(("w1", "w2", "w3")):
            executors.beat(uow, name, NOW + timedelta(seconds=number))
        assert executors.lost(uow, NOW + timedelta(seconds=2)) == ("w1", "w2")
        executors.beat(uow, "w1", NOW + timedelta(seconds=5))
        executors.forget(uow, "w2")
        assert executors.lost(uow, NOW + timedelta(seconds=6)) == ("w1", "w3")
