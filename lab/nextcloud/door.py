"""How does the lab speak to the server behind its front? Through a unix socket: faults, time, journal, state.

{"do": "fault", "name": "hang", "calls": 1, "method": "POST", "path": "/cloud/users"}     one JSON object a connection
"""

import json
import socket
import socketserver
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lab.nextcloud.cloud import Cloud
from lab.nextcloud.faults import Fault
from lab.nextcloud.state import State, load


def ask(door: Path, **question: Any) -> Any:
    """Ask a running server and return what it says; raises ValueError with its words where it refuses."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(30)
        client.connect(str(door))
        client.sendall(json.dumps(question).encode() + b"\n")
        with client.makefile("rb") as answer:
            said = json.loads(answer.read())
    if "refused" in said:
        raise ValueError(said["refused"])
    return said["answer"]


class Door:
    """What may be asked. `seed` fills an empty server with what it always knows."""

    def __init__(self, cloud: Cloud, seed: Callable[[State], None]) -> None:
        self.cloud, self.seed = cloud, seed

    def answer(self, question: dict[str, Any]) -> Any:
        """Do one thing by its name. Raises ValueError for a name that is none."""
        asked = dict(question)
        name = asked.pop("do", "")
        if name not in DEEDS:
            raise ValueError(f"{name!r} is nothing that the door knows: {', '.join(DEEDS)}")
        if name == "fault":  # a call that hangs keeps no lock: it can be ended from here
            return fault(self, **asked)
        with self.cloud.lock:
            return DEEDS[name](self, **asked)

    def serve(self, path: Path) -> socketserver.BaseServer:
        """Listen at `path` in a thread of its own."""
        path.unlink(missing_ok=True)
        door = self

        class Visit(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                try:
                    said = {"answer": door.answer(json.loads(self.rfile.readline()))}
                except (ValueError, TypeError, KeyError) as error:
                    said = {"refused": str(error)}
                self.wfile.write(json.dumps(said).encode())

        server = socketserver.ThreadingUnixStreamServer(str(path), Visit)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return server


def fault(door: Door, *, name: str, on: bool = True, **limits: Any) -> list[str]:
    """Switch a fault on (for `calls` calls, of `method`, whose path holds `path`) or off; returns those that are on."""
    if on:
        door.cloud.faults.switch_on(Fault(name=name, **limits))
    else:
        door.cloud.faults.switch_off(name)
    return [*door.cloud.faults.on]


def reset(door: Door) -> None:
    """Make the server what it was at the first start: no account but its own, no fault, an empty journal."""
    cloud = door.cloud
    cloud.faults.switch_off()
    (cloud.state.folder / "state.json").unlink(missing_ok=True)
    for blob in (cloud.state.folder / "blobs").iterdir():
        blob.unlink()
    cloud.state = load(cloud.state.folder)
    door.seed(cloud.state)
    cloud.state.write()
    cloud.journal.clear()
    cloud.clock.ahead_seconds = 0.0
    cloud.pace.is_on = False
    cloud.begin()


def journal(door: Door, since: int = 0) -> list[dict[str, Any]]:
    """Every call since the start, or from the number `since` on."""
    return [asdict(one) for one in door.cloud.journal[since:]]


def dump(door: Door) -> dict[str, Any]:
    """All that the server remembers, as data."""
    cloud = door.cloud
    attempts = {address: len(times) for address, times in cloud.guard.attempts.items() if times}
    edits = {caller: len(times) for caller, times in cloud.edits.items()}
    return {**cloud.state.as_data(), "wrong_passwords": attempts, "edits": edits, "sessions": len(cloud.guard.sessions)}


def forward(door: Door, seconds: float) -> float:
    """Put the clock forward; returns by how much it is ahead."""
    door.cloud.clock.ahead_seconds += seconds
    return door.cloud.clock.ahead_seconds


def forgive(door: Door) -> None:
    """Forget the wrong passwords of every address."""
    door.cloud.guard.forgive()


def maintain(door: Door, *, on: bool) -> None:
    """Maintenance mode, as `occ maintenance:mode` sets it."""
    door.cloud.state.is_maintained = on
    door.cloud.state.save()


def write(door: Door) -> None:
    """Write the state down now, as a server does that is asked to stop."""
    door.cloud.state.write()


def pace(door: Door, *, on: bool) -> None:
    """Let calls take as long as the recorded server took for them."""
    door.cloud.pace.is_on = on


def grant(door: Door, *, page: str, user: str) -> bool:
    """Play the person in the browser who grants a login of flow v2."""
    return door.cloud.flow.grant(page, user)


def account(door: Door, *, id: str, password: str, **fields: Any) -> None:  # noqa: A002  the server's own word
    """Make an account past the API, as somebody at the server's own console would."""
    door.cloud.state.add_account(id, password, **fields)
    door.cloud.state.save()


DEEDS: dict[str, Callable[..., Any]] = {
    deed.__name__: deed
    for deed in (fault, reset, journal, dump, forward, forgive, maintain, write, pace, grant, account)
}
