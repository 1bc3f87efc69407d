"""Does a code from the counter count once, for a while, and leave nothing behind, on both databases?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
import sqlalchemy as sa

from provisioner.errors import Refused
from provisioner.people.code import LIFETIME, MOST_FAILURES, Code, CodeState
from provisioner.store import codes, logins
from tests.storage.world import NOW, SARI, TONO, World, bare

CODE = Code(
    id="code_1",
    username="tono",
    code_hash="$argon2id$x",
    letter="090/12/ST/2026",
    issued_by=SARI.id,
    issued_at=NOW,
    expires_at=NOW + LIFETIME,
    failed_count=0,
    state=CodeState.OPEN,
)


@pytest.fixture
def issued(world: World) -> World:
    """A world in which Tono has a login and a code."""
    with world.database.transaction() as uow:
        logins.set_login(uow, TONO.id, "tono", "", must_change=False)
        codes.issue(uow, CODE)
    return world


def test_a_code_comes_back_whole_and_the_newest_alone_counts(issued: World) -> None:
    second = replace(CODE, id="code_2", code_hash="$argon2id$y")
    with issued.database.transaction() as uow:
        assert codes.open_code(uow, "tono") == CODE
        assert codes.open_code(uow, "rina") is None
        codes.issue(uow, second)
        assert codes.open_code(uow, "tono") == second
        with pytest.raises(Refused):
            codes.use(uow, CODE.id)


def test_a_code_of_no_login_is_refused(issued: World) -> None:
    with issued.database.transaction() as uow, pytest.raises(Refused):
        codes.issue(uow, replace(CODE, id="code_x", username="nobody"))


def test_the_fifth_wrong_try_locks_a_code_for_good(issued: World) -> None:
    with issued.database.transaction() as uow:
        told = [codes.note_failure(uow, CODE.id) for _ in range(MOST_FAILURES + 1)]
        assert told == [False] * (MOST_FAILURES - 1) + [True, False]
        assert codes.open_code(uow, "tono") is None
        with pytest.raises(Refused):
            codes.use(uow, CODE.id)


def test_what_ended_is_wiped_and_never_opens_again(issued: World) -> None:
    with issued.database.transaction() as uow:
        codes.use(uow, CODE.id)
    with issued.database.reading() as uow:
        rows = uow.connection.execute(sa.text("SELECT state, code_hash, letter FROM codes")).all()
    assert [tuple(row) for row in rows] == [("used", "", CODE.letter)]
    for statement in (
        "UPDATE codes SET state = 'open', code_hash = 'x'",
        "UPDATE codes SET issued_by = 'person_rina'",
        "DELETE FROM codes",
    ):
        with pytest.raises(sa.exc.IntegrityError, match="append_only"), bare(issued.database) as uow:
            uow.connection.execute(sa.text(statement))


def test_two_who_use_one_code_at_once_have_one_winner(issued: World) -> None:
    start = Barrier(8)

    def use(_number: int) -> bool:
        start.wait(timeout=30)
        try:
            with issued.database.transaction() as uow:
                codes.use(uow, CODE.id)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(use, range(8))) == 1
