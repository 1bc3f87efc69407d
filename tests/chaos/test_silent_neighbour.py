"""Whom does one silent server hold up? Its own items, and nobody else's: neither their plans nor their measuring."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from provisioner.errors import Unreachable
from provisioner.facts.estate import Estate, Host
from provisioner.facts.observation import Spot
from provisioner.items.item import Item
from provisioner.plans.plan import Plan, PlanState
from provisioner.plans.record import PlanRecord
from provisioner.store import alarms, last_looks, sums, usage
from provisioner.workflow.look import look
from provisioner.workflow.watch import due, watch
from tests.house import ESTATE, PEOPLE, EngineHouse
from tests.verbs import SUCCESSOR

GIB = 1024**3
USED = "storage_used_bytes"
Builder = Callable[..., "Office"]


@dataclass(frozen=True, kw_only=True)
class Two:
    """A kind with two servers: their names, the sum by which one is chosen, and how a second item of it differs."""

    kind: str
    first: str
    second: str
    sum: str
    other: Mapping[str, Any]


HOSTING = Two(
    kind="hosting",
    first="web1",
    second="web2",
    sum="storage_bytes",
    other={"sub_domain": "lainnya", "second_name": "none"},
)
CLOUD = Two(
    kind="data_cloud", first="cloud1", second="cloud2", sum="quota_bytes", other={"account_id": "kas.dincontoh"}
)
BOTH = [pytest.param(HOSTING, id="hosting"), pytest.param(CLOUD, id="data_cloud")]
VERBS: Mapping[str, Mapping[str, Any]] = {
    "change": {},
    "suspend": {},
    "rotate": {},
    "appoint": {"letter": {"technical": SUCCESSOR}},
    "terminate": {},
}
CHANGED: Mapping[str, Mapping[str, Any]] = {"hosting": {"storage_gb": 8}, "data_cloud": {"quota_gb": 8}}


class Office:
    """An office with two servers of a kind; the second has as much room as the first, or `more`."""

    def __init__(self, folder: Path, two: Two, estate: Estate | None = None) -> None:
        self.two = two
        self.house = EngineHouse(folder, kind=two.kind)
        self.house.estate = estate or twins(two)
        self.house.open()
        self.room(two.second, 100)
        self.room(two.first, 100)

    def room(self, host: str, gib: int) -> None:
        with self.house.database.transaction() as uow:
            for name, limit in self.house.estate.hosts[host].variables["sums"].items():
                sums.set_sum(uow, f"{host}:{name}", gib * GIB if name == self.two.sum else limit)

    def stand(self, host: str, **fields: Any) -> Item:
        """Let an item stand on that host."""
        self.room(host, 900)
        run_id = self.house.to_run(**fields)
        assert self.house.carry_out(run_id) == "done"
        self.room(host, 100)
        item = self.house.desk.item(PEOPLE["kabid"], self.house.desk.run(PEOPLE["kabid"], run_id).run.item_id).item
        assert item.choices["host"] == host
        return item

    def record(self, line_id: str) -> PlanRecord:
        return self.house.desk.plan(PEOPLE["kabid"], line_id).record

    def current(self, line_id: str) -> Plan:
        record = self.record(line_id)
        assert (record.state, record.reasons) == (PlanState.CURRENT, ())
        assert record.plan is not None
        return record.plan

    def again(self, line_id: str, **wishes: str) -> None:
        """Look again, as a person asks for it."""
        plan_id = self.house.desk.look_again(
            PEOPLE["pengkaji"], line_id, wishes=wishes, reason="dicoba" if wishes else ""
        )
        look(self.house.hands, plan_id)

    def unreachable(self, line_id: str) -> list[str]:
        """Who is told to be silent, and what else stands in the way."""
        record = self.record(line_id)
        assert (record.state, record.plan) == (PlanState.UNREACHABLE, None)
        return [reason.what for reason in record.reasons]

    def points(self, item: Item) -> list[int]:
        with self.house.database.reading() as uow:
            return [p.value for p in reversed(usage.page(uow, item.id, limit=100)) if p.measure == USED]


def twins(two: Two, **more: Host) -> Estate:
    """The tests' estate with a second server like the first."""
    twin = replace(ESTATE.hosts[two.first], name=two.second)
    return replace(ESTATE, hosts={**ESTATE.hosts, two.second: twin, **more})


def behind_proxies() -> Estate:
    """Two cloud servers, each behind its own proxy."""
    estate = twins(CLOUD)
    for server, proxy in (("cloud1", "proxy1"), ("cloud2", "proxy2")):
        own = {**estate.hosts[server].variables, "traffic_driver": "nginx", "traffic_proxy": proxy}
        hosts = {
            server: replace(estate.hosts[server], variables=own),
            proxy: Host(name=proxy, groups=frozenset({"cloud_proxy"}), variables={}),
        }
        estate = replace(estate, hosts={**estate.hosts, **hosts})
    return estate


