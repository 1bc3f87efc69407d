"""What does a change or an appointment leave behind in the house: holds, life, credentials, and who sees what?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from provisioner.errors import BadInput, NotAllowed, NotFound, Refused
from provisioner.people.person import Person
from provisioner.plans.plan import PlanState
from provisioner.store import people
from tests.house import EXAMPLE, PEOPLE, EngineHouse, password_of
from tests.verbs import SUCCESSOR, technical_of

GIB = 1024**3


@pytest.fixture
def house(tmp_path: Path) -> EngineHouse:
    """An open office with nothing in it yet."""
    house = EngineHouse(tmp_path)
    house.open()
    return house


def made(house: EngineHouse, **fields: Any) -> str:
    """Deliver a site; return its item id."""
    run_id = house.to_run(**fields)
    assert house.carry_out(run_id) == "done"
    return house.desk.run(PEOPLE["kabid"], run_id).run.item_id


def shares(house: EngineHouse, item_id: str) -> dict[str, int]:
    """What the item keeps of web1's sums."""
    kept: dict[str, int] = {}
    for row in house.desk.item(PEOPLE["kabid"], item_id).holds:
        if row.thing.is_share:
            kept[row.thing.pool] = kept.get(row.thing.pool, 0) + row.thing.amount
    return kept


def faults(house: EngineHouse, verb: str, item_id: str, **more: Any) -> set[tuple[str, str]]:
    """(where, what) of each fault of what is asked."""
    with pytest.raises(BadInput) as caught:
        house.ask(verb, item_id, **more)
    return {(fault.where, fault.what) for fault in caught.value.faults}


# -- Change ------------------------------------------------------------------------------------------------------------


def test_a_larger_site_holds_the_difference_from_the_plan_on_and_the_whole_when_done(house: EngineHouse) -> None:
    item_id = made(house)
    line_id = house.to_plan_of("change", item_id, storage_gb=8)
    held = house.desk.plan(PEOPLE["kabid"], line_id).things
    assert [(thing.pool, thing.amount) for thing in held] == [("web1:storage_bytes", 3 * GIB)]
    assert shares(house, item_id)["web1:storage_bytes"] == 5 * GIB
    house.desk.do_step(PEOPLE["pengkaji"], house.request_of(line_id), "review")
    assert house.carry_out(house.approve(line_id)) == "done"
    assert shares(house, item_id)["web1:storage_bytes"] == 8 * GIB


def test_a_smaller_site_lets_go_when_it_is_done_and_not_before(house: EngineHouse) -> None:
    item_id = made(house)
    run_id = house.verb("change", item_id, storage_gb=2, second_name="none")
    assert shares(house, item_id)["web1:storage_bytes"] == 5 * GIB
    assert house.carry_out(run_id) == "done"
    assert shares(house, item_id)["web1:storage_bytes"] == 2 * GIB
    names = [(row.thing.key, row.state.value) for row in house.desk.item(PEOPLE["kabid"], item_id).holds]
    assert ("www.simpeg.kota.lab", "quarantined") in names
    assert ("simpeg.kota.lab", "committed") in names


def test_what_a_failed_change_held_is_free_again_once_it_is_given_up(house: EngineHouse) -> None:
    item_id = made(house)
    run_id = house.verb("change", item_id, storage_gb=8)
    house.world.plant({"kind": "fail", "task": "account"})
    assert house.carry_out(run_id) == "failed"
    assert shares(house, item_id)["web1:storage_bytes"] == 5 * GIB
    house.desk.give_up(PEOPLE["pengkaji"], run_id, "tidak jadi")
    other = house.to_plan(sub_domain="lain", storage_gb=15)
    assert house.desk.plan(PEOPLE["kabid"], other).record.state is PlanState.CURRENT


