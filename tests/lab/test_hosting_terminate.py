"""Does a site end as agreed: closed with its archive at hand, back on a cancel, gone after date and receipt?"""

from __future__ import annotations

import gzip
import hashlib
import socket
import ssl
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dns.message
import dns.query
import pytest
from testinfra.host import Host

from provisioner.items.item import ItemState
from provisioner.plans.plan import PlanState
from provisioner.workflow.housekeeping import tidy
from tests.house import PEOPLE
from tests.lab.host_objects import moved, named, quiet
from tests.lab.logins import databases, sftp, sftp_lists
from tests.lab.office_house import OfficeHouse, office_house

pytestmark = pytest.mark.usefixtures("instance")
On = Callable[[str], Host]
PAGE = "Selamat datang di situs rekaan"
LAY = "rm public/index.php\nput {page} public/index.html\nput {page} private/catatan.txt\n"
FILL = "CREATE TABLE pegawai (nama TEXT); INSERT INTO pegawai VALUES ('Rekaan Pertama')"


@dataclass(frozen=True, kw_only=True)
class Site:
    """A delivered site that somebody uses."""

    house: OfficeHouse
    item: str
    name: str
    address: str
    passwords: dict[str, str]
    lab: dict[str, Any]
    quiet_before: list[str]
    others_before: dict[str, str]

    @property
    def page(self) -> str | None:
        """What a visitor reads over HTTPS who knows the address; None where no such site is served."""
        context = ssl.create_default_context(cafile=self.lab["acme_root"])
        try:
            with (
                socket.create_connection((self.address, 443), timeout=10) as plain,
                context.wrap_socket(plain, server_hostname=self.name) as wire,
            ):
                wire.sendall(f"GET / HTTP/1.0\r\nHost: {self.name}\r\n\r\n".encode())
                return b"".join(iter(lambda: wire.recv(65536), b"")).decode().partition("\r\n\r\n")[2].strip()
        except ssl.SSLCertVerificationError:
            return None

    @property
    def addresses(self) -> list[str]:
        """What the authority says of the name."""
        answer = dns.query.udp(dns.message.make_query(self.name, "A"), self.lab["nameserver_address"], timeout=5)
        return [str(record) for rrset in answer.answer for record in rrset]

    @property
    def listed(self) -> set[str] | None:
        """What its user sees by SFTP."""
        return sftp_lists(self.lab, self.address, self.item, self.passwords["sftp_password"])

    @property
    def databases(self) -> set[str] | None:
        """What its database user sees from outside."""
        return databases("mariadb", self.address, self.item, self.passwords["database_password"])

    def stands(self) -> bool:
        """Whether a visitor, the SFTP user and the database user all find what they left."""
        return (self.page, self.addresses, self.databases) == (PAGE, [self.address], {self.item})


