"""Does the database itself hold four eyes, and does a decision stand as made?"""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from provisioner.decisions.decision import Outcome
from provisioner.errors import NotAllowed, NotFound, Refused
from provisioner.store import decisions, requests
from provisioner.store.tables.requests import LINE_WISHES, REQUEST_VERSIONS
from tests.storage.world import BUDI, NOW, RAW, RINA, SARI, TONO, WATI, World, decision, draft


def test_a_decision_comes_back_whole(world: World) -> None:
    line_id = world.line()
    first = decision(line_id, outcome=Outcome.RETURNED, digest="", reason="nama terlalu umum")
    second = decision(line_id, id="dec_2", decider_id=WATI.id, decided_at=NOW + timedelta(hours=1))
    with world.database.transaction() as uow:
        decisions.add(uow, second)
        decisions.add(uow, first)
        assert decisions.of_line(uow, line_id) == (first, second)
        assert decisions.decision(uow, "dec_2") == second
        with pytest.raises(NotFound):
            decisions.decision(uow, "dec_x")


def test_a_voided_decision_stays_and_counts_no_more(world: World) -> None:
    line_id = world.line()
    made = decision(line_id)
    with world.database.transaction() as uow:
        decisions.add(uow, made)
        decisions.void(uow, made.id, NOW)
        decisions.void(uow, made.id, NOW + timedelta(hours=1))
        assert decisions.decision(uow, made.id) == replace(made, voided_at=NOW)


def test_the_requester_cannot_decide(world: World) -> None:
    line_id = world.line()
    with world.database.transaction() as uow:
        for outcome in Outcome:
            with pytest.raises(NotAllowed, match="tidak boleh memutuskan"):
                decisions.add(uow, decision(line_id, decider_id=RINA.id, outcome=outcome))
        assert decisions.of_line(uow, line_id) == ()


def test_an_author_of_any_version_of_the_request_cannot_decide(world: World) -> None:
    line_id = world.line()
    with world.database.transaction() as uow:
        request_id = requests.line(uow, line_id).request_id
        version = {"version": 2, "author_id": BUDI.id, "application_name": "Simpeg", "letter": {}}
        row = {"request_id": request_id, "received_sha256": "0" * 64, "written_at": NOW, **version}
        uow.connection.execute(sa.insert(REQUEST_VERSIONS).values(row))
        with pytest.raises(NotAllowed):
            decisions.add(uow, decision(line_id))
        assert requests.request(uow, request_id).authors == {RINA.id, BUDI.id}
        decisions.add(uow, decision(line_id, decider_id=WATI.id))


@pytest.mark.parametrize("standing", ["asked", "proposed"])
def test_who_wrote_or_proposed_a_wish_of_any_line_cannot_decide(world: World, standing: str) -> None:
    line_id, sister = world.lines(2)
    with world.database.transaction() as uow:
        row = {"line_id": sister, "version": 2, "standing": standing, "wish": {}, "author_id": BUDI.id}
        uow.connection.execute(sa.insert(LINE_WISHES).values(**row, written_at=NOW))
        with pytest.raises(NotAllowed):
            decisions.add(uow, decision(line_id))


def test_who_recorded_a_paper_letter_may_decide(world: World) -> None:
    with world.database.transaction() as uow:
        filed = requests.file(
            uow,
            draft=draft(),
            raw=RAW,
            media_type="application/json",
            requester_id=TONO.id,
            recorder_id=SARI.id,
            procedure=world.procedure,
            technical_person_id=None,
            now=NOW,
        )
        decisions.add(uow, decision(filed.lines[0].id, decider_id=SARI.id))


@pytest.mark.parametrize("change", [{"line_id": "line_x"}, {"decider_id": "person_x"}, {"digest": "short"}])
def test_a_decision_that_hangs_in_the_air_is_refused(world: World, change: dict[str, str]) -> None:
    made = replace(decision(world.line()), **change)  # type: ignore[arg-type]
    with pytest.raises(Refused, match="keputusan"), world.database.transaction() as uow:
        decisions.add(uow, made)


def test_a_decision_id_is_used_once(world: World) -> None:
    line_id = world.line()
    with pytest.raises(Refused), world.database.transaction() as uow:  # noqa: PT012
        decisions.add(uow, decision(line_id))
        decisions.add(uow, decision(line_id, decider_id=WATI.id))
