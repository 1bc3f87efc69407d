"""Is an account held to its traffic by the proxy in front of the cloud, by Apache and by nginx, and nobody else?"""

from __future__ import annotations

import base64
import http.client
import json
import socket
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from lab import cloud, verbs
from lab.instance import Instance, this_instance
from provisioner import providers
from provisioner.clock import utc_now
from provisioner.digests import Value
from provisioner.facts import traffic
from provisioner.facts.estate import Estate
from provisioner.facts.observation import Spot
from provisioner.facts.property import Undo
from provisioner.items.order import Order
from provisioner.names import draw_id, draw_item_id, mark
from provisioner.plans.change import Change
from provisioner.plans.plan import Part, Task
from provisioner.providers.base import Attempt
from provisioner.runner.inventory import read_estate
from provisioner.runner.part import run_parts
from provisioner.runs.part_result import PartResult
from provisioner.verification.verdict import Trial
from tests.lab.part_runner import PartRunner, outcomes, part_runner

PASSWORD = "Rahasia-Sekali-1945"
LIMIT = 1 << 20
PROXIES = {"proxy1": traffic.APACHE, "proxy2": traffic.NGINX}


@pytest.fixture(scope="module")
def instance() -> Iterator[Instance]:
    """The lab's cloud and both proxies, which no other test needs."""
    lab = this_instance()
    verbs.up(lab, [cloud.NAME, *PROXIES])
    yield lab
    for name in PROXIES:
        verbs.take_away(lab, name)


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account of the cloud, as it is seen through one proxy."""

    name: str
    proxy: str
    instance: Instance
    estate: Estate
    item: str

    def rate(self, bytes_per_second: int = LIMIT) -> dict[str, Value]:
        """The value of its limit there."""
        return traffic.rate_value(
            traffic.Rate(
                item_id=self.item,
                mark=mark(self.item),
                account=self.name,
                bytes_per_second=bytes_per_second,
                driver=PROXIES[self.proxy],
            )
        )

    def part(self, before: Value, after: Value) -> Part:
        """The part that takes its limit from one to the other."""
        undo = Undo.REMOVE if before is None else Undo.RESTORE
        change = Change(
            system="traffic", target=f"{self.proxy}/{self.name}", property="rate", before=before, after=after, undo=undo
        )
        play = "unmake" if after is None else "make"
        tasks = (Task(name="traffic", changes=(change,)),)
        return Part(playbook="data_cloud", play=play, limit=self.proxy, stage=play, waits_for="", tasks=tasks)

    def stands(self) -> Value:
        """What is seen of its limit."""
        seen = providers.look(("traffic",), ("cloud1", self.proxy), self.estate, utc_now)
        return seen.value(Spot(system="traffic", target=f"{self.proxy}/{self.name}", property="rate"))

    def tried(self, *, is_held: bool = True) -> dict[str, Any]:
        """What the provider's own trial sees, once the proxy has taken up what it was told."""
        arguments = {
            "host": "cloud1",
            "account": self.name,
            "secret": "account_password",
            "proxy": self.proxy,
            "limit_bytes_per_second": LIMIT,
            "ending": "pdf",
            "largest_bytes": 512 << 20,
        }
        trial = Trial(
            name="traffic_limit_bites", system="traffic", label="", wanted={"within": is_held}, arguments=arguments
        )
        secrets = {"account_password": PASSWORD}
        context = Attempt(
            run_id="run_traffic", estate=self.estate, folder=Path("/dev/shm"), secrets=secrets, patience_seconds=10
        )
        return dict(providers.try_all((trial,), context)["traffic_limit_bites"])

    def fetched(self, path: str, times: int = 1) -> tuple[int, int, float]:
        """(last status, bytes, seconds) of a file fetched through the proxy by one connection."""
        started, size, status = time.monotonic(), 0, 0
        for _ in range(times):
            status, body = call(self.instance, self.estate.hosts[self.proxy].variables["ansible_host"], self.name, path)
            size += len(body) if status == 200 else 0
        return status, size, time.monotonic() - started


