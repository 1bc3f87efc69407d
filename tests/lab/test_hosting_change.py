"""Does a standing site change as asked on a real host, keep what its people brought, and pass to another's hands?"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import dns.message
import dns.query
import pytest
from testinfra.host import Host

from provisioner.plans.plan import PlanState
from tests.house import PEOPLE
from tests.lab.host_objects import moved, quiet
from tests.lab.logins import databases, sftp, sftp_lists
from tests.lab.office_house import OfficeHouse, drawn_name, office_house
from tests.lab.planted import failing
from tests.verbs import SUCCESSOR, technical_of

pytestmark = pytest.mark.usefixtures("instance")
On = Callable[[str], Host]
TRIED = {
    "plan_empty",
    "resolves",
    "site_served",
    "http_redirects",
    "certificate_names",
    "name_gone",
    "site_gone",
    "storage_limit_bites",
    "database_login",
    "database_isolated",
}
PAGE = "Selamat datang di situs rekaan yang sudah dipakai"
LAY = "rm public/index.php\nput {page} public/index.html\nput {page} private/catatan.txt"


@dataclass(frozen=True, kw_only=True)
class Site:
    """A delivered PHP site without a database, whose people have brought a page and a private file."""

    house: OfficeHouse
    item: str
    names: list[str]
    address: str
    password: str
    lab: dict[str, Any]

    def page(self, name: str) -> str | None:
        """What a visitor reads over HTTPS under that name; None where the host has no certificate for it."""
        context = ssl.create_default_context(cafile=self.lab["acme_root"])
        try:
            with (
                socket.create_connection((self.address, 443), timeout=10) as plain,
                context.wrap_socket(plain, server_hostname=name) as wire,
            ):
                wire.sendall(f"GET / HTTP/1.0\r\nHost: {name}\r\n\r\n".encode())
                return b"".join(iter(lambda: wire.recv(65536), b"")).decode().partition("\r\n\r\n")[2].strip()
        except ssl.SSLCertVerificationError:
            return None

    def addresses(self, name: str) -> list[str]:
        """What the authority says of the name."""
        answer = dns.query.udp(dns.message.make_query(name, "A"), self.lab["nameserver_address"], timeout=5)
        return [str(record) for rrset in answer.answer for record in rrset]

    def keeps_what_was_brought(self, host: Host) -> bool:
        """The page, the private file, and the password by which both came."""
        note = host.file(f"/srv/www/{self.item}/private/catatan.txt").content_string
        listed = sftp_lists(self.lab, self.address, self.item, self.password)
        return (self.page(self.names[0]), note, listed) == (PAGE, PAGE, {"private", "public", "tmp"})


@pytest.fixture(scope="module")
def site(on: On, lab: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Made, claimed and used; at the end it is terminated, and nothing of it or of others is different."""
    with office_house() as house:
        others_before, quiet_before = house.others(), quiet(on("web1"))
        second = drawn_name()
        run_id = house.to_run(database=None, database_gb=None, storage_gb=2, second_name=second)
        assert house.carry_out(run_id) == "done", house.desk.run(PEOPLE["kabid"], run_id).run.why
        item, address = house.item_of(run_id), lab["hosts"]["web1"]["address"]
        password = house.claimed(item)["sftp_password"]
        page = tmp_path_factory.mktemp("page") / "index.html"
        page.write_text(PAGE)
        laid = sftp(lab, address, item, password, LAY.format(page=page))
        assert laid.returncode == 0, laid.stderr
        names = house.names_of(run_id)
        yield Site(house=house, item=item, names=names, address=address, password=password, lab=lab)
        ending = house.terminate(item)
        assert house.carry_out(ending) == "waiting_until"
        house.desk.record_receipt(technical_of(house, item), item, "a" * 64)
        house.clock.move(days=31)
        assert house.carry_out(ending) == "done"
        assert house.others() == others_before
        assert moved(quiet_before, quiet(on("web1"))) == []


