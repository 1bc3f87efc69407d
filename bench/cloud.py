"""How many accounts a minute does one letter bring, against raw HTTP calls that do the same on the same server?

The raw calls are those of one account's run: its creating call, and every call of its trials as they were sent, each
replayed for as many fresh accounts on kept connections: creating one after the other, trying four at once. Looks,
intents, results, verdicts, the letter's record: all that is ours. The lab's server takes the time that the recorded
real one took; a last row, for 100 lines on a server that takes none, shows what of it is ours.
"""

from __future__ import annotations

import base64
import http.client
import json
import socket
import ssl
import time
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

import yaml

from bench.row import Row, lower_is_better
from lab import cloud
from lab.instance import Instance, this_instance
from provisioner.facts.nextcloud import create_form
from provisioner.https_line import HttpsLine, Reply
from provisioner.sealing import make_secret
from provisioner.store import office
from provisioner.worker import RUNS_TRIED_AT_ONCE
from provisioner.workflow.carry_out import carry_out
from provisioner.workflow.look import look
from tests.house import PEOPLE
from tests.lab.office_house import OfficeHouse, drawn_name, office_house

KIND, SERVER = "data_cloud", "cloud1"
SIZES = {1: 3, 10: 2, 100: 1}  # lines in one letter -> rounds
GOAL = {100: 1.5}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request as it was sent; `is_owner`: by the account itself, else by ours."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    is_owner: bool


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What one account's run sends: its values for the creating call, then the calls of its trials."""

    account: str
    values: Mapping[str, Any]
    calls: tuple[Call, ...]


def measure() -> list[Row]:
    """One row a size; accounts a minute and calls an account are printed beside it."""
    instance = this_instance()
    reset(instance, is_paced=True)
    with office_house(kind=KIND, hosts=(SERVER,)) as house:
        allow(house, max(SIZES))
        compared = Compared(instance=instance, house=house, recorded=record(house))
        rows = [compared.row(lines, rounds, is_paced=True) for lines, rounds in SIZES.items()]
        return [*rows, compared.row(max(SIZES), 1, is_paced=False)]


@dataclass(frozen=True, kw_only=True)
class Compared:
    """An office and a script, each with the same server."""

    instance: Instance
    house: OfficeHouse
    recorded: Recorded

    def row(self, lines: int, rounds: int, *, is_paced: bool) -> Row:
        """Compare both on letters of so many lines."""
        raw, ours, floor, calls = Raw(self.instance), list[float](), list[float](), (0, 0)
        for _ in range(rounds):
            reset(self.instance, is_paced=False)
            runs = approved(self.house, lines)
            reset(self.instance, is_paced=is_paced)
            ours.append(by_the_house(self.house, runs))
            between = calls_of(self.instance)
            floor.append(raw.seconds(self.recorded, lines))
            calls = (between, calls_of(self.instance) - between)
        name = f"cloud-{lines}-accounts-vs-raw-http{'' if is_paced else '-no-server-time'}"
        row = lower_is_better(name, ours, floor, GOAL.get(lines) if is_paced else None)
        print(
            f"  {lines:3} lines: {lines * 60 / row.ours:.0f} accounts/min, raw {lines * 60 / row.floor:.0f}; "
            f"calls an account {calls[0] / lines:.1f}, raw {calls[1] / lines:.1f}"
        )
        return row


def reset(instance: Instance, *, is_paced: bool) -> None:
    """Let the server be as new, and take its recorded time or none."""
    cloud.ask(instance, do="reset")
    cloud.ask(instance, do="pace", on=is_paced)


def calls_of(instance: Instance) -> int:
    """How many calls the server has had."""
    return len(cloud.ask(instance, do="journal"))


# -- Ours --------------------------------------------------------------------------------------------------------------


def by_the_house(house: OfficeHouse, runs: list[str]) -> float:
    """Do what the queue does with a letter's runs; return the seconds from the first job to the last run's end."""
    begun = time.perf_counter()
    for run_id in runs:
        carry_out(house.hands, run_id)
    seconds = time.perf_counter() - begun
    ends = {house.desk.run(PEOPLE["kabid"], run_id).run.state.value for run_id in runs}
    if ends != {"done"}:
        raise RuntimeError(f"runs ended {ends}")
    return seconds


def allow(house: OfficeHouse, lines: int) -> None:
    """Let an OPD have so many lines open at once."""
    with house.database.transaction() as uow:
        office.keep(uow, {**office.settings(uow), "office": {"open_lines_per_opd": lines}})


def approved(house: OfficeHouse, lines: int) -> list[str]:
    """File one letter with so many lines, look, and approve each; return the queued runs."""
    desk, document = house.desk, yaml.safe_load(house.example())
    wish = document["lines"][0]
    document["lines"] = [{**wish, "account_id": drawn_name()} for _ in range(lines)]
    request = desk.submit(PEOPLE["opd"], json.dumps(document).encode(), "application/json")
    desk.do_step(PEOPLE["umum"], request.id, "register")
    desk.do_step(PEOPLE["kepala"], request.id, "disposition")
    for line in desk.request(PEOPLE["umum"], request.id).request.lines:
        look(house.hands, str(line.plan_id))
    desk.do_step(PEOPLE["pengkaji"], request.id, "review")
    return [house.approve(line.id) for line in request.lines]


