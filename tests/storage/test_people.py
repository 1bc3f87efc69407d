"""Are persons, logins, sessions and tokens kept as they are?"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier

import pytest

from provisioner.errors import NotFound, Refused
from provisioner.people.person import Position, Right
from provisioner.store import logins, people, tries
from provisioner.store.logins import IDLE, Login, Session
from tests.storage.world import BUDI, EVERYONE, NOW, RINA, SOON, TONO, World

TOKEN = "a1" * 32


def test_a_person_comes_back_whole(world: World) -> None:
    siti = replace(
        RINA,
        id="person_siti",
        name="Contoh Siti",
        nip="198501012010012001",
        email="siti@contoh.go.id",
        employment="non_asn",
        contract_number="SK/9/2026",
        contract_end=date(2026, 12, 31),
        rights=frozenset(Right),
        positions=(
            Position(actor="opd", opd="DISDIK", title="Staf", since=date(2024, 1, 1), until=date(2025, 12, 31)),
            Position(actor="opd_head", opd="DINKES", title="Kepala", since=date(2026, 1, 1), until=None),
        ),
    )
    with world.database.transaction() as uow:
        people.add_person(uow, siti)
        assert people.person(uow, "person_siti") == siti
        assert people.persons(uow) == tuple(sorted((*EVERYONE, siti), key=lambda one: one.name))


def test_an_unknown_person_is_not_found(world: World) -> None:
    with pytest.raises(NotFound, match="person_x"), world.database.reading() as uow:
        people.person(uow, "person_x")


def test_one_human_being_is_one_person(world: World) -> None:
    twin = replace(BUDI, id="person_twin", email="twin@contoh.go.id", nip="198501012010012001")
    with world.database.transaction() as uow:
        people.add_person(uow, twin)
        for other in (
            replace(twin, id="person_other", email="other@contoh.go.id"),
            replace(twin, id="person_other", nip=None),
            replace(twin, nip=None, email="other@contoh.go.id"),
        ):
            with pytest.raises(Refused, match="sudah terdaftar"):
                people.add_person(uow, other)
        assert len(people.persons(uow)) == len(EVERYONE) + 1


def test_a_person_is_found_by_nip_before_email(world: World) -> None:
    twin = replace(BUDI, id="person_twin", email="twin@contoh.go.id", nip="198501012010012001")
    with world.database.transaction() as uow:
        people.add_person(uow, twin)
        assert people.find_person(uow, nip="198501012010012001", email=BUDI.email) == twin
        assert people.find_person(uow, nip="198501012010012002", email=BUDI.email) == BUDI
        assert people.find_person(uow, email="nobody@contoh.go.id") is None
        assert people.find_person(uow) is None


def test_rights_are_replaced_and_positions_added(world: World) -> None:
    head = Position(actor="head_of_office", opd=None, title="Kepala", since=date(2026, 6, 1), until=None)
    with world.database.transaction() as uow:
        people.set_rights(uow, BUDI.id, {Right.AUDIT})
        people.add_position(uow, BUDI.id, head)
        expected = replace(BUDI, rights=frozenset({Right.AUDIT}), positions=(*BUDI.positions, head))
        assert people.person(uow, BUDI.id) == expected


def test_a_position_of_an_unknown_opd_or_turned_round_is_refused(world: World) -> None:
    good = BUDI.positions[0]
    with world.database.transaction() as uow:
        for bad in (replace(good, opd="DISHUB"), replace(good, until=good.since - timedelta(days=1))):
            with pytest.raises(Refused, match="jabatan"):
                people.add_position(uow, BUDI.id, bad)
        assert people.person(uow, BUDI.id) == BUDI


def test_an_opd_takes_a_new_name(world: World) -> None:
    with world.database.transaction() as uow:
        people.add_opd(uow, "DISDIK", "Dinas Pendidikan dan Kebudayaan")
        assert people.opds(uow) == {
            "DINKES": "Dinas Kesehatan (contoh)",
            "DISDIK": "Dinas Pendidikan dan Kebudayaan",
        }


def test_each_person_has_a_salt_of_their_own(world: World) -> None:
    with world.database.reading() as uow:
        salts = {people.salt_of(uow, one.id) for one in EVERYONE}
    assert len(salts) == len(EVERYONE)
    assert {len(salt) for salt in salts} == {32}


def test_a_login_takes_a_new_password_and_another_persons_name_is_refused(world: World) -> None:
    with world.database.transaction() as uow:
        assert logins.login(uow, "rina") is None
        logins.set_login(uow, RINA.id, "rina", "$argon2id$1", True)
        logins.set_login(uow, RINA.id, "rina", "$argon2id$2", False)
        with pytest.raises(Refused, match="'rina' sudah dipakai"):
            logins.set_login(uow, BUDI.id, "rina", "$argon2id$3", False)
        assert logins.login(uow, "rina") == Login(
            person_id=RINA.id, username="rina", password_hash="$argon2id$2", must_change=False
        )


def test_tries_are_counted_to_the_end_of_their_window_and_sixteen_at_once_are_all_counted(world: World) -> None:
    end = NOW + timedelta(minutes=5)
    start = Barrier(16)

    def count(_: int) -> int:
        start.wait(timeout=30)
        with world.database.transaction() as uow:
            return tries.count(uow, "a" * 64, NOW, end, 1)

    with ThreadPoolExecutor(16) as pool:
        assert sorted(pool.map(count, range(16))) == list(range(1, 17))
    with world.database.transaction() as uow:
        assert tries.counted(uow, "a" * 64, NOW) == (16, end)
        assert tries.count(uow, "b" * 64, NOW, end, -1) == 0
        assert tries.counted(uow, "a" * 64, end) == (0, None)
        assert tries.count(uow, "a" * 64, end, end + timedelta(minutes=5), 1) == 1
        # What had ended went with it.
        assert tries.counted(uow, "b" * 64, NOW) == (0, None)
        tries.forget(uow, "a" * 64)
        assert tries.counted(uow, "a" * 64, end) == (0, None)


def test_a_session_ends_when_idle_and_at_its_end_at_the_latest(world: World) -> None:
    end = NOW + timedelta(hours=8)
    expected = Session(person_id=RINA.id, csrf="c", opened_at=NOW, expires_at=end)
    with world.database.transaction() as uow:
        logins.open_session(uow, TOKEN, RINA.id, "c", NOW, end)
        assert logins.session(uow, "b2" * 32, NOW) is None
        assert logins.session(uow, TOKEN, NOW) == expected
        seen = NOW
        while seen + IDLE < end:
            seen += IDLE - timedelta(seconds=1)
            assert logins.session(uow, TOKEN, seen) == expected
        assert logins.session(uow, TOKEN, end) is None
        logins.open_session(uow, "b2" * 32, RINA.id, "d", NOW, end)
        assert logins.session(uow, "b2" * 32, NOW + IDLE) is None


def test_a_session_is_not_asked_for_in_a_reading_transaction(world: World) -> None:
    with pytest.raises(RuntimeError, match="transaction"), world.database.reading() as uow:
        logins.session(uow, TOKEN, NOW)


def test_sessions_are_closed_one_or_all_of_a_person(world: World) -> None:
    names = ["a1" * 32, "b2" * 32, "c3" * 32]
    with world.database.transaction() as uow:
        for name, whose in zip(names, (RINA, RINA, TONO), strict=True):
            logins.open_session(uow, name, whose.id, "c", NOW, SOON)
        logins.close_session(uow, names[0])
        assert [logins.session(uow, name, NOW) is not None for name in names] == [False, True, True]
        logins.close_sessions_of(uow, RINA.id)
        assert [logins.session(uow, name, NOW) is not None for name in names] == [False, False, True]


def test_a_token_is_its_persons_until_it_expires(world: World) -> None:
    with world.database.transaction() as uow:
        logins.add_token(uow, TOKEN, RINA.id, "laptop", NOW, SOON)
        assert logins.person_of_token(uow, TOKEN, SOON - timedelta(seconds=1)) == RINA.id
        assert logins.person_of_token(uow, TOKEN, SOON) is None
        assert logins.person_of_token(uow, "b2" * 32, NOW) is None