def test_a_limit_below_what_lies_there_is_refused_before_anybody_approves_it(site: Site, on: On) -> None:
    filler = f"/srv/www/{site.item}/private/berkas"
    on("web1").check_output("fallocate -l 1200M %s && btrfs filesystem sync /srv/www", filler)
    line_id = site.house.to_plan_of("change", site.item, storage_gb=1)
    record = site.house.plan_of(line_id)
    assert (record.state, [reason.code for reason in record.reasons]) == (PlanState.IMPOSSIBLE, ["below_use"])
    assert "1,2 GB" in record.reasons[0].what
    site.house.desk.withdraw(PEOPLE["opd"], site.house.request_of(line_id), "berkas masih dipakai")
    on("web1").check_output("rm %s && btrfs filesystem sync /srv/www", filler)


def test_a_change_that_fails_leaves_the_site_exactly_as_it_was(site: Site, on: On) -> None:
    """The vhost has its new names when the run fails: certificate, database, limits and names go back."""
    before, label = site.house.others(), drawn_name()
    run_id = site.house.verb("change", site.item, second_name=label, database="mariadb", storage_gb=3)
    own = site.house.hands
    site.house.hands = failing(on("web1"), "after:apache")(own)
    try:
        assert site.house.carry_out(run_id) == "failed"
    finally:
        site.house.hands = own
    assert site.house.desk.run(PEOPLE["kabid"], run_id).run.why == "apache: planted fault after:apache"
    assert site.house.others() == before
    assert site.keeps_what_was_brought(on("web1"))
    assert site.page(site.names[1]) == PAGE
    assert set(site.house.secret_states(run_id)) == {"destroyed"}
    site.house.desk.give_up(PEOPLE["pengkaji"], run_id, "selesai dicoba")


def test_a_site_becomes_larger_under_another_second_name_with_a_database_and_keeps_what_was_brought(
    site: Site, on: On
) -> None:
    house, web1, label = site.house, on("web1"), drawn_name()
    others = house.others(site.item, *site.names)
    new = f"{label}.{site.names[0].partition('.')[2]}"
    run_id = house.verb(
        "change", site.item, second_name=label, database="mariadb", storage_gb=3, upload_mb=2, cron="daily"
    )
    assert house.carry_out(run_id) == "done", house.desk.run(PEOPLE["kabid"], run_id).run.why
    verdicts = {verdict.name: verdict.holds for verdict in house.desk.run(PEOPLE["kabid"], run_id).verdicts}
    assert verdicts == dict.fromkeys(TRIED, True)
    assert site.keeps_what_was_brought(web1)
    assert (site.page(new), site.page(site.names[1])) == (PAGE, None)
    assert (site.addresses(new), site.addresses(site.names[1])) == ([site.address], [])
    assert "3221225472" in web1.check_output("btrfs qgroup show -r --raw /srv/www")
    assert "upload_max_filesize] = 2M" in web1.check_output("cat /etc/php/8.2/fpm/pool.d/%s.conf", site.item)
    claimed = house.claimed(site.item)
    assert set(claimed) == {"database_password"}
    assert databases("mariadb", site.address, site.item, claimed["database_password"]) == {site.item}
    assert house.others(site.item, site.names[0], new) == others
    view = house.desk.item(PEOPLE["kabid"], site.item)
    assert [moment.verb for moment in view.life] == ["create", "change"]
    assert (view.item.wish["storage_gb"], view.item.choices["names"]) == (3, [site.names[0], new])


def test_another_person_is_appointed_and_the_former_ones_passwords_open_nothing(site: Site, on: On) -> None:
    house = site.house
    run_id = house.verb("appoint", site.item, letter={"technical": SUCCESSOR})
    assert house.carry_out(run_id) == "done", house.desk.run(PEOPLE["kabid"], run_id).run.why
    successor = technical_of(house, site.item)
    assert successor.name == SUCCESSOR["name"]
    assert sftp_lists(site.lab, site.address, site.item, site.password) is None
    claimed = house.claimed(site.item, successor)
    assert set(claimed) == {"sftp_password", "database_password"}
    assert databases("mariadb", site.address, site.item, claimed["database_password"]) == {site.item}
    assert replace(site, password=claimed["sftp_password"]).keeps_what_was_brought(on("web1"))
