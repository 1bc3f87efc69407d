"""What does the lab tell others about itself? var/lab/lab.json, read by the inventory script, tests and the demo."""

import json
from pathlib import Path

from lab import acme, cloud, mail
from lab.hosts import HOSTS
from lab.instance import Instance
from lab.keys import TSIG_ZONES

ZONE = "kota.lab"
ACME_ZONE = "acme.kota.lab"


def path(instance: Instance) -> Path:
    return instance.shown / "lab.json"


def describe(instance: Instance, hosts: list[str]) -> dict[str, object]:
    """The lab as data: every path absolute, secrets only as files that hold them."""
    keys = instance.keys
    return {
        "instance": instance.id,
        "subnet": instance.subnet,
        "zone": ZONE,
        "reverse_zone": instance.reverse_zone,
        "acme_zone": ACME_ZONE,
        "nameserver_address": instance.address(HOSTS["ns1"].octet),
        "hosts": {
            name: {
                "address": instance.address(HOSTS[name].octet),
                "debian": HOSTS[name].debian,
                "groups": list(HOSTS[name].groups),
                "ssh_port": 22,
                "php_version": HOSTS[name].php_version,
            }
            for name in sorted(hosts)
        },
        "ssh_key": str(keys / "worker"),
        "look_key": str(keys / "look"),
        "known_hosts": str(keys / "known_hosts"),
        "control_path": str(instance.state / "ssh" / "%C"),
        "acme_directory_url": acme.directory_url(instance),
        "acme_root": str(acme.root_path(instance)),
        "acme_api_ca": str(keys / "acme-api" / "ca.pem"),
        "cloud": cloud.described(instance) if cloud.is_running(instance) else None,
        "mail": {
            "address": mail.address(instance),
            "port": mail.PORT,
            "tls": True,
            "ca_file": str(mail.ca_path(instance)),
            "user": mail.USER,
            "password_file": str(mail.password_path(instance)),
            "sender_domain": ZONE,
            "probe_recipient": f"gerbang-probe@{ZONE}",
        },
        "tsig": {
            zone: {"name": zone, "algorithm": "hmac-sha256", "secret_file": str(keys / f"tsig-{zone}")}
            for zone in TSIG_ZONES
        },
    }


def write(instance: Instance, hosts: list[str]) -> None:
    """Write lab.json whole or not at all: a reader never sees half a lab."""
    instance.shown.mkdir(parents=True, exist_ok=True)
    (instance.state / "ssh").mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path(instance).with_suffix(".unfinished")
    unfinished.write_text(json.dumps(describe(instance, hosts), indent=2) + "\n")
    unfinished.rename(path(instance))
