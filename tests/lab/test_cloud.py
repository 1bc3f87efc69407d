"""Is the lab's Nextcloud a process of its own, in the inventory, that keeps what it was given and can be broken?"""

from __future__ import annotations

import base64
import http.client
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lab import cloud, description, faults, verbs
from lab.instance import Instance, this_instance
from provisioner.runner.inventory import read_estate


@pytest.fixture(scope="session")
def instance() -> Instance:
    """The lab of this checkout; no host of it is needed here."""
    lab = this_instance()
    verbs.up(lab, [cloud.NAME])
    return lab


@contextmanager
def fault(instance: Instance, name: str) -> Iterator[None]:
    faults.switch(instance, name, cloud.NAME, on=True)
    try:
        yield
    finally:
        faults.switch(instance, name, cloud.NAME, on=False)


def call(instance: Instance, method: str, path: str, body: bytes | None = None) -> int:
    context = ssl.create_default_context(cafile=str(cloud.ca_path(instance)))
    secret = cloud.app_password_path(instance).read_text().strip()
    given = base64.b64encode(f"{cloud.USER}:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {given}", "OCS-APIRequest": "true", "Content-Type": "application/json"}
    plain = socket.create_connection((cloud.address(instance), cloud.PORT), timeout=1)
    connection = http.client.HTTPSConnection("cloud.kota.lab", cloud.PORT, context=context)
    connection.sock = context.wrap_socket(plain, server_hostname="cloud.kota.lab")
    try:
        connection.request(method, f"/ocs/v2.php{path}?format=json", body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_it_keeps_its_accounts_when_its_process_is_ended_and_started_again(instance: Instance) -> None:
    cloud.ask(instance, do="reset")
    new = json.dumps({"userid": "ani", "password": "Sandi-percobaan-2026"}).encode()
    assert call(instance, "POST", "/cloud/users", new) == 200
    before = cloud.pid(instance)
    with fault(instance, "stopped_service"), pytest.raises(ConnectionRefusedError):
        call(instance, "GET", "/cloud/users/ani")
    assert cloud.pid(instance) not in (before, None)
    assert call(instance, "GET", "/cloud/users/ani") == 200
    cloud.ask(instance, do="reset")
    assert call(instance, "GET", "/cloud/users/ani") == 404


def test_a_pulled_plug_is_no_answer(instance: Instance) -> None:
    with fault(instance, "cut_network"), pytest.raises((TimeoutError, OSError)):
        call(instance, "GET", "/cloud/user")
    assert call(instance, "GET", "/cloud/user") == 200


def test_the_engine_finds_it_in_the_inventory_with_its_address_and_no_secret(instance: Instance) -> None:
    estate = read_estate(instance.checkout / "inventories" / "lab" / "hosts.py")
    host = estate.hosts[cloud.NAME]
    assert host.groups == frozenset({"nextcloud"})
    known = {name: value for name, value in host.variables.items() if name.startswith(("nextcloud_", "traffic_"))}
    assert known == {
        "nextcloud_url": "https://cloud.kota.lab:8443",
        "nextcloud_address": cloud.address(instance),
        "nextcloud_ca_file": str(cloud.ca_path(instance)),
        "nextcloud_user": "gerbang",
        "nextcloud_app_password_file": str(cloud.app_password_path(instance)),
        "traffic_driver": "none",
    }
    assert host.variables["ansible_connection"] == "local"
    secret = cloud.app_password_path(instance).read_text().strip()
    assert len(secret) == 72
    assert secret not in description.path(instance).read_text()
