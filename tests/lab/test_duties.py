"""Do the duties make exactly what was planned on a real host, once, and nothing else? As the worker does."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from dns.query import tcp
from dns.tsig import Key
from dns.update import UpdateMessage
from testinfra.host import Host

from provisioner.digests import Value
from provisioner.facts import account, dns
from provisioner.facts.estate import Estate
from provisioner.plans.change import Change
from provisioner.runs.part_result import PartOutcome
from tests.lab.part_runner import PartRunner, look, of_site, outcomes, unexplained
from tests.lab.site_part import ENGINES, MIB, Site, new_site


@pytest.fixture(scope="module", params=ENGINES)
def made(request: pytest.FixtureRequest, runner: PartRunner, estate: Estate) -> Iterator[Site]:
    """A whole site; its making and its removal are tests too."""
    site = new_site(engine=request.param)
    before = look(estate)
    result = runner.run(site.making())
    assert (result.outcome, result.leaks) == (PartOutcome.DONE, ()), result
    assert set(outcomes(result).values()) == {"changed"}
    assert tuple(change for task in result.tasks for change in task.changes) == site.making().changes
    after = look(estate)
    assert of_site(after, site) == site.values()
    assert unexplained(before, after, site) == {}
    yield site
    removed = runner.run(site.unmaking())
    assert removed.outcome is PartOutcome.DONE, removed
    gone = look(estate)
    assert of_site(gone, site) == {}
    assert unexplained(before, gone, site) == {}


# -- Once, exactly, and on to another value ---------------------------------------------------------------------------


def test_made_again_it_changes_nothing(made: Site, runner: PartRunner, estate: Estate) -> None:
    before = look(estate)
    result = runner.run(made.making())
    assert set(outcomes(result).values()) == {"same"}
    assert look(estate).values == before.values


def test_values_go_on_to_others_and_back(made: Site, runner: PartRunner, estate: Estate) -> None:
    cap = 100 * MIB
    other: dict[tuple[str, str], Value] = {
        ("account", "storage"): account.storage_value("btrfs_squota", 96 * MIB),
        ("account", "cron"): None,
        ("apache", "vhost"): made.vhost(bandwidth=2 * MIB),
        (made.engine, "database"): {**_table(made.values()[made.engine, "database"]), "limit_bytes": 2 * cap},
        (made.engine, "user"): {**_table(made.values()[made.engine, "user"]), "connections": 7},
        ("dns", "address"): dns.address_value(("192.0.2.7", "192.0.2.8"), ("2001:db8::7",)),
    }
    now = made.values()
    there = {spot: made.change(*spot, now[spot], value) for spot, value in other.items()}
    task_of = {"account": "account", "apache": "apache", "mariadb": "database", "postgresql": "database", "dns": "dns"}
    tasks: dict[str, list[Change]] = {}
    for (system, _), change in there.items():
        tasks.setdefault(task_of[system], []).append(change)
    assert runner.run(made.part(tasks)).outcome is PartOutcome.DONE
    assert of_site(look(estate), made) == {spot: value for spot, value in (now | other).items() if value is not None}
    back = {name: [change.reversed() for change in changes] for name, changes in tasks.items()}
    assert runner.run(made.part(back)).outcome is PartOutcome.DONE
    assert of_site(look(estate), made) == now


def _table(value: Value) -> dict[str, Value]:
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_duties_serve_debian_13(runner: PartRunner, estate: Estate, web2: str, engine: str) -> None:
    site = new_site(engine=engine, host=web2)
    before = look(estate, web2)
    assert runner.run(site.making()).outcome is PartOutcome.DONE
    after = look(estate, web2)
    assert of_site(after, site) == site.values()
    assert unexplained(before, after, site) == {}
    assert set(outcomes(runner.run(site.making())).values()) == {"same"}
    assert runner.run(site.unmaking()).outcome is PartOutcome.DONE
    assert of_site(look(estate, web2), site) == {}


def test_where_nothing_enforces_a_limit_it_is_written_down_and_taken_away(runner: PartRunner, web1: Host) -> None:
    site = new_site()
    measured = site.change("account", "storage", None, account.storage_value("measured", 5 * MIB))
    assert outcomes(runner.run(site.part({"account": [measured]}))) == {"account": "changed"}
    assert web1.file(f"/etc/gerbang/measured/{site.item}").content_string == f"{5 * MIB}\n"
    assert outcomes(runner.run(site.part({"account": [measured]}))) == {"account": "same"}
    assert outcomes(runner.run(site.part({"account": [measured.reversed()]}, "unmake"))) == {"account": "changed"}
    assert not web1.file(f"/srv/www/{site.item}").exists
    assert not web1.file(f"/etc/gerbang/measured/{site.item}").exists


def test_a_neighbours_visitor_gets_his_answer_while_php_fpm_and_apache_are_reloaded(
    made: Site, runner: PartRunner, web1: Host
) -> None:
    slow = f"/srv/www/{made.item}/public/slow.php"
    web1.check_output(f"echo '<?php usleep(3000000); echo \"whole\";' > {slow} && chown {made.item}: {slow}")
    address, other = made.lab["hosts"]["web1"]["address"], new_site()
    trust = ssl.create_default_context(cafile=made.lab["acme_root"])
    with httpx.Client(verify=trust, timeout=15) as visitor, ThreadPoolExecutor() as pool:
        by_name: dict[str, Any] = {"headers": {"Host": made.name}, "extensions": {"sni_hostname": made.name}}
        visit = pool.submit(lambda: visitor.get(f"https://{address}/slow.php", **by_name))
        assert runner.run(other.making("account", "php_fpm")).outcome is PartOutcome.DONE
        vhost = made.change("apache", "vhost", made.vhost(), made.vhost(bandwidth=2 * MIB))
        assert runner.run(made.part({"apache": [vhost]})).outcome is PartOutcome.DONE
        assert runner.run(made.part({"apache": [vhost.reversed()]})).outcome is PartOutcome.DONE
        answer = visit.result()
    assert (answer.status_code, answer.text) == (200, "whole")
    assert runner.run(other.unmaking("account", "php_fpm")).outcome is PartOutcome.DONE


# -- A third value stops it -------------------------------------------------------------------------------------------


def test_a_vhost_that_somebody_edited_is_left_as_it_is(made: Site, runner: PartRunner, web1: Host) -> None:
    path = f"/etc/apache2/gerbang/{made.item}.conf"
    web1.check_output(f"cp -a {path} /root/kept.conf && echo '# by hand' >> {path}")
    try:
        edited = web1.file(path).content_string
        change = made.change("apache", "vhost", made.vhost(), made.vhost(bandwidth=2 * MIB))
        result = runner.run(made.part({"apache": [change]}))
        assert (result.outcome, outcomes(result)) == (PartOutcome.FAILED, {"apache": "foreign"})
        assert web1.file(path).content_string == edited
    finally:
        web1.check_output(f"mv /root/kept.conf {path}")


def test_a_user_that_somebody_made_stops_the_whole_account(runner: PartRunner, web1: Host) -> None:
    site = new_site()
    web1.check_output(f"useradd -M -s /bin/sh {site.item}")
    try:
        result = runner.run(site.making("account"))
        assert outcomes(result) == {"account": "foreign"}
        assert not web1.file(f"/srv/www/{site.item}").exists
        assert not web1.file(f"/var/log/gerbang/{site.item}").exists
        assert web1.user(site.item).shell == "/bin/sh"
    finally:
        web1.check_output(f"userdel {site.item}")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_database_that_somebody_made_is_left_as_it_is(runner: PartRunner, web1: Host, engine: str) -> None:
    site = new_site(engine=engine)
    client = {"mariadb": "mariadb", "postgresql": "runuser -u postgres -- psql -q"}[engine]
    web1.run_expect([0], f"echo 'CREATE DATABASE {site.item}' | {client}")
    try:
        assert outcomes(runner.run(site.making("database"))) == {"database": "foreign"}
    finally:
        web1.run_expect([0], f"echo 'DROP DATABASE {site.item}' | {client}")


def test_a_name_that_somebody_took_in_between_is_left_to_him(
    runner: PartRunner, estate: Estate, lab: dict[str, Any]
) -> None:
    site = new_site()
    update_zone(lab, lambda update: update.add(f"{site.name}.", 300, "TXT", '"taken"'))
    try:
        before = look(estate)
        result = runner.run(site.making("challenge", "dns"))
        assert outcomes(result) == {"challenge": "foreign"}
        assert look(estate).values == before.values
    finally:
        update_zone(lab, lambda update: update.delete(f"{site.name}.", "TXT"))


def test_an_address_is_not_set_beside_somebodys_alias(runner: PartRunner, lab: dict[str, Any]) -> None:
    site = new_site()
    update_zone(lab, lambda update: update.add(f"{site.name}.", 300, "CNAME", "elsewhere.example."))
    try:
        assert outcomes(runner.run(site.making("dns"))) == {"dns": "foreign"}
    finally:
        update_zone(lab, lambda update: update.delete(f"{site.name}.", "CNAME"))


def update_zone(lab: dict[str, Any], write: Callable[[UpdateMessage], object]) -> None:
    """Change the zone as somebody else with the key would."""
    secret = Path(lab["tsig"]["visitors"]["secret_file"]).read_text().strip()
    update = UpdateMessage(lab["zone"], keyring=Key("visitors", secret, "hmac-sha256"))
    write(update)
    assert tcp(update, lab["nameserver_address"], timeout=5).rcode() == 0


# -- The real parser speaks before anything is live -------------------------------------------------------------------


def with_text(site: Site, text: str) -> Change:
    """A change to a vhost that no writer of ours would write."""
    return site.change("apache", "vhost", site.vhost(), {**_table(site.vhost()), "text": text})


@pytest.mark.parametrize("line", ["NoSuchDirective on", "SSLCertificateFile /nowhere.pem", "</VirtualHost>"])
def test_a_vhost_that_apache_refuses_never_becomes_live(made: Site, runner: PartRunner, web1: Host, line: str) -> None:
    text = str(_table(made.vhost())["text"]).replace("    SSLEngine on", f"    SSLEngine on\n    {line}")
    result = runner.run(made.part({"apache": [with_text(made, text)]}))
    assert outcomes(result) == {"apache": "failed"}
    assert "Syntax error" in result.message
    assert web1.file(f"/etc/apache2/gerbang/{made.item}.conf").content_string == _table(made.vhost())["text"]
    assert web1.run("apache2ctl configtest").rc == 0


def test_a_pool_that_php_fpm_refuses_never_becomes_live(made: Site, runner: PartRunner, web1: Host) -> None:
    bad = {**made.pool(), "text": str(made.pool()["text"]).replace("pm = ondemand", "pm = sometimes")}
    result = runner.run(made.part({"php_fpm": [made.change("php_fpm", "pool", made.pool(), bad)]}))
    assert outcomes(result) == {"php_fpm": "failed"}
    assert web1.run("php-fpm8.2 -t").rc == 0


def test_a_missing_log_folder_does_not_end_apache_and_all_sites(made: Site, runner: PartRunner, web1: Host) -> None:
    text = str(_table(made.vhost())["text"]).replace(f"/var/log/gerbang/{made.item}/error", "/var/log/nowhere/error")
    result = runner.run(made.part({"apache": [with_text(made, text)]}))
    assert outcomes(result) == {"apache": "failed"}
    assert "/var/log/nowhere is missing" in result.message
    assert web1.service("apache2").is_running


def test_a_stopped_apache_is_said_and_nothing_is_written(made: Site, runner: PartRunner, web1: Host) -> None:
    change = made.change("apache", "vhost", made.vhost(), made.vhost(bandwidth=2 * MIB))
    web1.check_output("systemctl stop apache2")
    try:
        result = runner.run(made.part({"apache": [change]}))
        assert (outcomes(result), "does not run" in result.message) == ({"apache": "failed"}, True)
        assert web1.file(f"/etc/apache2/gerbang/{made.item}.conf").content_string == _table(made.vhost())["text"]
    finally:
        web1.check_output("systemctl start apache2")
