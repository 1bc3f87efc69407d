"""Has every end its letter, with the act it reports, whatever is killed or silent on the way?"""

from __future__ import annotations

import io
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdf
import pytest

from provisioner.decisions.decision import Outcome
from provisioner.desk.letters import LetterView
from provisioner.digests import digest_of_bytes
from provisioner.errors import BadInput, NotAllowed, NotFound, Refused
from provisioner.press import fake as fake_press
from provisioner.providers.fake_runner import KILLED
from provisioner.store import office
from provisioner.unit_of_work import UnitOfWork
from provisioner.workflow.advance import advance
from provisioner.workflow.housekeeping import tidy
from provisioner.workflow.tell import tell
from tests.house import LETTERS, PEOPLE, EngineHouse
from tests.verbs import ON_ITEMS, SAMPLES, Asked, ask, case_id, made

MOST_COMMITS = 9


@pytest.fixture
def house(tmp_path: Path) -> EngineHouse:
    """An open office with nothing in it yet."""
    house = EngineHouse(tmp_path)
    house.open()
    return house


def delivered(house: EngineHouse, **fields: Any) -> str:
    """Carry a request to its delivery; return its id, standing at notify with its draft."""
    run_id = house.to_run(**fields)
    assert house.carry_out(run_id) == "done"
    return house.desk.run(PEOPLE["kabid"], run_id).request.id


def refused(house: EngineHouse, reason: str = "kapasitas host penuh") -> str:
    """Refuse a request; return its id."""
    line_id = house.to_decision()
    request_id = house.request_of(line_id)
    house.desk.decide(PEOPLE["kabid"], line_id, Outcome.REJECTED, digest="", reason=reason)
    return request_id


def failed(house: EngineHouse) -> tuple[str, str]:
    """Let a run fail and be undone; return (request id, run id)."""
    run_id = house.to_run()
    house.world.plant(*({"kind": "fail", "task": "apache"} for _ in range(9)))
    assert house.carry_out(run_id) == "failed"
    return house.desk.run(PEOPLE["kabid"], run_id).request.id, run_id


def only(house: EngineHouse, request_id: str, role: str = "kabid") -> LetterView:
    """Return the request's one letter."""
    (view,) = house.desk.letters(PEOPLE[role], request_id)
    return view


def words(house: EngineHouse, view: LetterView, role: str = "opd") -> str:
    """Return the words of a letter's paper."""
    _, pdf = house.desk.letter_paper(PEOPLE[role], view.letter.id)
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    return " ".join(text.split())


# -- Three letters ---------------------------------------------------------------------------------------------------


def test_a_delivered_request_is_drafted_for_the_office_and_given_out_at_notify(house: EngineHouse) -> None:
    request_id = delivered(house)
    house.tell()
    draft = only(house, request_id)
    assert (draft.letter.state, draft.has_paper, draft.label) == ("drafted", True, "Surat TL ke OPD")
    assert "KONSEP" in words(house, draft, "kabid")
    assert house.desk.letters(PEOPLE["opd"], request_id) == ()
    with pytest.raises(NotFound):
        house.desk.letter_paper(PEOPLE["opd"], draft.letter.id)
    assert house.post.taken() == []
    house.desk.do_step(PEOPLE["kabid"], request_id, "notify")
    assert house.desk.request(PEOPLE["kabid"], request_id).request.step == "send"
    house.tell()
    sent = only(house, request_id, "opd")
    assert (sent.letter.state, sent.letter.number) == ("sent", "000.8.3/0001/DISKOMINFO/XI/2026")
    name, pdf = house.desk.letter_paper(PEOPLE["opd"], sent.letter.id)
    assert name == "surat-2026-0001-delivered.pdf"
    assert digest_of_bytes(pdf) == sent.letter.pdf_sha256
    said = words(house, sent)
    assert "KONSEP" not in said
    assert "nomor 800/001/DINCONTOH/XI/2026 tanggal 16 November 2026" in said
    (mail,) = house.post.taken()
    assert (mail["to"], mail["id"]) == (
        ["kepala@dincontoh.example", "teknis@dincontoh.example"],
        f"<{sent.letter.id}@kota.lab>",
    )
    assert str(sent.letter.pdf_sha256) in str(mail["text"])
    assert house.desk.request(PEOPLE["kabid"], request_id).request.step == "close"


def test_a_refusal_is_told_with_its_reason_in_the_decisions_own_transaction(house: EngineHouse) -> None:
    request_id = refused(house)
    view = only(house, request_id)
    assert (view.letter.kind, view.letter.state, view.label) == ("refused", "due", "Surat Balasan")
    house.tell()
    assert only(house, request_id).letter.state == "sent"
    assert "Pembuatan hosting situs web simpeg.kota.lab: kapasitas host penuh." in words(house, view)
    house.tell()
    assert len(house.post.taken()) == 1


