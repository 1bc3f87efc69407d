"""Three lines of one letter, two with a person of their own: is each line's access that person's, and nobody else's?"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdf
import pytest

from provisioner.decisions.decision import Outcome
from provisioner.digests import digest_of, salted_digest
from provisioner.errors import BadInput, NotAllowed, NotFound
from provisioner.people.person import Person
from provisioner.requests.filed import FiledRequest
from provisioner.store import items, logins, people, requests
from provisioner.workflow.housekeeping import tidy
from provisioner.workflow.look import look, wish_digest_of
from provisioner.workflow.notice import tell_person
from tests.chaos.desk_hands import chain, keep, person_of
from tests.chaos.test_together import MOST_COMMITS, Killed, dying_at
from tests.house import EXAMPLE, PEOPLE, EngineHouse

KABID = PEOPLE["kabid"]
RATNA: Mapping[str, Any] = {
    "name": "Ratna Rekaan",
    "employment": "asn",
    "nip": "199001012015012001",
    "position": "Sekretaris kelurahan",
    "email": "ratna@kelurahan.example",
    "phone": "081200000011",
}
BIMA: Mapping[str, Any] = {
    "name": "Bima Rekaan",
    "employment": "non_asn",
    "contract_number": "800/5/DINCONTOH",
    "contract_end": "2027-03-31",
    "position": "Pengelola situs",
    "email": "bima@kelurahan.example",
    "phone": "081200000012",
}
#: who works with which site: the letter's person, and two that their lines name
OWN = {"satu": None, "dua": RATNA, "tiga": BIMA}


@pytest.fixture
def house(tmp_path: Path) -> EngineHouse:
    """An open office with nothing in it yet."""
    house = EngineHouse(tmp_path)
    house.open()
    return house


def letter(own: Mapping[str, Mapping[str, Any] | None], **fields: Any) -> bytes:
    """The example's letter with a small site for each name, and the person that its line names."""
    small = {**EXAMPLE["lines"][0], "second_name": "none", "storage_gb": 1}
    lines = [
        {**small, "sub_domain": name, **({} if one is None else {"technical": dict(one)})} for name, one in own.items()
    ]
    return json.dumps({**EXAMPLE, **fields, "lines": lines}).encode()


def file(house: EngineHouse, own: Mapping[str, Mapping[str, Any] | None] = OWN) -> FiledRequest:
    """Send the letter in as its OPD."""
    return house.desk.submit(PEOPLE["opd"], letter(own), "application/json")


def approved(house: EngineHouse, own: Mapping[str, Mapping[str, Any] | None] = OWN) -> list[str]:
    """Bring all lines to their approved runs; return the runs."""
    request = file(house, own)
    house.desk.do_step(PEOPLE["umum"], request.id, "register")
    house.desk.do_step(PEOPLE["kepala"], request.id, "disposition")
    for line in house.desk.request(PEOPLE["umum"], request.id).request.lines:
        look(house.hands, str(line.plan_id))
    house.desk.do_step(PEOPLE["pengkaji"], request.id, "review")
    return [house.approve(line.id) for line in request.lines]


def owners(house: EngineHouse) -> dict[str, str]:
    """Whose each site is: {'satu': 'per_teknis', ...} by the name that people call it."""
    with house.database.reading() as uow:
        found = items.page(uow, opds=None)
    return {item.label.partition(".")[0]: str(item.technical_person_id) for item in found}


def named(house: EngineHouse, email: str) -> Person:
    """The person of that e-mail, who must be there once."""
    with house.database.reading() as uow:
        found = [one for one in people.persons(uow) if one.email == email]
    assert len(found) == 1
    return found[0]


def claims(house: EngineHouse, person: Person) -> dict[str, str]:
    """Let the person try to claim everything that there is: {'satu': 'claimed', 'dua': 'NotAllowed'}."""
    told: dict[str, set[str]] = {}
    for item in house.desk.items(KABID):
        for secret in house.desk.credentials(KABID, item.id):
            try:
                house.desk.claim(person, secret.id, statement_accepted=True, open_envelope=lambda one: one.id)
                said = "claimed"
            except (NotAllowed, NotFound) as refusal:
                said = type(refusal).__name__
            told.setdefault(item.label.partition(".")[0], set()).add(said)
    return {name: " ".join(sorted(said)) for name, said in told.items()}


