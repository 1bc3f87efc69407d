"""Is a scarce thing promised once, and does the sum always tell what is left?"""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from provisioner.errors import Refused
from provisioner.plans.hold import HoldState, Thing
from provisioner.store import holds, requests
from provisioner.store.holds import HoldRow
from provisioner.unit_of_work import UnitOfWork
from tests.storage.world import FQDN, GIB, ITEM, NOW, SOON, STORAGE, UID, World

OTHER_ITEM = "gaaaaaaaaa"
BANDWIDTH = Thing(pool="web1:bandwidth_mbit", key="", amount=10, label="bandwidth web1")


def with_sums(world: World, storage: int = 12 * GIB) -> None:
    with world.database.transaction() as uow:
        holds.set_sum(uow, STORAGE.pool, storage)
        holds.set_sum(uow, BANDWIDTH.pool, 100)


def take(uow: UnitOfWork, line_id: str, *things: Thing, item_id: str = ITEM) -> None:
    holds.take(uow, line_id=line_id, item_id=item_id, things=things, expires_at=SOON)


def standing(uow: UnitOfWork, line_id: str) -> dict[Thing, str]:
    released = {HoldState.RELEASED, HoldState.EXPIRED}
    return {row.thing: row.state.value for row in holds.of_line(uow, line_id) if row.state not in released}


def test_what_is_taken_is_held_and_counted_against_others(world: World) -> None:
    with_sums(world)
    mine, others = world.lines(2)
    with world.database.transaction() as uow:
        take(uow, mine, STORAGE, FQDN, UID)
        rows = {
            HoldRow(line_id=mine, item_id=ITEM, thing=thing, state=HoldState.HELD, expires_at=SOON)
            for thing in (STORAGE, FQDN, UID)
        }
        assert set(holds.of_line(uow, mine)) == rows
        assert holds.of_item(uow, ITEM) == ()
        assert holds.sums(uow, None) == {BANDWIDTH.pool: (100, 0), STORAGE.pool: (12 * GIB, 5 * GIB)}
        assert holds.sums(uow, others) == holds.sums(uow, None)
        assert holds.sums(uow, mine)[STORAGE.pool] == (12 * GIB, 0)
        assert holds.taken(uow, others) == {"fqdn": {"simpeg.kota.lab"}, "web1:uid": {"20001"}}
        assert holds.taken(uow, mine) == {}


def test_taking_again_replaces_what_the_line_held(world: World) -> None:
    with_sums(world)
    line_id, more = world.line(), Thing(pool=STORAGE.pool, key="", amount=9 * GIB, label=STORAGE.label)
    with world.database.transaction() as uow:
        take(uow, line_id, STORAGE, FQDN)
        take(uow, line_id, more, UID)
        assert standing(uow, line_id) == {more: "held", UID: "held"}
        assert holds.sums(uow, None)[STORAGE.pool] == (12 * GIB, 9 * GIB)


@pytest.mark.parametrize(
    ("thing", "named"),
    [
        (FQDN, "nama simpeg.kota.lab simpeg.kota.lab (fqdn)"),
        (Thing(pool=STORAGE.pool, key="", amount=8 * GIB, label="ruang simpan web1"), STORAGE.pool),
        (Thing(pool="web9:storage_bytes", key="", amount=1, label="ruang simpan web9"), "batas jumlah"),
    ],
)
def test_a_refused_taking_changes_nothing_and_the_transaction_goes_on(world: World, thing: Thing, named: str) -> None:
    with_sums(world)
    first, second = world.lines(2)
    with world.database.transaction() as uow:
        take(uow, first, FQDN, STORAGE)
        take(uow, second, BANDWIDTH, item_id=OTHER_ITEM)
        before = holds.sums(uow, None)
        with pytest.raises(Refused) as refusal:
            take(uow, second, UID, thing, item_id=OTHER_ITEM)
        assert named in str(refusal.value)
        assert holds.sums(uow, None) == before
        assert standing(uow, second) == {BANDWIDTH: "held"}
        take(uow, second, UID, item_id=OTHER_ITEM)
    with world.database.reading() as uow:
        assert standing(uow, second) == {UID: "held"}


