"""What do the trials of one account share? One login, so that a wrong password is sent once and not by each of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from provisioner.errors import Unreachable
from provisioner.facts.estate import Host
from provisioner.ocs import Nextcloud
from provisioner.providers.nextcloud.files import OPEN, Files
from provisioner.providers.nextcloud.service import as_user


class Owner:
    """An account with its password. Its trials take turns: each counts what fits, and none may eat it meanwhile."""

    def __init__(self, host: Host, account: str, password: str, probe_name: str) -> None:
        self.host, self.account = host, account
        self.cloud: Nextcloud = as_user(host, account, password)
        self.files = Files(self.cloud, account, probe_name)
        self.turn = threading.RLock()
        self._is_inside = False

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
    def folder(self) -> Iterator[str]:
        """Make our folder for the block, in our turn, and take it away again; yields 'made', or why not."""
        with self.turn:
            if not self._is_inside:
                self._is_inside = self.files.enter() == OPEN  # the first login lays sample files there, which count
            try:
                yield self.files.make_folder()
            finally:
                self.files.remove_folder()

    def close(self) -> None:
        """End the connection."""
        self.cloud.close()
