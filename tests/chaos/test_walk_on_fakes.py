"""Does one request walk through every room, on a real store, with fakes for hands?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.house import PEOPLE, EngineHouse, password_of, sha256_of


@pytest.fixture
def house(tmp_path: Path) -> EngineHouse:
    """An open office with nothing in it yet."""
    house = EngineHouse(tmp_path)
    house.open()
    return house


def test_a_request_walks_from_letter_to_closed_and_every_step_is_recorded(house: EngineHouse) -> None:
    """The ten steps of tarakan_hosting: people do theirs, the worker its own; the chain is whole at the end."""
    run_id = house.to_run()
    assert house.carry_out(run_id) == "done"
    view = house.desk.run(PEOPLE["kabid"], run_id)
    request_id = view.request.id
    assert [verdict.name for verdict in view.verdicts if not verdict.holds] == []
    assert house.desk.request(PEOPLE["kabid"], request_id).request.step == "notify"
    house.desk.do_step(PEOPLE["kabid"], request_id, "notify")
    house.tell()
    house.desk.do_step(PEOPLE["kepala"], request_id, "close")
    ended = house.desk.request(PEOPLE["kabid"], request_id)
    assert ended.request.state == "closed"
    assert [done.step for done in ended.done] == [
        "submit",
        "register",
        "disposition",
        "review",
        "decide",
        "configure",
        "notify",
        "send",
        "report",
        "close",
    ]
    report = house.desk.audit_verify(PEOPLE["auditor"])
    assert report.broken == ""
    assert report.rows > 20


def test_the_technical_person_claims_once_and_what_is_claimed_works(house: EngineHouse) -> None:
    """The password handed over is the one that stands in the world; a second claim is refused and shows nothing."""
    run_id = house.to_run()
    house.carry_out(run_id)
    item_id = house.desk.run(PEOPLE["kabid"], run_id).run.item_id
    secrets = {s.name: s for s in house.desk.credentials(PEOPLE["teknis"], item_id)}
    _, password = house.desk.claim(
        PEOPLE["teknis"], secrets["sftp_password"].id, statement_accepted=True, open_envelope=password_of
    )
    assert house.world.read().secret_digests[f"web1/{item_id}:sftp_password"] == sha256_of(password)
