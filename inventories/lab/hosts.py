#!/usr/bin/python3
"""Which hosts can Ansible reach in the lab? Reads what the lab wrote about itself (var/lab/lab.json).

Prints the JSON of an inventory script (`--list`). Holds no secret: keys are named by the file that holds them.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

CHECKOUT = Path(__file__).resolve().parents[2]
PROXIES = {"proxy1": "apache", "proxy2": "nginx"}  # in front of cloud1, and what serves there
PASSED_ON = ("zone", "reverse_zone", "acme_zone", "subnet", "nameserver_address", "tsig", "acme_directory_url")


def read_lab() -> dict[str, Any]:
    """The lab's description; ends the program with the way out when no lab is up."""
    path = Path(os.environ.get("GERBANG_LAB_JSON", CHECKOUT / "var" / "lab" / "lab.json"))
    try:
        lab: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        sys.exit(f"{path} is missing: no lab is up here. Bring it up with `python3 -m lab up`.")
    return lab


def connection(lab: dict[str, Any]) -> dict[str, Any]:
    """How Ansible reaches every host: one warm SSH connection each, nothing of this user's own settings."""
    words = ["-F none", f"-o UserKnownHostsFile={lab['known_hosts']}", "-o StrictHostKeyChecking=yes"]
    words += ["-o ControlMaster=auto", "-o ControlPersist=1800", f"-o ControlPath={lab['control_path']}"]
    words += ["-o ServerAliveInterval=5", "-o ServerAliveCountMax=3"]  # a host that is gone is noticed in 15 s
    return {
        "ansible_user": "root",
        "ansible_ssh_private_key_file": lab["ssh_key"],
        "ansible_ssh_args": " ".join(words),
        "ansible_pipelining": True,
        "ansible_python_interpreter": "/usr/bin/python3",
    }


def web_host(host: dict[str, Any]) -> dict[str, Any]:
    """What the engine plans with on a web host; literal values, since the engine reads the inventory without Jinja."""
    return {
        "php_version": host["php_version"],
        "address_public": host["address"],
        "address_internal": host["address"],
        "storage_driver": "btrfs_squota",
        "bandwidth_driver": "mod_bw" if host["debian"] == 12 else "mod_ratelimit",
    }


def cloud_server(cloud: dict[str, Any], *, has_proxy: bool) -> dict[str, Any]:
    """How the controller calls the lab's Nextcloud: nothing is run on it, so it has no SSH."""
    return {
        "ansible_connection": "local",
        "nextcloud_url": cloud["url"],
        "nextcloud_address": cloud["address"],
        "nextcloud_ca_file": cloud["ca_file"],
        "nextcloud_user": cloud["user"],
        "nextcloud_app_password_file": cloud["app_password_file"],
        **(
            {"traffic_driver": PROXIES["proxy1"], "traffic_proxy": "proxy1"}
            if has_proxy
            else {"traffic_driver": "none"}
        ),
        "service_lock_folder": cloud["lock_folder"],
        "service_longest_call_seconds": 2,
        "planted_fault_file": cloud["planted_fault_file"],
    }


def proxy(name: str, cloud: dict[str, Any]) -> dict[str, Any]:
    """What serves on a proxy, and for which cloud."""
    keys = Path(cloud["ca_file"]).parent
    return {
        "cloud_proxy_driver": PROXIES[name],
        "cloud_proxy_front": {
            "name": urlsplit(cloud["url"]).hostname,
            "port": urlsplit(cloud["url"]).port,
            "certificate_file": str(keys / "server.pem"),
            "key_file": str(keys / "server.key"),
            "upstream": f"https://{cloud['address']}:{urlsplit(cloud['url']).port}",
            "upstream_ca_file": cloud["ca_file"],
        },
    }


def inventory(lab: dict[str, Any]) -> dict[str, Any]:
    """The inventory: groups with their hosts, and under _meta what is known of each host."""
    shared = {**connection(lab), **{name: lab[name] for name in PASSED_ON}}
    shared |= {
        "acme_ca_file": lab["acme_api_ca"],
        "worker_public_key_file": f"{lab['ssh_key']}.pub",
        "look_public_key_file": f"{lab['look_key']}.pub",
        # What the engine's own eyes use: the probe's key, the hosts' keys, the root of visitors' certificates.
        "look_key_file": lab["look_key"],
        "ssh_control_folder": str(Path(lab["control_path"]).parent),
        "known_hosts_file": lab["known_hosts"],
        "acme_root_file": lab["acme_root"],
        "acme_root": lab["acme_root"],
        "nameserver": lab["nameserver_address"],
        "visitors_tsig": lab["tsig"]["visitors"],
        "acme_tsig": lab["tsig"]["acme"],
        "outgoing_mail_relay": lab["mail"],
        "lab": True,
        # Who may speak to the databases from outside; everybody else has the socket only.
        "database_client_networks": [lab["subnet"]],
    }
    hostvars, groups = {}, {}
    for name, host in lab["hosts"].items():
        hostvars[name] = {"ansible_host": host["address"], "ansible_port": host["ssh_port"], "debian": host["debian"]}
        if host["php_version"]:
            hostvars[name] |= web_host(host)
        for group in host["groups"]:
            groups.setdefault(group, {"hosts": []})["hosts"].append(name)
    cloud = lab.get("cloud")
    if cloud:
        hostvars[cloud["name"]] = cloud_server(cloud, has_proxy="proxy1" in lab["hosts"])
        hostvars |= {name: hostvars[name] | proxy(name, cloud) for name in PROXIES if name in hostvars}
        groups["nextcloud"] = {"hosts": [cloud["name"]]}
    return {
        "_meta": {"hostvars": hostvars},
        "all": {"children": ["ungrouped", *groups], "vars": shared},
        **groups,
    }


if __name__ == "__main__":
    print(json.dumps(inventory(read_lab()), indent=2))