def test_the_life_of_an_item_tells_which_request_made_it_what_it_is(house: EngineHouse) -> None:
    item_id = made(house)
    assert house.carry_out(house.verb("change", item_id, storage_gb=8)) == "done"
    assert house.carry_out(house.verb("suspend", item_id)) == "done"
    view = house.desk.item(PEOPLE["opd"], item_id)
    assert [(moment.number, moment.verb, moment.state, moment.wish["storage_gb"]) for moment in view.life] == [
        (1, "create", "active", 5),
        (2, "change", "active", 8),
        (3, "suspend", "suspended", 8),
    ]
    requests = {chapter.line.id: chapter.request.id for chapter in view.chapters}
    assert len({requests[moment.line_id] for moment in view.life}) == 3


def test_the_first_name_and_a_database_that_is_there_are_settled(house: EngineHouse) -> None:
    item_id = made(house)
    assert faults(house, "change", item_id, sub_domain="lain", database="postgresql") == {
        ("lines[0].sub_domain", "tetap 'simpeg'"),
        ("lines[0].database", "tetap 'mariadb'"),
    }
    assert faults(house, "change", item_id, database="none") == {("lines[0].database", "tetap 'mariadb'")}
    assert faults(house, "change", item_id, runtime="static") == {("lines[0].database", "tetap 'mariadb'")}
    assert faults(house, "change", item_id, storage_gb=5) == {("lines[0]", "sama dengan yang sudah ada")}
    assert faults(house, "change", item_id) == {("lines[0]", "tidak ada yang diminta berubah")}


def test_of_a_whole_form_only_what_moves_is_asked(house: EngineHouse) -> None:
    item_id = made(house)
    standing = house.desk.item(PEOPLE["kabid"], item_id).item.wish
    filled = {name: value for name, value in standing.items() if value is not None} | {"storage_gb": 8}
    request = house.ask("change", item_id, **filled)
    assert dict(request.lines[0].wish) == {"storage_gb": 8}


def test_one_thing_at_a_time_is_done_to_an_item_and_the_second_is_told_by_what(house: EngineHouse) -> None:
    item_id = made(house)
    first = house.ask("change", item_id, storage_gb=8)
    what = f"layanan ini sedang dikerjakan dalam permohonan {first.number} (perubahan)"
    for verb in ("change", "suspend", "terminate"):
        more = {"storage_gb": 9} if verb == "change" else {}
        assert faults(house, verb, item_id, **more) == {("lines[0].item", what)}
    house.desk.withdraw(PEOPLE["opd"], first.id, "tidak jadi")
    assert house.ask("change", item_id, storage_gb=9).id != first.id


def test_a_verb_that_the_state_does_not_allow_is_refused_with_the_state(house: EngineHouse) -> None:
    item_id = made(house)
    assert faults(house, "resume", item_id) == {
        ("lines[0].item", "layanan aktif; tindakan ini hanya untuk yang dibekukan")
    }
    assert house.carry_out(house.verb("suspend", item_id)) == "done"
    for verb in ("change", "suspend", "rotate", "appoint"):
        more: dict[str, Any] = {"storage_gb": 9} if verb == "change" else {}
        assert ("lines[0].item", "layanan dibekukan; tindakan ini hanya untuk yang aktif") in faults(
            house, verb, item_id, **more
        )


def test_another_offices_item_is_not_there(house: EngineHouse) -> None:
    item_id = made(house)
    line = {"kind": "hosting", "verb": "change", "item": item_id, "storage_gb": 8}
    document = yaml.safe_dump({**EXAMPLE, "opd": "DINLAIN", "lines": [line]}).encode()
    with pytest.raises(BadInput) as caught:
        house.desk.submit(PEOPLE["lain"], document, "application/yaml")
    assert [fault.what for fault in caught.value.faults] == ["layanan tidak ada"]


