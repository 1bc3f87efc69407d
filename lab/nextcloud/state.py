"""What does the server remember? Accounts, groups, rules, app passwords, settings, mails; kept in one JSON file."""

import contextlib
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NOT_KEPT = ("folder", "told", "uploads", "is_changed")
SCOPED_V2_FEDERATED = ("avatar", "email", "displayname", "pronouns")
PROFILE = (
    *("phone", "address", "website", "twitter", "bluesky", "fediverse"),
    *("organisation", "role", "headline", "biography", "profile_enabled", "pronouns"),
)
APPS = (
    *("files", "activity", "bruteforcesettings", "circles", "cloud_federation_api", "comments", "contactsinteraction"),
    *("dashboard", "dav", "federatedfilesharing", "federation", "files_accesscontrol", "files_downloadlimit"),
    *("files_pdfviewer", "files_reminders", "files_sharing", "files_trashbin", "files_versions", "logreader"),
    *("lookup_server_connector", "notifications", "oauth2", "password_policy", "photos", "privacy", "profile"),
    *("provisioning_api", "recommendations", "related_resources", "serverinfo", "settings", "sharebymail"),
    *("systemtags", "text", "theming", "twofactor_backupcodes", "user_status", "viewer", "webhook_listeners"),
    "workflowengine",
)


@dataclass(kw_only=True)
class Node:
    """A file or a folder. `blob` names the file that holds the content; "" where it is made of zeros (skeleton)."""

    id: int
    is_folder: bool = False
    size_bytes: int = 0
    modified: int = 0
    etag: str = ""
    blob: str = ""


@dataclass(kw_only=True)
class Trashed:
    """What was deleted: where it lay, and all that lay below it by path ("" is the thing itself)."""

    path: str
    nodes: dict[str, Node]


@dataclass(kw_only=True)
class Account:
    """One account; `password` is a salted hash. `quota` is the server's text: "none", "default" or "5 GB"."""

    id: str
    password: str
    display_name: str = ""
    email: str | None = None
    quota: str = "default"
    language: str = ""
    locale: str = ""
    timezone: str = ""
    manager: str = ""
    enabled: bool = True
    first_login: int = 0
    last_login: int = 0
    groups: list[str] = field(default_factory=list)
    admin_of: list[str] = field(default_factory=list)
    profile: dict[str, str] = field(default_factory=dict)
    files: dict[str, Node] = field(default_factory=dict)
    trash: dict[str, Trashed] = field(default_factory=dict)

    @property
    def used_bytes(self) -> int:
        """What counts against the quota: files, not trash."""
        return sum(node.size_bytes for node in self.files.values() if not node.is_folder)


@dataclass(kw_only=True)
class Token:
    """An app password: whose, and under which name."""

    user: str
    name: str


@dataclass(kw_only=True)
class State:
    """All that a restart keeps. Call `save` after a change; `folder` also holds the contents of files."""

    folder: Path
    accounts: dict[str, Account] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=lambda: {"admin": "admin"})
    rules: dict[int, dict[str, Any]] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    config: dict[str, dict[str, str]] = field(
        default_factory=lambda: {"password_policy": {"enforceHaveIBeenPwned": "0"}}
    )
    apps: list[str] = field(default_factory=lambda: list(APPS))
    mails: list[dict[str, str]] = field(default_factory=list)
    reset_links: dict[str, dict[str, Any]] = field(default_factory=dict)
    last_rule: int = 0
    last_file: int = 0
    is_maintained: bool = False
    is_changed: bool = False
    # What WebDAV last told of a home (used, free, until when it tells no other): no part of what is kept.
    told: dict[str, tuple[int, int | None, float]] = field(default_factory=dict)
    # Pieces of uploads that are not yet put together, by account and name: no part of it either.
    uploads: dict[tuple[str, str], dict[str, bytes]] = field(default_factory=dict)

    def account(self, name: str) -> Account | None:
        """Find an account by its id, whatever the case."""
        return self.accounts.get(name.lower())

    def setting(self, app: str, key: str, default: str = "") -> str:
        return self.config.get(app, {}).get(key, default)

    def is_admin(self, name: str) -> bool:
        account = self.account(name)
        return account is not None and "admin" in account.groups

    def members(self, group: str) -> list[str]:
        return sorted(account.id for account in self.accounts.values() if group in account.groups)

    def add_account(self, name: str, password: str, **fields: Any) -> Account:
        """Make an account as the server's own command would, past the API's questions."""
        account = Account(id=name, password=hashed(password), **fields)
        self.accounts[name.lower()] = account
        return account

    def remove_account(self, account: Account) -> None:
        """Remove an account with its files and its app passwords."""
        nodes = [*account.files.values(), *(node for one in account.trash.values() for node in one.nodes.values())]
        self.forget(nodes)
        self.end_tokens(account.id)
        self.reset_links.pop(account.id, None)
        del self.accounts[account.id.lower()]

    def end_tokens(self, user: str) -> None:
        for key in [key for key, token in self.tokens.items() if token.user == user]:
            del self.tokens[key]

    def add_token(self, user: str, name: str, password: str) -> None:
        self.tokens[hashlib.sha256(password.encode()).hexdigest()] = Token(user=user, name=name)

    def blob(self, node: Node) -> Path:
        return self.folder / "blobs" / node.blob

    def forget(self, nodes: list[Node]) -> None:
        """Remove the contents of files that are gone for good."""
        for node in nodes:
            if node.blob:
                with contextlib.suppress(FileNotFoundError):
                    self.blob(node).unlink()

    def as_data(self) -> dict[str, Any]:
        """The whole as plain data, as it stands in the file."""
        return dict(json.loads(self.as_text()))

    def as_text(self) -> str:
        return json.dumps({name: value for name, value in vars(self).items() if name not in NOT_KEPT}, default=vars)

    def save(self) -> None:
        """Note a change; the file is written a moment later, for many changes at once (lab/nextcloud/keeper.py)."""
        self.is_changed = True

    def write(self) -> None:
        """Write the file whole or not at all."""
        self.is_changed = False
        unfinished = self.folder / "state.unfinished"
        unfinished.write_text(self.as_text())
        unfinished.rename(self.folder / "state.json")


def load(folder: Path) -> State:
    """Read what an earlier process kept; an empty server where there is nothing."""
    (folder / "blobs").mkdir(parents=True, exist_ok=True)
    file = folder / "state.json"
    if not file.exists():
        return State(folder=folder)
    said = json.loads(file.read_text())
    said["accounts"] = {key: read_account(one) for key, one in said["accounts"].items()}
    said["tokens"] = {key: Token(**one) for key, one in said["tokens"].items()}
    said["rules"] = {int(key): one for key, one in said["rules"].items()}
    return State(folder=folder, **said)


def read_account(said: dict[str, Any]) -> Account:
    said["files"] = {path: Node(**node) for path, node in said["files"].items()}
    said["trash"] = {
        name: Trashed(path=one["path"], nodes={path: Node(**node) for path, node in one["nodes"].items()})
        for name, one in said["trash"].items()
    }
    return Account(**said)


def hashed(password: str, salt: str = "") -> str:
    """Salt and digest of a password: quick, since only invented ones come here."""
    salt = salt or secrets.token_hex(8)
    return f"{salt}${hashlib.sha256((salt + password).encode()).hexdigest()}"


def opens(password: str, kept: str) -> bool:
    return secrets.compare_digest(hashed(password, kept.partition("$")[0]), kept)