@pytest.fixture
def build(tmp_path: Path) -> Builder:
    """Builds an office."""

    def built(two: Two, estate: Estate | None = None) -> Office:
        return Office(tmp_path, two, estate)

    return built


def silent(*hosts: str) -> str:
    return f"{', '.join(hosts)} tidak menjawab, atau jawabannya tidak terbaca"


# -- A verb on what stands --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("two", BOTH)
def test_a_verb_asks_only_those_whom_its_run_will_ask(build: Builder, two: Two, verb: str) -> None:
    office = build(two)
    item = office.stand(two.first)
    office.house.world.silence(two.second)
    line_id = office.house.to_plan_of(verb, item.id, **VERBS[verb], **(CHANGED[two.kind] if verb == "change" else {}))
    digest = office.current(line_id).digest
    office.house.world.silence()
    office.again(line_id)
    assert office.current(line_id).digest == digest, "who was looked at beside it is no part of what is approved"
    office.house.desk.do_step(PEOPLE["pengkaji"], office.house.request_of(line_id), "review")
    run_id = office.house.approve(line_id)
    office.house.world.silence(two.second)
    assert office.house.carry_out(run_id) == ("waiting_until" if verb == "terminate" else "done")


@pytest.mark.parametrize("two", BOTH)
def test_a_verb_whose_own_server_is_silent_says_so_of_it_alone(build: Builder, two: Two) -> None:
    office = build(two)
    item = office.stand(two.first)
    office.house.world.silence(two.first, two.second)
    assert office.unreachable(office.house.to_plan_of("suspend", item.id)) == [silent(two.first)]


@pytest.mark.parametrize("two", BOTH)
def test_an_item_whose_server_left_the_inventory_has_a_plan_that_says_so(build: Builder, two: Two) -> None:
    office = build(two)
    item = office.stand(two.first)
    known = office.house.estate
    office.house.estate = replace(known, hosts={name: host for name, host in known.hosts.items() if name != two.first})
    record = office.record(office.house.to_plan_of("suspend", item.id))
    assert (record.state, [reason.code for reason in record.reasons]) == (PlanState.IMPOSSIBLE, ["no_such_host"])


def test_a_change_looks_at_the_proxy_that_came_in_front_of_the_server_since(build: Builder) -> None:
    """The account has no proxy yet; its change puts a limit there, and so what stands there must be seen."""
    office = build(CLOUD)
    item = office.stand("cloud1")
    office.house.estate = behind_proxies()
    office.house.world.silence("proxy1")
    line_id = office.house.to_plan_of("change", item.id, traffic_mbit=5)
    assert office.unreachable(line_id) == [silent("proxy1")]
    office.house.world.silence("cloud2", "proxy2")
    office.again(line_id)
    spot = Spot(system="traffic", target=f"proxy1/{item.choices['account']}", property="rate")
    assert [change.spot for change in office.current(line_id).changes] == [spot]
    office.house.desk.do_step(PEOPLE["pengkaji"], office.house.request_of(line_id), "review")
    assert office.house.carry_out(office.house.approve(line_id)) == "done"
    assert spot in office.house.world.read().values
    office.house.world.silence("proxy1")
    assert office.unreachable(office.house.to_plan_of("suspend", item.id)) == [silent("proxy1")]


def test_a_new_name_of_a_site_is_said_to_be_unknown_where_nobody_looked(build: Builder) -> None:
    """Its own host, the zone and our holds are asked; what a foreign site elsewhere calls itself, nobody knows."""
    office = build(HOSTING)
    item = office.stand("web1")
    told = "Situs di host lain: tidak dilihat"
    page = office.current(office.house.to_plan_of("change", item.id, second_name="kepegawaian")).page
    assert [said.partition(";")[0] for said in page["not_compared"] if "host lain" in said] == [told]
    other = office.stand("web1", **HOSTING.other)
    page = office.current(office.house.to_plan_of("change", other.id, storage_gb=8)).page
    assert [said for said in page["not_compared"] if "host lain" in said] == []


# -- What is to be made -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("two", BOTH)
def test_what_is_new_goes_where_somebody_answers_and_the_plan_says_who_did_not(build: Builder, two: Two) -> None:
    office = build(two)
    office.room(two.second, 200)  # it would be chosen
    office.house.world.silence(two.second)
    line_id = office.house.to_plan()
    plan = office.current(line_id)
    assert plan.choices["host"] == two.first
    about = [said for said in plan.page["why_here"] if said.startswith(two.second)]
    assert [said.partition(";")[0].rstrip(".") for said in about] == [
        f"{two.second} tidak menjawab, tidak dipertimbangkan"
    ]
    office.house.world.silence()
    office.again(line_id)
    assert office.current(line_id).digest == plan.digest, "choices stay, and what was looked at is not digested"
    assert [said for said in office.current(line_id).page["why_here"] if "tidak menjawab" in said] == []
    office.house.desk.do_step(PEOPLE["pengkaji"], office.house.request_of(line_id), "review")
    run_id = office.house.approve(line_id)
    office.house.world.silence(two.second)
    assert office.house.carry_out(run_id) == "done"