def call(instance: Instance, address: str, account: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    """GET, or PUT where there is a body, with TLS for the cloud's name."""
    context = ssl.create_default_context(cafile=str(cloud.ca_path(instance)))
    given = base64.b64encode(f"{account}:{PASSWORD}".encode()).decode()
    connection = http.client.HTTPSConnection("cloud.kota.lab", cloud.PORT, context=context)
    plain = socket.create_connection((address, cloud.PORT), timeout=60)
    connection.sock = context.wrap_socket(plain, server_hostname="cloud.kota.lab")
    try:
        connection.request("PUT" if body else "GET", path, body, {"Authorization": f"Basic {given}"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.fixture(scope="module")
def runner(instance: Instance) -> Iterator[PartRunner]:
    """What carries a part out as the worker does."""
    with part_runner(instance, {}) as made:
        yield made


@pytest.fixture(params=PROXIES)
def accounts(
    request: pytest.FixtureRequest, instance: Instance, runner: PartRunner
) -> Iterator[tuple[Account, Account]]:
    """Two accounts with a file of 4 MiB each; whatever limit the test leaves is taken away."""
    estate = read_estate(instance.checkout / "inventories" / "lab" / "hosts.py")
    both = tuple(
        Account(name=name, proxy=request.param, instance=instance, estate=estate, item=draw_item_id())
        for name in ("arsip.disdik", "bina.disdik")
    )
    cloud.ask(instance, do="reset")
    for one in both:
        cloud.ask(instance, do="account", id=one.name, password=PASSWORD)
        path = f"/remote.php/dav/files/{one.name}/besar.bin"
        assert call(instance, cloud.address(instance), one.name, path, bytes(4 << 20))[0] == 201
    yield both[0], both[1]
    for one in both:
        if (left := one.stands()) is not None:
            runner.run(one.part(left, None))
    providers.close_connections(estate)


def test_two_downloads_at_once_stay_within_the_limit_and_a_second_account_is_not_slowed(
    accounts: tuple[Account, Account], runner: PartRunner
) -> None:
    one, other = accounts
    assert (one.stands(), one.tried(is_held=False)["within"]) == (None, False)
    part = one.part(None, one.rate())
    assert outcomes(runner.run(part)) == {"traffic": "changed"}
    assert (one.stands(), other.stands()) == (one.rate(), None)
    assert one.tried()["within"]
    with ThreadPoolExecutor() as at_once:
        tried = at_once.submit(one.tried)
        time.sleep(0.5)
        status, size, seconds = other.fetched("/remote.php/dav/files/bina.disdik/besar.bin", 5)
        is_running = not tried.done()
    assert (status, size, is_running) == (200, 20 << 20, True)
    assert size / seconds > 10 * LIMIT
    seen = tried.result()
    assert seen["within"], seen
    assert seen["bytes_per_second"] > {traffic.APACHE: 0.8, traffic.NGINX: 0.4}[PROXIES[one.proxy]] * LIMIT
    assert outcomes(runner.run(part)) == {"traffic": "same"}
    assert outcomes(runner.run(one.part(one.rate(), None))) == {"traffic": "changed"}
    assert (one.stands(), one.tried(is_held=False)["within"]) == (None, False)


@pytest.mark.parametrize(
    "path",
    [
        "/remote.php/dav/files/arsip.disdik/besar.bin",
        "/remote.php/dav/files/%61rsip.disdik/besar.bin",
        "/remote.php/dav/files/ARSIP.disdik/besar.bin",
        "/remote.php/dav//files/arsip.disdik/besar.bin",
    ],
)
def test_however_its_path_is_written_the_account_is_held(
    accounts: tuple[Account, Account], runner: PartRunner, path: str
) -> None:
    one, _ = accounts
    runner.run(one.part(None, one.rate(4 * LIMIT)))
    time.sleep(1)  # nginx's old workers still answer for 0.1 s
    status, size, seconds = one.fetched(path)
    assert (status, size) == (200, 4 << 20), "what is not given is not held either"
    assert seconds > 0.8


def test_of_runs_that_share_a_call_one_meets_a_third_value_and_the_others_are_done(
    accounts: tuple[Account, Account], runner: PartRunner
) -> None:
    one, other = accounts
    runner.run(one.part(None, one.rate(2 * LIMIT)))
    results = shared(runner, one.part(None, one.rate()), other.part(None, other.rate()))
    assert [outcomes(result) for result in results] == [{"traffic": "foreign"}, {"traffic": "changed"}]
    assert "third value" in results[0].tasks[0].message
    assert (one.stands(), other.stands()) == (one.rate(2 * LIMIT), other.rate())


def shared(runner: PartRunner, *parts: Part) -> tuple[PartResult, ...]:
    """Carry the parts out in one call, each for a run of its own."""
    orders = [
        Order(
            part=part,
            run_id=draw_id("run"),
            item_id=draw_item_id(),
            sealed=(),
            told=lambda _task, _text: None,
            finished=lambda _result: None,
            cancelled=lambda: False,
        )
        for part in parts
    ]
    return run_parts(runner.places, orders)


def test_a_file_that_the_proxy_refuses_never_becomes_live(
    accounts: tuple[Account, Account], runner: PartRunner
) -> None:
    one, _ = accounts
    text = str(one.rate()["text"]).replace("BandWidth all", "BandWith all").replace('";', "")
    result = runner.run(one.part(None, {**one.rate(), "text": text}))
    assert outcomes(result) == {"traffic": "failed"}
    assert json.dumps(result.tasks[0].message).count("gerbang-traffic") > 0
    assert (one.stands(), one.fetched("/remote.php/dav/files/arsip.disdik/besar.bin")[0]) == (None, 200)


def test_a_proxy_of_another_driver_is_told_to_be_prepared_first(
    accounts: tuple[Account, Account], runner: PartRunner
) -> None:
    one, _ = accounts
    wrong = replace(one, proxy={"proxy1": "proxy2", "proxy2": "proxy1"}[one.proxy])
    part = replace(one.part(None, wrong.rate()), limit=one.proxy)
    result = runner.run(part)
    assert outcomes(result) == {"traffic": "failed"}
    assert "play site.yml on this proxy" in result.tasks[0].message
