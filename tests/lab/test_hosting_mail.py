"""Does mail leave a web host by one door, for granted sites under their own address alone, and in no other way?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from testinfra.host import Host

from lab import faults, mail
from lab.instance import Instance
from provisioner.facts.estate import Estate
from provisioner.providers.web_host.https import Site
from provisioner.runs.part_result import PartOutcome, TaskResult
from provisioner.verification.verdict import Verdict
from tests.house import PEOPLE
from tests.lab.host_objects import named
from tests.lab.office_house import OfficeHouse, office_house
from tests.lab.site_run import run_site
from tests.lab.standing_site import StandingSite, stand, take_away

On = Callable[[str], Host]
#: what a hostile page tries; each line of its answer is a way and what came of it
PAGE = """<?php
function connects($where) {{
    $s = @stream_socket_client($where, $n, $w, 2);
    if ($s === false) return $w;
    fwrite($s, "x\\n");
    return 'open';
}}
echo json_encode([
    'mail' => @mail('a@contoh.go.id', 'uji {item}', 'isi', "From: wali@kota.lab", '-f{neighbour}@kota.lab'),
    'relay' => connects('tcp://{relay}:25'),
    'relay by another port' => connects('tcp://{relay}:587'),
    'here' => connects('tcp://127.0.0.1:25'),
    'door' => connects('unix:///run/gerbang-mail.sock'),
]);
"""
LETTER = "To: a@contoh.go.id\\nFrom: {neighbour}@kota.lab\\nSubject: cron {item}\\n\\nisi\\n"
SENDMAIL = "printf '{letter}' | runuser -u {user} -- /usr/sbin/sendmail -t -i -f {neighbour}@kota.lab"


@dataclass(frozen=True, kw_only=True)
class Street:
    """Two sites of one host: one was granted mail, its neighbour was not."""

    house: OfficeHouse
    run_id: str
    granted: str
    name: str
    plain: StandingSite
    arrived: list[mail.Message]
    failed: str
    left: set[str]


@pytest.fixture(scope="module")
def street(instance: Instance, on: On) -> Iterator[Street]:
    """The granted one by the whole walk: first while the relay is down, then again under the same decision."""
    plain, before = stand(instance, "mariadb"), len(mail.messages(instance))
    with office_house() as house:
        failed = house.to_run(outgoing_mail=True, database="none", database_gb=None)
        with fault(instance, "stopped_service"):
            house.carry_out(failed)
        left = named(on("web1"), house.item_of(failed))
        run_id = house.desk.retry(PEOPLE["pengkaji"], failed).id
        assert (house.carry_out(run_id), house.desk.run(PEOPLE["kabid"], run_id).run.why) == ("done", "")
        yield Street(
            house=house,
            run_id=run_id,
            granted=house.item_of(run_id),
            name=house.names_of(run_id)[0],
            plain=plain,
            arrived=mail.messages(instance)[before:],
            failed=failed,
            left=left,
        )
        house.unmake(run_id)
    take_away(instance, plain)


@contextmanager
def fault(instance: Instance, name: str) -> Iterator[None]:
    try:
        faults.switch(instance, name, mail.NAME, on=True)
        yield
    finally:
        faults.switch(instance, name, mail.NAME, on=False)


def tried(street: Street, run_id: str) -> Verdict:
    """What came of the run's trial of mail."""
    (verdict,) = [v for v in street.house.desk.run(PEOPLE["kabid"], run_id).verdicts if v.name == "mail_as_asked"]
    return verdict


def visit(on: On, instance: Instance, estate: Estate, item: str, name: str, neighbour: str) -> dict[str, Any]:
    """What the hostile page of a site found."""
    page = PAGE.format(item=item, neighbour=neighbour, relay=mail.address(instance))
    path = f"/srv/www/{item}/public/uji.php"
    on("web1").check_output(f"cat > {path} <<'END'\n{page}END\nchown {item} {path}")
    address = estate.hosts["web1"].variables["address_internal"]
    said: dict[str, Any] = json.loads(Site(name=name, address=address, estate=estate).get("/uji.php").body)
    on("web1").check_output(f"rm {path}")
    return said


def letter(on: On, user: str, item: str, neighbour: str) -> int:
    """Call sendmail as the site's scheduled script would; its exit code (sysexits.h)."""
    text = LETTER.format(item=item, neighbour=neighbour)
    return int(on("web1").run(SENDMAIL.format(letter=text, user=user, neighbour=neighbour)).rc)


def test_the_delivery_was_tried_by_one_message_that_the_relay_took(street: Street) -> None:
    verdict = tried(street, street.run_id)
    (message,) = street.arrived
    assert verdict.holds
    assert verdict.seen == {
        "sent": True,
        "sender": f"{street.granted}@kota.lab",
        "relay": f"250 2.0.0 OK: queued as {message.number:06d}",
        "open": [],
    }
    assert (message.sender, message.recipients) == (f"{street.granted}@kota.lab", ("gerbang-probe@kota.lab",))
    assert (message.encrypted, message.login) == (True, mail.USER)
    assert message.parsed["Subject"] == f"gerbang-probe-{street.run_id}"
    assert message.parsed["Received"].startswith(f"from {street.granted} by web1 (gerbang) with local; ")


