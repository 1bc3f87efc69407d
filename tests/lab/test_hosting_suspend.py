"""Is a suspended site closed to everybody, its own people too, with all of it kept, and is it the same when it is back?

Then its passwords are replaced, and in the end it is terminated as it stands: suspended. The worker is killed in the
middle of each on MariaDB.
"""

from __future__ import annotations

import http.client
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from testinfra.host import Host

from provisioner.digests import Value
from provisioner.facts.observation import Spot
from provisioner.items.item import ItemState
from provisioner.workflow.watch import watch
from tests.house import PEOPLE
from tests.lab.host_objects import named
from tests.lab.killed import after_task, carry_out_killed, processes_left
from tests.lab.logins import databases, sftp, sftp_lists
from tests.lab.office_house import OfficeHouse, office_house
from tests.lab.site_part import ENGINES

pytestmark = pytest.mark.usefixtures("instance")
On = Callable[[str], Host]
SCRIPT = "<?php sleep((int) ($_GET['s'] ?? 0)); echo 'situs rekaan';"
FROZEN = (503, "Situs ini sedang dibekukan")
TABLE = "CREATE TABLE pegawai (nama TEXT); INSERT INTO pegawai VALUES ('Rekaan Pertama')"
FILL = {"mariadb": "mariadb {item} -e %s", "postgresql": "runuser -u postgres -- psql -q {item} -c %s"}
COUNT = {
    "mariadb": "mariadb {item} -BNe 'SELECT count(*) FROM pegawai'",
    "postgresql": "runuser -u postgres -- psql {item} -Atc 'SELECT count(*) FROM pegawai'",
}


@dataclass(kw_only=True)
class Site:
    """A delivered site that somebody uses, with what was claimed of it last."""

    house: OfficeHouse
    engine: str
    item: str
    name: str
    address: str
    lab: dict[str, Any]
    host: Host
    others: dict[str, str]
    passwords: dict[str, str]

    def page(self, path: str = "/rekaan.php") -> tuple[int, str]:
        """Status and what is said, over HTTPS with a certificate that is good for the name."""
        context = ssl.create_default_context(cafile=self.lab["acme_root"])
        connection = http.client.HTTPSConnection(self.address, timeout=30, context=context)
        connection.connect = lambda: _connect(connection, self.name)  # type: ignore[method-assign]
        connection.request("GET", path, headers={"Host": self.name})
        answer = connection.getresponse()
        assert answer.getheader("retry-after") is None
        text = answer.read().decode()
        connection.close()
        return answer.status, FROZEN[1] if FROZEN[1] in text else text

    def opened(self, passwords: dict[str, str] | None = None) -> tuple[bool, bool]:
        """Whether SFTP and the database let in who has these passwords (those claimed last)."""
        words = self.passwords if passwords is None else passwords
        with ThreadPoolExecutor() as both:
            listed = both.submit(sftp_lists, self.lab, self.address, self.item, words["sftp_password"])
            seen = both.submit(databases, self.engine, self.address, self.item, words["database_password"])
        return listed.result() is not None, seen.result() == {self.item}

    def values(self) -> dict[Spot, Value]:
        """All that stands of it on the host and in the zone."""
        return {s: v for s, v in self.house.look().values.items() if s.object in (self.item, self.name)}

    def kept(self) -> list[str]:
        """Whose hashes wait with root: ['frozen/ITEM.sftp']."""
        found = self.host.check_output("cd /var/lib/gerbang && find . -type f -perm 600 -user root -printf '%P\n'")
        return sorted(line.replace(self.item, "ITEM") for line in found.splitlines() if self.item in line)

    def carried(self, verb: str, kill_after: str = "", play: str = "make", **fields: Any) -> dict[str, bool]:
        """Ask for the verb and carry it out, killed after that task on MariaDB; return its verdicts."""
        run_id = self.house.verb(verb, self.item, **fields)
        if kill_after and self.engine == "mariadb":
            carry_out_killed(self.house, run_id, after_task(kill_after, play))
            assert processes_left(self.house.settings.runtime_directory) == []
        state = self.house.carry_out(run_id)
        view = self.house.desk.run(PEOPLE["kabid"], run_id)
        assert (state, view.run.why) == ("done", "")
        assert self.house.others(self.item, self.name) == self.others
        assert self.house.desk.audit_verify(PEOPLE["auditor"]).broken == ""
        return {verdict.name: verdict.holds for verdict in view.verdicts}


def _connect(connection: http.client.HTTPSConnection, name: str) -> None:
    http.client.HTTPConnection.connect(connection)
    connection.sock = connection._context.wrap_socket(connection.sock, server_hostname=name)  # type: ignore[attr-defined]


