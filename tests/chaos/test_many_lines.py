"""Is each of many lines decided on exactly its own plan, all of them or none, and does each keep its own end?"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from provisioner.decisions.decision import Outcome, Word
from provisioner.desk.lines import LinesView
from provisioner.errors import BadInput, NotAllowed, NotFound, Refused, RefusedLines
from provisioner.plans.hold import HoldState
from provisioner.store import holds
from provisioner.workflow.advance import advance
from provisioner.workflow.look import look
from tests.house import PEOPLE, ROOT, EngineHouse

KABID = PEOPLE["kabid"]


@pytest.fixture
def house(tmp_path: Path) -> EngineHouse:
    """An open office with nothing in it yet."""
    house = EngineHouse(tmp_path)
    house.open()
    return house


def yes(view: LinesView, *numbers: int) -> list[Word]:
    """Say yes to those lines, each on the digest that the table shows; to all where none is named."""
    return [
        Word(line_id=one.line.id, outcome=one.outcome, digest=one.digest, reason="sesuai")
        for one in view.lines
        if not numbers or one.line.number in numbers
    ]


def no(view: LinesView, *numbers: int) -> list[Word]:
    """Say no to those lines."""
    return [
        Word(line_id=one.line.id, outcome=Outcome.REJECTED, reason="kuota habis")
        for one in view.lines
        if one.line.number in numbers
    ]


def states(house: EngineHouse, request_id: str) -> list[str]:
    """How each line stands."""
    return [line.state.value for line in house.desk.request(KABID, request_id).request.lines]


def test_some_are_approved_and_some_refused_in_one_act_and_the_step_ends(house: EngineHouse) -> None:
    request_id = house.lines_to_decision(4)
    view = house.desk.lines(KABID, request_id)
    made = house.desk.decide_lines(KABID, request_id, [*yes(view, 1, 2, 4), *no(view, 3)])
    assert [(one.outcome.value, one.digest) for one in made] == [
        (word.outcome.value, word.digest) for word in (*yes(view, 1, 2), *no(view, 3), *yes(view, 4))
    ]
    assert states(house, request_id) == ["decided", "decided", "rejected", "decided"]
    ended = house.desk.request(KABID, request_id)
    assert (ended.request.step, ended.done[-1].outcome) == ("configure", "approved")
    assert [one.letter.kind.value for one in house.desk.letters(KABID, request_id)] == ["refused"]


def test_the_step_stays_until_every_line_is_decided(house: EngineHouse) -> None:
    request_id = house.lines_to_decision(3)
    house.desk.decide_lines(KABID, request_id, yes(house.desk.lines(KABID, request_id), 2))
    assert states(house, request_id) == ["open", "decided", "open"]
    assert house.desk.request(KABID, request_id).request.step == "decide"
    house.desk.decide_lines(KABID, request_id, no(house.desk.lines(KABID, request_id), 1, 3))
    assert house.desk.request(KABID, request_id).request.step == "configure"


def test_one_plan_that_moved_holds_all_back_and_says_which_and_what(house: EngineHouse) -> None:
    """Law 1 for many: the line is told with what moved, and nothing of the others is decided, held or queued."""
    request_id = house.lines_to_decision(3)
    view = house.desk.lines(KABID, request_id)
    second = view.lines[1].line
    house.reach_files["playbooks/hosting.yml"] = "2" * 64
    look(house.hands, house.desk.look_again(KABID, second.id, wishes={}, reason="berkas berubah"))
    with pytest.raises(RefusedLines) as refused:
        house.desk.decide_lines(KABID, request_id, [*yes(view, 1, 2), *no(view, 3)])
    assert "1 dari 3 baris" in refused.value.what
    assert "tidak satu pun diputuskan" in refused.value.what
    told = refused.value.faults[0]
    assert (len(refused.value.faults), told.where, told.seen) == (1, "baris 2", view.lines[1].digest[:12])
    assert "rencana sudah berubah sejak dilihat" in told.what
    assert states(house, request_id) == ["open", "open", "open"]
    with house.database.reading() as uow:
        assert {row.state for line in view.lines for row in holds.of_line(uow, line.line.id)} <= {
            HoldState.HELD,
            HoldState.RELEASED,
        }
    now = house.desk.lines(KABID, request_id)
    assert now.sha256 != view.sha256
    house.desk.decide_lines(KABID, request_id, yes(now))
    assert states(house, request_id) == ["decided"] * 3


def test_a_digest_of_another_line_is_not_this_lines(house: EngineHouse) -> None:
    request_id = house.lines_to_decision(2)
    first, second = yes(house.desk.lines(KABID, request_id))
    swapped = [Word(**{**vars(first), "digest": second.digest}), Word(**{**vars(second), "digest": first.digest})]
    with pytest.raises(RefusedLines) as refused:
        house.desk.decide_lines(KABID, request_id, swapped)
    assert [fault.where for fault in refused.value.faults] == ["baris 1", "baris 2"]
    assert states(house, request_id) == ["open", "open"]


def test_a_hold_that_is_gone_is_told_of_its_line(house: EngineHouse) -> None:
    request_id = house.lines_to_decision(2)
    view = house.desk.lines(KABID, request_id)
    with house.database.transaction() as uow:
        holds.release(uow, view.lines[1].line.id)
    with pytest.raises(RefusedLines) as refused:
        house.desk.decide_lines(KABID, request_id, yes(view))
    assert [fault.where for fault in refused.value.faults] == ["baris 2"]
    assert states(house, request_id) == ["open", "open"]


def test_the_same_lines_are_not_decided_twice(house: EngineHouse) -> None:
    request_id = house.lines_to_decision(2)
    words = yes(house.desk.lines(KABID, request_id), 1)
    house.desk.decide_lines(KABID, request_id, words)
    with pytest.raises(RefusedLines, match="tidak satu pun"):
        house.desk.decide_lines(KABID, request_id, words)


UNREADABLE: dict[str, tuple[Callable[[LinesView], Sequence[Word]], list[str]]] = {
    "nothing ticked": (lambda _: [], ["decisions"]),
    "a line twice": (lambda view: [*yes(view, 1), *yes(view, 1)], ["decisions[0].line_id", "decisions[1].line_id"]),
    "a line of another request": (
        lambda _: [Word(line_id="line_lain", outcome=Outcome.APPROVED, digest="0" * 64)],
        ["decisions[0].line_id"],
    ),
    "no without a reason": (
        lambda view: [Word(line_id=view.lines[0].line.id, outcome=Outcome.REJECTED, reason=" ")],
        ["decisions[0].reason"],
    ),
    "a return of some": (
        lambda view: [*yes(view, 1), Word(line_id=view.lines[1].line.id, outcome=Outcome.RETURNED, reason="kurang")],
        ["decisions[1].outcome"],
    ),
}


@pytest.mark.parametrize(("words", "where"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_words_that_cannot_be_read_decide_nothing(
    house: EngineHouse, words: Callable[[LinesView], Sequence[Word]], where: list[str]
) -> None:
    request_id = house.lines_to_decision(2)
    view = house.desk.lines(KABID, request_id)
    with pytest.raises(BadInput) as bad:
        house.desk.decide_lines(KABID, request_id, words(view))
    assert [fault.where for fault in bad.value.faults] == where
    assert states(house, request_id) == ["open", "open"]


def test_four_eyes_hold_for_many_lines_as_for_one(house: EngineHouse) -> None:
    """Who proposed for one line decides none of the request; another OPD does not even see it."""
    request_id = house.lines_to_decision(2)
    view = house.desk.lines(KABID, request_id)
    house.desk.propose(PEOPLE["pengkaji"], view.lines[0].line.id, {"storage_gb": 2}, reason="cukup dua")
    for person in (PEOPLE["pengkaji"], PEOPLE["opd"], PEOPLE["umum"]):
        with pytest.raises(NotAllowed):
            house.desk.decide_lines(person, request_id, yes(view, 2))
    with pytest.raises(NotFound):
        house.desk.lines(PEOPLE["lain"], request_id)


def test_a_proposal_is_approved_as_adjusted_and_only_so(house: EngineHouse) -> None:
    request_id = house.lines_to_decision(2)
    first = house.desk.lines(KABID, request_id).lines[0]
    house.desk.propose(PEOPLE["pengkaji"], first.line.id, {"storage_gb": 2}, reason="cukup dua")
    look(house.hands, str(house.desk.plan(KABID, first.line.id).record.id))
    view = house.desk.lines(KABID, request_id)
    assert [one.outcome.value for one in view.lines] == ["adjusted", "approved"]
    wrong = [Word(**{**vars(word), "outcome": Outcome.APPROVED}) for word in yes(view)]
    with pytest.raises(RefusedLines, match="1 dari 2"):
        house.desk.decide_lines(KABID, request_id, wrong)
    house.desk.decide_lines(KABID, request_id, yes(view))
    assert states(house, request_id) == ["decided", "decided"]


def test_looking_again_at_all_makes_each_open_line_a_new_plan(house: EngineHouse) -> None:
    request_id = house.lines_to_decision(3)
    house.desk.decide_lines(KABID, request_id, yes(house.desk.lines(KABID, request_id), 1))
    assert house.desk.look_at_lines(KABID, request_id, [], "listrik padam semalam") == 2
    assert [one.plan.state.value for one in house.desk.lines(KABID, request_id).lines if one.plan] == [
        "current",
        "asked",
        "asked",
    ]
    with pytest.raises(NotAllowed):
        house.desk.look_at_lines(PEOPLE["opd"], request_id, [], "")


def test_each_line_has_its_own_run_and_end_and_the_request_is_closed_with_two_letters(house: EngineHouse) -> None:
    request_id = house.lines_to_decision(4)
    view = house.desk.lines(KABID, request_id)
    house.desk.decide_lines(KABID, request_id, [*yes(view, 1, 2, 3), *no(view, 4)])
    for line in house.desk.request(KABID, request_id).request.lines[:3]:
        assert house.carry_out(str(line.run_id)) == "done"
    assert states(house, request_id) == ["delivered", "delivered", "delivered", "rejected"]
    ended = house.desk.lines(KABID, request_id)
    assert (ended.ended, ended.under_way, len({one.line.run_id for one in ended.lines})) == (4, 0, 4)
    house.desk.do_step(KABID, request_id, "notify")
    house.tell()
    advance(house.hands, request_id)
    house.desk.do_step(PEOPLE["kepala"], request_id, "close")
    told = [(one.letter.kind.value, len(one.letter.lines)) for one in house.desk.letters(KABID, request_id)]
    assert told == [("refused", 1), ("delivered", 3)]
    assert house.desk.audit_verify(PEOPLE["auditor"]).broken == ""


def broken(house: EngineHouse, count: int) -> str:
    """Approve so many lines, each of which fails and is undone; return the request's id."""
    request_id = house.lines_to_decision(count)
    house.desk.decide_lines(KABID, request_id, yes(house.desk.lines(KABID, request_id)))
    for line in house.desk.request(KABID, request_id).request.lines:
        house.world.plant({"kind": "fail_after", "task": "certificate"})
        assert house.carry_out(str(line.run_id)) == "failed"
    return request_id


