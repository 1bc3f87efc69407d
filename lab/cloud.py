"""Where is the lab's Nextcloud? A process that speaks as the real one does: start, stop, faults, what it saw.

from lab import cloud
cloud.fault(instance, "hang", calls=1, method="POST", path="/cloud/users")
cloud.ask(instance, do="journal")
"""

import contextlib
import os
import shutil
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

from lab.commands import LabError, start_detached
from lab.hosts import CLOUD_OCTET
from lab.instance import Instance
from lab.machine import alive
from lab.network import ensure_port, remove_port
from lab.nextcloud import door, faults

NAME = "cloud1"
PORT = 8443
USER = "gerbang"
PLACE = "cloud"
FAULTS = faults.NAMES


def address(instance: Instance) -> str:
    return instance.address(CLOUD_OCTET)


def url() -> str:
    """What clients call it; who resolves the name differently connects to `address`."""
    return f"https://{PLACE}.kota.lab:{PORT}"


def ca_path(instance: Instance) -> Path:
    """Whom a client trusts; the certificate is for the address and for cloud.kota.lab."""
    return instance.keys / PLACE / "ca.pem"


def app_password_path(instance: Instance) -> Path:
    """The app password of the user gerbang, an admin of the server; it has no other password that anybody knows."""
    return instance.keys / "cloud-app-password"


def folder(instance: Instance) -> Path:
    return instance.state / NAME


def described(instance: Instance) -> dict[str, object]:
    """What the lab tells of it: lab.json, the inventory."""
    return {
        "name": NAME,
        "url": url(),
        "address": address(instance),
        "ca_file": str(ca_path(instance)),
        "user": USER,
        "app_password_file": str(app_password_path(instance)),
        "lock_folder": str(instance.state / "locks"),
        "planted_fault_file": str(folder(instance) / "planted-fault"),
    }


def start(instance: Instance) -> None:
    """Start the server in a namespace of its own and return when it listens; its accounts are those of before."""
    if is_running(instance):
        return
    place, keys = folder(instance), instance.keys / PLACE
    place.mkdir(parents=True, exist_ok=True)
    (instance.state / "locks").mkdir(mode=0o700, exist_ok=True)
    namespace = ensure_port(instance, NAME, CLOUD_OCTET)
    own = instance.checkout / "var" / "cache" / "venv" / "bin" / "python"
    # nsenter, not `ip netns exec`: the latter keeps a copy of every mount, and with it the hosts' loop devices.
    argv = ["nsenter", f"--net={namespace}", str(own) if own.exists() else sys.executable, "-m", "lab.nextcloud"]
    argv += [address(instance), str(PORT), str(place), str(keys), str(app_password_path(instance))]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(instance.checkout), "PYTHONDONTWRITEBYTECODE": "1"}
    start_detached(
        [*argv, f"{PLACE}.kota.lab,{address(instance)}"],
        environment=environment,
        pid_file=place / "pid",
        log=place / "log",
    )
    wait_until_it_listens(instance)


def wait_until_it_listens(instance: Instance, *, timeout_seconds: float = 15) -> None:
    deadline = time.monotonic() + timeout_seconds
    while True:
        with contextlib.suppress(OSError), socket.create_connection((address(instance), PORT), timeout=1):
            return
        if time.monotonic() > deadline or not is_running(instance):
            log = (folder(instance) / "log").read_text(errors="replace")[-1500:]
            raise LabError(f"{NAME} does not listen at {address(instance)}:{PORT}. The end of its log:\n{log}")
        time.sleep(0.02)


def ask(instance: Instance, **question: Any) -> Any:
    """Ask the server through its door (lab/nextcloud/door.py says what): do="journal", "dump", "reset", "forward"..."""
    if not is_running(instance):
        raise LabError(f"{NAME} is not up: python3 -m lab up {NAME}")
    return door.ask(folder(instance) / "door", **question)


def fault(instance: Instance, name: str, *, on: bool = True, **limits: Any) -> None:
    """Switch one of FAULTS on or off; `calls`, `method` and `path` say which calls it meets, and how many."""
    ask(instance, do="fault", name=name, on=on, **limits)


def pid(instance: Instance) -> int | None:
    file = folder(instance) / "pid"
    if not file.exists():
        return None
    number = int(file.read_text())
    return number if alive(number) else None


def is_running(instance: Instance) -> bool:
    return pid(instance) is not None


def has_ended(number: int) -> bool:
    """Say whether every thread of a killed process is gone."""
    try:
        return not any(alive(int(thread.name)) for thread in Path(f"/proc/{number}/task").iterdir())
    except OSError:
        return True


def end(instance: Instance) -> None:
    """End the process alone: connections are refused, accounts and files stay."""
    number = pid(instance)
    if number is not None:
        with contextlib.suppress(OSError, ValueError):
            ask(instance, do="write")
        os.kill(number, signal.SIGKILL)
        # Its first thread may be gone while others still end: they hold the port a moment longer.
        while alive(number) or not has_ended(number):
            time.sleep(0.01)


def stop(instance: Instance) -> None:
    """Take it away with all that it kept."""
    end(instance)
    remove_port(instance, NAME)
    shutil.rmtree(folder(instance), ignore_errors=True)
