"""How is PostgreSQL asked, with Debian's own client?

psql prints FATAL for whatever the server refuses before a session stands: password, pg_hba.conf, CONNECT, role gone.
"""

from __future__ import annotations

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

MOST_TRIED = 50
LOCKED = "is not permitted to log in"
NOT_REFUSALS = ("starting up", "shutting down", "too many", "remaining connection slots", "recovery mode")


def ask(account: Account, statements: str) -> list[str]:
    """Run statements in one session over TLS and return the lines of their answers."""
    with password_file(account, f"*:*:*:*:{_quoted(account.password)}\n") as path:
        ended = run(
            ["psql", "-X", "-A", "-t", "-q", "-w", "-v", "ON_ERROR_STOP=1", "-f", "-", _conninfo(account)],
            where=f"postgresql at {account.address}",
            timeout_seconds=CLIENT_SECONDS,
            cap_bytes=ANSWER_CAP_BYTES,
            stdin=statements.encode() + b";\n",
            environment={"PGPASSFILE": str(path)},
        )
    if ended.code != 0:
        _explain(ended.stderr, account)
    return ended.stdout.decode(errors="backslashreplace").splitlines()


def _conninfo(account: Account) -> str:
    database = account.database.replace("\\", "\\\\").replace("'", "\\'")
    return f"host={account.address} user={account.user} dbname='{database}' sslmode=require connect_timeout=5"


def _explain(stderr: str, account: Account) -> None:
    where = f"postgresql at {account.address}"
    if "FATAL:" in stderr and LOCKED in stderr:
        raise LoginLocked("the role may not log in.", where)
    if "FATAL:" in stderr and not any(words in stderr for words in NOT_REFUSALS):
        raise LoginRefused("login refused.", where)
    if "FATAL:" in stderr or "connection to server" in stderr:
        raise Unreachable("no answer.", where, "Check that it listens there.")
    raise StatementRefused("statement refused.", where)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace(":", "\\:")


def _writing(name: str) -> tuple[str, str, str, str]:
    table = f'"{name}"'
    return (
        f"CREATE TABLE {table} (n integer)",
        f"INSERT INTO {table} VALUES (1)",  # noqa: S608  the name is our own probe's
        f"SELECT n FROM {table}",  # noqa: S608  the same
        f"DROP TABLE IF EXISTS {table}",
    )


def _opens(account: Account, names: list[str]) -> list[str]:
    """Try to enter each database of the server whose rights would allow it: pg_hba.conf may still refuse."""
    opened = []
    for name in names[:MOST_TRIED]:
        try:
            ask(account.at(name), "SELECT 1")
        except LoginRefused:
            continue
        opened.append(name)
    return opened


DIALECT = Dialect(
    engine="postgresql",
    ask=ask,
    encrypted="SELECT ssl::int FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
    listing="SELECT datname FROM pg_database WHERE datallowconn AND has_database_privilege(datname, 'CONNECT')",
    writing=_writing,
    opens=_opens,
)
