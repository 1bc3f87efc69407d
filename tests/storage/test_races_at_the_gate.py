"""When a crowd stands at the gate, is there one winner, and are the others told the truth? Both databases, by HTTP."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any

import httpx
import pytest

from provisioner.facts.estate import Estate
from provisioner.plans.plan import PlanState
from provisioner.store import alarms, holds, sums
from provisioner.store.database import Database
from provisioner.workflow.look import look
from tests.gate.office import Office
from tests.gate.test_claims import ACCEPTED, seal_for_real
from tests.house import ESTATE, EXAMPLE, PEOPLE
from tests.postgres import Cluster

MANY = 16
GIB = 1024**3


@pytest.fixture(scope="session")
def opened_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office opened once on SQLite, to be copied."""
    folder = tmp_path_factory.mktemp("office")
    Office(folder).house.close()
    return folder


@pytest.fixture(scope="session")
def opened_template(postgres_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The same on PostgreSQL, to be cloned."""
    url = postgres_cluster.create_database()
    office = Office(tmp_path_factory.mktemp("office"), url)
    office.open()
    office.house.close()
    return Database(url).engine.url.database or ""


@pytest.fixture
def office(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """An open office on that database."""
    if backend == "sqlite":
        shutil.copytree(request.getfixturevalue("opened_file"), tmp_path, dirs_exist_ok=True)
        office = Office(tmp_path)
    else:
        template = request.getfixturevalue("opened_template")
        cluster: Cluster = request.getfixturevalue("postgres_cluster")
        name = f"office{next(cluster.numbers)}"
        cluster.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        office = Office(tmp_path, cluster.url(name))
    yield office
    office.house.close()


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """Do all of them at the same moment; return what each came to."""
    start = Barrier(len(acts))

    def one(act: Callable[[], Any]) -> Any:
        start.wait(timeout=30)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def posting(client: httpx.Client, path: str, body: Any) -> Callable[[], httpx.Response]:
    """One POST, to be sent when the others are; on a machine too busy for all of them it is asked to come again."""

    def send() -> httpx.Response:
        answer = client.post(path, json=body)
        for _ in range(9):
            answer = client.post(path, json=body) if answer.status_code == 503 else answer
        return answer

    return send


def asked(name: str) -> dict[str, Any]:
    """The example for that name, and no other thing that is scarce."""
    line = {**EXAMPLE["lines"][0], "sub_domain": name, "second_name": "none", "database": "none"}
    line.pop("database_gb")
    return {**EXAMPLE, "lines": [line]}


def filed(office: Office, names: list[str]) -> list[str]:
    """Sixteen send their requests in at once; return the lines, carried to their look."""
    clients = [office.client("opd") for _ in names]
    calls = [posting(client, "/api/v1/requests", asked(name)) for client, name in zip(clients, names, strict=True)]
    answers = at_once(calls)
    assert Counter(answer.status_code for answer in answers) == {201: len(names)}
    assert len({answer.json()["number"] for answer in answers}) == len(names)
    desk = office.house.desk
    for answer in answers:
        desk.do_step(PEOPLE["umum"], answer.json()["id"], "register")
        desk.do_step(PEOPLE["kepala"], answer.json()["id"], "disposition")
    return [answer.json()["lines"][0]["id"] for answer in answers]


def looked(office: Office, lines: list[str]) -> list[str]:
    """Sixteen looks at once; return the lines that have a plan, and see that each of the others was told why not."""
    house = office.house
    asked_for = [house.desk.request(PEOPLE["umum"], house.request_of(line)).request.lines[0].plan_id for line in lines]
    at_once([partial(look, house.hands, str(plan_id)) for plan_id in asked_for])
    records = {line: house.desk.plan(PEOPLE["kabid"], line).record for line in lines}
    assert {record.state for record in records.values()} == {PlanState.CURRENT, PlanState.IMPOSSIBLE}
    return [line for line, record in records.items() if record.state is PlanState.CURRENT]


def told(office: Office, line: str) -> list[str]:
    """What the OPD's own people are told of a line that cannot be."""
    answer = office.client("opd").get(f"/api/v1/lines/{line}/plan").json()
    return [reason["what"] for reason in answer["reasons"]]


def test_sixteen_ask_for_one_name_and_one_has_it(office: Office) -> None:
    lines = filed(office, ["simpeg"] * MANY)
    winners = looked(office, lines)
    assert len(winners) == 1
    others = [told(office, line) for line in lines if line not in winners]
    with office.house.database.reading() as uow:
        until = holds.of_line(uow, winners[0])[0].expires_at
    assert until is not None
    said = until.astimezone(office.house.desk.now.tzinfo).strftime("%d-%m-%Y")
    for reasons in others:
        assert any(said in what for what in reasons), reasons
        # Whose it is, is not theirs to know.
        assert not any(word in what for what in reasons for word in ("2026-0", "req_", "line_", winners[0]))


def test_sixteen_ask_for_the_last_storage_and_one_has_it(office: Office) -> None:
    with office.house.database.transaction() as uow:
        sums.set_sum(uow, "web1:storage_bytes", 5 * GIB)
    lines = filed(office, [f"situs{number}" for number in range(MANY)])
    winners = looked(office, lines)
    assert len(winners) == 1
    with office.house.database.reading() as uow:
        assert holds.sums(uow, None)["web1:storage_bytes"] == (5 * GIB, 5 * GIB)


def test_sixteen_ask_for_the_last_user_number_and_one_has_it(office: Office) -> None:
    web1 = ESTATE.hosts["web1"]
    last = {**web1.variables, "uid_pool": {"first": 20000, "last": 20000}}
    office.house.estate = Estate(variables=ESTATE.variables, hosts={"web1": replace(web1, variables=last)})
    with office.house.database.transaction() as uow:
        for name in ("storage_bytes", "bandwidth_bytes_per_second"):
            sums.set_sum(uow, f"web1:{name}", 1000 * GIB)
    lines = filed(office, [f"situs{number}" for number in range(MANY)])
    winners = looked(office, lines)
    assert len(winners) == 1
    with office.house.database.reading() as uow:
        assert holds.taken(uow, None)["web1:uid"] == {"20000"}


def test_approve_and_reject_at_once_is_one_decision_and_the_other_is_told(office: Office) -> None:
    line_id = office.house.to_decision()
    plan = office.house.desk.plan(PEOPLE["kabid"], line_id).record.plan
    assert plan is not None
    path = f"/api/v1/lines/{line_id}/decision"
    bodies = [{"outcome": "approved", "digest": plan.digest}, {"outcome": "rejected", "reason": "penuh"}] * 4
    answers = at_once([posting(office.client("kabid"), path, body) for body in bodies])
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 7}
    won = next(answer.json()["outcome"] for answer in answers if answer.status_code == 201)
    view = office.house.desk.plan(PEOPLE["kabid"], line_id)
    assert [decision.outcome.value for decision in view.decisions] == [won]
    assert (view.line.run_id is not None) == (won == "approved")


