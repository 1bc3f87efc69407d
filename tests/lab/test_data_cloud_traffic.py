"""Is an account held to its traffic from before it stands until it is gone, on the whole walk with a real proxy?

Once with Apache in front of the cloud, once with nginx.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import yaml

from lab.instance import this_instance
from provisioner.items.item import ItemState
from provisioner.workflow.look import look
from tests.house import PEOPLE
from tests.lab.office_house import drawn_name
from tests.lab.planted import planted
from tests.lab.proxied import MBIT, PROXIES, Proxied, proxied

KIB = 1024
ON_APACHE = pytest.mark.parametrize("at", ["proxy1"], indirect=True, scope="module")  # how lines share is no driver's


@pytest.fixture(scope="module", params=PROXIES)
def at(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    """An office that tries what needs time, too, and has that proxy in front of its cloud."""
    with proxied(this_instance(), request.param, tmp_path_factory.mktemp(request.param)) as at:
        at.house.is_patient = True
        yield at


def test_an_account_is_held_to_its_traffic_from_its_first_download_until_it_is_gone(at: Proxied) -> None:
    house = at.house
    run_id = house.to_run(traffic_mbit=8)
    item, account = house.item_of(run_id), at.account(run_id)
    assert [part.limit for part in house.approved(run_id).parts] == [at.proxy, "cloud1"]
    assert at.done(run_id)["traffic_limit_bites"]
    (password,) = house.claimed(item).values()
    path = at.lay(account, 512 * KIB, password)
    assert at.rate(account, path, password) < 1.1 * 8 * MBIT
    assert at.limits() == {account: 8 * MBIT}
    at.done(house.verb("change", item, traffic_mbit=20))
    assert at.limits() == {account: 20 * MBIT}
    path = at.lay(account, 1024 * KIB, password)
    assert 8 * MBIT < at.rate(account, path, password, at_once=4) < 1.1 * 20 * MBIT
    assert at.done(house.verb("suspend", item)) == {"plan_empty": True, "cloud_refused": True}
    assert at.done(house.verb("resume", item)) == {"plan_empty": True, "cloud_limits_bite_probe": True}
    assert at.limits() == {account: 20 * MBIT}
    run_id = house.terminate(item)
    assert house.carry_out(run_id) == "waiting_until"
    assert at.limits() == {account: 20 * MBIT}
    house.desk.record_download(PEOPLE["teknis"], item)
    house.clock.move(days=31)
    assert at.done(run_id) == {"plan_empty": True, "cloud_absent": True}
    assert house.item(item).state is ItemState.TERMINATED
    at.is_exact()


@ON_APACHE
def test_lines_of_one_letter_share_the_calls_to_proxy_and_server_and_each_gets_its_own_limit(at: Proxied) -> None:
    house = at.house
    document, names = yaml.safe_load(house.example(traffic_mbit=100)), [drawn_name() for _ in range(4)]
    asked = {**document, "lines": [{**document["lines"][0], "account_id": name} for name in names]}
    request = house.desk.submit(PEOPLE["opd"], json.dumps(asked).encode(), "application/json")
    house.desk.do_step(PEOPLE["umum"], request.id, "register", number="1/2026")
    house.desk.do_step(PEOPLE["kepala"], request.id, "disposition")
    lines = house.desk.request(PEOPLE["umum"], request.id).request.lines
    for one in lines:
        look(house.hands, str(one.plan_id))
    house.desk.do_step(PEOPLE["pengkaji"], request.id, "review")
    runs = [house.approve(one.id) for one in lines]
    assert house.carry_out(runs[0]) == "done"
    views = [house.desk.run(PEOPLE["kabid"], run_id) for run_id in runs]
    assert [view.run.state.value for view in views] == ["done"] * 4
    assert all(verdict.holds for view in views for verdict in view.verdicts)
    at.stand = dict.fromkeys(names, 100 * MBIT)
    at.is_exact()


@ON_APACHE
def test_a_limit_that_fails_to_be_put_there_leaves_nothing_behind_and_no_account(at: Proxied) -> None:
    run_id = at.house.to_run()
    with planted(at.host, "after:traffic"):
        assert at.house.carry_out(run_id) == "failed"
    assert at.account(run_id) not in at.accounts()
    at.is_exact()