def test_each_line_ends_with_its_own_person_who_alone_claims_it(house: EngineHouse) -> None:
    for run_id in approved(house):
        assert house.carry_out(run_id) == "done"
    ratna, bima = named(house, "ratna@kelurahan.example"), named(house, "bima@kelurahan.example")
    assert owners(house) == {"satu": PEOPLE["teknis"].id, "dua": ratna.id, "tiga": bima.id}
    for person in (KABID, PEOPLE["opd"], PEOPLE["umum"]):
        assert set(claims(house, person).values()) == {"NotAllowed"}
    assert set(claims(house, PEOPLE["lain"]).values()) == {"NotFound"}
    assert claims(house, ratna) == {"satu": "NotAllowed", "dua": "claimed", "tiga": "NotAllowed"}
    assert claims(house, PEOPLE["teknis"])["satu"] == "claimed"
    waiting = [one.subject for one in house.desk.waiting(bima) if one.act in {"claim", "lines"}]
    assert len(waiting) == 2
    assert claims(house, bima)["tiga"] == "claimed"
    assert [one for one in house.desk.waiting(bima) if one.act == "claim"] == []


def test_each_is_told_of_their_own_access_and_the_letters_person_of_theirs(house: EngineHouse) -> None:
    for run_id in approved(house):
        house.carry_out(run_id)
    tidy(house.hands, lambda _id: True)
    named_here = [named(house, email) for email in ("ratna@kelurahan.example", "bima@kelurahan.example")]
    for person in (*named_here, *PEOPLE.values()):
        tell_person(house.hands, person.id)
    told = {str(mail["to"]): str(mail["text"]) for mail in house.post.taken() if "kata sandi" in str(mail["subject"])}
    assert {to: [name for name in OWN if f"{name}.kota.lab" in text] for to, text in told.items()} == {
        str([PEOPLE["teknis"].email]): ["satu"],
        str(["ratna@kelurahan.example"]): ["dua"],
        str(["bima@kelurahan.example"]): ["tiga"],
    }


def test_a_kill_after_any_commit_gives_each_line_to_its_own_person_and_makes_nobody_twice(tmp_path: Path) -> None:
    ends: Counter[str] = Counter()
    for number in range(0, MOST_COMMITS, 7):
        (tmp_path / str(number)).mkdir()
        house = EngineHouse(tmp_path / str(number))
        house.open()
        runs = approved(house)
        with suppress(Killed), dying_at(house, number) as counted:
            for run_id in runs:
                house.carry_out(run_id)
        house.clock.move(seconds=31)
        assert [house.carry_out(run_id) for run_id in runs] == ["done"] * 3, number
        ratna, bima = named(house, "ratna@kelurahan.example"), named(house, "bima@kelurahan.example")
        assert owners(house) == {"satu": PEOPLE["teknis"].id, "dua": ratna.id, "tiga": bima.id}, number
        assert claims(house, bima) == {"satu": "NotAllowed", "dua": "NotAllowed", "tiga": "claimed"}, number
        assert claims(house, ratna)["dua"] == "claimed", number
        made = Counter((act["system"], act["target"], act["property"]) for act in house.world.read().journal)
        assert set(made.values()) == {1}, number
        ends["killed" if len(counted) > number else "unharmed"] += 1
        if len(counted) <= number:
            break
        house.close()
    assert ends["killed"] > 8


def test_filing_finds_who_is_known_and_keeps_each_new_one_once(house: EngineHouse) -> None:
    request = file(house, {"satu": RATNA, "dua": BIMA, "tiga": RATNA, "empat": EXAMPLE["technical"]})
    ratna, bima = named(house, "ratna@kelurahan.example"), named(house, "bima@kelurahan.example")
    assert [line.technical_person_id for line in request.lines] == [ratna.id, bima.id, ratna.id, PEOPLE["teknis"].id]
    added = [subject for subject, _ in chain(house, "admin:person:add")]
    assert sorted(added) == sorted([ratna.id, bima.id])
    later = file(
        house, {"lima": {**RATNA, "email": "baru@kelurahan.example"}, "enam": {**BIMA, "contract_end": "2027-12-31"}}
    )
    assert [line.technical_person_id for line in later.lines] == [ratna.id, bima.id]
    assert str(person_of(house, bima.id).contract_end) == "2027-12-31"


def test_a_login_is_made_for_whom_an_approved_line_appoints_and_for_nobody_else(house: EngineHouse) -> None:
    request = file(house, {"satu": RATNA, "dua": BIMA})
    house.desk.do_step(PEOPLE["umum"], request.id, "register")
    house.desk.do_step(PEOPLE["kepala"], request.id, "disposition")
    for line in house.desk.request(PEOPLE["umum"], request.id).request.lines:
        look(house.hands, str(line.plan_id))
    house.desk.do_step(PEOPLE["pengkaji"], request.id, "review")
    house.approve(request.lines[0].id)
    house.desk.decide(KABID, request.lines[1].id, Outcome.REJECTED, digest="", reason="tidak jadi")
    with house.database.reading() as uow:
        made = {one.email for one in people.persons(uow) if logins.logins_of(uow, one.id)}
    assert made == {"ratna@kelurahan.example"}