def test_giving_up_writes_the_failure_with_the_officials_reason_and_ends_the_request(house: EngineHouse) -> None:
    request_id, run_id = failed(house)
    assert house.desk.letters(PEOPLE["kabid"], request_id) == ()
    house.desk.give_up(PEOPLE["kabid"], run_id, "perangkat lunak host rusak")
    house.tell()
    view = only(house, request_id)
    assert (view.letter.kind, view.letter.state) == ("failed", "sent")
    assert "perangkat lunak host rusak." in words(house, view)
    ended = house.desk.request(PEOPLE["kabid"], request_id).request
    assert (ended.state, ended.step) == ("failed", "")


def test_three_days_without_a_retry_write_the_failure_too(house: EngineHouse) -> None:
    request_id, _ = failed(house)
    house.clock.move(days=9)
    tidy(house.hands, lambda _id: True)
    house.tell()
    assert "tidak diulang dalam 3 hari kerja." in words(house, only(house, request_id))


def test_a_letter_of_another_opd_is_not_there(house: EngineHouse) -> None:
    request_id = refused(house)
    house.tell()
    letter_id = only(house, request_id).letter.id
    with pytest.raises(NotFound):
        house.desk.letters(PEOPLE["lain"], request_id)
    with pytest.raises(NotFound):
        house.desk.letter_paper(PEOPLE["lain"], letter_id)


def test_no_letter_and_no_mail_holds_a_secret_and_a_typed_reason_prints_as_typed(house: EngineHouse) -> None:
    request_id = delivered(house)
    house.desk.do_step(PEOPLE["kabid"], request_id, "notify")
    house.tell()
    opened = [
        secret.sealed.decode()
        for secret in house.desk.credentials(PEOPLE["teknis"], house.desk.items(PEOPLE["opd"])[0].id)
    ]
    said = words(house, only(house, request_id)) + str(house.post.taken())
    assert opened
    assert [secret for secret in opened if secret in said] == []
    hostile = '#read("/etc/passwd") $x$ <a> {{ 7*7 }}'
    other = EngineHouse(house.folder.with_name("lain"))
    other.open()
    assert hostile in words(other, _told(other, hostile))


def _told(house: EngineHouse, reason: str) -> LetterView:
    request_id = refused(house, reason)
    house.tell()
    return only(house, request_id)


@pytest.mark.parametrize("case", ON_ITEMS, ids=case_id)
def test_what_each_verb_delivered_is_told_in_its_own_letter(tmp_path: Path, case: tuple[str, Asked]) -> None:
    kind, asked = case
    house = EngineHouse(tmp_path, kind=kind)
    house.open()
    run_id = ask(house, asked, made(house, asked))
    if asked.through is not None:
        asked.through(house, run_id)
    assert house.carry_out(run_id) == "done"
    request_id = house.desk.run(PEOPLE["kabid"], run_id).request.id
    house.desk.do_step(PEOPLE["kabid"], request_id, "notify")
    house.tell()
    view = only(house, request_id)
    assert (view.letter.kind, view.letter.state) == ("delivered", "sent")
    said = words(house, view, "kabid")
    assert f"1. {SAMPLES[kind].titled}" in said
    assert not re.search("Permohonan atas (situs|akun)", said)  # each verb has a sentence of its own
    assert ("Kata sandi diambil sendiri" in said) == bool(asked.credentials)
    assert ("Diberikan" in said) == (asked.verb == "change")


# -- Not yet sent ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["down", "rejects"])
def test_a_mail_that_does_not_go_is_seen_and_tried_again_with_longer_waits(house: EngineHouse, fault: str) -> None:
    request_id = delivered(house)
    house.post.fault = fault
    house.desk.do_step(PEOPLE["kabid"], request_id, "notify")
    waits, view = [], only(house, request_id)
    for attempt in range(1, 8):
        house.tell()
        view = only(house, request_id)
        assert (view.letter.state, view.letter.attempts, view.letter.is_stuck) == ("filed", attempt, True)
        assert view.letter.next_try_at is not None
        waits.append(round((view.letter.next_try_at - house.clock.now).total_seconds() / 60))
        house.clock.now = view.letter.next_try_at
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    assert "relay" in only(house, request_id).why
    assert only(house, request_id, "opd").why == ""
    troubles = house.desk.morning(PEOPLE["kabid"]).trouble
    assert [(one.about, one.subject, one.what) for one in troubles] == [
        ("letter", request_id, "surat belum terkirim sesudah 7 kali dicoba")
    ]
    assert house.desk.morning(PEOPLE["opd"]).trouble == ()
    assert house.desk.request(PEOPLE["kabid"], request_id).request.step == "send"
    house.post.fault = ""
    house.tell()
    assert only(house, request_id).letter.state == "sent"
    assert house.desk.request(PEOPLE["kabid"], request_id).request.step == "close"
    assert house.desk.morning(PEOPLE["kabid"]).trouble == ()


