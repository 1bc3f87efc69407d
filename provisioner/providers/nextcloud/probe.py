"""How is tried what an account's own password is not known for? With an account of ours, made and removed again."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from provisioner.errors import Unknown, Unreachable
from provisioner.facts.estate import Host
from provisioner.facts.nextcloud import LOCKED, MARK, create_form, read_account
from provisioner.ocs import Nextcloud, segment
from provisioner.providers.nextcloud.owner import Owner
from provisioner.providers.nextcloud.service import admin

EXISTS, GONE = 102, frozenset({404, 998})


class Probe(Owner):
    """A probe account with its password, and the admin's client beside it."""

    def __init__(self, host: Host, name: str, password: str, cloud: Nextcloud) -> None:
        super().__init__(host, name, password, name)
        self.admin, self.password = cloud, password

    def is_disabled(self, account: str) -> bool:
        """Say whether another account is disabled; Unreachable where the server does not say."""
        data = self.admin.fetched(f"/cloud/users/{segment(account)}")
        return read_account(data, account).get("lock") == LOCKED

    def disable(self) -> None:
        """Lock it, as a suspension does."""
        answer = self.admin.put(f"/cloud/users/{segment(self.account)}/disable")
        if not answer.ok:
            raise Unreachable(f"did not disable our probe ({answer.ocs_code}).", self.host.name, "")


@contextmanager
def probe_account(host: Host, name: str, values: Mapping[str, Any]) -> Iterator[Probe]:
    """Make the account `name` with groups and quota as given; remove it with its files whatever happens.

    One that a killed run left is removed first; one of that name without our mark is not touched.
    """
    password = f"{secrets.token_urlsafe(24)}-Aa1"
    with admin(host) as cloud:
        form = create_form(name, values, password)
        try:
            made = cloud.post("/cloud/users", form)
            if made.ocs_code == EXISTS:
                _remove(cloud, host, name)
                made = cloud.post("/cloud/users", form)
            if not made.ok:
                raise Unreachable(f"did not make our probe ({made.ocs_code}).", host.name, "Check its groups.")
            probe = Probe(host, name, password, cloud)
            try:
                yield probe
            finally:
                probe.close()
        finally:
            _remove(cloud, host, name)


def _remove(cloud: Nextcloud, host: Host, name: str) -> None:
    """Remove our probe; asked twice where the first answer was lost."""
    path = f"/cloud/users/{segment(name)}"
    for _ in range(2):
        there = cloud.get(path)
        if there.ocs_code in GONE:
            return
        if not there.ok or read_account(there.data, name).get("account") != MARK:
            raise Unreachable(f"{name} is not our probe: it bears no mark.", host.name, "Look who made it.")
        try:
            if cloud.delete(path).ok:
                return
        except Unknown:
            continue
    raise Unreachable(f"our probe {name} was not removed.", host.name, "Remove the account by hand.")