def test_a_relay_that_is_down_fails_the_trial_of_a_site_with_mail_and_is_said_so(
    street: Street, instance: Instance
) -> None:
    """Undone like any trial that does not hold, and the retry, with the relay back, delivered the site."""
    run = street.house.desk.run(PEOPLE["kabid"], street.failed).run
    assert (run.state.value, street.left) == ("failed", set())
    assert "Surat keluar terkirim atas nama situs" in run.why
    relay = f"{mail.address(instance)}:{mail.PORT}"
    assert tried(street, street.failed).seen == {
        "sent": False,
        "sender": f"{street.granted}@kota.lab",
        "relay": f"451 4.4.1 the relay {relay} cannot be spoken to: ConnectionRefusedError",
        "open": [],
    }


def test_the_same_plan_again_changes_nothing(street: Street) -> None:
    results: list[TaskResult] = []
    done = street.house.hands.do(
        street.house.approved(street.run_id).parts[0],
        run_id=street.run_id,
        item_id=street.granted,
        sealed=(),
        told=lambda *_: None,
        finished=results.append,
        cancelled=lambda: False,
    )
    assert done.outcome is PartOutcome.DONE
    assert {result.outcome for result in results} == {"same"}


def test_a_granted_site_sends_under_its_own_address_alone_and_speaks_to_no_relay(
    street: Street, on: On, instance: Instance, estate: Estate
) -> None:
    before = len(mail.messages(instance))
    said = visit(on, instance, estate, street.granted, street.name, street.plain.item)
    refused = "Connection refused"
    assert said == {
        "mail": True,
        "relay": refused,
        "relay by another port": refused,
        "here": refused,
        "door": "open",
    }
    assert letter(on, street.granted, street.granted, street.plain.item) == 0
    by_page, by_cron = mail.messages(instance)[before:]
    assert {by_page.sender, by_cron.sender} == {f"{street.granted}@kota.lab"}
    assert [m.parsed["Subject"] for m in (by_page, by_cron)] == [f"uji {street.granted}", f"cron {street.granted}"]


def test_its_neighbour_who_did_not_ask_sends_in_no_way(
    street: Street, on: On, instance: Instance, estate: Estate
) -> None:
    before = mail.messages(instance)
    said = visit(on, instance, estate, street.plain.item, street.plain.name, street.granted)
    refused = "Connection refused"
    assert said == {
        "mail": False,
        "relay": refused,
        "relay by another port": refused,
        "here": refused,
        "door": "Permission denied",
    }
    assert letter(on, street.plain.item, street.plain.item, street.granted) == 77
    assert mail.messages(instance) == before


@pytest.mark.parametrize("user", ["www-data", "root", "mysql"])
def test_nobody_else_on_the_host_speaks_smtp_or_passes_the_door(
    street: Street, on: On, instance: Instance, user: str
) -> None:
    before = mail.messages(instance)
    tries = f"import socket; socket.create_connection(('{mail.address(instance)}', 25), 3)"
    done = on("web1").run(f'runuser -u {user} -- python3 -c "{tries}"')
    assert "ConnectionRefusedError" in done.stderr
    assert letter(on, user, user, street.granted) == 77
    assert mail.messages(instance) == before


@pytest.mark.parametrize(("name", "code"), [("refuse", 75), ("reject", 67)])
def test_a_relay_that_does_not_take_it_is_told_to_the_sender_at_once(
    street: Street, on: On, instance: Instance, name: str, code: int
) -> None:
    before = mail.messages(instance)
    with fault(instance, name):
        assert letter(on, street.granted, street.granted, street.plain.item) == code
    assert mail.messages(instance) == before
    assert letter(on, street.granted, street.granted, street.plain.item) == 0


def test_a_change_takes_mail_away_and_gives_it_back(street: Street, on: On, instance: Instance, estate: Estate) -> None:
    before = mail.messages(instance)
    for granted in (False, True):
        run_id = street.house.verb("change", street.granted, outgoing_mail=granted)
        assert (street.house.carry_out(run_id), street.house.desk.run(PEOPLE["kabid"], run_id).run.why) == ("done", "")
        said = visit(on, instance, estate, street.granted, street.name, street.plain.item)
        assert (said["mail"], said["door"]) == (granted, "open" if granted else "Permission denied")
        assert letter(on, street.granted, street.granted, street.plain.item) == (0 if granted else 77)
        assert len(mail.messages(instance)) == len(before) + (2 if granted else 0)


def test_the_door_goes_when_the_inventory_no_longer_offers_it_and_the_wall_stays(instance: Instance, on: On) -> None:
    def site_yml(*, offered: bool) -> None:
        words = ["--limit", "web2", "--tags", "mail_relay", "-e", json.dumps({"outgoing_mail": offered})]
        done = run_site(instance, *words)
        assert done.returncode == 0, done.output

    def stands() -> set[str]:
        places = "/usr/sbin/sendmail /usr/local/sbin/gerbang-mail /run/gerbang-mail.sock /etc/gerbang/mail-relay*"
        return set(on("web2").run(f"ls -d {places} 2>/dev/null").stdout.split())

    whole = stands()
    assert whole == {
        "/usr/sbin/sendmail",
        "/usr/local/sbin/gerbang-mail",
        "/run/gerbang-mail.sock",
        "/etc/gerbang/mail-relay.json",
        "/etc/gerbang/mail-relay-ca.pem",
        "/etc/gerbang/mail-relay-password",
    }
    try:
        site_yml(offered=False)
        assert stands() == set()
        assert "skuid" in on("web2").check_output("nft list table inet gerbang_mail")
        assert on("web2").check_output("systemctl is-system-running --wait") == "running"
    finally:
        site_yml(offered=True)
    assert stands() == whole
