"""Are the lab's hosts as site.yml promises, exactly?"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import dns.query
import dns.rcode
import dns.tsigkeyring
import dns.update
import pytest
from testinfra.host import Host

from tests.lab.web_host import WebHostPromises, listening

On = Callable[[str], Host]


@pytest.mark.parametrize("name", ["web1", "web2"])
class TestWebHost(WebHostPromises):
    @pytest.fixture
    def host(self, on: On, web2: str, name: str) -> Host:
        return on(name)


class TestNameServer:
    @pytest.fixture
    def host(self, on: On, instance: object) -> Host:
        return on("ns1")

    def test_nothing_listens_but_bind_and_ssh(self, host: Host, lab: dict[str, Any]) -> None:
        address = lab["nameserver_address"]
        assert listening(host) == {
            f"{address}:53",
            "127.0.0.1:53",
            "[::1]:53",
            "127.0.0.1:953",
            "[::1]:953",
            "0.0.0.0:22",
            "[::]:22",
        }

    def test_its_keys_are_binds_alone(self, host: Host) -> None:
        assert host.check_output("stat --format='%U:%G %a' /etc/bind/gerbang.keys") == "root:bind 640"

    def test_a_name_outside_its_zones_does_not_exist_and_is_said_so_at_once(self, host: Host) -> None:
        answer = host.check_output("dig +time=1 +tries=1 @127.0.0.1 example.org")
        assert "status: NXDOMAIN" in answer

    # key, zone, name, type and value, and whether the policy lets the key write it
    POLICY = (
        ("visitors", "kota.lab", "t1", "A 192.0.2.1", True),
        ("visitors", "kota.lab", "t1", "AAAA 2001:db8::1", True),
        ("visitors", "kota.lab", "_gerbang.t1", "TXT mark", True),
        ("visitors", "kota.lab", "_acme-challenge.t1", "CNAME t1.acme.kota.lab.", True),
        ("visitors", "kota.lab", "t1", "MX 10 mail.example.", False),
        ("visitors", "kota.lab", "t1", "NS ns.example.", False),
        ("visitors", "kota.lab", "@", "A 192.0.2.1", False),
        ("visitors", "kota.lab", "@", "TXT forged", False),
        ("visitors", "kota.lab", "ns", "A 192.0.2.1", False),
        ("visitors", "kota.lab", "web1", "A 192.0.2.1", False),
        ("visitors", "kota.lab", "acme", "TXT forged", False),
        ("visitors", "kota.lab", "x.acme", "TXT forged", False),
        ("acme", "kota.lab", "_acme-challenge.t2", "TXT forged", False),
        ("reverse", "kota.lab", "t2", "A 192.0.2.1", False),
        ("acme", "acme.kota.lab", "t1", "TXT answer", True),
        ("acme", "acme.kota.lab", "t1", "A 192.0.2.1", False),
        ("acme", "acme.kota.lab", "@", "TXT forged", False),
        ("visitors", "acme.kota.lab", "t1", "TXT forged", False),
        ("reverse", "REVERSE", "250", "PTR t1.kota.lab.", True),
        ("reverse", "REVERSE", "250", "A 192.0.2.1", False),
        ("visitors", "REVERSE", "250", "PTR t1.kota.lab.", False),
    )

    @pytest.mark.parametrize(("key", "zone", "name", "value", "allowed"), POLICY)
    def test_each_key_writes_what_its_policy_says(
        self, host: Host, lab: dict[str, Any], key: str, zone: str, name: str, value: str, allowed: bool
    ) -> None:
        zone = lab["reverse_zone"] if zone == "REVERSE" else zone
        kind, _, text = value.partition(" ")
        added = send(lab, key, zone, lambda update: update.add(name, 60, kind, text))
        assert added == ("NOERROR" if allowed else "REFUSED")
        if allowed:
            assert send(lab, key, zone, lambda update: update.delete(name, kind, text)) == "NOERROR"


def send(lab: dict[str, Any], key: str, zone: str, act: Callable[[dns.update.UpdateMessage], None]) -> str:
    """Send one update with one of the lab's keys and return BIND's answer: "NOERROR" or "REFUSED"."""
    tsig = lab["tsig"][key]
    keyring = dns.tsigkeyring.from_text({tsig["name"]: Path(tsig["secret_file"]).read_text().strip()})
    update = dns.update.UpdateMessage(zone, keyring=keyring, keyalgorithm=tsig["algorithm"])
    act(update)
    return dns.rcode.to_text(dns.query.tcp(update, lab["nameserver_address"], timeout=5).rcode())