def test_a_suspended_site_whose_end_is_cancelled_is_suspended_again(house: EngineHouse) -> None:
    item_id = made(house)
    assert house.carry_out(house.verb("suspend", item_id)) == "done"
    run_id = house.terminate(item_id)
    assert house.carry_out(run_id) == "waiting_until"
    house.desk.cancel(PEOPLE["pengkaji"], run_id, "OPD berubah pikiran")
    assert house.carry_out(run_id) == "cancelled"
    assert house.desk.item(PEOPLE["kabid"], item_id).item.state == "suspended"


# -- Appoint -----------------------------------------------------------------------------------------------------------


def appointed(house: EngineHouse, item_id: str) -> Person:
    """Let the successor be appointed; return them."""
    assert house.carry_out(house.verb("appoint", item_id, letter={"technical": SUCCESSOR})) == "done"
    return technical_of(house, item_id)


def claim(house: EngineHouse, person: Person, item_id: str) -> set[str]:
    """Claim all that this person can; return the names."""
    lying = [secret for secret in house.desk.credentials(person, item_id) if secret.state == "claimable"]
    for secret in lying:
        house.desk.claim(person, secret.id, statement_accepted=True, open_envelope=password_of)
    return {secret.name for secret in lying}


def test_the_one_appointed_sees_and_claims_and_the_former_one_neither(house: EngineHouse) -> None:
    item_id = made(house)
    old = [secret.id for secret in house.desk.credentials(PEOPLE["teknis"], item_id)]
    successor = appointed(house, item_id)
    former = reread(house, PEOPLE["teknis"])
    assert former.opds_on(house.desk.today) == frozenset()
    assert house.desk.items(former) == ()
    for look_at in (house.desk.item, house.desk.credentials):
        with pytest.raises(NotFound):
            look_at(former, item_id)
    states = {secret.id: secret.state for secret in house.desk.credentials(successor, item_id)}
    assert {states[secret_id] for secret_id in old} == {"destroyed"}
    for secret_id in old:
        with pytest.raises(NotFound):
            house.desk.claim(former, secret_id, statement_accepted=True, open_envelope=password_of)
        with pytest.raises(Refused):
            house.desk.claim(successor, secret_id, statement_accepted=True, open_envelope=password_of)
    assert claim(house, successor, item_id) == {"database_password", "sftp_password"}


def test_who_still_works_with_another_site_of_the_office_stays_in_its_team(house: EngineHouse) -> None:
    first, second = made(house), made(house, sub_domain="lainnya")
    appointed(house, first)
    former = reread(house, PEOPLE["teknis"])
    assert {item.id for item in house.desk.items(former)} == {first, second}
    secret = house.desk.credentials(former, first)[-1]
    with pytest.raises(NotAllowed):
        house.desk.claim(former, secret.id, statement_accepted=True, open_envelope=password_of)


def test_an_appointment_that_fails_leaves_the_former_one_in_place(house: EngineHouse) -> None:
    item_id = made(house)
    run_id = house.verb("appoint", item_id, letter={"technical": SUCCESSOR})
    house.world.plant({"kind": "fail_after", "task": "database"})
    assert house.carry_out(run_id) == "failed"
    assert technical_of(house, item_id).id == PEOPLE["teknis"].id
    assert claim(house, reread(house, PEOPLE["teknis"]), item_id) == {"database_password", "sftp_password"}


def test_naming_the_one_who_is_it_already_is_a_fault(house: EngineHouse) -> None:
    assert faults(house, "appoint", made(house)) == {("technical", "sudah penanggung jawab teknis layanan ini")}


def test_no_name_of_a_person_stands_in_the_plan_of_an_appointment(house: EngineHouse) -> None:
    line_id = house.to_plan_of("appoint", made(house), letter={"technical": SUCCESSOR})
    plan = house.desk.plan(PEOPLE["kabid"], line_id).record.plan
    assert plan is not None
    assert SUCCESSOR["name"] not in str(plan)
    assert SUCCESSOR["nip"] not in str(plan)


def reread(house: EngineHouse, person: Person) -> Person:
    """The person as they stand in the store now."""
    with house.database.reading() as uow:
        return people.person(uow, person.id)