def test_a_limit_is_never_lowered_below_what_is_held(world: World) -> None:
    with_sums(world)
    with world.database.transaction() as uow:
        take(uow, world_line(world, uow), STORAGE)
        with pytest.raises(Refused, match="lebih dari"):
            holds.set_sum(uow, STORAGE.pool, 5 * GIB - 1)
        holds.set_sum(uow, STORAGE.pool, 5 * GIB)
        assert holds.sums(uow, None)[STORAGE.pool] == (5 * GIB, 5 * GIB)


def world_line(world: World, uow: UnitOfWork) -> str:
    return world.file(uow).lines[0].id


def test_a_commitment_has_no_expiry_and_still_counts(world: World) -> None:
    with_sums(world)
    line_id = world.line()
    with world.database.transaction() as uow:
        take(uow, line_id, STORAGE, FQDN)
        holds.commit(uow, line_id, things=(STORAGE, FQDN), now=NOW)
        holds.commit(uow, line_id, things=(STORAGE, FQDN), now=NOW)
        assert {(row.state, row.expires_at) for row in holds.of_line(uow, line_id)} == {(HoldState.COMMITTED, None)}
        assert holds.expire(uow, SOON + timedelta(days=99)) == ()
        assert holds.sums(uow, None)[STORAGE.pool] == (12 * GIB, 5 * GIB)
        take(uow, line_id, STORAGE, UID)
        assert standing(uow, line_id) == {STORAGE: "committed", FQDN: "committed", UID: "held"}


def test_an_expired_hold_cannot_be_committed(world: World) -> None:
    with_sums(world)
    expired, late, empty = world.lines(3)
    with world.database.transaction() as uow:
        take(uow, expired, STORAGE, FQDN)
        assert holds.expire(uow, SOON - timedelta(seconds=1)) == ()
        assert holds.expire(uow, SOON) == (expired,)
        assert holds.sums(uow, None)[STORAGE.pool] == (12 * GIB, 0)
        with pytest.raises(Refused, match="sudah lepas"):
            holds.commit(uow, expired)
        take(uow, late, FQDN, item_id=OTHER_ITEM)
        with pytest.raises(Refused, match="sudah lepas"):
            holds.commit(uow, late, now=SOON)
        with pytest.raises(Refused, match="nomor pengguna"):
            holds.commit(uow, late, things=(FQDN, UID))
        holds.commit(uow, empty)
        assert standing(uow, late) == {FQDN: "held"}


def test_a_voided_decision_gives_its_holds_time_again(world: World) -> None:
    line_id = world.line()
    with world.database.transaction() as uow:
        take(uow, line_id, FQDN)
        holds.commit(uow, line_id)
        holds.give_time(uow, line_id, SOON + timedelta(days=7))
        assert [(row.state, row.expires_at) for row in holds.of_line(uow, line_id)] == [
            (HoldState.HELD, SOON + timedelta(days=7))
        ]


def test_release_frees_shares_at_once_and_quarantines_names(world: World) -> None:
    with_sums(world)
    line_id, other = world.lines(2)
    until = NOW + timedelta(days=180)
    with world.database.transaction() as uow:
        take(uow, line_id, STORAGE, FQDN, UID)
        holds.release(uow, line_id, quarantine_pools={"fqdn": until})
        assert standing(uow, line_id) == {FQDN: "quarantined"}
        assert holds.sums(uow, None)[STORAGE.pool] == (12 * GIB, 0)
        for one in (other, line_id):
            assert holds.taken(uow, one) == {"fqdn": {FQDN.key}}
            with pytest.raises(Refused, match=FQDN.key):
                take(uow, one, FQDN)
        holds.release_quarantine(uow, until - timedelta(seconds=1))
        assert holds.taken(uow, other) == {"fqdn": {FQDN.key}}
        holds.release_quarantine(uow, until)
        take(uow, other, FQDN)
        assert standing(uow, other) == {FQDN: "held"}


