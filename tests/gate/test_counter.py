"""Does who comes to the counter get in, for ten minutes and once, and does nobody else by it?"""

from __future__ import annotations

import logging
import re

import httpx
import pytest
import structlog
from structlog.testing import capture_logs

from api.app import create_app
from api.session import PasswordGuard
from provisioner.people.person import Person
from provisioner.store import people
from tests.chaos.desk_hands import submit, to_decision
from tests.gate.office import CHEAP, PASSWORD, Office, csrf_of
from tests.gate.test_pages import text_of
from tests.house import EXAMPLE

NEW = "kopi pagi hujan meja"
ST = "090/12/ST/2026"
WRONG = "Nama masuk atau kode salah, atau kode sudah tidak berlaku."
SHOWN = re.compile(r'<code class="text-body">([A-Z0-9]{4}-[A-Z0-9]{4})</code>')


def give(office: Office, username: str = "teknis") -> str:
    """Give a code at the counter's page, and return it as shown."""
    browser = office.browser("umum")
    page = browser.get(f"/loket?cari={username}")
    answer = browser.post("/loket", data={"csrf": csrf_of(page), "username": username, "letter": ST, "cari": username})
    assert answer.status_code == 200, text_of(answer)
    assert answer.headers["cache-control"] == "no-store"
    return SHOWN.search(answer.text)[1]  # type: ignore[index]


def use(office: Office, code: str, username: str = "teknis", **instead: str) -> httpx.Response:
    """Set a password with it, as somebody who is not signed in."""
    browser = office.anonymous()
    sent = {"username": username, "code": code, "password": NEW, "repeated": NEW, **instead}
    return browser.post("/kode", data={"csrf": csrf_of(browser.get("/kode")), **sent})


def signs_in(office: Office, password: str, username: str = "teknis") -> bool:
    """Tell whether that password opens the login."""
    sent = {"username": username, "password": password}
    return office.anonymous().post("/api/v1/session", json=sent).status_code == 201


def test_a_first_code_counts_for_ten_minutes(office: Office) -> None:
    code = give(office)
    office.house.clock.move(minutes=10)
    late = use(office, code)
    assert (late.status_code, WRONG in text_of(late)) == (401, True)
    code = give(office)
    office.house.clock.move(minutes=9, seconds=50)
    assert "Kata sandi Anda sudah dibuat" in text_of(use(office, code))
    assert signs_in(office, NEW)


def test_a_code_is_used_once(office: Office) -> None:
    code = give(office)
    assert use(office, code.lower().replace("-", " ")).status_code == 200
    assert use(office, code, password="hujan meja kopi pagi", repeated="hujan meja kopi pagi").status_code == 401
    assert (signs_in(office, NEW), signs_in(office, "hujan meja kopi pagi")) == (True, False)


def test_the_fifth_wrong_code_locks_the_right_one(office: Office) -> None:
    code = give(office)
    for _ in range(5):
        assert use(office, "AAAA-AAAA").status_code == 401
    assert use(office, code).status_code == 401
    assert use(office, give(office)).status_code == 200


def test_a_name_that_does_not_exist_looks_like_a_wrong_code(office: Office) -> None:
    give(office)
    wrong, nobody = use(office, "AAAA-AAAA"), use(office, "AAAA-AAAA", username="tidakada")
    assert (wrong.status_code, nobody.status_code) == (401, 401)
    assert text_of(wrong).replace("teknis", "") == text_of(nobody).replace("tidakada", "")


def test_a_bad_password_uses_no_code_up_and_is_never_said_back(office: Office) -> None:
    code = give(office)
    answer = use(office, code, password="pendek-rahasiaku", repeated="lain")
    assert answer.status_code == 422
    assert "pendek-rahasiaku" not in answer.text
    assert code not in answer.text
    assert use(office, code).status_code == 200


def test_a_lost_login_ends_with_its_sessions_and_tokens_when_the_code_is_given(office: Office) -> None:
    browser, token = office.browser("teknis"), office.client("teknis")
    neighbour = office.client("opd")
    code = give(office)
    assert browser.get("/").headers["location"].startswith("/masuk")
    assert token.get("/api/v1/session").status_code == 401
    assert not signs_in(office, PASSWORD)
    assert neighbour.get("/api/v1/session").status_code == 200
    assert use(office, code).status_code == 200
    assert (signs_in(office, PASSWORD), signs_in(office, NEW)) == (False, True)


@pytest.mark.parametrize("username", ["kabid", "kepala", "auditor", "umum"])
def test_no_code_is_given_for_a_login_of_the_providing_office(office: Office, username: str) -> None:
    """A code for the decider would be a decision."""
    clerk = office.client("umum")
    answer = clerk.post("/api/v1/codes", json={"username": username, "letter": ST})
    assert (answer.status_code, "administrator" in answer.text) == (403, True)
    assert signs_in(office, PASSWORD, username)


def test_a_code_needs_a_surat_tugas_and_a_contract_that_counts(office: Office) -> None:
    clerk = office.client("umum")
    assert clerk.post("/api/v1/codes", json={"username": "teknis", "letter": " "}).status_code == 422
    with office.house.database.transaction() as uow:
        people.set_contract(uow, office.person("teknis").id, "1", office.house.desk.today.replace(day=1))
    answer = clerk.post("/api/v1/codes", json={"username": "teknis", "letter": ST})
    assert (answer.status_code, "masa kontrak telah berakhir" in answer.text) == (403, True)
    assert "masa kontrak telah berakhir" in text_of(office.browser("umum").get("/loket?cari=teknis"))


