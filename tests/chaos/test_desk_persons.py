"""Who may not decide, who is named, what ends with a contract, and what does an OPD see of others?"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from provisioner.decisions.decision import Outcome
from provisioner.errors import BadInput, NotAllowed, NotFound
from provisioner.plans.plan import PlanState
from provisioner.runs.run import RunState
from provisioner.store import people, plans, runs
from tests.chaos.desk_hands import (
    chain,
    document,
    keep,
    others_line,
    person_of,
    submit,
    to_decision,
)
from tests.house import EXAMPLE, PEOPLE, EngineHouse

NIP = "197001011995011001"


@pytest.fixture
def house(tmp_path: Path) -> EngineHouse:
    """An open office with nothing in it yet."""
    house = EngineHouse(tmp_path)
    house.open()
    return house


# -- Four eyes -------------------------------------------------------------------------------------


def test_who_typed_the_letter_or_recorded_a_step_or_is_named_technical_decides_nothing(house: EngineHouse) -> None:
    """One person with `register` and `decide` must not carry a request from the letter to the credentials."""
    alone = keep(house, "satu", "head_of_applications", "register decide")
    typed = house.desk.submit(alone, house.example(), "application/yaml")
    assert typed.recorder_id == alone.id
    recorded = submit(house, sub_domain="dua", second_name="none")
    house.desk.do_step(alone, recorded.id, "register", on_behalf_of="per_umum")
    technical = {**EXAMPLE["technical"], "name": alone.name, "email": alone.email}
    named = submit(house, technical=technical, sub_domain="tiga", second_name="none")
    assert named.technical_person_id == alone.id
    said = {}
    for request in (typed, recorded, named):
        (line,) = to_decision(house, request)
        view = house.desk.plan(alone, line.id)
        assert view.record.plan is not None
        with pytest.raises(NotAllowed) as refusal:
            house.desk.decide(alone, line.id, Outcome.APPROVED, digest=view.record.plan.digest, reason="")
        assert (view.may_decide, view.why_not) == (False, refusal.value.what)
        said[request.number] = refusal.value.what
    recorder = "pencatat surat atau langkah permohonan ini tidak boleh memutuskannya"
    assert said == {
        "2026-0001": recorder,
        "2026-0002": recorder,
        "2026-0003": "penanggung jawab teknis tidak boleh memutuskan permohonannya",
    }
    assert [waiting.subject for waiting in house.desk.waiting(alone) if waiting.act == "decide"] == []


@pytest.mark.parametrize(
    ("moved", "what"), [({"days": 1}, "belum terjadi"), ({"days": -2}, "sebelum langkah sebelumnya")]
)
def test_a_step_happened_neither_in_the_future_nor_before_the_one_before(
    house: EngineHouse, moved: dict[str, float], what: str
) -> None:
    """The time line is told by when things happened."""
    request = submit(house)
    happened_at = house.clock() + timedelta(**moved)
    with pytest.raises(BadInput) as refusal:
        house.desk.do_step(PEOPLE["umum"], request.id, "register", happened_at=happened_at)
    assert [(fault.where, fault.what) for fault in refusal.value.faults] == [("happened_at", what)]


def test_an_act_on_paper_bears_the_position_held_on_its_day(house: EngineHouse) -> None:
    """Who moved to another office since did it as what they were."""
    moved_on = keep(house, "lama", "head_of_office", "dispose", until=date(2026, 11, 24))
    request = submit(house)
    house.clock.move(minutes=1)
    house.desk.do_step(PEOPLE["umum"], request.id, "register")
    that_day = house.clock()
    house.clock.move(days=7)
    house.desk.do_step(PEOPLE["umum"], request.id, "disposition", on_behalf_of=moved_on.id, happened_at=that_day)
    done = house.desk.request(PEOPLE["umum"], request.id).done[-1]
    assert (done.actor_id, done.position, done.recorder_id) == (moved_on.id, "head_of_office", "per_umum")


def test_a_position_not_held_on_that_day_does_not_act_on_paper(house: EngineHouse) -> None:
    """Held today is not held then."""
    newcomer = keep(house, "anyar", "head_of_office", "dispose", since=date(2026, 11, 28))
    request = submit(house)
    house.desk.do_step(PEOPLE["umum"], request.id, "register")
    that_day = house.clock()
    house.clock.move(days=7)
    with pytest.raises(NotAllowed):
        house.desk.do_step(PEOPLE["umum"], request.id, "disposition", on_behalf_of=newcomer.id, happened_at=that_day)


def test_an_opd_person_with_the_right_to_register_files_and_records_for_nobody_else(house: EngineHouse) -> None:
    """The right alone does not make a clerk of the providing office."""
    clerk = keep(house, "juru", "opd_head", "submit register", opd="DINLAIN")
    with pytest.raises(NotAllowed):
        house.desk.submit(clerk, house.example(), "application/yaml")
    own = house.desk.submit(clerk, document(opd="DINLAIN"), "application/json")
    with pytest.raises(NotAllowed, match="hanya pegawai penyelenggara"):
        house.desk.do_step(clerk, own.id, "register", on_behalf_of="per_umum")


# -- Who is named ----------------------------------------------------------------------------------


@pytest.mark.parametrize("named", [{"name": "Orang Lain", "nip": NIP}, {"name": "Bukan Dia"}])
def test_an_e_mail_makes_nobody_somebody_else(house: EngineHouse, named: dict[str, str]) -> None:
    """By NIP where there is one; else by e-mail and name; never told whose the e-mail is."""
    asn = {"employment": "asn", "contract_number": None, "contract_end": None} if "nip" in named else {}
    technical = {**EXAMPLE["technical"], **asn, **named, "email": PEOPLE["lain"].email}
    with pytest.raises(BadInput) as refusal:
        submit(house, technical={name: value for name, value in technical.items() if value is not None})
    (fault,) = refusal.value.faults
    assert (fault.where, fault.what) == ("technical.email", "surel ini sudah terdaftar atas orang lain")
    assert PEOPLE["lain"].name not in repr(refusal.value.faults)
    assert house.desk.requests(PEOPLE["umum"]) == ()


def test_a_later_contract_named_again_counts_from_then_on_and_stands_in_the_chain(house: EngineHouse) -> None:
    """An earlier end changes nothing."""
    first = {**EXAMPLE["technical"], "name": "Rekaan Baru", "email": "baru@dincontoh.example"}
    person_id = str(submit(house, technical=first).technical_person_id)
    for number, end in (("800/2", "2027-06-30"), ("800/3", "2027-01-31")):
        renewed = {**first, "contract_number": number, "contract_end": end}
        again = submit(house, technical=renewed, sub_domain=f"lagi{number[-1]}", second_name="none")
        assert again.technical_person_id == person_id
    person = person_of(house, person_id)
    assert (person.contract_number, person.contract_end) == ("800/2", date(2027, 6, 30))
    assert person.opds_on(date(2027, 6, 30)) == {EXAMPLE["opd"]}
    assert chain(house, "person:contract:renew") == [(person_id, {"until": "2027-06-30"})]


@pytest.mark.parametrize("employment", ["asn", "non_asn"])
def test_whoever_is_known_without_an_end_and_named_with_a_contract_loses_access_with_it(
    house: EngineHouse, employment: str
) -> None:
    """The letter says whose contract ends when; what was recorded of the person before does not outlast it."""
    technical = {**EXAMPLE["technical"], "name": "Rekaan Tetap", "email": "tetap@dincontoh.example"}
    known = keep(
        house,
        "tetap",
        "opd_technical_team",
        "",
        opd=EXAMPLE["opd"],
        full_name=technical["name"],
        email=technical["email"],
        employment=employment,
    )
    request = submit(house, technical=technical)
    assert request.technical_person_id == "per_tetap"
    person = person_of(house, "per_tetap")
    assert (person.employment, person.contract_number, person.contract_end) == (
        "non_asn",
        technical["contract_number"],
        date(2026, 12, 31),
    )
    assert chain(house, "person:contract:renew") == [("per_tetap", {"until": "2026-12-31"})]
    assert house.desk.requests(person) != ()
    house.clock.now = datetime(2027, 1, 23, 2, 0, tzinfo=UTC)
    assert house.desk.requests(person) == ()
    assert person.positions == known.positions


def test_another_opd_ends_nobodys_access(house: EngineHouse) -> None:
    """A contract that a letter of DINLAIN gives to somebody of DINCONTOH is not recorded: it would shut their doors."""
    known = keep(house, "tetap", "opd_technical_team", "", opd=EXAMPLE["opd"])
    named = {**EXAMPLE["technical"], "name": known.name, "email": known.email}
    raw = document(opd="DINLAIN", technical=named, sub_domain="lain", second_name="none")
    filed = house.desk.submit(PEOPLE["lain"], raw, "application/json")
    assert (filed.technical_person_id, person_of(house, known.id)) == (known.id, known)
    assert chain(house, "person:contract:renew") == []


def test_another_opd_lengthens_no_contract(house: EngineHouse) -> None:
    """The contract is the OPD's that named the person first."""
    first = {**EXAMPLE["technical"], "name": "Rekaan Baru", "email": "baru@dincontoh.example"}
    person_id = str(submit(house, technical=first).technical_person_id)
    foreign = {**first, "contract_number": "900/1", "contract_end": "2028-01-01"}
    raw = document(opd="DINLAIN", technical=foreign, sub_domain="lain", second_name="none")
    house.desk.submit(PEOPLE["lain"], raw, "application/json")
    assert person_of(house, person_id).contract_end == date(2026, 12, 31)


