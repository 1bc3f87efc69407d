"""Does a limit of traffic hold, or is it gone, as the run says, whatever is killed or fails at the proxy meanwhile?

With Apache or with nginx in front of the cloud, beside a neighbour's account with a limit of its own, and proved by
what downloads get where a file could stand that the proxy has not taken up. Every step of the duty is enumerated in
tests/chaos/test_traffic_killed.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from threading import Timer
from typing import Any

import pytest

from lab import cloud, faults
from lab.instance import this_instance
from provisioner import providers
from provisioner.facts.traffic import APACHE, NGINX
from provisioner.workflow.hands import Hands
from tests.house import PEOPLE
from tests.lab.killed import carry_out_killed, during_task, processes_left
from tests.lab.planted import planted
from tests.lab.proxied import MBIT, PASSWORD, PROXIES, SERVICES, Proxied, fault, proxied

KIB = 1024
# Each takes some seconds, so that each is tried with one of the two; step by step tests/chaos has both.
ON_APACHE, ON_NGINX = (
    pytest.mark.parametrize("at", [proxy], indirect=True, scope="module") for proxy in ("proxy1", "proxy2")
)
BROKEN = {APACHE: "/etc/apache2/conf-enabled/kantor.conf", NGINX: "/etc/nginx/conf.d/kantor.conf"}


@pytest.fixture(scope="module", params=PROXIES)
def at(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    """An office with that proxy in front of its cloud, and one account already held there."""
    with proxied(this_instance(), request.param, tmp_path_factory.mktemp(request.param)) as at:
        at.hold("bina.disdik", 100 * MBIT)
        at.is_exact()
        yield at


@contextmanager
def patient(at: Proxied) -> Iterator[None]:
    """Let what needs time be tried, too."""
    at.house.is_patient = True
    try:
        yield
    finally:
        at.house.is_patient = False


@contextmanager
def armed(at: Proxied, arm: Callable[[Hands], Hands]) -> Iterator[None]:
    """Let the house work with other hands for the block."""
    own = at.house.hands
    at.house.hands = arm(own)
    try:
        yield
    finally:
        at.house.hands = own


# -- The duty is killed on the proxy between the file and the reload --------------------------------------------------


@ON_APACHE
def test_a_limit_comes_changes_and_goes_as_its_runs_say(at: Proxied) -> None:
    house, run_id = at.house, at.house.to_run(traffic_mbit=8)
    account, item = at.account(run_id), house.item_of(run_id)
    with patient(at), planted(at.host, "after:traffic killed"):
        assert at.done(run_id)["traffic_limit_bites"]
    at.stand[account] = 8 * MBIT
    at.is_exact()
    (password,) = house.claimed(item).values()
    path = at.lay(account, 512 * KIB, password)
    run_id = house.verb("change", item, traffic_mbit=16)
    with planted(at.host, "after:traffic killed"):
        at.done(run_id)
    at.stand[account] = 16 * MBIT
    at.is_exact()
    assert 1.2 * 8 * MBIT < at.rate(account, path, password, at_once=4) < 1.1 * 16 * MBIT
    run_id = house.terminate(item)
    assert house.carry_out(run_id) == "waiting_until"
    house.desk.record_download(PEOPLE["teknis"], item)
    house.clock.move(days=31)
    with planted(at.host, "after:traffic killed"):
        assert at.done(run_id) == {"plan_empty": True, "cloud_absent": True}
    del at.stand[account]
    at.is_exact()
    is_held_by_nobody(at, account)


@ON_APACHE
def test_a_limit_that_is_taken_back_holds_nobody(at: Proxied) -> None:
    """The account could not be made, so its limit is taken back; the duty that does it is killed."""
    run_id = at.house.to_run(traffic_mbit=8)
    with armed(at, around_first(at, "unmake", before=lambda: plant(at, "after:traffic killed"))), broken_cloud(at):
        assert at.house.carry_out(run_id) == "failed"
    assert at.account(run_id) not in at.accounts()
    is_held_by_nobody(at, at.account(run_id))
    at.is_exact()


def plant(at: Proxied, fault: str) -> None:
    """Leave it on the proxy; one that kills takes itself away."""
    at.host.check_output("echo %s > /etc/gerbang/fail_task", fault)


def around_first(
    at: Proxied,
    play: str,
    *,
    before: Callable[[], object] = lambda: None,
    after: Callable[[], object] = lambda: None,
) -> Callable[[Hands], Hands]:
    """Hands that do something around the first of their parts of that play at the proxy, and of no other."""
    left = [play]

    def arm(hands: Hands) -> Hands:
        def do(part: Any, **more: Any) -> Any:
            if part.limit != at.proxy or part.play not in left:
                return hands.do(part, **more)
            left.clear()
            before()
            result = hands.do(part, **more)
            after()
            return result

        return replace(hands, do=do)

    return arm


@contextmanager
def broken_cloud(at: Proxied) -> Iterator[None]:
    """Let no account be made."""
    cloud.fault(at.instance, "html_error", method="POST", path=r"/cloud/users\?")
    try:
        yield
    finally:
        cloud.fault(at.instance, "html_error", on=False)


def is_held_by_nobody(at: Proxied, name: str) -> None:
    """Somebody who now has an account of that name downloads as fast as the machines can."""
    cloud.ask(at.instance, do="account", id=name, password=PASSWORD)
    assert at.rate(name, at.lay(name, 1024 * KIB)) > 10 * MBIT


# -- The worker is killed, the proxy loses its power or its network ----------------------------------------------------


@ON_NGINX
def test_a_worker_killed_while_the_duty_is_at_work_finds_it_done(at: Proxied) -> None:
    run_id = at.house.to_run(traffic_mbit=80)
    with planted(at.host, "after:traffic slowly"):
        carry_out_killed(at.house, run_id, during_task("traffic"))
        assert processes_left(at.house.settings.runtime_directory) == []
        at.host.check_output("rm /etc/gerbang/fail_task")  # what sleeps there has read it
        at.done(run_id)
    at.stand[at.account(run_id)] = 80 * MBIT
    at.is_exact()


@ON_NGINX
def test_a_proxy_that_loses_its_power_in_mid_duty_holds_the_limit_when_it_is_back(at: Proxied) -> None:
    run_id = at.house.to_run(traffic_mbit=80)
    cut = Timer(2, lambda: faults.switch(at.instance, "lost_power", at.proxy, on=True))
    with planted(at.host, "after:traffic slowly"), armed(at, around_first(at, "make", before=cut.start)):
        assert at.house.carry_out(run_id) == "unknown"
        faults.switch(at.instance, "lost_power", at.proxy, on=False)
    at.done(run_id)
    at.stand[at.account(run_id)] = 80 * MBIT
    at.is_exact()


@ON_NGINX
def test_a_proxy_that_is_not_reached_lets_nothing_begin_and_once_it_answers_all_is_done(at: Proxied) -> None:
    run_id = at.house.to_run(traffic_mbit=80)
    providers.close_connections(at.house.hands.estate())  # over a warm one the silence is noticed after 15 s
    with fault(at, "cut_network"):
        assert at.house.carry_out(run_id) == "unknown"
    assert at.account(run_id) not in at.accounts()
    at.is_exact()
    at.done(run_id)
    at.stand[at.account(run_id)] = 80 * MBIT
    at.is_exact()


# -- The proxy refuses -------------------------------------------------------------------------------------------------


def refused(at: Proxied, run_id: str, why: str) -> None:
    """The run fails for that reason, with neither limit nor account."""
    assert at.house.carry_out(run_id) == "failed"
    assert why in at.why(run_id)
    assert at.account(run_id) not in at.accounts()
    assert at.limits() == at.stand


def retried(at: Proxied, run_id: str) -> None:
    """Under the same decision it is done now."""
    again = at.house.desk.retry(PEOPLE["pengkaji"], run_id).id
    at.done(again)
    at.stand[at.account(run_id)] = 80 * MBIT
    at.is_exact()


@ON_APACHE
def test_a_configuration_of_the_offices_own_that_is_broken_is_never_loaded(at: Proxied) -> None:
    """Apache ends at the reload of such a one: so it is tried before, and again where a duty was killed before it."""
    first, second = at.house.to_run(traffic_mbit=80), at.house.to_run(traffic_mbit=80)
    with office_breaks_it(at):
        refused(at, first, "kantor.conf")
        assert at.serves()
    plant(at, "after:traffic killed")
    with office_breaks_it(at, now=False) as breaks, armed(at, around_first(at, "make", after=breaks)):
        assert at.house.carry_out(second) == "needs_attention"
        assert at.serves()
        assert at.why(second) == f"traffic {at.proxy}/{at.account(second)} rate masih ada"
    at.house.unmake(second)
    at.house.desk.look_at(PEOPLE["pengkaji"], second)
    assert at.house.carry_out(second) == "failed"
    retried(at, first)


@contextmanager
def office_breaks_it(at: Proxied, *, now: bool = True) -> Iterator[Callable[[], object]]:
    """Let the proxy's other configuration hold what its parser refuses, loaded by nobody yet: now, or when told."""

    def breaks() -> object:
        return at.host.check_output("echo Rusak > %s", BROKEN[at.driver])

    if now:
        breaks()
    try:
        yield breaks
    finally:
        at.host.check_output("rm -f %s", BROKEN[at.driver])


@ON_NGINX
def test_a_proxy_that_is_stopped_gets_no_limit_and_lets_one_go(at: Proxied) -> None:
    first, second, service = at.house.to_run(traffic_mbit=80), at.house.to_run(traffic_mbit=8), SERVICES[at.driver]
    with fault(at, "stopped_service", service):
        refused(at, first, f"{service} does not run here")
    with stopped_later(at) as stop, armed(at, around_first(at, "make", after=stop)), broken_cloud(at):
        assert at.house.carry_out(second) == "failed"
    is_held_by_nobody(at, at.account(second))
    at.is_exact()


@contextmanager
def stopped_later(at: Proxied) -> Iterator[Callable[[], object]]:
    """Stop what serves when told; it runs again after the block."""
    switch = partial(faults.switch, at.instance, "stopped_service", at.proxy, service=SERVICES[at.driver])
    try:
        yield partial(switch, on=True)
    finally:
        switch(on=False)


@ON_NGINX
def test_a_disk_that_is_full_gets_no_limit(at: Proxied) -> None:
    run_id = at.house.to_run(traffic_mbit=80)
    with fault(at, "full_disk"):
        refused(at, run_id, "No space left on device")
        assert at.serves()
    retried(at, run_id)
