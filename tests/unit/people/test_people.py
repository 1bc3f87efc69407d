"""Who may act today, and as what?"""

from datetime import date

import pytest

from provisioner.errors import NotAllowed
from provisioner.people.authority import acting_position, satisfies
from provisioner.people.person import Person, Position, Right

PART_OF = {"division": None, "head": "division", "team": "head", "opd": None, "opd_head": "opd"}
TODAY = date(2026, 11, 23)


def position(actor: str, *, opd: str | None = None, since: date = TODAY, until: date | None = None) -> Position:
    return Position(actor=actor, opd=opd, title=f"Jabatan {actor}", since=since, until=until)


def person(
    *positions: Position, rights: frozenset[Right] = frozenset(Right), contract_end: date | None = None
) -> Person:
    return Person(
        id="person_budi",
        name="Contoh Budi",
        nip=None,
        employment="asn",
        contract_number=None,
        contract_end=contract_end,
        email="",
        phone="",
        rights=rights,
        positions=positions,
    )


def test_a_position_satisfies_its_actor_and_what_that_is_part_of() -> None:
    actors = sorted(PART_OF)
    found = {(actor, wanted) for actor in actors for wanted in actors if satisfies(actor, wanted, PART_OF)}
    own = {(actor, actor) for actor in actors}
    assert found == own | {("head", "division"), ("team", "head"), ("team", "division"), ("opd_head", "opd")}


@pytest.mark.parametrize(
    ("since", "until", "held"),
    [
        (date(2026, 11, 23), None, True),
        (date(2026, 11, 24), None, False),
        (date(2026, 1, 1), date(2026, 11, 23), True),
        (date(2026, 1, 1), date(2026, 11, 22), False),
    ],
)
def test_a_position_is_held_from_its_first_day_to_its_last(since: date, until: date | None, held: bool) -> None:
    one = person(position("head", since=since, until=until))
    assert bool(one.positions_on(TODAY)) is held
    assert one.acts_for_provider_on(TODAY) is held


def test_an_opds_people_belong_to_it_and_see_no_other() -> None:
    one = person(position("opd", opd="DISDIK"), position("opd_head", opd="DINKES", until=date(2026, 11, 22)))
    assert one.opds_on(TODAY) == {"DISDIK"}
    assert not one.acts_for_provider_on(TODAY)


def test_one_acts_in_the_position_that_satisfies_the_step() -> None:
    team, opd = position("team"), position("opd_head", opd="DISDIK")
    both = person(opd, team)
    assert acting_position(both, Right.REVIEW, ("division",), PART_OF, TODAY) == team
    assert acting_position(both, Right.REVIEW, ("head", "opd"), PART_OF, TODAY, "DISDIK") == opd


@pytest.mark.parametrize(
    ("one", "opd", "said"),
    [
        (person(position("team"), rights=frozenset({Right.SUBMIT})), None, "tidak memiliki hak 'decide'"),
        (person(position("opd", opd="DISDIK")), "DISDIK", "jabatan division tidak dipegang"),
        (person(position("head", until=TODAY, since=TODAY)), None, ""),
        (person(position("head", since=date(2026, 11, 24))), None, "tidak dipegang hari ini"),
        (person(position("head"), contract_end=date(2026, 11, 22)), None, "masa kontrak telah berakhir"),
        (person(position("head"), contract_end=TODAY), None, ""),
        (person(), None, "tidak dipegang hari ini"),
    ],
)
def test_what_is_missing_is_said(one: Person, opd: str | None, said: str) -> None:
    if not said:
        assert acting_position(one, Right.DECIDE, ("division",), PART_OF, TODAY, opd) == one.positions[0]
        return
    with pytest.raises(NotAllowed, match=said):
        acting_position(one, Right.DECIDE, ("division",), PART_OF, TODAY, opd)


def test_a_position_in_another_opd_does_not_act_for_this_one() -> None:
    one = person(position("opd", opd="DINKES"))
    with pytest.raises(NotAllowed, match="jabatan opd"):
        acting_position(one, Right.SUBMIT, ("opd",), PART_OF, TODAY, "DISDIK")