@pytest.fixture(scope="module")
def site(on: On, lab: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with a page, a private file and a row in its database; at the end nothing of it is left anywhere."""
    with office_house() as house:
        others_before, quiet_before = house.others(), quiet(on("web1"))
        run_id = house.to_run(database="mariadb", cron="hourly")
        assert house.carry_out(run_id) == "done"
        item, (name,), address = house.item_of(run_id), house.names_of(run_id), lab["hosts"]["web1"]["address"]
        passwords = house.claimed(item)
        page = tmp_path_factory.mktemp("page") / "index.html"
        page.write_text(PAGE)
        laid = sftp(lab, address, item, passwords["sftp_password"], LAY.format(page=page))
        assert laid.returncode == 0, laid.stderr
        on("web1").check_output("mariadb %s -e %s", item, FILL)
        yield Site(
            house=house,
            item=item,
            name=name,
            address=address,
            passwords=passwords,
            lab=lab,
            quiet_before=quiet_before,
            others_before=others_before,
        )
        assert house.others() == others_before
        assert moved(quiet_before, quiet(on("web1"))) == []


@pytest.fixture(scope="module")
def closed(site: Site) -> str:
    """The run that closed it and waits."""
    assert site.stands()
    run_id = site.house.terminate(site.item)
    assert site.house.carry_out(run_id) == "waiting_until"
    return run_id


def test_a_closed_site_is_served_to_nobody_and_its_archive_is_read_by_sftp(
    site: Site, closed: str, tmp_path: Path
) -> None:
    assert site.house.item(site.item).state is ItemState.ENDING
    assert (site.addresses, site.page) == ([], None)
    assert site.listed == {"archive", "private", "public", "tmp"}
    fetched = sftp(
        site.lab, site.address, site.item, site.passwords["sftp_password"], f"get archive/* {tmp_path}/\nls archive"
    )
    assert fetched.returncode == 0, fetched.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["database.sql.gz", "files.tar.gz"]
    with tarfile.open(tmp_path / "files.tar.gz") as archive:
        names = {member.name.removeprefix("./"): member for member in archive.getmembers()}
        page = archive.extractfile(names["public/index.html"])
        assert page is not None
        assert page.read().decode() == PAGE
        assert "private/catatan.txt" in names
    assert "Rekaan Pertama" in gzip.decompress((tmp_path / "database.sql.gz").read_bytes()).decode()
    written = sftp(site.lab, site.address, site.item, site.passwords["sftp_password"], "rm archive/files.tar.gz")
    assert written.returncode != 0
    assert site.house.desk.run(PEOPLE["kabid"], closed).run.waiting_until is not None


def test_neither_date_nor_receipt_alone_removes_anything(site: Site, closed: str, on: On) -> None:
    before = named(on("web1"), site.item)
    assert site.house.carry_out(closed) == "waiting_until"
    now = site.house.clock.now
    site.house.clock.move(days=31)
    assert site.house.carry_out(closed) == "waiting_until"
    site.house.clock.now = now
    assert named(on("web1"), site.item) == before


def test_a_cancel_in_the_grace_brings_the_site_back(site: Site, closed: str) -> None:
    site.house.desk.cancel(PEOPLE["pengkaji"], closed, "OPD berubah pikiran")
    assert site.house.carry_out(closed) == "cancelled"
    assert site.house.item(site.item).state is ItemState.ACTIVE
    assert site.stands()
    assert site.listed == {"private", "public", "tmp"}
    spots = site.house.spots_of(site.item, site.name)
    assert {"account cron", "apache vhost", "php_fpm pool", "dns address"} <= spots
    assert "account archive" not in spots
    site.house.desk.give_up(PEOPLE["pengkaji"], closed, "tidak jadi diakhiri")


def test_after_date_and_receipt_all_is_removed_and_seen_to_be_gone(site: Site, on: On, tmp_path: Path) -> None:
    house, run_id = site.house, site.house.terminate(site.item)
    assert house.carry_out(run_id) == "waiting_until"
    fetch = f"get archive/files.tar.gz {tmp_path}/"
    assert sftp(site.lab, site.address, site.item, site.passwords["sftp_password"], fetch).returncode == 0
    digest = hashlib.sha256((tmp_path / "files.tar.gz").read_bytes()).hexdigest()
    house.desk.record_receipt(PEOPLE["teknis"], site.item, digest)
    assert house.carry_out(run_id) == "waiting_until"
    house.clock.move(days=31)
    assert house.carry_out(run_id) == "done"
    view = house.desk.run(PEOPLE["kabid"], run_id)
    assert {verdict.name: verdict.holds for verdict in view.verdicts} == {
        "plan_empty": True,
        "name_gone": True,
        "site_gone": True,
        "login_refused": True,
    }
    assert house.item(site.item).state is ItemState.TERMINATED
    assert (site.listed, site.databases, site.page, site.addresses) == (None, None, None, [])
    assert named(on("web1"), site.item) == set()
    assert house.others() == site.others_before
    assert moved(site.quiet_before, quiet(on("web1"))) == []


def test_the_name_of_an_ended_site_rests_half_a_year(site: Site) -> None:
    house, label = site.house, site.name.partition(".")[0]
    assert house.item(site.item).state is ItemState.TERMINATED
    early = house.plan_of(house.to_plan(sub_domain=label))
    assert (early.state, [reason.code for reason in early.reasons]) == (PlanState.IMPOSSIBLE, ["name_taken"])
    house.clock.move(days=179)
    tidy(house.hands, lambda _: True)
    assert [row.state.value for row in house.desk.item(PEOPLE["kabid"], site.item).holds] == ["quarantined"]
    house.clock.move(days=2)
    tidy(house.hands, lambda _: True)
    assert house.plan_of(house.to_plan(sub_domain=label)).state is PlanState.CURRENT
