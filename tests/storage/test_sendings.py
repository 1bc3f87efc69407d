"""Is what was sent twice done once, whatever comes between?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from provisioner.errors import BadInput, Refused, Repeated
from provisioner.sending import Answer, Sending
from provisioner.store import sendings
from tests.storage.world import NOW, RINA, SARI, World

SENT = Sending(person_id=RINA.id, key_sha256="ab" * 32, content_sha256="cd" * 32, sent_at=NOW)
ANSWER = Answer(status=303, location="/permohonan/req_1", media_type="", body=b"")


def filed(world: World) -> int:
    """How many requests there are."""
    with world.database.reading() as uow:
        return int(uow.connection.exec_driver_sql("SELECT count(*) FROM requests").scalar_one())


def act(world: World, sending: Sending) -> None:
    """File a request as the act of that sending."""
    with world.database.for_sending(sending).transaction() as uow:
        world.file(uow)


def test_a_copy_is_told_so_and_does_nothing(world: World) -> None:
    first = replace(SENT)
    act(world, first)
    with pytest.raises(Repeated):
        act(world, replace(SENT))
    assert (filed(world), first.is_done) == (1, True)


def test_the_key_is_a_persons_own_and_names_one_content(world: World) -> None:
    act(world, replace(SENT))
    act(world, replace(SENT, person_id=SARI.id))
    with pytest.raises(BadInput, match="1 kesalahan"):
        act(world, replace(SENT, content_sha256="ef" * 32))
    assert filed(world) == 2


def test_an_act_that_was_refused_leaves_its_key_free(world: World) -> None:
    """Nothing was done: the same form, sent again once the world allows it, is done then."""
    sending = replace(SENT)
    with pytest.raises(Refused), world.database.for_sending(sending).transaction():
        raise Refused("belum")
    assert not sending.is_done
    act(world, sending)
    assert filed(world) == 1


def test_only_the_first_change_of_a_sending_is_its_act(world: World) -> None:
    """What the same call writes after its act, it writes as it is."""
    database = world.database.for_sending(replace(SENT))
    for _ in range(2):
        with database.transaction() as uow:
            world.file(uow)
    assert filed(world) == 2


def test_what_has_no_name_is_an_act_each_time(world: World) -> None:
    for _ in range(2):
        act(world, Sending(person_id=RINA.id))
    assert filed(world) == 2


def test_the_answer_is_kept_word_for_word_until_it_is_forgotten(world: World) -> None:
    act(world, replace(SENT))
    with world.database.transaction() as uow:
        assert sendings.answer(uow, SENT) is None
        sendings.keep(uow, SENT, ANSWER)
        assert sendings.answer(uow, SENT) == ANSWER
        assert sendings.forget(uow, NOW) == 0
        assert sendings.forget(uow, NOW + timedelta(seconds=1)) == 1
        assert sendings.answer(uow, SENT) is None


def test_a_hundred_copies_at_once_are_one_act(world: World) -> None:
    start = Barrier(16)

    def send(_: int) -> bool:
        start.wait(timeout=30)
        try:
            act(world, replace(SENT))
        except Repeated:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        done = [each for _ in range(7) for each in pool.map(send, range(16))]
    assert (len(done), sum(done), filed(world)) == (112, 1, 1)