def test_two_claim_at_once_and_one_gets_the_secret_the_other_410_and_the_item_an_alarm(office: Office) -> None:
    seal_for_real(office)
    run_id = office.house.to_run()
    assert office.house.carry_out(run_id) == "done"
    item_id = office.house.desk.run(PEOPLE["kabid"], run_id).run.item_id
    credential = office.house.desk.credentials(PEOPLE["teknis"], item_id)[0]
    path = f"/api/v1/credentials/{credential.id}/claim"
    answers = at_once([posting(office.client("teknis"), path, ACCEPTED) for _ in range(2)])
    assert sorted(answer.status_code for answer in answers) == [200, 410]
    assert [("secret" in answer.json()) for answer in sorted(answers, key=lambda one: one.status_code)] == [True, False]
    with office.house.database.reading() as uow:
        assert [alarm.code for alarm in alarms.of_item(uow, item_id)] == [credential.alarm_code]


def test_fifty_copies_of_a_decision_at_once_are_one(office: Office) -> None:
    line_id = office.house.to_decision()
    client, path = office.client("kabid"), f"/api/v1/lines/{line_id}/decision"
    client.headers["Idempotency-Key"] = "sekali"
    send = posting(client, path, {"outcome": "rejected", "reason": "penuh"})
    with ThreadPoolExecutor(10) as pool:
        told_all = {(answer.status_code, answer.content) for answer in pool.map(lambda _: send(), range(50))}
    assert [status for status, _ in told_all] == [201]
    assert len(office.house.desk.plan(PEOPLE["kabid"], line_id).decisions) == 1
