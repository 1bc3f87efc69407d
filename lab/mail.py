"""Where does mail go in the lab? To an SMTP server of its own, which tests can read: start, stop, what it received.

from lab import mail
for message in mail.messages(instance): message.sender, message.recipients, message.parsed["Subject"]
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import sys
import time
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from lab.commands import LabError, start_detached
from lab.hosts import MAIL_OCTET
from lab.instance import Instance
from lab.machine import alive
from lab.network import ensure_port, remove_port

NAME = "mail"
PORT = 25
USER = "gerbang-lab"
FAULTS = ("refuse", "reject", "slow")


@dataclass(frozen=True, kw_only=True)
class Message:
    """One message as it came: its envelope (RFC 5321), how it came, and its bytes.

    `login`: the user that the client logged in as, "" where it did not. `encrypted`: it came after STARTTLS.
    """

    number: int
    peer: str
    encrypted: bool
    login: str
    sender: str
    recipients: tuple[str, ...]
    data: bytes

    @property
    def parsed(self) -> EmailMessage:
        """The message as Python's own parser reads it: `parsed["Subject"]`, `parsed.get_body()`."""
        return BytesParser(EmailMessage, policy=policy.default).parsebytes(self.data)


def address(instance: Instance) -> str:
    return instance.address(MAIL_OCTET)


def ca_path(instance: Instance) -> Path:
    """Whom a client trusts who wants STARTTLS; the certificate is for the address and for mail.kota.lab."""
    return instance.keys / NAME / "ca.pem"


def password_path(instance: Instance) -> Path:
    """The password of gerbang-lab, for who wants to log in."""
    return instance.keys / "mail-password"


def folder(instance: Instance) -> Path:
    return instance.state / NAME


def messages(instance: Instance) -> list[Message]:
    """Everything received since the server started, in the order in which it came."""
    return [read(path) for path in sorted((folder(instance) / "messages").glob("*.json"))]


def read(path: Path) -> Message:
    said = json.loads(path.read_text())
    data = said.pop("data").encode("latin-1")
    recipients = tuple(said.pop("recipients"))
    return Message(number=int(path.stem), data=data, recipients=recipients, **said)


def shown(message: Message) -> str:
    """One message for a person: its envelope, then all of it."""
    envelope = f"#{message.number} from <{message.sender}> to {', '.join(message.recipients)}, by {message.peer}"
    return f"{envelope}\n{message.data.decode(errors='replace')}"


def start(instance: Instance) -> None:
    """Start the server in a namespace of its own and return when it listens."""
    if is_running(instance):
        return
    place, keys = folder(instance), instance.keys / NAME
    place.mkdir(parents=True, exist_ok=True)
    namespace = ensure_port(instance, NAME, MAIL_OCTET)
    own = instance.checkout / "var" / "cache" / "venv" / "bin" / "python"
    # nsenter, not `ip netns exec`: the latter keeps a copy of every mount, and with it the hosts' loop devices.
    argv = ["nsenter", f"--net={namespace}", str(own) if own.exists() else sys.executable, "-m", "lab.mail_server"]
    argv += [address(instance), str(PORT), str(place), str(keys / "server.pem"), str(keys / "server.key")]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(instance.checkout), "PYTHONDONTWRITEBYTECODE": "1"}
    start_detached(
        [*argv, str(password_path(instance))],
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
            raise LabError(f"the mail server does not listen at {address(instance)}:{PORT}. The end of its log:\n{log}")
        time.sleep(0.05)


def switch(instance: Instance, fault: str, *, on: bool) -> None:
    """Let the server refuse for now (451), reject for good (550), or take 8 s for each message."""
    if not is_running(instance):
        raise LabError("the mail server is not up: python3 -m lab up mail")
    file = folder(instance) / "faults" / fault
    if on:
        file.touch()
    else:
        file.unlink(missing_ok=True)


def pid(instance: Instance) -> int | None:
    file = folder(instance) / "pid"
    if not file.exists():
        return None
    number = int(file.read_text())
    return number if alive(number) else None


def is_running(instance: Instance) -> bool:
    return pid(instance) is not None


def end(instance: Instance) -> None:
    """End the process alone: connections are refused, what was received stays."""
    number = pid(instance)
    if number is not None:
        os.kill(number, signal.SIGKILL)
        while alive(number):
            time.sleep(0.02)


def stop(instance: Instance) -> None:
    """Take it away with all that it received."""
    end(instance)
    remove_port(instance, NAME)
    shutil.rmtree(folder(instance), ignore_errors=True)
