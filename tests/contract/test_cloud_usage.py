"""Do two scheduled looks at a server that answers leave two points of what an account really uses, and its last login?

The item was made on the fakes; the server is the lab's own, which counts what its accounts upload.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from provisioner import providers
from provisioner.desk.usage import Series
from provisioner.errors import Unreachable
from provisioner.facts.estate import Estate, Host
from provisioner.items.item import Item
from provisioner.ocs import Nextcloud
from provisioner.workflow.watch import watch
from tests.cloud import Served, serving
from tests.contract.cloud_ground import PASSWORD, estate
from tests.house import PEOPLE, EngineHouse

MIB = 1024**2


@pytest.fixture
def house(tmp_path: Path) -> Iterator[EngineHouse]:
    """An office with one cloud account delivered."""
    house = EngineHouse(tmp_path / "office", kind="data_cloud")
    house.open()
    assert house.carry_out(house.to_run()) == "done"
    yield house
    house.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server of the lab's."""
    with serving(tmp_path / "cloud") as cloud:
        yield cloud


def item_of(house: EngineHouse) -> Item:
    return house.desk.items(PEOPLE["kabid"])[0]


def client(served: Served, user: str, password: str) -> Nextcloud:
    return Nextcloud(served.url, user, password, address=served.address, ca_file=str(served.ca_file))


def look(house: EngineHouse, served: Served) -> None:
    """Look as the worker does, at that server."""
    hands = replace(
        house.hands, look=lambda systems, hosts: providers.look(systems, hosts, estate(served), house.clock)
    )
    watch(hands, "data_cloud")


def series_of(house: EngineHouse) -> dict[str, Series]:
    found = house.desk.item_usage(PEOPLE["opd"], item_of(house).id, days=90)
    return {series.measure.name: series for series in found.series}


def test_two_looks_are_two_points_of_what_the_account_uses_and_when_it_was_last_in(
    house: EngineHouse, served: Served
) -> None:
    item = item_of(house)
    account = str(item.choices["account"])
    with client(served, served.user, served.app_password) as admin:
        assert admin.post("/cloud/users", {"userid": account, "password": PASSWORD, "quota": "1 GB"}).ok
    look(house, served)
    with client(served, account, PASSWORD) as owner:
        place = f"/remote.php/dav/files/{account}"
        assert owner.exchange("PROPFIND", f"{place}/", {"Depth": "0"}).status == 207
        assert owner.exchange("PUT", f"{place}/laporan.pdf", {}, b"x" * 3 * MIB).status == 201
    house.clock.move(days=1)
    look(house, served)
    look(house, served)
    found = series_of(house)
    (_, before), (_, after) = found["storage_used_bytes"].points
    assert (before, after - before >= 3 * MIB) == (0, True)
    (_, never), (_, lately) = found["last_login_unix_seconds"].points
    assert never == 0
    assert lately > 1_700_000_000
    assert [amount for _, amount in found["storage_used_bytes"].granted] == [item.choices["quota_bytes"]]


def test_a_server_that_does_not_answer_leaves_no_point(house: EngineHouse, served: Served) -> None:
    served.ask(do="fault", name="html_error")
    with pytest.raises(Unreachable):
        look(house, served)
    assert [series.points for series in series_of(house).values()] == [()]


def test_a_server_that_does_not_answer_takes_no_point_from_the_one_beside_it(
    house: EngineHouse, served: Served, tmp_path: Path
) -> None:
    with client(served, served.user, served.app_password) as admin:
        account = str(item_of(house).choices["account"])
        assert admin.post("/cloud/users", {"userid": account, "password": PASSWORD, "quota": "1 GB"}).ok
    house.estate = both(house.estate)
    with serving(tmp_path / "silent") as other:
        known = replace(estate(served), hosts={**estate(served).hosts, "cloud2": host_of(other, "cloud2")})
        hands = replace(house.hands, look=lambda systems, hosts: providers.look(systems, hosts, known, house.clock))
        other.ask(do="fault", name="html_error")
        watch(hands, "data_cloud")
        assert [len(series.points) for series in series_of(house).values()] == [1, 1]
        served.ask(do="fault", name="html_error")
        with pytest.raises(Unreachable) as off:
            watch(hands, "data_cloud")
    assert off.value.where == "cloud1, cloud2"


def both(known: Estate) -> Estate:
    """The office's inventory with a second server like the first."""
    return replace(known, hosts={**known.hosts, "cloud2": replace(known.hosts["cloud1"], name="cloud2")})


def host_of(served: Served, name: str) -> Host:
    return replace(estate(served).hosts["cloud1"], name=name)


def test_an_account_that_the_server_lost_leaves_no_point(house: EngineHouse, served: Served) -> None:
    """What is not there uses nothing that anybody could measure: a zero would say that it was emptied."""
    look(house, served)
    assert [series.points for series in series_of(house).values()] == [()]
