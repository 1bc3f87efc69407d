"""How does a test get a Nextcloud of its own? The lab's stand-in within the test's own process, on a free port.

with serving(tmp_path) as cloud:
    ...  # cloud.url, cloud.address, cloud.ca_file, cloud.app_password; cloud.ask(do="fault", name="hang", calls=1)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.keys import issue
from lab.nextcloud.__main__ import USER, Seed, listener
from lab.nextcloud.cloud import Cloud
from lab.nextcloud.door import Door
from lab.nextcloud.keeper import Keeper
from lab.nextcloud.request import Request
from lab.nextcloud.state import State, load
from lab.nextcloud.tokens import new_app_password

LOCAL = "127.0.0.1"
HOST = "cloud.kota.lab"
ADMIN, ADMIN_PASSWORD = "admin", "Sandi-admin-rekaan-2026"


@dataclass(kw_only=True)
class Served:
    """A running server: how clients reach it, and what is behind its front."""

    cloud: Cloud
    door: Door
    port: int
    ca_file: Path
    app_password: str
    app_password_file: Path
    user: str = USER
    address: str = LOCAL

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.port}"

    def ask(self, **question: Any) -> Any:
        """Ask what the door knows: do="fault", "journal", "dump", "reset", "forward", "forgive", "maintain"..."""
        return self.door.answer(question)


@contextmanager
def serving(
    folder: Path, *, hook: Callable[[str, Request], None] | None = None, certificates: Path | None = None
) -> Iterator[Served]:
    """Serve until the end of the block. `hook`: as lab.nextcloud.cloud.Cloud says; `certificates`: where they are kept.

    Beside the user gerbang (app password) it knows `ADMIN` with a password, as a fresh server does.
    """
    keys = (certificates or folder) / "keys"
    for place in (keys, keys.with_name("keys-wrong")):
        place.parent.mkdir(parents=True, exist_ok=True)
        issue(place, "cloud", LOCAL)
    password = new_app_password()
    password_file = folder / "app-password"
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    seed = Seed(password)

    def fill(state: State) -> None:
        seed(state)
        state.add_account(ADMIN, ADMIN_PASSWORD, groups=["admin"], email="admin@example.test")

    state = load(folder / "state")
    fill(state)
    cloud = Cloud(state=state, hosts=(HOST, LOCAL, "localhost"), hook=hook)
    keeper = Keeper(cloud)
    server = listener(cloud, LOCAL, 0, keys)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield Served(
            cloud=cloud,
            door=Door(cloud, fill),
            port=server.server_port,
            ca_file=keys / "ca.pem",
            app_password=password,
            app_password_file=password_file,
        )
    finally:
        cloud.faults.switch_off()
        server.shutdown()
        server.server_close()
        keeper.end()