@pytest.fixture(scope="module", params=ENGINES)
def site(
    request: pytest.FixtureRequest, on: On, lab: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A site with a script and a row in its database; it is ended whole."""
    engine, script = request.param, tmp_path_factory.mktemp("site") / "rekaan.php"
    script.write_text(SCRIPT)
    with office_house() as house:
        before = house.others()
        run_id = house.to_run(database=engine, cron="hourly")
        assert house.carry_out(run_id) == "done"
        item, (name,), address = house.item_of(run_id), house.names_of(run_id), lab["hosts"]["web1"]["address"]
        passwords = house.claimed(item)
        assert sftp(lab, address, item, passwords["sftp_password"], laid(script)).returncode == 0
        on("web1").check_output(FILL[engine].format(item=item), TABLE)
        others = house.others(item, name)
        yield Site(
            house=house,
            engine=engine,
            item=item,
            name=name,
            address=address,
            lab=lab,
            host=on("web1"),
            others=others,
            passwords=passwords,
        )
        if house.item(item).state is ItemState.ACTIVE:
            house.end(item)
        assert named(on("web1"), item) == set()
        assert house.others() == before


def laid(script: Path) -> str:
    return f"put {script} public/rekaan.php\nput {script} private/catatan.txt\n"


@pytest.fixture(scope="module")
def stood(site: Site) -> dict[Spot, Value]:
    """What stood before it was suspended."""
    return site.values()


def test_a_suspended_site_shows_a_plain_page_and_lets_nobody_in_and_all_of_it_is_kept(
    site: Site, stood: dict[Spot, Value]
) -> None:
    assert (site.page(), site.opened()) == ((200, "situs rekaan"), (True, True))
    visitor = threading.Thread(target=lambda: site.host.run(slow_visit(site)))
    visitor.start()
    site.host.run_expect([0], f"for n in $(seq 50); do pgrep -u {site.item} php-fpm && exit 0; sleep 0.1; done; exit 1")
    certificate = site.host.file(f"/etc/letsencrypt/live/{site.item}/cert.pem").content
    tried = site.carried("suspend", "database", "unmake")
    visitor.join()
    trials = ("resolves", "http_redirects", "site_frozen", "login_refused", "cron_refused", "database_refused")
    assert tried == dict.fromkeys(("plan_empty", *trials), True)
    assert site.house.item(site.item).state is ItemState.SUSPENDED
    assert (site.page(), site.page("/"), site.opened()) == (FROZEN, FROZEN, (False, False))
    assert site.host.run(f"pgrep -u {site.item}").rc == 1
    assert not site.host.file(f"/etc/cron.d/gerbang-{site.item}").exists
    gone = {(spot.system, spot.property) for spot in stood.keys() - site.values().keys()}
    assert gone == {("account", "cron"), ("php_fpm", "pool")}
    assert site.host.file(f"/srv/www/{site.item}/private/catatan.txt").content_string == SCRIPT
    assert site.host.check_output(COUNT[site.engine].format(item=site.item)) == "1"
    assert site.host.file(f"/etc/letsencrypt/live/{site.item}/cert.pem").content == certificate
    assert site.kept() == [f"frozen/ITEM.{site.engine}", "frozen/ITEM.sftp"]
    watch(site.house.hands, "hosting")  # the daily look finds it as it is
    assert site.house.desk.item(PEOPLE["kabid"], site.item).alarms == ()


def slow_visit(site: Site) -> str:
    return f"curl -sk --resolve {site.name}:443:127.0.0.1 'https://{site.name}/rekaan.php?s=30'"


def test_a_resumed_site_is_what_it_was_to_the_byte_and_its_passwords_are_the_same(
    site: Site, stood: dict[Spot, Value]
) -> None:
    tried = site.carried("resume", "database")
    trials = ("plan_empty", "resolves", "site_served", "http_redirects", "cron_permitted", "php_answers")
    assert tried == dict.fromkeys(trials, True)
    assert site.house.item(site.item).state is ItemState.ACTIVE
    assert (site.page(), site.opened()) == ((200, "situs rekaan"), (True, True))
    assert (site.values(), site.kept()) == (stood, [])


def test_new_passwords_replace_the_old_ones_and_are_claimed_once(site: Site, stood: dict[Spot, Value]) -> None:
    old = site.passwords
    tried = site.carried("rotate", "account", credential="all")
    trials = ("sftp_login", "login_refused", "database_login", "database_isolated", "database_refused")
    assert tried == dict.fromkeys(("plan_empty", *trials), True)
    assert site.opened(old) == (False, False)
    site.passwords = site.house.claimed(site.item)
    assert set(site.passwords) == {"sftp_password", "database_password"}
    assert (site.opened(), site.house.claimed(site.item)) == ((True, True), {})
    changed = {(spot.system, spot.property) for spot, value in site.values().items() if stood.get(spot) != value}
    assert changed == {("account", "user"), (site.engine, "database")}
    assert site.page() == (200, "situs rekaan")


@pytest.mark.parametrize("site", ["mariadb"], indirect=True)
def test_a_suspended_site_is_terminated_and_its_archive_is_fetched_with_the_password_of_before(site: Site) -> None:
    site.carried("suspend")
    run_id = site.house.terminate(site.item)
    assert site.house.carry_out(run_id) == "waiting_until"
    assert site.opened() == (True, False)
    site.house.desk.cancel(PEOPLE["pengkaji"], run_id, "OPD berubah pikiran")
    assert site.house.carry_out(run_id) == "cancelled"
    assert (site.house.item(site.item).state, site.page()) == (ItemState.SUSPENDED, FROZEN)
    assert site.opened() == (False, False)
    site.house.desk.give_up(PEOPLE["pengkaji"], run_id, "tidak jadi diakhiri")
    site.house.end(site.item)
    assert site.kept() == []
