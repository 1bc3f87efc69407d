"""Does each fault bite, and does it end? Seen from outside, as the engine would meet it."""

import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import dns.query
import dns.tsig
import dns.tsigkeyring
import dns.update
import pytest
from testinfra.host import Host

from lab import faults, machine, verbs
from lab.commands import LabError
from lab.hosts import HOSTS
from lab.instance import Instance

On = Callable[[str], Host]


@contextmanager
def fault(instance: Instance, name: str, host: str, **more: str) -> Iterator[None]:
    """Switch a fault on twice (once is the same) and off twice, whatever happens between."""
    try:
        for _ in range(2):
            faults.switch(instance, name, host, on=True, **more)
        yield
    finally:
        for _ in range(2):
            faults.switch(instance, name, host, on=False, **more)


def http_status(address: str) -> int:
    """The status that port 80 answers with; 0 for no answer within two seconds."""
    try:
        with urllib.request.urlopen(f"http://{address}/", timeout=2) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def status_within(address: str, wanted: int, seconds: float = 10) -> int:
    """Ask until it answers as wanted or the time is over; return the last answer."""
    deadline = time.monotonic() + seconds
    while (seen := http_status(address)) != wanted and time.monotonic() < deadline:
        time.sleep(0.1)
    return seen


@pytest.fixture
def address(instance: Instance, web2: str) -> str:
    return instance.address(HOSTS[web2].octet)


def test_a_cut_network_answers_nothing(instance: Instance, web2: str, address: str) -> None:
    assert http_status(address) == 404
    with fault(instance, "cut_network", web2):
        assert http_status(address) == 0
    assert status_within(address, 404) == 404


def test_a_slow_link_takes_a_megabit_for_seconds(instance: Instance, web2: str) -> None:
    def upload_seconds() -> float:
        begun = time.monotonic()
        argv = [*machine.ssh_argv(instance, web2), "cat >/dev/null"]
        subprocess.run(argv, input=bytes(128 * 1024), check=True)
        return time.monotonic() - begun

    assert upload_seconds() < 2
    with fault(instance, "slow_link", web2):
        assert upload_seconds() > 3
    assert upload_seconds() < 2


def test_a_full_disk_takes_no_byte_for_root_or_for_a_site(instance: Instance, web2: str, on: On) -> None:
    host = on(web2)
    paths = ("/var/tmp/try", "/srv/www/try")

    def written() -> dict[str, bool]:
        said = {path: host.run(f"head -c 65536 /dev/zero > {path} && sync {path}").rc == 0 for path in paths}
        host.check_output(f"rm -f {' '.join(paths)}")
        return said

    assert written() == dict.fromkeys(paths, True)
    with fault(instance, "full_disk", web2):
        assert written() == dict.fromkeys(paths, False)
    assert written() == dict.fromkeys(paths, True)


@pytest.mark.parametrize(("service", "open_port"), [(None, 80), ("mariadb", 3306)])
def test_a_stopped_service_refuses_and_cannot_be_started(
    instance: Instance, web2: str, address: str, on: On, service: str | None, open_port: int
) -> None:
    def connects() -> bool:
        with socket.socket() as client:
            client.settimeout(2)
            return client.connect_ex((address, open_port)) == 0

    more = {"service": service} if service else {}
    assert connects()
    with fault(instance, "stopped_service", web2, **more):
        assert not connects()
        assert on(web2).run(f"systemctl start {service or 'apache2'}").rc != 0
    assert connects()


def test_a_wrong_tsig_key_refuses_every_update(instance: Instance, lab: dict[str, Any]) -> None:
    def update() -> str:
        tsig = lab["tsig"]["visitors"]
        secret = (instance.keys / "tsig-visitors").read_text().strip()
        keyring = dns.tsigkeyring.from_text({tsig["name"]: secret})
        message = dns.update.UpdateMessage(lab["zone"], keyring=keyring, keyalgorithm=tsig["algorithm"])
        message.delete("nobody", "A")
        try:
            dns.query.tcp(message, lab["nameserver_address"], timeout=5)
        except (dns.tsig.PeerBadSignature, dns.tsig.PeerBadKey) as error:
            return type(error).__name__
        return "accepted"

    assert update() == "accepted"
    with fault(instance, "wrong_tsig_key", "ns1"):
        assert update() == "PeerBadSignature"
    assert update() == "accepted"


def test_a_wrong_tsig_key_is_a_fault_of_name_servers_only(instance: Instance, web2: str) -> None:
    with pytest.raises(LabError, match="web2 checks no TSIG key: the fault is one of ns1"):
        faults.switch(instance, "wrong_tsig_key", web2, on=True)


def test_lost_power_ends_the_host_and_its_disks_are_as_they_were(
    instance: Instance, web2: str, address: str, on: On
) -> None:
    on(web2).check_output("echo kept > /root/kept && sync /root/kept")
    with fault(instance, "lost_power", web2):
        assert not machine.is_running(instance, web2)
        assert http_status(address) == 0
    assert status_within(address, 404) == 404
    assert on(web2).check_output("cat /root/kept; rm /root/kept") == "kept"


def test_a_fault_of_a_host_that_is_not_up_is_said_so(instance: Instance) -> None:
    verbs.take_away(instance, "bare")
    with pytest.raises(LabError, match="bare is not up: python3 -m lab up bare"):
        faults.switch(instance, "cut_network", "bare", on=True)