# -- What ends with the contract -------------------------------------------------------------------


def test_with_the_contract_every_door_is_shut(house: EngineHouse) -> None:
    """Token, session, reading, receipt: all of it, by itself."""
    run_id = house.to_run()
    assert house.carry_out(run_id) == "done"
    item = house.desk.items(PEOPLE["opd"])[0]
    assert house.carry_out(house.terminate(item.id)) == "waiting_until"
    teknis = PEOPLE["teknis"]
    house.desk.open_session(teknis.id, "s" * 64, "csrf")
    house.desk.issue_token(teknis, "t" * 64, "laptop-07")
    with house.database.transaction() as uow:
        people.set_contract(uow, teknis.id, "800/1", date(2026, 11, 1))
    ended = house.desk.person(teknis.id)
    assert (house.desk.session("s" * 64), house.desk.person_of_token("t" * 64)) == (None, None)
    assert (house.desk.requests(ended), house.desk.items(ended), house.desk.waiting(ended)) == ((), (), ())
    reads: list[Callable[[], object]] = [
        lambda: house.desk.item(ended, item.id),
        lambda: house.desk.run(ended, run_id),
        lambda: house.desk.credentials(ended, item.id),
        lambda: house.desk.events(ended, run_id, 0),
    ]
    for read in reads:
        with pytest.raises(NotFound):
            read()
    acts: list[Callable[[], object]] = [
        lambda: house.desk.record_receipt(ended, item.id, "b" * 64),
        lambda: house.desk.open_session(ended.id, "u" * 64, "csrf"),
        lambda: house.desk.issue_token(ended, "v" * 64, "laptop-07"),
    ]
    for act in acts:
        with pytest.raises(NotAllowed, match="masa kontrak telah berakhir"):
            act()
    assert house.desk.item(PEOPLE["opd"], item.id).item.receipt_sha256 is None