def test_what_an_item_keeps_outlives_its_line(world: World) -> None:
    with_sums(world)
    line_id, change_line = world.lines(2)
    with world.database.transaction() as uow:
        take(uow, line_id, STORAGE, FQDN)
        holds.commit(uow, line_id)
        holds.to_item(uow, line_id, ITEM)
        holds.release(uow, line_id)
        assert {row.thing for row in holds.of_item(uow, ITEM)} == {STORAGE, FQDN}
        requests.change_line(uow, change_line, item_id=ITEM)
        assert holds.taken(uow, change_line) == {}
        assert holds.sums(uow, change_line)[STORAGE.pool] == (12 * GIB, 0)
        holds.release_item(uow, ITEM, quarantine_pools={"fqdn": SOON})
        assert {(row.thing, row.state) for row in holds.of_item(uow, ITEM)} == {(FQDN, HoldState.QUARANTINED)}
        assert holds.sums(uow, None)[STORAGE.pool] == (12 * GIB, 0)


def test_an_item_settles_on_what_it_needs_and_lets_the_rest_go(world: World) -> None:
    """5 GB and 4 more become 6: the newest goes first; a name it needs no more is nobody's until its date."""
    with_sums(world)
    second = Thing(pool="fqdn", key="www.simpeg.kota.lab", amount=1, label="nama www.simpeg.kota.lab")
    more = Thing(pool=STORAGE.pool, key="", amount=4 * GIB, label=STORAGE.label)
    wanted = Thing(pool=STORAGE.pool, key="", amount=6 * GIB, label=STORAGE.label)
    first, later, others = world.lines(3)
    with world.database.transaction() as uow:
        take(uow, others, Thing(pool=BANDWIDTH.pool, key="", amount=7, label=""), item_id=OTHER_ITEM)
        for line_id, things in ((first, (STORAGE, FQDN, second, UID, BANDWIDTH)), (later, (more,))):
            take(uow, line_id, *things)
            holds.commit(uow, line_id)
            holds.to_item(uow, line_id, ITEM)
        assert holds.sums(uow, None)[STORAGE.pool] == (12 * GIB, 9 * GIB)
        holds.settle(uow, ITEM, (wanted, FQDN, UID), quarantine_pools={"fqdn": SOON})
        kept = [(row.thing.pool, row.thing.key, row.thing.amount) for row in holds.kept_of_item(uow, ITEM)]
        assert kept == [
            ("fqdn", FQDN.key, 1),
            (STORAGE.pool, "", 5 * GIB),
            ("web1:uid", UID.key, 1),
            (STORAGE.pool, "", GIB),
        ]
        assert holds.sums(uow, None) == {BANDWIDTH.pool: (100, 7), STORAGE.pool: (12 * GIB, 6 * GIB)}
        assert second.key in holds.taken(uow, None)["fqdn"]
        holds.settle(uow, ITEM, (wanted, FQDN, UID), quarantine_pools={"fqdn": SOON})
        assert [(r.thing.pool, r.thing.key, r.thing.amount) for r in holds.kept_of_item(uow, ITEM)] == kept


def test_the_counter_equals_the_holds_after_any_walk(world: World) -> None:
    with_sums(world, storage=1000 * GIB)
    lines = world.lines(6)
    with world.database.transaction() as uow:
        for number, line_id in enumerate(lines):
            things = (Thing(pool=STORAGE.pool, key="", amount=number + 1, label="ruang"), BANDWIDTH)
            holds.take(uow, line_id=line_id, item_id=f"item{number}", things=things, expires_at=SOON)
        holds.commit(uow, lines[0])
        holds.commit(uow, lines[1])
        holds.to_item(uow, lines[1], "item1")
        holds.release(uow, lines[2])
        holds.release_item(uow, "item1")
        holds.give_time(uow, lines[0], SOON)
        uow.connection.execute(sa.text("DELETE FROM holds WHERE line_id = :line"), {"line": lines[3]})
        assert holds.sums(uow, None) == {BANDWIDTH.pool: (100, 30), STORAGE.pool: (1000 * GIB, 1 + 5 + 6)}
        holds.expire(uow, SOON)
        assert holds.sums(uow, None) == {BANDWIDTH.pool: (100, 0), STORAGE.pool: (1000 * GIB, 0)}
