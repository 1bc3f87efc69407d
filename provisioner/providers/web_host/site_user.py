"""What can the one who holds a site's SFTP password do: lay a file, run a program, and take both away again?"""

from __future__ import annotations

import contextlib
import hashlib
import json
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from provisioner.errors import GerbangError, Unreachable
from provisioner.providers.web_host.https import Page, Site
from provisioner.providers.web_host.sftp import Sftp
from provisioner.providers.web_host.sftp_wire import Login, LoginRefused, SftpRefused

PUBLIC = "/public"
PROGRAM = Path(__file__).with_name("probe.php")


class SiteUser:
    """One login of a site's user, shared by the trials of a run; `close` removes all that they laid."""

    def __init__(self, login: Login, password: str, probe_name: str) -> None:
        self.login, self._password, self._probe_name = login, password, probe_name
        self._lock = threading.RLock()
        self._sftp: Sftp | None = None
        self._refused: LoginRefused | None = None
        self._laid: list[str] = []
        self._token = self._program = ""

    def sftp(self) -> Sftp:
        """Log in, once; the same refusal for everyone who asks later."""
        with self._lock:
            if self._refused is not None:
                raise self._refused
            if self._sftp is None:
                try:
                    self._sftp = Sftp(self.login, self._password)
                    self._sweep(self._sftp)
                except LoginRefused as off:
                    self._refused = off
                    raise
            return self._sftp

    def _sweep(self, sftp: Sftp) -> None:
        """Take away what an earlier, killed round of the same run left behind."""
        with contextlib.suppress(SftpRefused):
            for name in sftp.names(PUBLIC):
                if name.startswith(self._probe_name):
                    sftp.remove(f"{PUBLIC}/{name}")

    @contextmanager
    def probe_file(self, suffix: str, size_bytes: int) -> Iterator[str]:
        """Lay a file of zeros in the site's public folder for the block; yields its name there."""
        path = f"{PUBLIC}/{self._probe_name}{suffix}"
        self._lay(path, bytes(size_bytes))
        try:
            yield path.removeprefix(f"{PUBLIC}/")
        finally:
            self._take_away(path)

    def ask_php(self, site: Site, question: Mapping[str, Any]) -> dict[str, Any]:
        """Let the site's own PHP answer: {"do": "who"} -> {"uid": 20001, "php": "8.2.29"}."""
        body = json.dumps(question).encode()
        page = site.ask("POST", self._program_path(), body, {"X-Gerbang-Probe": self._token})
        return php_answer(page, site)

    def program(self) -> tuple[str, Mapping[str, str]]:
        """Return the path of the program on the site, and the header without which it answers 404."""
        path = self._program_path()
        return path, {"X-Gerbang-Probe": self._token}

    def close(self) -> None:
        """Take away all that was laid and end the login."""
        with self._lock:
            for path in list(self._laid):
                with contextlib.suppress(GerbangError):
                    self._take_away(path)
            if self._sftp is not None:
                self._sftp.close()
                self._sftp = None

    def _program_path(self) -> str:
        with self._lock:
            if not self._token:
                token = secrets.token_hex(16)
                # A name of its own each time: PHP would answer from its cache of an earlier text for two seconds.
                self._program = f"{PUBLIC}/{self._probe_name}-{token[:8]}.php"
                self._lay(self._program, _program(token, self._probe_name))
                self._token = token
            return self._program.removeprefix(PUBLIC)

    def _lay(self, path: str, data: bytes) -> None:
        sftp = self.sftp()
        with self._lock:
            self._laid.append(path)
        sftp.write(path, data)

    def _take_away(self, path: str) -> None:
        try:
            self.sftp().remove(path)
        except SftpRefused as off:
            if "not there" not in off.what:
                raise
        with self._lock:
            self._laid.remove(path)


def php_answer(page: Page, site: Site) -> dict[str, Any]:
    """Return the program's JSON object; Unreachable where something else came."""
    try:
        answer = json.loads(page.body) if page.status == 200 else None
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        raise Unreachable(f"PHP did not run the probe: status {page.status}.", site.name)
    return answer


def _program(token: str, probe_name: str) -> bytes:
    text = PROGRAM.read_text().replace("@TOKEN_SHA256@", hashlib.sha256(token.encode()).hexdigest())
    return text.replace("@PROBE_NAME@", probe_name).encode()