# -- What an OPD sees of others --------------------------------------------------------------------


def test_an_opd_sees_no_other_opds_site_in_its_plan(house: EngineHouse) -> None:
    """Counts and the sentence stay; who is there, how full the host is and who is over its limit do not."""
    assert house.carry_out(house.to_run()) == "done"
    item = house.desk.items(PEOPLE["opd"])[0]
    line = others_line(house)
    seen, staff = house.desk.plan(PEOPLE["lain"], line.id).record, house.desk.plan(PEOPLE["kabid"], line.id).record
    assert seen.plan is not None
    assert staff.plan is not None
    assert seen.plan.digest == staff.plan.digest
    near = seen.plan.page["neighbours"]
    assert (near["sites"], near["hidden"]) == ([], 1)
    assert near["sentence"] == staff.plan.page["neighbours"]["sentence"]
    assert [site["item"] for site in staff.plan.page["neighbours"]["sites"]] == [item.id]
    assert staff.plan.page["capacity"] != []
    assert seen.plan.page["capacity"] == []
    assert [word for word in (item.id, "simpeg", EXAMPLE["opd"]) if word in json.dumps(seen.plan.page)] == []
    table = house.desk.lines(PEOPLE["lain"], line.request_id).lines
    told = [reason for one in table if one.plan for reason in one.plan.reasons]
    assert [word for word in (item.id, EXAMPLE["opd"]) if word in str(told)] == []


def test_an_opd_sees_of_a_run_its_states_duties_and_verdicts_and_no_neighbour(house: EngineHouse) -> None:
    """What a person must look after is said to those who can; log lines may name others' files."""
    run_id = house.to_run()
    now = house.clock()
    why = "tetangga berubah selama pelaksanaan: web1 apache g7kq2mx4pd vhost"
    with house.database.transaction() as uow:
        for state in (RunState.LOOKING, RunState.APPLYING):
            runs.move(uow, run_id, state, now=now)
        runs.move(uow, run_id, RunState.NEEDS_ATTENTION, why=why, now=now)
        said = [("state", "", f"needs_attention: {why}", now), ("log", "apache", "g7kq2mx4pd", now)]
        runs.add_events(uow, run_id, (*said, ("task", "apache", "changed", now)))
    view, events = house.desk.run(PEOPLE["opd"], run_id), house.desk.events(PEOPLE["opd"], run_id, 0)
    assert (view.run.why, view.attention) == ("perlu ditangani petugas", ("perlu ditangani petugas",))
    assert [(event.kind, event.text) for event in events] == [("state", "needs_attention"), ("task", "changed")]
    assert house.desk.run(PEOPLE["kabid"], run_id).run.why == why
    assert len(house.desk.events(PEOPLE["kabid"], run_id, 0)) == 3


def test_what_moved_is_told_to_staff_alone(house: EngineHouse) -> None:
    """A stale plan's differences may quote what stands on the host."""
    line_id = house.to_decision()
    plan_id = str(house.desk.plan(PEOPLE["kabid"], line_id).line.plan_id)
    with house.database.transaction() as uow:
        plans.set_state(uow, plan_id, PlanState.STALE, ("web1 apache vhost g7kq2mx4pd",))
    assert house.desk.plan(PEOPLE["opd"], line_id).record.moved == ("perlu ditangani petugas",)
    assert house.desk.plan(PEOPLE["kabid"], line_id).record.moved == ("web1 apache vhost g7kq2mx4pd",)
