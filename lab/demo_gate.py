"""How does the demo ask the gate? As its people do: over HTTP, one signed-in client each."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from lab.commands import LabError

PATIENCE_SECONDS = 120.0
POLL_SECONDS = 0.15


@dataclass(kw_only=True)
class Gate:
    """The gate as its people use it: one signed-in client each, over HTTP like anybody."""

    url: str
    passwords: dict[str, str]
    clients: dict[str, httpx.Client] = field(default_factory=dict)

    def of(self, role: str) -> httpx.Client:
        """Return the client of a role, signed in."""
        if role not in self.clients:
            client = httpx.Client(base_url=f"{self.url}/api/v1", timeout=30)
            answer = client.post("/session", json={"username": role, "password": self.passwords[role]})
            client.headers["Authorization"] = f"Bearer {checked(answer)['token']}"
            self.clients[role] = client
        return self.clients[role]

    def get(self, role: str, path: str) -> Any:
        """Ask for something as `role`."""
        return checked(self.of(role).get(path))

    def post(self, role: str, path: str, **body: Any) -> Any:
        """Do something as `role`."""
        return checked(self.of(role).post(path, json=body))


def checked(answer: httpx.Response) -> Any:
    """Return the answer's data; LabError with the gate's own words where it refused."""
    if answer.is_success:
        return answer.json()
    raise LabError(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:1500]}")


def wait(ask: Callable[[], Any], enough: Callable[[Any], bool]) -> Any:
    """Ask until it is enough; LabError after two minutes with what was seen last."""
    begun, seen = time.monotonic(), ask()
    while not enough(seen) and time.monotonic() - begun < PATIENCE_SECONDS:
        time.sleep(POLL_SECONDS)
        seen = ask()
    if enough(seen):
        return seen
    raise LabError(f"tidak selesai dalam {PATIENCE_SECONDS:.0f} detik; terakhir: {str(seen)[:800]}")