def test_housekeeping_queues_what_waits_and_nothing_that_has_a_job(
    house: EngineHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused(house)
    queued: list[str] = []
    monkeypatch.setattr(house.hands.queue, "letter", lambda _uow, letter_id: queued.append(letter_id))
    tidy(house.hands, lambda _id: True)
    assert queued == []
    tidy(house.hands, lambda _id: False)
    assert len(queued) == 1


def test_an_office_that_set_no_letters_says_what_is_missing_and_sends_once_it_has(house: EngineHouse) -> None:
    with house.database.transaction() as uow:
        office.keep(uow, {"zone": "kota.lab", "reserved_labels": []})
    request_id = refused(house)
    house.tell()
    view = only(house, request_id)
    assert view.letter.state == "due"
    assert "letters.head" in view.why
    with house.database.transaction() as uow:
        office.keep(uow, {"zone": "kota.lab", "reserved_labels": [], "letters": LETTERS})
    house.clock.move(minutes=2)
    house.tell()
    assert only(house, request_id).letter.state == "sent"


def test_a_letter_that_no_mail_reaches_is_handed_over_and_recorded(house: EngineHouse) -> None:
    request_id = delivered(house)
    house.post.fault = "rejects"
    house.desk.do_step(PEOPLE["kabid"], request_id, "notify")
    house.tell()
    letter_id = only(house, request_id).letter.id
    with pytest.raises(NotAllowed):
        house.desk.hand_over(PEOPLE["umum"], letter_id, "di loket")
    with pytest.raises(NotFound):
        house.desk.hand_over(PEOPLE["lain"], letter_id, "di loket")
    with pytest.raises(BadInput):
        house.desk.hand_over(PEOPLE["kabid"], letter_id, " ")
    assert house.desk.hand_over(PEOPLE["kabid"], letter_id, "di loket").letter.state == "sent"
    with pytest.raises(Refused):
        house.desk.hand_over(PEOPLE["kabid"], letter_id, "di loket")
    advance(house.hands, request_id)
    assert house.desk.request(PEOPLE["kabid"], request_id).request.step == "close"
    assert house.post.taken() == []


# -- Killed anywhere -------------------------------------------------------------------------------------------------


def test_killed_around_any_commit_of_tell_the_letter_goes_out_and_never_zero_times(house: EngineHouse) -> None:
    """A kill between the server's word and ours mails twice under one Message-ID; no other does, and none loses it."""
    request_id = refused(house)
    letter_id = only(house, request_id).letter.id
    house.close()
    twice = []
    for number in range(2):
        for moment in ("before", "after"):
            copy = _copy(house.folder, f"{moment}-{number}")
            _killed_in_child(copy, letter_id, number, moment)
            copy.clock.now = house.clock.now
            tell(copy.hands, letter_id)
            view = only(copy, request_id)
            assert view.letter.state == "sent", (moment, number)
            mails = copy.post.taken()
            assert {mail["id"] for mail in mails} == {f"<{letter_id}@kota.lab>"}
            assert len({mail["bytes"] for mail in mails}) == 1
            if len(mails) == 2:
                twice.append((moment, number))
            assert _chain_of(copy, letter_id) == ["worker:letter:write", "worker:letter:file", "worker:letter:send"]
            copy.close()
    assert twice == [("before", 1)]


def test_cut_off_after_the_message_it_is_mailed_again_under_the_same_message_id(house: EngineHouse) -> None:
    request_id = refused(house)
    house.post.fault = "lost"
    house.tell()
    assert "mungkin" not in only(house, request_id).letter.state
    assert only(house, request_id).letter.state == "filed"
    house.post.fault = ""
    house.clock.move(minutes=2)
    house.tell()
    assert [mail["id"] for mail in house.post.taken()] == [f"<{only(house, request_id).letter.id}@kota.lab>"] * 2


def _chain_of(house: EngineHouse, letter_id: str) -> list[str]:
    with house.database.reading() as uow:
        rows = uow.connection.exec_driver_sql(
            "SELECT event FROM audit WHERE subject = ? ORDER BY sequence", (letter_id,)
        )
        return [row[0] for row in rows]


def _copy(folder: Path, name: str) -> EngineHouse:
    copy = folder.parent / f"{folder.name}-{name}"
    shutil.copytree(folder, copy)
    return _forkable(EngineHouse(copy))


def _forkable(house: EngineHouse) -> EngineHouse:
    """Let the shipped fake press set: the real one's threads do not live on in a forked child."""
    house.hands = replace(house.hands, press=fake_press.set_sheet)
    return house


def _killed_in_child(house: EngineHouse, letter_id: str, number: int, moment: str) -> None:
    folder, now = house.folder, house.clock.now
    house.close()
    pid = os.fork()
    if pid == 0:
        child = _forkable(EngineHouse(folder))
        child.clock.now = now
        _kill_at_commit(child, number, moment)
        tell(child.hands, letter_id)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == KILLED


def _kill_at_commit(house: EngineHouse, number: int, moment: str) -> None:
    original, seen = house.database.transaction, iter(range(MOST_COMMITS))

    @contextmanager
    def transaction() -> Iterator[UnitOfWork]:
        mine = next(seen)
        with original() as uow:
            yield uow
            if mine == number and moment == "before":
                os._exit(KILLED)
        if mine == number:
            os._exit(KILLED)

    house.database.transaction = transaction  # type: ignore[method-assign]
