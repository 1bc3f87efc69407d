"""What do the trials of one run share, so that each need not log in again?"""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self, TypeVar, cast

from provisioner.errors import GerbangError
from provisioner.facts.estate import Host
from provisioner.providers.base import Attempt
from provisioner.providers.web_host.https import Site
from provisioner.providers.web_host.sftp_wire import Login
from provisioner.providers.web_host.site_user import SiteUser
from provisioner.verification.verdict import Trial


class Closable(Protocol):
    """Something that holds a connection."""

    def close(self) -> None:
        """End it."""
        ...


C = TypeVar("C", bound=Closable)


class Visits:
    """The logins of one round of trials. Leaving the block takes away every probe and ends every login."""

    def __init__(self, context: Attempt) -> None:
        self.context = context
        self._lock = threading.Lock()
        self._users: dict[tuple[str, str], SiteUser] = {}
        self._shared: dict[tuple[str, ...], Closable] = {}

    def __enter__(self) -> Self:
        """Begin; nothing is opened yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End, whatever happened."""
        for user in (*self._users.values(), *self._shared.values()):
            user.close()

    def shared(self, key: tuple[str, ...], make: Callable[[], C]) -> C:
        """Return what one system's trials share under `key`, made by the first that asks, closed at the end."""
        with self._lock:
            if key not in self._shared:
                self._shared[key] = make()
            return cast("C", self._shared[key])

    def site_user(self, trial: Trial) -> SiteUser:
        """Return the site's user of the trial's `item_id` at its `address`, with the password its `secret` names."""
        name = str(trial.arguments.get("sftp_secret") or trial.arguments.get("secret", "sftp_password"))
        with self._lock:
            key = (str(trial.arguments["address"]), str(trial.arguments["item_id"]))
            if key not in self._users:
                self._users[key] = SiteUser(self._login(trial), self.secret(name), self.context.probe_name)
            return self._users[key]

    def site(self, trial: Trial) -> Site:
        """Return the site as a visitor finds it, by the trial's `name` at its `address`."""
        arguments = trial.arguments
        return Site(name=str(arguments["name"]), address=str(arguments["address"]), estate=self.context.estate)

    def host(self, trial: Trial) -> Host:
        """Return the inventory host of the trial."""
        return self.context.estate.hosts[str(trial.arguments["host"])]

    def secret(self, name: str) -> str:
        """Return an opened secret; GerbangError, naming it alone, where the run does not hold it."""
        if name not in self.context.secrets:
            raise GerbangError(f"the run holds no secret {name} any more.", "trial", "Read back only.")
        return self.context.secrets[name]

    def _login(self, trial: Trial) -> Login:
        arguments = trial.arguments
        user, address = str(arguments["item_id"]), str(arguments["address"])
        return Login(user=user, address=address, host=self.host(trial), estate=self.context.estate)
