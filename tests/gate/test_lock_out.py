"""Is guessing slow from wherever it comes, and does nobody keep an owner out by guessing?"""

from __future__ import annotations

import math

import httpx
import pytest

from api.app import create_app
from api.session import PasswordGuard
from api.tries import network_part
from tests.gate.office import CHEAP, PASSWORD, InProcess, Office
from tests.gate.standing import counts

HOME, AWAY = "192.0.2.10", "198.51.100.7"
SESSION = "/api/v1/session"
WRONG = "salah"


class Gate:
    """The gate of the office with its real bounds; each question comes from an address."""

    def __init__(self, office: Office, proxy: str = "") -> None:
        self._office = office
        self._settings = office.settings.model_copy(update={"proxy_address": proxy})
        self.start()

    def start(self) -> None:
        """Start it, again: what was in its memory is gone."""
        office = self._office
        self._app = create_app(office.house.desk, self._settings, office.house.clock, PasswordGuard(CHEAP))

    def knock(self, name: str, address: str, password: str = WRONG, **headers: str) -> httpx.Response:
        """Try to sign in."""
        client = httpx.Client(transport=InProcess(self._app, address), base_url=self._settings.public_url)
        return client.post(SESSION, json={"username": name, "password": password}, headers=headers)

    def told(self, times: int, name: str, address: str) -> list[int]:
        """Try so often with a wrong password."""
        return [self.knock(name, address).status_code for _ in range(times)]


def test_lock_out_by_account_and_address(office: Office) -> None:
    """The named test: five tries of a name from an address, then a wait that ends, and lengthens by no further try."""
    gate = Gate(office)
    assert gate.told(7, "kabid", HOME) == [401] * 5 + [429] * 2
    shut = gate.knock("kabid", HOME, PASSWORD)
    assert (shut.status_code, shut.json()["type"]) == (429, "urn:gerbang:problem:too-many")
    wait = int(shut.headers["retry-after"])
    assert 0 < wait <= 300
    # The neighbours: another name from there, the same name from elsewhere.
    assert gate.knock("pengkaji", HOME, PASSWORD).status_code == 201
    assert gate.knock("kabid", AWAY, PASSWORD).status_code == 201
    office.house.clock.move(seconds=wait)
    assert gate.knock("kabid", HOME, PASSWORD).status_code == 201


def test_many_addresses_on_one_account_are_slowed_and_its_owner_comes_in_from_where_they_did_before(
    office: Office,
) -> None:
    gate = Gate(office)
    assert gate.knock("kabid", HOME, PASSWORD).status_code == 201
    told = [gate.knock("kabid", f"198.51.100.{number}").status_code for number in range(40)]
    assert told == [401] * 30 + [429] * 10
    assert gate.knock("kabid", "203.0.113.9", PASSWORD).status_code == 429
    assert gate.knock("kabid", HOME, PASSWORD).status_code == 201
    # Nor for ever for one who is on a journey: the hour began with the first try, whatever came after.
    office.house.clock.move(minutes=61)
    assert gate.knock("kabid", "203.0.113.9", PASSWORD).status_code == 201


def test_one_address_on_many_accounts_is_slowed_and_those_who_work_there_come_in(office: Office) -> None:
    gate = Gate(office)
    assert gate.knock("kabid", HOME, PASSWORD).status_code == 201
    told = [gate.knock(f"nama{number}", HOME).status_code for number in range(40)]
    assert told == [401] * 30 + [429] * 10
    assert gate.knock("pengkaji", HOME, PASSWORD).status_code == 429
    assert gate.knock("pengkaji", AWAY, PASSWORD).status_code == 201
    assert gate.knock("kabid", HOME, PASSWORD).status_code == 201


def test_a_gate_that_starts_again_has_forgotten_no_try(office: Office) -> None:
    gate = Gate(office)
    assert gate.told(5, "kabid", HOME) == [401] * 5
    gate.start()
    assert gate.told(1, "kabid", HOME) == [429]


def test_who_comes_in_begins_anew(office: Office) -> None:
    gate = Gate(office)
    for _ in range(3):
        assert gate.told(4, "kabid", HOME) == [401] * 4
        assert gate.knock("kabid", HOME, PASSWORD).status_code == 201


def test_a_name_that_does_not_exist_is_slowed_in_the_same_words(office: Office) -> None:
    gate = Gate(office)
    real, nobody = ([gate.knock(name, address) for _ in range(6)] for name, address in (("kabid", HOME), ("x", AWAY)))
    assert [(one.status_code, one.json()) for one in real] == [(one.status_code, one.json()) for one in nobody]


def test_no_name_that_was_typed_is_kept(office: Office) -> None:
    """People type their password where the name belongs."""
    Gate(office).told(1, "rahasia-ku-yang-panjang", HOME)
    file = office.house.folder / "gerbang.db"
    kept = file.read_bytes() + file.with_name("gerbang.db-wal").read_bytes()
    assert b"rahasia-ku" not in kept


def test_guessing_leaves_few_rows(office: Office) -> None:
    """Names drawn at random from one address: at most the bound of them, and none once their windows have ended."""
    gate = Gate(office)
    for number in range(60):
        gate.knock(f"acak{number}", HOME)
    first = counts(office.house.database)["tries"]
    office.house.clock.move(hours=2)
    gate.knock("kabid", AWAY)
    assert (first <= 2 * 60 + 1, counts(office.house.database)["tries"]) == (True, 3)


@pytest.mark.parametrize(
    ("proxy", "peer", "forwarded", "counted"),
    [
        ("", HOME, AWAY, HOME),
        ("10.0.0.1", "10.0.0.1", f"1.2.3.4, {AWAY}", AWAY),
        ("10.0.0.1", HOME, AWAY, HOME),
        ("10.0.0.1", "10.0.0.1", "", "10.0.0.1"),
    ],
    ids=["no proxy of ours", "our proxy's last word", "a peer that is not our proxy", "our proxy says nothing"],
)
def test_only_our_own_proxy_says_who_is_behind_it(
    office: Office, proxy: str, peer: str, forwarded: str, counted: str
) -> None:
    gate = Gate(office, proxy)
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    for _ in range(5):
        gate.knock("kabid", peer, **headers)
    direct = Gate(office)
    assert direct.knock("kabid", counted).status_code == 429


def test_an_ipv6_subscriber_is_one_address() -> None:
    assert network_part("2001:db8::1") == network_part("2001:db8::ffff") == "2001:db8::/64"
    assert network_part("2001:db8:0:1::1") != network_part("2001:db8::1")
    assert network_part("unknown") == "unknown"


def test_a_password_costs_what_owasp_asks() -> None:
    """OWASP's password storage sheet: argon2id, 19 MiB and two passes at least."""
    hashed = PasswordGuard().hash("benar-kuda-baterai")
    kind, _, cost = hashed.split("$")[1:4]
    told = dict(part.split("=") for part in cost.split(","))
    assert kind == "argon2id"
    assert int(told["m"]) >= 19 * 1024
    assert int(told["m"]) * int(told["t"]) >= 2 * 19 * 1024
    assert math.log2(int(told["m"])) >= 14
