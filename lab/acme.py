"""Who issues certificates in the lab? Pebble, Debian's test server for the real ACME protocol (RFC 8555)."""

import json
import os
import shutil
import signal
import ssl
import time
import urllib.error
import urllib.request
from pathlib import Path

from lab.commands import LabError, start_detached
from lab.hosts import ACME_OCTET, HOSTS
from lab.instance import Instance
from lab.machine import alive
from lab.network import ensure_port, remove_port

NAME = "acme"
API_PORT = 14000
MANAGEMENT_PORT = 15000
CERTIFICATE_VALIDITY_SECONDS = 90 * 86400
# The validator neither sleeps between attempts nor refuses nonces at random: both only make tests slow and uncertain.
ENVIRONMENT = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}


def directory_url(instance: Instance) -> str:
    return f"https://{instance.address(ACME_OCTET)}:{API_PORT}/dir"


def root_path(instance: Instance) -> Path:
    """The root that issued certificates lead to; pebble makes a new one at each start."""
    return instance.shown / "acme-root.pem"


def api_ca_path(instance: Instance) -> Path:
    return instance.shown / "acme-api-ca.pem"


def start(instance: Instance) -> None:
    """Start pebble in a namespace of its own and write the two roots that clients trust."""
    if is_running(instance):
        return
    place = instance.state / NAME
    place.mkdir(parents=True, exist_ok=True)
    namespace = ensure_port(instance, NAME, ACME_OCTET)
    (place / "config.json").write_text(json.dumps({"pebble": configuration(instance)}))
    program = shutil.which("pebble")
    if program is None:
        raise LabError("pebble is not installed: apt-get install pebble")
    # nsenter, not `ip netns exec`: the latter keeps a copy of every mount, and with it the hosts' loop devices.
    argv = ["nsenter", f"--net={namespace}", program, "-config", str(place / "config.json")]
    argv += ["-dnsserver", f"{instance.address(HOSTS['ns1'].octet)}:53"]
    environment = {"PATH": os.environ["PATH"], **ENVIRONMENT}
    start_detached(argv, environment=environment, pid_file=place / "pid", log=place / "log")
    write_roots(instance)


def configuration(instance: Instance) -> dict[str, object]:
    api = instance.keys / "acme-api"
    return {
        "listenAddress": f"{instance.address(ACME_OCTET)}:{API_PORT}",
        "managementListenAddress": f"{instance.address(ACME_OCTET)}:{MANAGEMENT_PORT}",
        "certificate": str(api / "server.pem"),
        "privateKey": str(api / "server.key"),
        "httpPort": 80,
        "tlsPort": 443,
        "ocspResponderURL": "",
        "externalAccountBindingRequired": False,
        "certificateValidityPeriod": CERTIFICATE_VALIDITY_SECONDS,
    }


def write_roots(instance: Instance, *, timeout_seconds: float = 10) -> None:
    """Ask the management port for the issuing root, as soon as it answers."""
    instance.shown.mkdir(parents=True, exist_ok=True)
    shutil.copy(instance.keys / "acme-api" / "ca.pem", api_ca_path(instance))
    trust = ssl.create_default_context(cafile=str(api_ca_path(instance)))
    url = f"https://{instance.address(ACME_OCTET)}:{MANAGEMENT_PORT}/roots/0"
    deadline = time.monotonic() + timeout_seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2, context=trust) as reply:
                root_path(instance).write_bytes(reply.read())
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
            if time.monotonic() > deadline or not is_running(instance):
                log = (instance.state / NAME / "log").read_text(errors="replace")[-1500:]
                raise LabError(f"pebble does not answer at {url}: {error}. The end of its log:\n{log}") from error
            time.sleep(0.05)


def pid(instance: Instance) -> int | None:
    file = instance.state / NAME / "pid"
    if not file.exists():
        return None
    number = int(file.read_text())
    return number if alive(number) else None


def is_running(instance: Instance) -> bool:
    return pid(instance) is not None


def stop(instance: Instance) -> None:
    number = pid(instance)
    if number is not None:
        os.kill(number, signal.SIGKILL)
        while alive(number):
            time.sleep(0.02)
    remove_port(instance, NAME)
    shutil.rmtree(instance.state / NAME, ignore_errors=True)