# -- Raw ---------------------------------------------------------------------------------------------------------------


def record(house: OfficeHouse) -> Recorded:
    """Carry one account out, and keep what its trials sent."""
    (run_id,) = approved(house, 1)
    plan = house.approved(run_id)
    account = str(plan.choices["account"])
    with recording(account) as calls:
        carry_out(house.hands, run_id)
    values = {c.property: c.after for c in plan.changes if c.spot.object == account and c.property != "lock"}
    return Recorded(account=account, values=values, calls=tuple(calls))


@contextmanager
def recording(account: str) -> Iterator[list[Call]]:
    """Keep every request of this process that names the account, or is sent as it."""
    own, kept = HttpsLine.exchange, list[Call]()

    def exchange(
        line: HttpsLine,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | Iterable[bytes] = b"",
        length: int = -1,
    ) -> Reply:
        assert isinstance(body, bytes) or length >= 0
        content = body if isinstance(body, bytes) else b"".join(body)
        user = base64.b64decode(headers["Authorization"].removeprefix("Basic ")).decode().partition(":")[0]
        if user == account or account in path:
            kept.append(Call(method=method, path=path, headers=headers, body=content, is_owner=user == account))
        return own(line, method, path, headers, content, len(content))

    with mock.patch.object(HttpsLine, "exchange", exchange):
        yield kept


class Raw:
    """A plain script's way: http.client, TLS, one kept connection for ours and one for each account."""

    def __init__(self, instance: Instance) -> None:
        self._address, self._port = cloud.address(instance), urllib.parse.urlsplit(cloud.url()).port
        self._context = ssl.create_default_context(cafile=str(cloud.ca_path(instance)))
        self._name = str(urllib.parse.urlsplit(cloud.url()).hostname)
        self._ours = basic("gerbang", cloud.app_password_path(instance).read_text(encoding="utf-8").strip())

    def seconds(self, recorded: Recorded, accounts: int) -> float:
        """Make so many accounts, one after the other, and try them, as many at once as the worker does."""
        begun = time.perf_counter()
        admin = self._connected()
        for group in recorded.values["groups"]:
            self._send(admin, "POST", "/ocs/v2.php/cloud/groups?format=json", self._ours, form({"groupid": group}))
        made = [self._made(admin, recorded) for _ in range(accounts)]
        admin.close()
        with ThreadPoolExecutor(max_workers=RUNS_TRIED_AT_ONCE) as pool:
            list(pool.map(lambda one: self._tried(recorded, *one), made))
        return time.perf_counter() - begun

    def _made(self, admin: http.client.HTTPSConnection, recorded: Recorded) -> tuple[str, str]:
        account, password = drawn_name(), make_secret()
        content = form(create_form(account, recorded.values, password))
        self._send(admin, "POST", "/ocs/v2.php/cloud/users?format=json", self._ours, content)
        return account, password

    def _tried(self, recorded: Recorded, account: str, password: str) -> None:
        admin, owner, as_owner = self._connected(), self._connected(), basic(account, password)
        cookies: dict[str, str] = {}
        for call in recorded.calls:
            path = call.path.replace(recorded.account, account)
            body = call.body.replace(recorded.account.encode(), account.encode())
            headers = {**call.headers, **(as_owner if call.is_owner else self._ours)}
            if "Cookie" in call.headers:  # where ours spoke within a session, so does the script
                headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
            cookies |= self._send(owner if call.is_owner else admin, call.method, path, headers, body)
        owner.close()
        admin.close()

    def _connected(self) -> http.client.HTTPSConnection:
        connection = http.client.HTTPSConnection(self._name, self._port, context=self._context)
        plain = socket.create_connection((self._address, self._port))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as http.client does when it connects itself
        connection.sock = self._context.wrap_socket(plain, server_hostname=self._name)
        return connection

    def _send(
        self, to: http.client.HTTPSConnection, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> dict[str, str]:
        """Send one; return the cookies that were set."""
        to.request(method, path, body or None, {"OCS-APIRequest": "true", **FORM, **headers})
        answer = to.getresponse()
        answer.read()
        said = (one.partition(";")[0].partition("=") for one in answer.headers.get_all("Set-Cookie", []))
        return {name: value for name, _, value in said}


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def basic(user: str, password: str) -> dict[str, str]:
    """The header of Basic authentication (RFC 7617)."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def form(pairs: Mapping[str, Any]) -> bytes:
    """A form's body; lists as PHP reads them."""
    spelt = {f"{name}[]" if isinstance(value, list) else name: value for name, value in pairs.items()}
    return urllib.parse.urlencode(spelt, doseq=True).encode()