def test_an_e_mail_of_somebody_else_is_told_of_its_line_and_row_and_nothing_is_kept(house: EngineHouse) -> None:
    wrong = {**BIMA, "email": PEOPLE["lain"].email}
    with pytest.raises(BadInput) as caught:
        file(house, {"satu": None, "dua": wrong, "tiga": {**RATNA, "email": PEOPLE["kabid"].email}})
    what = "surel ini sudah terdaftar atas orang lain"
    assert [(fault.where, fault.what) for fault in caught.value.faults] == [
        ("lines[1].technical.email", what),
        ("lines[2].technical.email", what),
    ]
    head = "sub_domain;runtime;electronic_system_category;" + ";".join(f"technical_{name}" for name in BIMA)
    csv = f"{head}\nsatu;static;rendah;" + ";".join(str(value) for value in wrong.values())
    document = {**EXAMPLE, "lines": {"kind": "hosting", "verb": "create", "csv": csv}}
    with pytest.raises(BadInput) as caught:
        house.desk.submit(PEOPLE["opd"], json.dumps(document).encode(), "application/json")
    assert [fault.where for fault in caught.value.faults] == ["baris 2, kolom technical_email"]
    assert house.desk.requests(KABID) == ()
    with house.database.reading() as uow:
        assert {person.name for person in people.persons(uow)} == {person.name for person in PEOPLE.values()}


def test_who_is_named_by_any_line_decides_and_proposes_nothing_of_the_request(house: EngineHouse) -> None:
    """Law 3: the desk's own word is stricter than the database's."""
    decider = keep(house, "dua", "head_of_applications", "review decide")
    own = {**BIMA, "name": decider.name, "email": decider.email}
    request = file(house, {"satu": None, "dua": own})
    assert request.lines[1].technical_person_id == decider.id
    house.desk.do_step(PEOPLE["umum"], request.id, "register")
    house.desk.do_step(PEOPLE["kepala"], request.id, "disposition")
    for line in house.desk.request(PEOPLE["umum"], request.id).request.lines:
        look(house.hands, str(line.plan_id))
    with pytest.raises(NotAllowed, match="tidak mengusulkan bagi dirinya"):
        house.desk.propose(decider, request.lines[0].id, {"bandwidth_mbit": 5}, reason="cukup")
    house.desk.do_step(PEOPLE["pengkaji"], request.id, "review")
    for line in request.lines:
        view = house.desk.plan(decider, line.id)
        assert view.why_not == "penanggung jawab teknis tidak boleh memutuskan permohonannya"


def test_a_line_without_a_person_of_its_own_has_the_digest_it_always_had(house: EngineHouse) -> None:
    """What another line names is not its matter; its own person is, and the same as the letter's is the same."""
    plain, mixed = file(house, {"satu": None}), file(house, {"dua": None, "tiga": RATNA})
    same = file(house, {"empat": EXAMPLE["technical"]})
    alike = replace(plain.lines[0], technical_person_id=None)
    as_ever = digest_of(
        {
            "version": 1,
            "verb": "create",
            "wish": dict(alike.wish),
            "opd": EXAMPLE["opd"],
            "persons": salted_digest("salt", {"a": dict(plain.administrative), "t": dict(plain.technical)}),
        }
    )
    assert {wish_digest_of(one, alike, "salt") for one in (plain, mixed)} == {as_ever}
    own = replace(alike, number=2, technical_person_id="per_x")
    assert wish_digest_of(mixed, own, "salt") != wish_digest_of(plain, alike, "salt")
    told = replace(same, technical_of_lines={1: dict(plain.technical)})
    assert wish_digest_of(told, replace(alike, technical_person_id="per_x"), "salt") == wish_digest_of(
        plain, alike, "salt"
    )


def test_appointing_for_two_items_gives_each_to_its_own_and_the_letters_person_keeps_the_third(
    house: EngineHouse,
) -> None:
    for run_id in approved(house, dict.fromkeys(("satu", "dua", "tiga"))):
        house.carry_out(run_id)
    found = {item.label.partition(".")[0]: item for item in house.desk.items(KABID)}
    same = {"kind": "hosting", "verb": "appoint", "item": found["tiga"].id, "technical": EXAMPLE["technical"]}
    with pytest.raises(BadInput) as caught:
        house.desk.submit(PEOPLE["opd"], json.dumps({**EXAMPLE, "lines": [same]}).encode(), "application/json")
    assert [fault.where for fault in caught.value.faults] == ["lines[0].technical"]
    lines = [
        {"kind": "hosting", "verb": "appoint", "item": found[name].id, "technical": dict(person)}
        for name, person in (("satu", RATNA), ("dua", BIMA))
    ]
    raw = json.dumps({**EXAMPLE, "lines": lines}).encode()
    request = house.desk.submit(PEOPLE["opd"], raw, "application/json")
    house.desk.do_step(PEOPLE["umum"], request.id, "register")
    house.desk.do_step(PEOPLE["kepala"], request.id, "disposition")
    for line in house.desk.request(PEOPLE["umum"], request.id).request.lines:
        look(house.hands, str(line.plan_id))
    house.desk.do_step(PEOPLE["pengkaji"], request.id, "review")
    for line in request.lines:
        assert house.carry_out(house.approve(line.id)) == "done"
    ratna, bima = named(house, "ratna@kelurahan.example"), named(house, "bima@kelurahan.example")
    assert owners(house) == {"satu": ratna.id, "dua": bima.id, "tiga": PEOPLE["teknis"].id}
    assert claims(house, PEOPLE["teknis"]) == {"satu": "NotAllowed", "dua": "NotAllowed", "tiga": "claimed"}