@pytest.mark.parametrize("two", BOTH)
def test_where_nobody_answers_or_who_does_is_full_nothing_is_planned(build: Builder, two: Two) -> None:
    """A look again may find room on the other: so it is not impossible, and what is full is said beside it."""
    office = build(two)
    office.house.world.silence(two.first, two.second)
    line_id = office.house.to_plan()
    assert office.unreachable(line_id) == [silent(two.first, two.second)]
    office.room(two.first, 1)
    office.house.world.silence(two.second)
    office.again(line_id)
    told, full = office.unreachable(line_id)
    assert told == silent(two.second)
    assert f"ruang simpan {two.first} tidak cukup" in full
    office.house.world.silence()
    office.again(line_id)
    assert office.current(line_id).choices["host"] == two.second


@pytest.mark.parametrize("two", BOTH)
def test_a_server_that_was_wished_for_or_chosen_already_is_not_passed_over(build: Builder, two: Two) -> None:
    office = build(two)
    office.house.world.silence(two.second)
    line_id = office.house.to_plan()
    office.again(line_id, host=two.second)
    assert office.unreachable(line_id)[0] == silent(two.second)
    office.house.world.silence()
    office.again(line_id, host=two.second)
    assert office.current(line_id).choices["host"] == two.second
    office.house.world.silence(two.second)
    office.again(line_id)
    assert office.unreachable(line_id)[0] == silent(two.second)


def test_a_silent_zone_is_nobodys_neighbour_and_leaves_every_site_without_a_plan(build: Builder) -> None:
    office = build(HOSTING)
    office.house.world.silence("kota.lab", "web2")
    assert office.unreachable(office.house.to_plan()) == [silent("kota.lab", "web2")]


def test_a_server_behind_a_silent_proxy_is_passed_over_and_its_neighbour_is_not(build: Builder) -> None:
    """Nobody would know what holds the account to its traffic there."""
    office = build(CLOUD, behind_proxies())
    office.room("cloud2", 200)
    office.house.world.silence("proxy2")
    plan = office.current(office.house.to_plan())
    assert (plan.choices["host"], plan.choices["traffic_proxy"]) == ("cloud1", "proxy1")
    assert plan.page["why_here"][1] == "proksi proxy2 di depan cloud2 tidak menjawab, tidak dipertimbangkan."
    office.house.world.silence("proxy1", "proxy2")
    assert office.unreachable(office.house.to_plan(**CLOUD.other)) == [silent("proxy1, proxy2")]


# -- What is measured -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("two", BOTH)
def test_a_silent_server_is_a_gap_for_its_own_items_alone(build: Builder, two: Two) -> None:
    office = build(two)
    mine, theirs = office.stand(two.first), office.stand(two.second, **two.other)
    kind, world = office.house.hands.kinds[two.kind], office.house.world
    for item in (mine, theirs):
        world.measure(f"{kind.target(item.choices)}:{USED}", 5)
    watch(office.house.hands, two.kind)
    office.house.clock.move(days=1)
    before = office.house.clock.now
    world.silence(two.second)
    watch(office.house.hands, two.kind)
    assert (office.points(mine), office.points(theirs)) == ([5, 5], [5])
    with office.house.database.reading() as uow:
        looks = last_looks.of(uow, [two.first, two.second, kind.target(theirs.choices)])
    assert {name: one.at > before for name, one in looks.items()} == {
        two.first: True,
        two.second: False,
        kind.target(theirs.choices): False,
    }
    day = office.house.clock.now - before
    assert two.kind in due(office.house.hands, day), "asked for again: nobody knows how it stands there"
    world.silence()
    watch(office.house.hands, two.kind)
    assert (office.points(mine), office.points(theirs)) == ([5, 5], [5, 5])
    world.silence(two.first, two.second)
    with pytest.raises(Unreachable):
        watch(office.house.hands, two.kind)


def test_what_was_over_its_limit_stays_so_while_nobody_knows_better(build: Builder) -> None:
    office = build(HOSTING)
    mine, theirs = office.stand("web1"), office.stand("web2", **HOSTING.other)
    for item in (mine, theirs):
        office.house.world.measure(f"{item.choices['host']}/{item.id}:database_used_bytes", 99 * GIB)
    watch(office.house.hands, "hosting")
    office.house.world.silence("web2")
    office.house.world.measure(f"web1/{mine.id}:database_used_bytes", 1)
    watch(office.house.hands, "hosting")
    with office.house.database.reading() as uow:
        found = {item.id: [one.code for one in alarms.of_item(uow, item.id)] for item in (mine, theirs)}
    assert found == {mine.id: [], theirs.id: ["database_over"]}
