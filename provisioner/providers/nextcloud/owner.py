"""What do the trials of one account share? One login, so that a wrong password is sent once and not by each of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from provisioner.errors import Unreachable
from provisioner.facts.estate import Host
from provisioner.ocs import Nextcloud
from provisioner.providers.nextcloud.files import MADE, Files
from provisioner.providers.nextcloud.service import as_user


class Owner:
    """An account with its password. Its trials take turns: each counts what fits, and none may eat it meanwhile.

    They share our folder there; the last of those that wait takes it away.
    """

    def __init__(self, host: Host, account: str, password: str, probe_name: str) -> None:
        self.host, self.account = host, account
        self.cloud: Nextcloud = as_user(host, account, password)
        self.files = Files(self.cloud, account, probe_name)
        self.turn = threading.Lock()
        self._waiting, self._made, self._counting = 0, "", threading.Lock()

    def may_enter(self) -> bool:
        """Ask the server who we are: False where it refuses the password; Unreachable where it says anything else."""
        answer = self.cloud.get("/cloud/user")
        if answer.status == 401:
            return False
        said = answer.data.get("id") if isinstance(answer.data, dict) else None
        if not answer.ok or not isinstance(said, str) or said.lower() != self.account.lower():
            raise Unreachable(f"does not say who {self.account} is ({answer.status}).", self.host.name, "Try again.")
        return True

    @contextmanager
    def in_turn(self) -> Iterator[Self]:
        """Hold the account for one trial; Unreachable where the last could not take our folder away."""
        with self._counting:
            self._waiting += 1
        with self.turn:
            try:
                yield self
            finally:
                with self._counting:
                    self._waiting -= 1
                if not self._waiting and self._made:
                    self._made = ""
                    self.files.remove_folder()

    def make_folder(self) -> str:
        """Make our folder where it is not there yet; 'made', or why not."""
        if self._made != MADE:
            self.files.enter()  # the first login lays the server's sample files there, which count
            self._made = self.files.make_folder()
        return self._made

    def close(self) -> None:
        """End the connection."""
        self.cloud.close()
