"""Where may a run go, and does every way end?"""

from provisioner.runs.run import ENDED, MOVES, RunState


def following(state: RunState) -> set[RunState]:
    """Every state that can come after `state`."""
    found: set[RunState] = set()
    at_hand = [state]
    while at_hand:
        new = MOVES.get(at_hand.pop(), frozenset()) - found
        found |= new
        at_hand += new
    return found


def test_every_state_is_reached_from_the_queue() -> None:
    assert following(RunState.QUEUED) == set(RunState) - {RunState.QUEUED}


def test_what_has_ended_goes_nowhere_and_everything_else_can_end() -> None:
    assert {state for state in RunState if not MOVES.get(state)} == ENDED
    assert [state for state in RunState if state not in ENDED and not following(state) & ENDED] == []


def test_nothing_is_applied_without_a_look_or_the_verdict_before_it() -> None:
    """What waits for the verdict begins with a look of its own (ADR 0032)."""
    assert {state for state, to in MOVES.items() if RunState.APPLYING in to} == {RunState.LOOKING, RunState.VERIFYING}


def test_done_comes_from_verifying_or_from_the_part_that_waited_for_the_verdict() -> None:
    assert {state for state, to in MOVES.items() if RunState.DONE in to} == {RunState.VERIFYING, RunState.APPLYING}


def test_an_unknown_outcome_is_looked_at_taken_back_or_shown_to_a_person() -> None:
    """Taken back where the undo had begun: once a run goes back it never makes again."""
    assert MOVES[RunState.UNKNOWN] == {RunState.LOOKING, RunState.UNDOING, RunState.NEEDS_ATTENTION}


def test_once_something_was_applied_a_run_is_neither_stale_nor_refused() -> None:
    assert not (MOVES[RunState.APPLYING] | MOVES[RunState.VERIFYING]) & {RunState.STALE, RunState.REFUSED}


def test_attention_goes_on_or_ends_undone() -> None:
    """On to its trials, or to a part that was not begun yet; or undone, where a person took away what stood."""
    assert MOVES[RunState.NEEDS_ATTENTION] == {RunState.VERIFYING, RunState.LOOKING, RunState.FAILED}
