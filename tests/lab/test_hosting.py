"""Does an approved request become a working site on a real host, whole, exactly as planned, and nothing else?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from testinfra.host import Host

from lab.instance import Instance
from provisioner.runs.part_result import PartOutcome, TaskResult
from provisioner.workflow.look import look
from tests.house import PEOPLE
from tests.lab.host_objects import moved, named, quiet
from tests.lab.logins import databases, sftp_lists
from tests.lab.office_house import OfficeHouse, office_house
from tests.lab.standing_site import StandingSite, stand, take_away

pytestmark = pytest.mark.usefixtures("instance")
On = Callable[[str], Host]
#: whatever is asked, this stands of every site
GROUND = {
    "file /etc/apache2/gerbang/ITEM.conf",
    "file /etc/letsencrypt/archive/ITEM",
    "file /etc/letsencrypt/live/ITEM",
    "file /etc/letsencrypt/renewal/ITEM.conf",
    "file /srv/www/ITEM",
    "file /var/log/gerbang/ITEM",
    "group ITEM",
    "member ITEM",
    "member gerbang-sftp",
    "named in /etc/apache2/gerbang/ITEM.conf",
    "named in /etc/group",
    "named in /etc/gshadow",
    "named in /etc/letsencrypt/renewal/ITEM.conf",
    "named in /etc/passwd",
    "named in /etc/shadow",
    "passwd ITEM",
    "subvolume ITEM",
}


def php(version: str) -> set[str]:
    """What PHP adds."""
    pool = f"/etc/php/{version}/fpm/pool.d/ITEM.conf"
    return {f"file {pool}", f"named in {pool}", "file /run/php/ITEM.sock"}


ALWAYS_SPOTS = {
    "account directories",
    "account logs",
    "account storage",
    "account user",
    "apache vhost",
    "certificate certificate",
    "dns address",
    "dns challenge",
    "dns mark",
}
ALWAYS_TRIED = {
    "bandwidth_limit_bites",
    "certificate_names",
    "http_redirects",
    "https_page",
    "plan_empty",
    "resolves",
    "sftp_inside",
    "storage_limit_bites",
}
PHP_TRIED = {"php_runs_as_site", "php_cannot_read_neighbour", "upload_limit_bites", "mail_as_asked"}
DATABASE_TRIED = {"database_login", "database_isolated"}


@dataclass(frozen=True, kw_only=True)
class Made:
    """A run that ended, and what the lab was like before it."""

    house: OfficeHouse
    run_id: str
    item: str
    before: dict[str, str]
    quiet_before: list[str]

    @property
    def verdicts(self) -> dict[str, bool]:
        """Verdict -> whether it holds."""
        return {v.name: v.holds for v in self.house.desk.run(PEOPLE["kabid"], self.run_id).verdicts}

    @property
    def tasks(self) -> list[tuple[str, str]]:
        """The duties and how each ended."""
        return [(task.name, task.state) for task in self.house.desk.run(PEOPLE["kabid"], self.run_id).tasks]


@pytest.fixture(scope="module")
def neighbour(instance: Instance) -> Iterator[StandingSite]:
    """Another tenant on web1 whose things must not move."""
    standing = stand(instance, "postgresql")
    yield standing
    take_away(instance, standing)


@pytest.fixture(scope="module")
def made(neighbour: StandingSite, on: On) -> Iterator[Made]:  # noqa: ARG001  it must stand
    """The site with everything that can be asked for: PHP, MariaDB, www, cron, .htaccess; every trial performed."""
    with office_house() as house:
        house.is_patient = True
        before, quiet_before = house.others(), quiet(on("web1"))
        run_id = house.to_run(second_name="www", cron="hourly", htaccess=True, database="mariadb")
        state = house.carry_out(run_id)
        assert (state, house.desk.run(PEOPLE["kabid"], run_id).run.why) == ("done", "")
        made = Made(house=house, run_id=run_id, item=house.item_of(run_id), before=before, quiet_before=quiet_before)
        yield made
        house.unmake(run_id)
        assert house.others() == before
        assert moved(quiet_before, quiet(on("web1"))) == []


def test_the_whole_site_stands_under_one_id_and_nothing_more(made: Made, on: On, lab: dict[str, Any]) -> None:
    network = lab["subnet"].replace("0/24", "0/255.255.255.0")
    assert named(on("web1"), made.item) == GROUND | php("8.2") | {
        "file /etc/cron.d/gerbang-ITEM",
        "file /var/lib/mysql/ITEM",
        "mariadb database ITEM",
        f"mariadb user ITEM@{network}",
        "mariadb user ITEM@localhost",
        "named in /etc/cron.d/gerbang-ITEM",
    }
    spots = made.house.spots_of(made.item, *made.house.names_of(made.run_id))
    assert spots == ALWAYS_SPOTS | {"account cron", "php_fpm pool", "mariadb database", "mariadb user"}


def test_every_task_changed_something_and_every_trial_holds(made: Made) -> None:
    order = ("challenge", "account", "database", "certificate", "php_fpm", "apache", "dns")
    assert made.tasks == [(task, "changed") for task in order]
    assert made.verdicts == dict.fromkeys(ALWAYS_TRIED | PHP_TRIED | DATABASE_TRIED, True)


def test_the_neighbours_and_their_contents_are_as_before(made: Made, on: On) -> None:
    names = made.house.names_of(made.run_id)
    assert made.house.others(made.item, *names) == made.before
    others = [line for line in moved(made.quiet_before, quiet(on("web1"), made.item)) if made.item not in line]
    assert [line for line in others if "/etc/" not in line and "qgroup" not in line] == []
    # The lists of users and groups hold the new one too; a quota group was made for its limit.
    changed = {line.rpartition(" ")[2] for line in others if "/etc/" in line}
    assert changed == {"/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow"}
    assert [line[0] for line in others if "qgroup" in line] == ["+", "+"]


def test_the_same_plan_again_changes_nothing(made: Made) -> None:
    plan, before = made.house.approved(made.run_id), made.house.look().values
    results: list[TaskResult] = []
    done = made.house.hands.do(
        plan.parts[0],
        run_id=made.run_id,
        item_id=made.item,
        sealed=(),
        told=lambda *_: None,
        finished=results.append,
        cancelled=lambda: False,
    )
    assert done.outcome is PartOutcome.DONE
    assert [(result.task, result.outcome, result.changes) for result in results] == [
        (task.name, "same", ()) for task in plan.parts[0].tasks
    ]
    assert made.house.look().values == before


def test_what_was_claimed_opens_sftp_and_database_from_outside_and_a_wrong_password_nothing(
    made: Made, lab: dict[str, Any]
) -> None:
    address = lab["hosts"]["web1"]["address"]
    assert sftp_lists(lab, address, made.item, "salah") is None
    assert databases("mariadb", address, made.item, "salah") is None
    claimed = made.house.claimed(made.item)
    assert set(claimed) == {"sftp_password", "database_password"}
    assert sftp_lists(lab, address, made.item, claimed["sftp_password"]) == {"private", "public", "tmp"}
    assert databases("mariadb", address, made.item, claimed["database_password"]) == {made.item}
    assert databases("mariadb", address, made.item, claimed["sftp_password"]) is None


def test_how_visitors_reach_the_site_is_recorded_with_it(made: Made, lab: dict[str, Any]) -> None:
    choices = made.house.item(made.item).choices
    assert (choices["path"], choices["address"]) == (
        "direct",
        {"A": [lab["hosts"]["web1"]["address"]], "AAAA": []},
    )


def test_a_site_with_postgresql_stands_on_debian_13_where_a_person_wished_it(
    on: On, lab: dict[str, Any], web2: str
) -> None:
    """The engineer asks for web2 with a reason; the plan is made anew for it, and web1 is left alone."""
    with office_house(hosts=("web1", web2)) as house:
        before, quiet_before = house.others(), {name: quiet(on(name)) for name in ("web1", web2)}
        line_id = house.to_plan(database="postgresql", extensions=["mbstring", "pgsql"], cron="daily")
        assert house.plan_of(line_id).plan.choices["host"] == "web1"  # type: ignore[union-attr]
        plan_id = house.desk.look_again(PEOPLE["pengkaji"], line_id, wishes={"host": web2}, reason="web1 untuk lain")
        look(house.hands, plan_id)
        house.desk.do_step(PEOPLE["pengkaji"], house.request_of(line_id), "review")
        run_id = house.approve(line_id)
        state = house.carry_out(run_id)
        item, view = house.item_of(run_id), house.desk.run(PEOPLE["kabid"], run_id)
        assert (state, view.run.why, view.run.host) == ("done", "", web2)
        assert {v.name: v.holds for v in view.verdicts} == dict.fromkeys(
            ALWAYS_TRIED | PHP_TRIED | DATABASE_TRIED, True
        )
        assert named(on(web2), item) == GROUND | php("8.4") | {
            "file /etc/cron.d/gerbang-ITEM",
            "named in /etc/cron.d/gerbang-ITEM",
            "postgresql database ITEM",
            "postgresql role ITEM",
        }
        assert named(on("web1"), item) == set()
        address, claimed = lab["hosts"][web2]["address"], house.claimed(item)
        assert sftp_lists(lab, address, item, claimed["sftp_password"]) == {"private", "public", "tmp"}
        assert databases("postgresql", address, item, claimed["database_password"]) == {item}
        assert databases("postgresql", address, item, "salah") is None
        house.unmake(run_id)
        assert house.others() == before
        assert {name: moved(was, quiet(on(name))) for name, was in quiet_before.items()} == {"web1": [], web2: []}


def test_a_static_site_has_neither_pool_nor_database(on: On) -> None:
    with office_house() as house:
        static = dict.fromkeys(("extensions", "upload_mb", "cron", "database", "database_gb", "htaccess"), None)
        run_id = house.to_run(runtime="static", **static)
        state = house.carry_out(run_id)
        view = house.desk.run(PEOPLE["kabid"], run_id)
        assert (state, view.run.why) == ("done", "")
        assert named(on("web1"), view.run.item_id) == GROUND
        assert {v.name: v.holds for v in view.verdicts} == dict.fromkeys(ALWAYS_TRIED, True)
        assert [task.name for task in view.tasks] == ["challenge", "account", "certificate", "apache", "dns"]
        assert set(house.claimed(view.run.item_id)) == {"sftp_password"}
        house.unmake(run_id)
        assert named(on("web1"), view.run.item_id) == set()
