"""How is a database tried by one who has its user and password: from outside, or as the site itself would?"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioner.digests import Value
from provisioner.errors import GerbangError
from provisioner.providers.web_host.visits import Visits
from provisioner.verification.verdict import Trial

CLIENT_SECONDS = 10.0
ANSWER_CAP_BYTES = 262_144


class LoginRefused(GerbangError):
    """The server let nobody in with that name and password."""


class LoginLocked(LoginRefused):
    """The password was right, and the login is closed: only to the right password does the server say so."""


class StatementRefused(GerbangError):
    """The login stands, the statement was refused."""


@dataclass(frozen=True, kw_only=True)
class Account:
    """Whom we log in as: user and database bear the item's id. `folder` on tmpfs for the client's password file."""

    user: str
    database: str
    address: str
    password: str
    folder: Path

    def at(self, database: str) -> Account:
        """The same user before another database."""
        return Account(
            user=self.user, database=database, address=self.address, password=self.password, folder=self.folder
        )


Ask = Callable[
    [Account, str], list[str]
]  # statement -> lines of the answer; LoginRefused, StatementRefused, Unreachable


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """What differs between the engines. `writing(name)`: statements that make, fill, read ('1') and drop a table."""

    engine: str
    ask: Ask
    encrypted: str
    listing: str
    writing: Callable[[str], tuple[str, str, str, str]]
    opens: Callable[[Account, list[str]], list[str]]


def database_login(trial: Trial, visits: Visits, dialect: Dialect) -> Mapping[str, Value]:
    """Return {"login": true, "writes": true, "encrypted": true}; by way of the site there is no "encrypted" to see."""
    if trial.arguments.get("via") == "site":
        said = _ask_site(trial, visits, dialect, dialect.writing(visits.context.probe_name))
        return {"login": said.get("login") is True, "writes": said.get("writes") is True}
    account = account_of(trial, visits, _password(trial, visits))
    make, fill, read, drop = dialect.writing(visits.context.probe_name)
    try:
        # In one session; the first drop is for what a killed worker may have left.
        lines = dialect.ask(account, f"{dialect.encrypted};\n{drop};\n{make};\n{fill};\n{read};\n{drop}")
    except LoginRefused:
        return {"login": False, "writes": False, "encrypted": False}
    except StatementRefused:
        with contextlib.suppress(StatementRefused):
            dialect.ask(account, drop)
        return {"login": True, "writes": False, "encrypted": dialect.ask(account, dialect.encrypted) == ["1"]}
    return {"login": True, "writes": lines[1:] == ["1"], "encrypted": lines[:1] == ["1"]}


def database_isolated(trial: Trial, visits: Visits, dialect: Dialect) -> Mapping[str, Value]:
    """Return {"databases": ["g7kq2mx4pd"]}: every database that the login really opens."""
    if trial.arguments.get("via") == "site":
        names = _ask_site(trial, visits, dialect, ()).get("databases", [])
        return {"databases": sorted(str(name) for name in names)}
    account = account_of(trial, visits, _password(trial, visits))
    try:
        return {"databases": sorted(dialect.opens(account, dialect.ask(account, dialect.listing)))}
    except LoginRefused:
        return {"databases": []}


def login_refused(trial: Trial, visits: Visits, dialect: Dialect) -> Mapping[str, Value]:
    """Return {"login": false, "locked": true} where the server refuses; without a `secret` a random password is tried.

    Locked: the password was right and the login is closed.
    """
    held = "secret" in trial.arguments and str(trial.arguments["secret"]) in visits.context.secrets
    password = _password(trial, visits) if held else secrets.token_urlsafe(18)
    try:
        dialect.ask(account_of(trial, visits, password), dialect.encrypted)
    except LoginRefused as refused:
        return {"login": False, "locked": isinstance(refused, LoginLocked)}
    return {"login": True, "locked": False}


def account_of(trial: Trial, visits: Visits, password: str) -> Account:
    """Return the item's own database account at the trial's address."""
    own, address = str(trial.arguments["item_id"]), str(trial.arguments["address"])
    return Account(user=own, database=own, address=address, password=password, folder=visits.context.folder)


@contextlib.contextmanager
def password_file(account: Account, text: str) -> Iterator[Path]:
    """Lay `text` in a 0600 file of the run's folder on tmpfs for the block."""
    descriptor, name = tempfile.mkstemp(prefix="gerbang-probe-", dir=account.folder)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        yield Path(name)
    finally:
        Path(name).unlink()


def _password(trial: Trial, visits: Visits) -> str:
    return visits.secret(str(trial.arguments.get("secret", "database_password")))


def _ask_site(trial: Trial, visits: Visits, dialect: Dialect, writing: tuple[str, ...]) -> dict[str, Any]:
    own = str(trial.arguments["item_id"])
    question = {
        "do": "database",
        "engine": dialect.engine,
        "user": own,
        "name": own,
        "password": _password(trial, visits),
        "list": dialect.listing,
        "writing": writing,
    }
    return visits.site_user(trial).ask_php(visits.site(trial), question)