def test_who_is_followed_by_a_lines_person_leaves_the_opds_team_though_the_letter_still_names_them(
    house: EngineHouse,
) -> None:
    (run_id,) = approved(house, {"satu": None})
    house.carry_out(run_id)
    item_id = house.desk.items(KABID)[0].id
    run_id = house.verb("appoint", item_id, technical=dict(RATNA))
    assert house.carry_out(run_id) == "done"
    assert owners(house) == {"satu": named(house, "ratna@kelurahan.example").id}
    assert person_of(house, PEOPLE["teknis"].id).opds_on(house.clock.now.date()) == frozenset()


def test_the_letter_names_the_person_of_each_line_and_no_secret(house: EngineHouse) -> None:
    runs = approved(house, {**OWN, "empat": None})
    for run_id in runs:
        assert house.carry_out(run_id) == "done"
    request_id = house.desk.run(KABID, runs[0]).request.id
    house.desk.do_step(KABID, request_id, "notify")
    house.tell()
    (view,) = house.desk.letters(KABID, request_id)
    _, pdf = house.desk.letter_paper(KABID, view.letter.id)
    text = " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages).split())
    for name in ("Ratna Rekaan", "Bima Rekaan", EXAMPLE["technical"]["name"]):
        assert name in text
    assert "penanggung jawab teknis masing-masing layanan" in text
    assert "199001012015012001" not in text


def test_erasing_a_lines_person_leaves_the_item_standing_and_names_nobody(house: EngineHouse) -> None:
    for run_id in approved(house):
        house.carry_out(run_id)
    ratna = named(house, "ratna@kelurahan.example")
    with house.database.transaction() as uow:
        uow.connection.exec_driver_sql(f"DELETE FROM person_details WHERE person_id = '{ratna.id}'")  # noqa: S608
        uow.connection.exec_driver_sql("DELETE FROM request_persons")
        uow.connection.exec_driver_sql("DELETE FROM originals")
    cards = {card.item.label.partition(".")[0]: card.technical for card in house.desk.item_cards(KABID)}
    assert {name: person and person.name for name, person in cards.items()} == {
        "satu": PEOPLE["teknis"].name,
        "dua": None,
        "tiga": "Bima Rekaan",
    }
    (request,) = house.desk.requests(KABID)
    assert request.names_by_line() == {1: "", 2: "", 3: ""}
    assert house.desk.story(KABID, request.id).versions[-1].readings
    with house.database.reading() as uow:
        assert requests.request(uow, request.id).as_document()["lines"][1].get("technical") is None
    assert house.desk.audit_verify(PEOPLE["auditor"]).broken == ""


def test_a_returned_request_comes_back_with_the_persons_of_its_lines_and_names_others_when_sent_again(
    house: EngineHouse,
) -> None:
    request = file(house)
    house.desk.do_step(PEOPLE["umum"], request.id, "register")
    house.desk.do_step(PEOPLE["kepala"], request.id, "disposition")
    for line in house.desk.request(PEOPLE["umum"], request.id).request.lines:
        look(house.hands, str(line.plan_id))
    house.desk.do_step(PEOPLE["pengkaji"], request.id, "review")
    house.desk.decide(KABID, request.lines[0].id, Outcome.RETURNED, digest="", reason="orangnya berganti")
    draft = house.desk.reopen(PEOPLE["opd"], request.id)
    assert [line.get("technical", {}).get("name") for line in draft.document["lines"]] == [
        None,
        "Ratna Rekaan",
        "Bima Rekaan",
    ]
    raw = letter({"satu": RATNA, "dua": None, "tiga": BIMA})
    again = house.desk.resubmit(PEOPLE["opd"], request.id, raw, "application/json")
    ratna = named(house, "ratna@kelurahan.example")
    assert [line.technical_person_id for line in again.lines][:2] == [ratna.id, None]
    told = house.desk.story(KABID, request.id).versions
    assert {one.where for one in told[-1].readings if one.where.endswith("technical.name")} == {
        "technical.name",
        "lines[0].technical.name",
        "lines[2].technical.name",
    }
