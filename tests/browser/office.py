"""Which office does the browser look at? One whose gate listens, with a worker that waits for us."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page

from api.app import create_app
from api.session import PasswordGuard
from provisioner.settings import Settings
from provisioner.workflow.carry_out import carry_out
from tests.gate.office import CHEAP, PASSWORD, Office

#: without these Chromium looks for hosts of its maker at every start
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class ServedOffice(Office):
    """An office whose gate listens on a port of its own, and a worker that waits where it is told to."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        served = Settings(public_url=self.url, gate_port=self.port, key_file=folder / "sealing.json")
        self.app = create_app(self.house.desk, served, self.house.clock, PasswordGuard(CHEAP, tries=1000))
        self.server = uvicorn.Server(
            uvicorn.Config(
                self.app,
                host="127.0.0.1",
                port=self.port,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=1,  # s, for the stream of a window that is still open
            )
        )
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def start(self) -> None:
        """Listen."""
        self.thread.start()
        until = time.monotonic() + 10
        while not self.server.started:
            assert time.monotonic() < until, "the gate did not start within 10 s"
            time.sleep(0.02)

    def stop(self) -> None:
        """Let every stream go, and end."""
        self.server.should_exit = True
        self.thread.join(10)
        self.house.close()

    def work(self, run_id: str, hold_at: str, time_round: int = 1) -> threading.Event:
        """Let a worker carry the run out beside us; it stops before the task `hold_at` until the event is set.

        `time_round` 2: before that task the second time, when it is undone.
        """
        do, go_on, begun = self.house.hands.do, threading.Event(), Counter[str]()

        def held(part: Any, **how: Any) -> Any:
            told = how.pop("told", lambda _task, _text: None)

            def tell(task: str, text: str) -> None:
                told(task, text or "mulai")
                begun[task] += 1
                if (task, begun[task]) == (hold_at, time_round):
                    # A live line is committed with the next one that comes 0.2 s later, by the house's own clock.
                    self.house.clock.move(seconds=1)
                    told(task, "menunggu isyarat")
                    assert go_on.wait(60), "nobody let the worker go on"

            return do(part, told=tell, **how)

        hands = replace(self.house.hands, do=held)
        threading.Thread(target=carry_out, args=(hands, run_id), daemon=True).start()
        return go_on


def window(chromium: Browser, office: ServedOffice, username: str, **how: Any) -> Page:
    """Open a window signed in as that person."""
    context: BrowserContext = chromium.new_context(base_url=office.url, **how)
    page = context.new_page()
    page.goto("/masuk")
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    return page
