"""How is PostgreSQL asked and told? By psql as its own superuser over the socket, statements on stdin.

A password reaches it as its SCRAM verifier only, so that no log of the server can hold it. From where a role may log in
is the host's pg_hba.conf: its value has no hosts. Sources: postgresql.org/docs/15, RFC 5803 (the verifier's form).
"""

# ruff: noqa: S608 - DDL takes no parameters: what stands in it was tested by item_of and refuse_other_words

from __future__ import annotations

import os

from client import Client
from comment import read_comment, write_comment

ARGV = [
    "psql",
    "--no-psqlrc",
    "--quiet",
    "--tuples-only",
    "--no-align",
    "--field-separator=\t",
    "-v",
    "ON_ERROR_STOP=1",
]
CLIENTS: dict[str, Client] = {}  # database -> the duty's client in it
SUPERUSER = "postgres"
ITERATIONS = 4096


def ask(statements: str, database: str = "postgres") -> list[list[str]]:
    """Send statements; return the rows of what they answer."""
    if database not in CLIENTS:
        CLIENTS[database] = Client([*ARGV, "--dbname", database], SUPERUSER)
    return CLIENTS[database].ask(statements)


def look_database(item: str) -> dict | None:
    """{"mark", "limit_bytes", "charset"}, and "open_to_all" where PUBLIC may connect."""
    rows = ask(
        "SELECT pg_encoding_to_char(encoding), coalesce(shobj_description(oid, 'pg_database'), ''),"
        " EXISTS (SELECT FROM aclexplode(coalesce(datacl, acldefault('d', datdba))) AS entry"
        " WHERE entry.grantee = 0 AND entry.privilege_type = 'CONNECT')"
        f" FROM pg_database WHERE datname = '{item}';\n"
    )
    if not rows:
        return None
    charset, comment, open_to_all = rows[0]
    return read_comment(comment, charset) | ({"open_to_all": True} if open_to_all == "t" else {})


def look_user(item: str) -> dict | None:
    """{"hosts": [], "privileges", "connections"}; a power, or a database it does not own, is a word of its own."""
    rows = ask(
        "SELECT 'role', rolconnlimit, concat_ws(' ', CASE WHEN rolsuper THEN 'SUPERUSER' END,"
        " CASE WHEN rolcreatedb THEN 'CREATEDB' END, CASE WHEN rolcreaterole THEN 'CREATEROLE' END,"
        " CASE WHEN rolreplication THEN 'REPLICATION' END, CASE WHEN rolbypassrls THEN 'BYPASSRLS' END)"
        f" FROM pg_roles WHERE rolname = '{item}';\n"
        f"SELECT 'owns', datname, '' FROM pg_database JOIN pg_roles r ON r.oid = datdba WHERE rolname = '{item}';\n"
        "SELECT DISTINCT 'owns', datname || ' (bukan pemilik)', '' FROM pg_database, aclexplode(datacl) AS entry"
        f" JOIN pg_roles r ON r.oid = entry.grantee WHERE rolname = '{item}' AND datdba <> r.oid;\n"
    )
    roles = [row for row in rows if row[0] == "role"]
    if not roles:
        return None
    reached = {row[1] for row in rows if row[0] == "owns"} | set(roles[0][2].split())
    return {"hosts": [], "privileges": sorted(reached), "connections": int(roles[0][1])}


def put_database(item: str, before: dict | None, after: dict) -> None:
    """Make the database, closed to all others before anybody knows its name, or set its comment."""
    if before is None:
        # Under another name until nobody else may connect: CREATE DATABASE cannot share a transaction with REVOKE.
        unfinished = f"{item}_unfinished"
        ask(f"DROP DATABASE IF EXISTS {unfinished};\n")
        ask(f"CREATE DATABASE {unfinished} ENCODING '{after['charset']}' TEMPLATE template0;\n")
        ask(
            f"BEGIN;\nREVOKE ALL ON DATABASE {unfinished} FROM PUBLIC;\n"
            f"COMMENT ON DATABASE {unfinished} IS '{write_comment(after)}';\n"
            f"ALTER DATABASE {unfinished} RENAME TO {item};\nCOMMIT;\n"
        )
        return
    ask(f"COMMENT ON DATABASE {item} IS '{write_comment(after)}';\n")


def drop_database(item: str) -> None:
    """Drop it with all that is in it, ending its sessions."""
    ask(f"DROP DATABASE IF EXISTS {item} WITH (FORCE);\n")


def put_user(item: str, after: dict, password: str) -> None:
    """Make or set the role and give it its database, in one transaction."""
    verb = "ALTER" if look_user(item) else "CREATE"
    ask(
        f"BEGIN;\n{verb} ROLE {item} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE"
        f" CONNECTION LIMIT {int(after['connections'])} PASSWORD '{hashed(password)}';\n"
        f"ALTER DATABASE {item} OWNER TO {item};\nCOMMIT;\n"
    )


def set_hash(item: str, its_hash: str) -> None:
    """Let another verifier stand."""
    ask(f"ALTER ROLE {item} PASSWORD '{its_hash}';\n")


def hash_of(item: str) -> str:
    """The verifier of its password."""
    rows = ask(f"SELECT coalesce(rolpassword, '') FROM pg_authid WHERE rolname = '{item}';\n")
    return rows[0][0] if rows else ""


def look_lock(item: str) -> dict | None:
    """{"login": "refused"} of a role that may not log in."""
    rows = ask(f"SELECT 1 FROM pg_roles WHERE rolname = '{item}' AND NOT rolcanlogin;\n")
    return {"login": "refused"} if rows else None


def lock(item: str, probe: str) -> None:
    """Close the login; `probe` becomes its password in the same statement."""
    ask(f"ALTER ROLE {item} NOLOGIN{password_words(hashed(probe) if probe else '')};\n")


def unlock(item: str, its_hash: str) -> None:
    """Open the login, with its own verifier back where one was kept."""
    ask(f"ALTER ROLE {item} LOGIN{password_words(its_hash)};\n")


def password_words(its_hash: str) -> str:
    """What a statement says of the password; nothing where it stays."""
    return f" PASSWORD '{its_hash}'" if its_hash else ""


def end_sessions(item: str) -> None:
    """Cut every connection of the role."""
    ask(f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = '{item}';\n")


def drop_user(item: str) -> None:
    """End the role's sessions, give what it owns back to the superuser, and drop it."""
    ask(f"ALTER ROLE {item} NOLOGIN;\n")
    end_sessions(item)
    if ask(f"SELECT 1 FROM pg_database WHERE datname = '{item}';\n"):
        ask(f"REASSIGN OWNED BY {item} TO {SUPERUSER};\nDROP OWNED BY {item};\n", item)
    ask(f"DROP ROLE {item};\n")


def hashed(password: str) -> str:
    """'SCRAM-SHA-256$4096:<salt>$<stored key>:<server key>'."""
    import binascii
    import hashlib
    import hmac

    salt = os.urandom(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    client = hmac.digest(salted, b"Client Key", "sha256")
    server = hmac.digest(salted, b"Server Key", "sha256")

    def written(data: bytes) -> str:
        return binascii.b2a_base64(data, newline=False).decode()

    stored = hashlib.sha256(client).digest()
    return f"SCRAM-SHA-256${ITERATIONS}:{written(salt)}${written(stored)}:{written(server)}"
