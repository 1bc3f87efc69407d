"""Does the end of a site leave nothing behind, and keep what is to be kept?"""

from __future__ import annotations

import pytest
from testinfra.host import Host

from provisioner.facts import account
from provisioner.facts.estate import Estate
from provisioner.runs.part_result import PartOutcome
from tests.lab.part_runner import PartRunner, as_user, look, of_site, outcomes
from tests.lab.site_part import ENGINES, MIB, new_site


def test_removal_ends_processes_subvolumes_groups_and_stray_files(runner: PartRunner, web1: Host) -> None:
    site = new_site()
    assert runner.run(site.making("account")).outcome is PartOutcome.DONE
    web1.check_output(as_user(site, f"btrfs subvolume create private/sub && touch /tmp/{site.item} private/sub/x"))
    web1.check_output(f"{as_user(site, 'nohup sleep 300 >/dev/null 2>&1 &')}")
    tree = web1.check_output(f"btrfs inspect-internal rootid /srv/www/{site.item}")
    assert web1.run(f"pgrep -u {site.uid}").rc == 0
    result = runner.run(site.unmaking("account"))
    assert result.outcome is PartOutcome.DONE, result
    assert web1.run(f"pgrep -u {site.uid}").rc == 1
    assert not web1.file(f"/tmp/{site.item}").exists
    assert web1.check_output("ls -A /srv/www | grep -c gerbang || true") == "0"
    assert f"/{tree} " not in web1.check_output("btrfs qgroup show --raw /srv/www")
    assert web1.run(f"grep -r {site.item} /etc/passwd /etc/group /etc/shadow /etc/subuid /etc/cron.d").rc != 0


@pytest.mark.parametrize("engine", ENGINES)
def test_removal_ends_the_sessions_of_its_database(runner: PartRunner, web1: Host, engine: str) -> None:
    site = new_site(engine=engine)
    assert runner.run(site.making("database")).outcome is PartOutcome.DONE
    login = {
        "mariadb": f"mariadb -h127.0.0.1 -u{site.item} -p{runner.secrets['database_password']} {site.item}",
        "postgresql": f"PGPASSWORD={runner.secrets['database_password']} psql -U {site.item} {site.item}",
    }[engine]
    pause = {"mariadb": "SELECT SLEEP(300)", "postgresql": "SELECT pg_sleep(300)"}[engine]
    web1.check_output(
        f"{{ echo '{pause}' | {login.replace('-h127.0.0.1 ', '')}; }} >/dev/null 2>&1 & sleep 0.3; jobs >/dev/null"
    )
    assert web1.run(f"pgrep -f 'U {site.item}|u{site.item}'").rc == 0
    assert runner.run(site.unmaking("database")).outcome is PartOutcome.DONE
    web1.run_expect(
        [0], f"for n in $(seq 50); do pgrep -f '[U] {site.item}|[u]{site.item}' || exit 0; sleep 0.1; done; exit 1"
    )


def test_a_site_is_closed_with_its_archive_comes_back_and_ends(runner: PartRunner, web1: Host, estate: Estate) -> None:
    site = new_site(limit_bytes=32 * MIB)
    assert runner.run(site.making("account", "database")).outcome is PartOutcome.DONE
    web1.check_output(as_user(site, "echo kept > private/kept; head -c 24M /dev/urandom > private/big"))
    table = 'CREATE TABLE t (v TEXT); INSERT INTO t VALUES ("kept")'
    web1.check_output(f"echo '{table}' | mariadb {site.item}")
    close = site.part({"account": [site.change("account", "archive", None, account.ARCHIVE)]}, "unmake")
    assert outcomes(runner.run(close)) == {"account": "changed"}
    folder = f"/srv/www/{site.item}/archive"
    assert outcomes(runner.run(close)) == {"account": "same"}
    assert of_site(look(estate), site)["account", "archive"] == account.ARCHIVE
    assert "private/kept" in web1.check_output(f"tar -tzf {folder}/files.tar.gz").split()
    assert "kept" in web1.check_output(f"zcat {folder}/database.sql.gz")
    assert web1.run(as_user(site, "cat archive/files.tar.gz archive/database.sql.gz >/dev/null")).rc == 0
    assert web1.run(as_user(site, "rm -f archive/files.tar.gz")).rc != 0
    assert web1.run(as_user(site, "fallocate -l 6M private/more")).rc == 0, "the archive counts against nobody's limit"
    back = site.part({"account": [close.changes[0].reversed()]})
    assert outcomes(runner.run(back)) == {"account": "changed"}
    assert ("account", "archive") not in of_site(look(estate), site)
    assert runner.run(site.unmaking("account", "database")).outcome is PartOutcome.DONE