def test_all_that_failed_run_again_in_one_act_and_each_ends_for_itself(house: EngineHouse) -> None:
    request_id = broken(house, 3)
    assert [(one.act, one.what) for one in house.desk.waiting(KABID)] == [("lines", "Ulangi atau akhiri 3 pelaksanaan")]
    with pytest.raises(NotAllowed):
        house.desk.retry_lines(PEOPLE["opd"], request_id)
    assert house.desk.retry_lines(KABID, request_id) == 3
    for line in house.desk.request(KABID, request_id).request.lines:
        assert house.carry_out(str(line.run_id)) == "done"
    assert states(house, request_id) == ["delivered"] * 3
    with pytest.raises(Refused, match="tidak ada baris yang gagal"):
        house.desk.retry_lines(KABID, request_id)


def test_all_that_failed_end_with_one_letter_and_one_reason(house: EngineHouse) -> None:
    request_id = broken(house, 4)
    with pytest.raises(BadInput):
        house.desk.give_up_lines(KABID, request_id, " ")
    assert house.desk.give_up_lines(KABID, request_id, "sertifikat tidak terbit") == 4
    advance(house.hands, request_id)
    assert (states(house, request_id), house.desk.request(KABID, request_id).request.state) == (
        ["failed"] * 4,
        "failed",
    )
    assert [(one.letter.kind.value, len(one.letter.lines)) for one in house.desk.letters(KABID, request_id)] == [
        ("failed", 4)
    ]


