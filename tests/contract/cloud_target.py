"""Which server do the behaviours speak to? The lab's stand-in; or a real one, named by the environment, left clean.

GERBANG_CONTRACT_TARGET=https://... GERBANG_CONTRACT_USER, GERBANG_CONTRACT_PASSWORD_FILE, and where needed
GERBANG_CONTRACT_CA_FILE (an authority of its own) and GERBANG_CONTRACT_ADDRESS (connect there, whatever the name says).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provisioner.facts.nextcloud import MARK_GROUP
from provisioner.facts.nextcloud_rule import OPERATION, read_rules
from provisioner.https_line import Reply
from provisioner.ocs import Answer, Nextcloud, segment
from tests.cloud import serving

RULES = "/apps/workflowengine/api/v1/workflows/global"
ASKED_FOR = ("TARGET", "USER", "PASSWORD_FILE", "CA_FILE", "ADDRESS")


def given() -> dict[str, str]:
    """What the environment names: {"TARGET": "https://...", "USER": ...}; empty for the stand-in."""
    named = {name: os.environ.get(f"GERBANG_CONTRACT_{name}", "") for name in ASKED_FOR}
    missing = [f"GERBANG_CONTRACT_{name}" for name in ("USER", "PASSWORD_FILE") if not named[name]]
    if named["TARGET"] and missing:
        raise LookupError(f"{named['TARGET']} cannot be tried: set {' and '.join(missing)}.")
    return named


@dataclass(kw_only=True)
class Target:
    """One server, the admin's client, and the names of what this run makes on it: all begin with `prefix`."""

    url: str
    address: str | None
    ca_file: str | None
    admin: Nextcloud
    prefix: str
    clients: ExitStack
    accounts: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    has_made_mark: bool = False

    def client(self, user: str, password: str) -> Nextcloud:
        """A client of another account."""
        return self.clients.enter_context(
            Nextcloud(self.url, user, password, address=self.address, ca_file=self.ca_file, patience_seconds=0)
        )

    def name(self, word: str) -> str:
        """A name that only this run has."""
        return f"{self.prefix}-{word}"

    def group(self, word: str) -> str:
        """Make a group and remember it."""
        name = self.name(word)
        self.groups.append(name)
        assert self.admin.post("/cloud/groups", {"groupid": name}).ok
        return name

    def make_mark(self) -> None:
        """Make the group that marks our accounts, unless the server has it; what this run made goes with it."""
        self.has_made_mark = self.admin.post("/cloud/groups", {"groupid": MARK_GROUP}).ok

    def create(self, word: str, **form: Any) -> tuple[Answer, str]:
        """Ask for an account with a password of its own; return the answer and the password."""
        name, password = self.name(word), f"Sandi-{secrets.token_urlsafe(18)}-9"
        self.accounts.append(name)
        return self.admin.post("/cloud/users", {"userid": name, "password": password, **form}), password

    def account(self, word: str) -> Any:
        """What the server says of an account."""
        return self.admin.fetched(f"/cloud/users/{segment(self.name(word))}")

    def rule(self, body: dict[str, Any]) -> int:
        """Write a rule; return its number."""
        answer = self.admin.post(RULES, json=body)
        assert answer.ok, answer
        return int(answer.data["id"])

    def rules(self) -> dict[str, Any]:
        """The rules of this run's groups."""
        return {
            group: values for group, values in read_rules(self.admin.fetched(RULES)).items() if group in self.groups
        }

    def clean(self) -> None:
        """Remove all that bears the prefix: rules, accounts with their files, groups."""
        data = self.admin.fetched(RULES)
        for rule in data[OPERATION] if data else ():
            if self.prefix in str(rule["name"]) or any(self.prefix in check["value"] for check in rule["checks"]):
                self.admin.delete(f"{RULES}/{rule['id']}")
        for name in self.admin.fetched("/cloud/users", {"search": self.prefix})["users"]:
            self.admin.delete(f"/cloud/users/{segment(name)}")
        for name in self.admin.fetched("/cloud/groups", {"search": self.prefix})["groups"]:
            self.admin.delete(f"/cloud/groups/{segment(name)}")
        if self.has_made_mark:
            self.admin.delete(f"/cloud/groups/{MARK_GROUP}")

    def left(self) -> list[str]:
        """What still bears the prefix."""
        users = self.admin.fetched("/cloud/users", {"search": self.prefix})["users"]
        groups = self.admin.fetched("/cloud/groups", {"search": self.prefix})["groups"]
        return [*users, *groups, *(name for name in read_rules(self.admin.fetched(RULES)) if self.prefix in name)]


@contextmanager
def targeted(folder: Path) -> Iterator[Target]:
    """Reach the server that was named, else start the stand-in; whatever happens, nothing of the run stays on it."""
    named = given()
    with ExitStack() as stack:
        if named["TARGET"]:
            secret = Path(named["PASSWORD_FILE"]).read_text().strip()
            where = (named["TARGET"], named["USER"], secret, named["ADDRESS"] or None, named["CA_FILE"] or None)
        else:
            cloud = stack.enter_context(serving(folder))
            where = (cloud.url, cloud.user, cloud.app_password, cloud.address, str(cloud.ca_file))
        url, user, secret, address, ca_file = where
        admin = stack.enter_context(Nextcloud(url, user, secret, address=address, ca_file=ca_file))
        clients = stack.enter_context(ExitStack())
        prefix = f"gerbang-contract-{secrets.token_hex(3)}"
        target = Target(url=url, address=address, ca_file=ca_file, admin=admin, prefix=prefix, clients=clients)
        try:
            yield target
        finally:
            target.clean()
            left = target.left()
        assert left == [], "something of this run is still on the server"


def dav(client: Nextcloud, method: str, path: str, body: bytes = b"", **headers: str) -> Reply:
    """One WebDAV call of an account about its own files; path "/a.txt"."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.exchange(method, f"/remote.php/dav/files/{segment(client.user)}{path}", named, body)
