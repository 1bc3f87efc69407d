"""How is MariaDB asked, with Debian's own client?

Error numbers (mariadb.com/kb/en/mariadb-error-code-reference): 1044 and 1045 access denied, 1130 host not allowed, 1698
no password login, 1862 password expired, 4151 account locked.
"""

from __future__ import annotations

import re

from provisioner.errors import Unreachable
from provisioner.providers.database import (
    ANSWER_CAP_BYTES,
    CLIENT_SECONDS,
    Account,
    Dialect,
    LoginLocked,
    LoginRefused,
    StatementRefused,
    password_file,
)
from provisioner.providers.process import run

REFUSED = frozenset({1044, 1045, 1130, 1698, 1862})
LOCKED = 4151
NOT_REACHED = frozenset({2002, 2003, 2005, 2006, 2013, 2026})


def ask(account: Account, statements: str) -> list[str]:
    """Run statements in one session over TLS and return the lines of their answers, tab between columns."""
    settings = (
        f'[client]\nuser="{account.user}"\npassword="{_quoted(account.password)}"\nhost="{account.address}"\nssl\n'
    )
    with password_file(account, settings) as path:
        ended = run(
            ["mariadb", f"--defaults-file={path}", "--connect-timeout=5", "-BN", account.database],
            where=f"mariadb at {account.address}",
            timeout_seconds=CLIENT_SECONDS,
            cap_bytes=ANSWER_CAP_BYTES,
            stdin=statements.encode(),
        )
    if ended.code != 0:
        _explain(ended.stderr, account)
    return ended.stdout.decode(errors="backslashreplace").splitlines()


def _explain(stderr: str, account: Account) -> None:
    found = re.search(r"ERROR (\d+)", stderr, re.ASCII)
    number, where = int(found[1]) if found else 0, f"mariadb at {account.address}"
    if number == LOCKED:
        raise LoginLocked("the account is locked.", where)
    if number in REFUSED:
        raise LoginRefused(f"login refused ({number}).", where)
    if number == 0 or number in NOT_REACHED:
        raise Unreachable(f"no answer ({number or 'no number'}).", where, "Check that it listens there.")
    raise StatementRefused(f"statement refused ({number}).", where)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _writing(name: str) -> tuple[str, str, str, str]:
    table = f"`{name}`"
    return (
        f"CREATE TABLE {table} (n INT)",
        f"INSERT INTO {table} VALUES (1)",  # noqa: S608  the name is our own probe's
        f"SELECT n FROM {table}",  # noqa: S608  the same
        f"DROP TABLE IF EXISTS {table}",
    )


def _opens(account: Account, names: list[str]) -> list[str]:
    """What SHOW DATABASES lists, and besides `mysql` and `sys`, which it hides, whatever a USE enters."""
    opened = set(names)
    for hidden in ("mysql", "sys", "performance_schema"):
        try:
            ask(
                account.at(hidden),
                "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() LIMIT 1",
            )
        except (LoginRefused, StatementRefused):
            continue
        opened.add(hidden)
    return sorted(opened - {"information_schema", "performance_schema"})


DIALECT = Dialect(
    engine="mariadb",
    ask=ask,
    encrypted="SELECT variable_value <> '' FROM information_schema.session_status WHERE variable_name = 'Ssl_cipher'",
    listing="SHOW DATABASES WHERE `Database` NOT IN ('information_schema', 'performance_schema')",
    writing=_writing,
    opens=_opens,
)