def test_the_accounts_of_twenty_kelurahan_come_from_one_csv_and_end_in_one_letter(tmp_path: Path) -> None:
    """The example's CSV under the example's letter: twenty accounts, each with its own run and proof, one letter.

    Four of them name a person of their own, two of these the same one.
    """
    house = EngineHouse(tmp_path, kind="data_cloud")
    house.open()
    csv = (ROOT / "examples" / "data-cloud-kelurahan.csv").read_text(encoding="utf-8")
    document = {**house.document, "lines": {"kind": "data_cloud", "verb": "create", "csv": csv}}
    request_id = house.desk.submit(PEOPLE["opd"], json.dumps(document).encode(), "application/json").id
    house.desk.do_step(PEOPLE["umum"], request_id, "register")
    house.desk.do_step(PEOPLE["kepala"], request_id, "disposition")
    for line in house.desk.request(KABID, request_id).request.lines:
        look(house.hands, str(line.plan_id))
    house.desk.do_step(PEOPLE["pengkaji"], request_id, "review")
    house.desk.decide_lines(KABID, request_id, yes(house.desk.lines(KABID, request_id)))
    for one in house.desk.lines(KABID, request_id).lines:
        if one.run is not None and not house.desk.run(KABID, one.run.id).run.has_ended:
            assert house.carry_out(one.run.id) == "done"
    assert states(house, request_id) == ["delivered"] * 20
    assert len([one for one in house.desk.waiting(PEOPLE["teknis"]) if one.request_id == request_id]) == 1
    cards = Counter(str(card.technical and card.technical.name) for card in house.desk.item_cards(KABID))
    assert cards == {PEOPLE["teknis"].name: 16, "Kenanga Rekaan": 2, "Melati Rekaan": 1, "Mawar Rekaan": 1}
    house.desk.do_step(KABID, request_id, "notify")
    house.tell()
    house.desk.do_step(PEOPLE["kepala"], request_id, "close")
    assert [(one.letter.kind.value, len(one.letter.lines)) for one in house.desk.letters(KABID, request_id)] == [
        ("delivered", 20)
    ]