def test_a_code_is_in_no_log_no_chain_no_address_and_not_in_the_database(office: Office) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
    with capture_logs() as logged:
        code = give(office)
        assert use(office, code).status_code == 200
    rows = office.house.desk.audit_rows(office.person("auditor"), limit=500)
    assert [row.event for row in rows if ":code:" in row.event] == ["person:code:issue", "person:code:use"]
    assert {line["path"] for line in logged if line["event"] == "answered"} >= {"/loket", "/kode"}
    # The database's bytes are read whole, its journal too.
    kept = b"".join(path.read_bytes() for path in office.house.folder.glob("gerbang.db*"))
    for secret in (code, code.replace("-", ""), NEW):
        assert secret not in str(logged)
        assert secret not in str([row.data for row in rows])
        assert secret.encode() not in kept


def test_the_first_approval_makes_the_login_of_the_technical_person_named(office: Office) -> None:
    """Once, without a password; the counter finds it, a code opens it."""
    house = office.house
    technical = {**EXAMPLE["technical"], "name": "Bayu Baru, S.Kom.", "email": "bayu.baru@contoh.example"}
    first = named(office, technical, "satu")
    assert found(office, "Bayu Baru") == []
    house.approve(first)
    assert found(office, "Bayu Baru") == [("bayu.baru", False, "")]
    house.approve(named(office, technical, "dua"))
    assert found(office, "Bayu Baru") == [("bayu.baru", False, "")]
    assert not signs_in(office, "", "bayu.baru")
    assert use(office, give(office, "bayu.baru"), "bayu.baru").status_code == 200
    assert signs_in(office, NEW, "bayu.baru")


def test_a_namesake_gets_a_name_of_his_own(office: Office) -> None:
    taken = Person(
        id="per_dulu",
        name="Bayu Baru",
        nip=None,
        employment="asn",
        contract_number=None,
        contract_end=None,
        email="dulu@contoh.example",
        phone="",
        rights=frozenset(),
        positions=office.person("teknis").positions,
    )
    house = office.house
    with house.database.transaction() as uow:
        people.add_person(uow, taken)
        house.desk.first_login(uow, office.person("kabid"), taken.id)
    technical = {**EXAMPLE["technical"], "name": "Bayu Baru", "email": "baru@contoh.example"}
    house.approve(named(office, technical, "satu"))
    assert sorted(username for username, _, _ in found(office, "bayu baru")) == ["bayu.baru", "bayu.baru2"]


def named(office: Office, technical: dict[str, object], sub_domain: str) -> str:
    """Carry a request that names that technical person to its decision; return its line's id."""
    filed = submit(office.house, technical=technical, sub_domain=sub_domain, second_name="none", storage_gb=1)
    return to_decision(office.house, filed)[0].id


def found(office: Office, words: str) -> list[tuple[str, bool, str]]:
    """What the counter finds: login, whether it has a password, why no code may be given."""
    seen = office.client("umum").get("/api/v1/logins", params={"words": words}).json()["logins"]
    return [(one["username"], one["has_password"], one["why_not"]) for one in seen]


# -- One's own password --------------------------------------------------------------------------------


def change(browser: httpx.Client, old: str, new: str = NEW) -> httpx.Response:
    """Change the password by the page."""
    sent = {"csrf": csrf_of(browser.get("/kata-sandi")), "old_password": old, "password": new, "repeated": new}
    return browser.post("/kata-sandi", data=sent)


def test_changing_ones_password_ends_every_other_session_and_token(office: Office) -> None:
    here, there, token = office.browser("opd"), office.browser("opd"), office.client("opd")
    neighbour = office.browser("kabid")
    assert "sudah diganti" in text_of(change(here, PASSWORD))
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 303
    assert token.get("/api/v1/session").status_code == 401
    assert neighbour.get("/").status_code == 200
    assert (signs_in(office, PASSWORD, "opd"), signs_in(office, NEW, "opd")) == (False, True)


def test_by_the_api_the_token_that_asks_goes_on(office: Office) -> None:
    asking, other = office.client("opd"), office.client("opd")
    sent = {"old_password": PASSWORD, "password": NEW}
    assert asking.post("/api/v1/session/password", json=sent).json() == {"username": "opd"}
    assert (asking.get("/api/v1/session").status_code, other.get("/api/v1/session").status_code) == (200, 401)


def test_the_old_password_is_needed_and_guessing_it_is_slowed_like_a_login(office: Office) -> None:
    office.app = create_app(office.house.desk, office.settings, office.house.clock, PasswordGuard(CHEAP, tries=4))
    browser = office.browser("opd")
    told = [change(browser, "bukan-kata-sandinya") for _ in range(4)]
    assert [(one.status_code, "kata sandi lama salah" in text_of(one)) for one in told[:3]] == [(422, True)] * 3
    assert change(browser, PASSWORD).status_code == 429
    office.house.clock.move(hours=2)
    assert signs_in(office, PASSWORD, "opd")
    rows = office.house.desk.audit_rows(office.person("auditor"), limit=500)
    assert "person:login:fail" in {row.event for row in rows}
    assert "person:password:change" not in {row.event for row in rows}


def test_the_same_password_again_is_no_new_one(office: Office) -> None:
    assert "sama dengan yang lama" in text_of(change(office.browser("opd"), PASSWORD, PASSWORD))
