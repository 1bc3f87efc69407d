"""Who may do what? Every door of the gate, in the state where it opens, knocked at by everybody: access.txt says."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from tests.gate.access import Row, rows
from tests.gate.office import Office
from tests.gate.standing import PERSONS, STATES, Standing
from tests.house import PEOPLE

ROWS = rows()
SAFE = frozenset({"GET", "HEAD"})
#: who has not signed in brings no session whose token could be missing
BEFORE_LOGIN = frozenset({"POST /api/v1/session", "POST /api/v1/codes/use"})
NO_SUCH = re.compile(r"\{[a-z_]+\}")
DRAWN = re.compile(r'name="csrf" value="[^"]*"')


@pytest.fixture(scope="module")
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, opened: Path) -> Standing:
    """An office in the state that the test names."""
    return Standing(tmp_path_factory.mktemp("standing"), opened, request.param)


def in_every_state() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("standing", STATES, indirect=True)


def of(standing: Standing) -> list[Row]:
    """The rows of this office's state."""
    return [row for row in ROWS if row.state == standing.state]


def test_every_route_is_placed_in_the_table(office: Office) -> None:
    """A new route fails here until somebody has said who may use it."""
    assert {row.door for row in ROWS} == office.doors()
    assert {row.state for row in ROWS} <= set(STATES)


@in_every_state()
def test_everybody_is_told_what_the_table_says(standing: Standing) -> None:
    wrong = []
    for row in of(standing):
        told = {}
        for person in PERSONS:
            answer = standing.knock(person, row.method, row.path, row.body)
            told[person] = answer.status_code
            if row.method not in SAFE and answer.status_code < 400:
                standing.put_back()
        if told != row.told:
            wrong.append(row.written(told))
    assert wrong == [], "as it is, in access.txt's own words:\n" + "\n".join(wrong)


@in_every_state()
def test_a_form_without_its_token_does_nothing_for_anybody(standing: Standing) -> None:
    """A browser adds the cookie to what another site's page sends; the token it cannot add."""
    acts = [row for row in of(standing) if row.method not in SAFE and row.door not in BEFORE_LOGIN]
    before = standing.rows()
    told = {
        (row.door, person): standing.by_cookie(person, row.method, row.path).status_code
        for row in acts
        for person in PEOPLE
    }
    assert told == dict.fromkeys(told, 403)
    assert standing.rows() == before


@in_every_state()
def test_what_another_opd_has_looks_like_what_nobody_has(standing: Standing) -> None:
    """The same words for both, but for the id that was asked for: there is nothing to be learnt by trying ids."""
    for row in of(standing):
        if row.told["lain"] == 404:
            foreign = standing.knock("lain", row.method, row.path, row.body)
            nothing = standing.knock("lain", row.method, NO_SUCH.sub("no_such_thing", row.path), row.body)
            assert (nothing.status_code, words_of(nothing)) == (404, words_of(foreign)), row.door


def words_of(answer: httpx.Response) -> str:
    """The answer without the address that was asked for and without what is drawn anew for each."""
    return DRAWN.sub("", answer.text)
