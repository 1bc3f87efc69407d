"""How is MariaDB asked and told? By its own client as root over the socket, statements on stdin.

Names in statements are item ids and hosts, tested letter by letter. A password reaches it as its hash only
(mysql_native_password: SHA-1 of SHA-1), so that no log of the server can hold it.
Sources: mariadb.com/kb (CREATE DATABASE ... COMMENT since 10.5, CREATE USER, information_schema).
"""

# ruff: noqa: S608 - DDL takes no parameters: what stands in it was tested by item_of and refuse_other_words

from __future__ import annotations

from client import Client
from comment import read_comment, write_comment

#: without TLS: the socket never leaves the host, and the handshake costs 30 ms
ARGV = [
    "mariadb",
    "--protocol=socket",
    "--skip-ssl",
    "--batch",
    "--skip-column-names",
    "--no-auto-rehash",
    "--unbuffered",
]
CLIENTS: list[Client] = []  # the duty's one, once it was needed
UNKNOWN_SESSION = 1094  # it ended by itself before we could end it
#: what ALL PRIVILEGES on a database is in mysql.db, in MariaDB 10.11 and 11.8
ALL = ("Select", "Insert", "Update", "Delete", "Create", "Drop", "References", "Index", "Alter", "Create_tmp_table")
ALL += ("Lock_tables", "Create_view", "Show_view", "Create_routine", "Alter_routine", "Execute", "Event", "Trigger")
ALL += ("Delete_history",)


def ask(statements: str) -> list[list[str]]:
    """Send statements; return the rows of what they answer."""
    if not CLIENTS:
        CLIENTS.append(Client(ARGV))
    return CLIENTS[0].ask(statements)


def look_database(item: str) -> dict | None:
    """{"mark", "limit_bytes", "charset"}."""
    rows = ask(
        "SELECT DEFAULT_CHARACTER_SET_NAME, SCHEMA_COMMENT FROM information_schema.SCHEMATA"
        f" WHERE SCHEMA_NAME = '{item}';\n"
    )
    return read_comment(rows[0][1] if len(rows[0]) > 1 else "", rows[0][0]) if rows else None


def look_user(item: str) -> dict | None:
    """{"hosts", "privileges", "connections"}; a right that is not ALL on one database is a word of its own."""
    lacking = " OR ".join(f"{right}_priv <> 'Y'" for right in ALL)
    rows = ask(
        f"SELECT 'user', Host, max_user_connections FROM mysql.user WHERE User = '{item}';\n"
        f"SELECT 'grant', Db, IF({lacking}, 'part', '') FROM mysql.db WHERE User = '{item}';\n"
    )
    users = [row for row in rows if row[0] == "user"]
    grants = {f"{row[1]} ({row[2]})" if row[2] else row[1] for row in rows if row[0] == "grant"}
    if not users:
        return None
    return {
        "hosts": sorted(row[1] for row in users),
        "privileges": sorted(grants),
        "connections": max(int(row[2]) for row in users),
    }


def put_database(item: str, before: dict | None, after: dict) -> None:
    """Make the database, or set its comment and charset."""
    verb = "ALTER" if before else "CREATE"
    ask(f"{verb} DATABASE `{item}` CHARACTER SET {after['charset']} COMMENT '{write_comment(after)}';\n")


def drop_database(item: str) -> None:
    """Drop it with all that is in it."""
    ask(f"DROP DATABASE IF EXISTS `{item}`;\n")


def put_user(item: str, after: dict, password: str) -> None:
    """Make or set the login for each of its hosts; from outside it must come encrypted."""
    there = look_user(item)
    gone = sorted(set(there["hosts"]) - set(after["hosts"])) if there else []
    statements = [f"DROP USER '{item}'@'{host}';" for host in gone]
    identified = f"IDENTIFIED BY PASSWORD '{hashed(password)}'"
    connections = int(after["connections"])
    for host in after["hosts"]:
        login = f"'{item}'@'{host}'"
        encrypted = "NONE" if host == "localhost" else "SSL"
        statements += [
            f"CREATE USER IF NOT EXISTS {login};",
            f"ALTER USER {login} {identified} REQUIRE {encrypted} WITH MAX_USER_CONNECTIONS {connections};",
            f"GRANT ALL PRIVILEGES ON `{item}`.* TO {login};",
        ]
    ask("\n".join(statements) + "\n")


def set_hash(item: str, its_hash: str) -> None:
    """Let another hash stand for each of its hosts."""
    ask(f"ALTER USER {logins(item, its_hash)};\n")


def hash_of(item: str) -> str:
    """The hash of its password, of a host that is not locked where some are: all have the same until then."""
    rows = ask(
        "SELECT JSON_VALUE(Priv, '$.authentication_string') FROM mysql.global_priv"
        f" WHERE User = '{item}' ORDER BY IFNULL(JSON_VALUE(Priv, '$.account_locked'), 0) LIMIT 1;\n"
    )
    return rows[0][0] if rows else ""


def look_lock(item: str) -> dict | None:
    """{"login": "refused"} where no host's login is open; with "places" where some are."""
    rows = ask(
        f"SELECT Host, IFNULL(JSON_VALUE(Priv, '$.account_locked'), 0) FROM mysql.global_priv WHERE User = '{item}';\n"
    )
    locked = sorted(row[0] for row in rows if row[1] == "1")
    if not locked:
        return None
    return {"login": "refused"} | ({} if len(locked) == len(rows) else {"places": locked})


def lock(item: str, probe: str) -> None:
    """Close the login for every host; `probe` becomes its password in the same statement."""
    ask(f"ALTER USER {logins(item, hashed(probe) if probe else '')} ACCOUNT LOCK;\n")


def unlock(item: str, its_hash: str) -> None:
    """Open the login for every host, with its own hash back where one was kept."""
    ask(f"ALTER USER {logins(item, its_hash)} ACCOUNT UNLOCK;\n")


def logins(item: str, its_hash: str = "") -> str:
    """'g7kq2mx4pd'@'localhost', ... of every host, each identified by the hash."""
    there = look_user(item)
    identified = f" IDENTIFIED BY PASSWORD '{its_hash}'" if its_hash else ""
    return ", ".join(f"'{item}'@'{host}'{identified}" for host in (there["hosts"] if there else []))


def drop_user(item: str) -> None:
    """Close the login, end its sessions and drop it for every host: cut in between it stands, and is dropped again."""
    there = look_user(item)
    if there:
        lock(item, "")
        end_sessions(item)
        ask("".join(f"DROP USER IF EXISTS '{item}'@'{host}';\n" for host in there["hosts"]))


def end_sessions(item: str) -> None:
    """Cut every connection of the user."""
    statement = f"""
BEGIN NOT ATOMIC
  DECLARE CONTINUE HANDLER FOR {UNKNOWN_SESSION} BEGIN END;
  FOR session IN (SELECT ID FROM information_schema.PROCESSLIST WHERE USER = '{item}') DO KILL session.ID; END FOR;
END //
"""
    ask(f"DELIMITER //{statement}DELIMITER ;\n")


def hashed(password: str) -> str:
    """The password as mysql_native_password keeps it: *94BD..., 41 letters."""
    import hashlib

    inner = hashlib.sha1(password.encode(), usedforsecurity=False).digest()
    return "*" + hashlib.sha1(inner, usedforsecurity=False).hexdigest().upper()
