"""Is a letter written with its act, filed once with its sha256, and never rewritten? On both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from provisioner.digests import digest_of_bytes
from provisioner.errors import GerbangError, NotFound, Refused
from provisioner.letters.letter import Letter, LetterKind, LetterState
from provisioner.requests.request import LineState
from provisioner.store import audit, letters, requests
from provisioner.unit_of_work import UnitOfWork
from tests.storage.world import NOW, WISH, World, bare

PDF = b"%PDF-1.7 rekaan"


def ended(world: World, state: LineState, count: int = 1) -> str:
    """A request whose lines all ended so; return its id."""
    with world.database.transaction() as uow:
        request = world.file(uow, *[WISH] * count)
        for line in request.lines:
            requests.change_line(uow, line.id, state=state)
        return request.id


def written(world: World, kind: LetterKind = LetterKind.REFUSED, *, draft: bool = False) -> Letter:
    """A letter of a request whose one line ended so."""
    states = {LetterKind.REFUSED: LineState.REJECTED, LetterKind.DELIVERED: LineState.DELIVERED}
    request_id = ended(world, states[kind])
    with world.database.transaction() as uow:
        letter_id = letters.write(uow, request_id, kind, now=NOW, draft=draft, reason="sebab")
        assert letter_id is not None
        return letters.of_id(uow, letter_id)


def filed(world: World) -> Letter:
    """A letter that is filed."""
    letter = written(world)
    with world.database.transaction() as uow:
        letters.file(uow, letter, PDF, "000/1", NOW)
        return letters.of_id(uow, letter.id)


def events(uow: UnitOfWork, subject: str) -> list[str]:
    """What the chain says of a subject, in order."""
    return [row.event for row in audit.all_rows(uow) if row.subject == subject]


def test_a_letter_tells_each_line_once_and_numbers_have_no_gap(world: World) -> None:
    first = ended(world, LineState.REJECTED, 2)
    with world.database.transaction() as uow:
        one = letters.write(uow, first, LetterKind.REFUSED, now=NOW)
        assert letters.write(uow, first, LetterKind.REFUSED, now=NOW) is None
        assert letters.write(uow, first, LetterKind.FAILED, now=NOW) is None
        assert one is not None
        assert len(letters.of_id(uow, one).lines) == 2
    second = written(world)
    assert (second.serial, second.number, second.document) == (2, "", "reply_letter")
    with world.database.transaction() as uow:
        assert [letter.id for letter in letters.of_request(uow, first)] == [one]


def test_a_rolled_back_act_leaves_no_letter_and_no_number(world: World) -> None:
    request_id = ended(world, LineState.REJECTED)
    with world.database.engine.connect() as connection, connection.begin() as transaction:
        assert letters.write(UnitOfWork(connection), request_id, LetterKind.REFUSED, now=NOW) is not None
        transaction.rollback()
    with world.database.transaction() as uow:
        assert letters.of_request(uow, request_id) == ()
        letter_id = letters.write(uow, request_id, LetterKind.REFUSED, now=NOW)
        assert letters.of_id(uow, str(letter_id)).serial == 1


def test_a_draft_has_no_number_until_it_is_given_out_and_its_paper_is_set_anew(world: World) -> None:
    draft = written(world, LetterKind.DELIVERED, draft=True)
    later = NOW + timedelta(hours=3)
    with world.database.transaction() as uow:
        assert letters.to_try(uow, NOW) == (draft.id,)
        letters.keep_draft(uow, draft, b"konsep")
        assert letters.to_try(uow, NOW) == ()
        assert letters.give_out(uow, draft.request_id, now=later) == draft.id
        given = letters.of_id(uow, draft.id)
        assert (given.state, given.serial, given.written_at) == (LetterState.DUE, 1, later)
        assert letters.paper(uow, draft.id).pdf is None
        letters.keep_draft(uow, draft, b"konsep")  # a job that set the draft comes too late
        assert letters.paper(uow, draft.id).pdf is None
        assert letters.give_out(uow, draft.request_id, now=later) is None


def test_a_number_given_by_a_person_takes_the_offices_place(world: World) -> None:
    draft = written(world, LetterKind.DELIVERED, draft=True)
    with world.database.transaction() as uow:
        letters.give_out(uow, draft.request_id, now=NOW, number="067/9/2026")
        given = letters.of_id(uow, draft.id)
    assert (given.serial, given.number) == (None, "067/9/2026")


def test_filed_twice_is_filed_once_with_its_sha256_in_the_chain(world: World) -> None:
    letter = filed(world)
    with world.database.transaction() as uow:
        letters.file(uow, letter, b"other", "000/2", NOW + timedelta(days=1))
        again = letters.of_id(uow, letter.id)
        assert again == letter
        assert letters.paper(uow, letter.id) == letters.Paper(reason="sebab", pdf=PDF)
        rows = [row for row in audit.all_rows(uow) if row.event == "worker:letter:file"]
    assert [row.data["sha256"] for row in rows] == [letter.pdf_sha256] == [digest_of_bytes(PDF)]


def test_sent_twice_is_sent_once_and_what_is_sent_waits_no_more(world: World) -> None:
    letter = filed(world)
    with world.database.transaction() as uow:
        letters.mark_sent(uow, letter.id, "<a@b>", NOW)
        letters.mark_sent(uow, letter.id, "<a@b>", NOW + timedelta(days=1))
        letters.postpone(uow, letter.id, "terlambat", NOW)
        sent = letters.of_id(uow, letter.id)
        assert (sent.state, sent.sent_at, sent.attempts, sent.why) == (LetterState.SENT, NOW, 0, "")
        assert (letters.to_try(uow, NOW), letters.stuck(uow)) == ((), ())
        assert events(uow, letter.id) == ["worker:letter:write", "worker:letter:file", "worker:letter:send"]


def test_what_did_not_work_is_tried_again_when_its_time_comes_and_seen_meanwhile(world: World) -> None:
    letter = filed(world)
    soon = NOW + timedelta(minutes=2)
    with world.database.transaction() as uow:
        letters.postpone(uow, letter.id, "relay: tidak menjawab", soon)
        assert letters.to_try(uow, soon - timedelta(seconds=1)) == ()
        assert letters.to_try(uow, soon) == (letter.id,)
        (stuck,) = letters.stuck(uow)
        assert (stuck.attempts, stuck.why, stuck.is_stuck) == (1, "relay: tidak menjawab", True)


@pytest.mark.parametrize(
    "forged",
    [
        "UPDATE letters SET pdf_sha256 = 'x'",
        "UPDATE letters SET number = '1'",
        "UPDATE letters SET lines = '[]'",
        "UPDATE letters SET state = 'due'",
        "DELETE FROM letters",
        "UPDATE letter_papers SET pdf = NULL",
        "UPDATE letter_papers SET reason = 'x'",
    ],
)
def test_what_was_filed_is_rewritten_from_no_hand(world: World, forged: str) -> None:
    filed(world)
    with pytest.raises(sa.exc.DBAPIError, match="append_only"), bare(world.database) as uow:
        uow.connection.exec_driver_sql(forged)
    with pytest.raises((Refused, GerbangError)), world.database.transaction() as uow:
        uow.connection.exec_driver_sql(forged)


def test_a_paper_can_be_erased_and_the_letter_still_stands(world: World) -> None:
    letter = filed(world)
    with world.database.transaction() as uow:
        uow.connection.exec_driver_sql("DELETE FROM letter_papers")
        assert letters.paper(uow, letter.id) == letters.Paper(reason="", pdf=None)
        assert letters.of_id(uow, letter.id) == letter


def test_there_is_no_letter_of_an_unknown_id(world: World) -> None:
    with world.database.reading() as uow, pytest.raises(NotFound, match="surat let_x tidak ada"):
        letters.of_id(uow, "let_x")
