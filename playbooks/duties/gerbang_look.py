#!/usr/bin/python3 -IS
"""What stands on this host? One call answers for every site and every object of others, as JSON; it parses nothing.

Installed as /usr/local/sbin/gerbang-look; the user gerbang-look may run it and gerbang-try through sudo, nothing else.
Standard library only; the slow questions (databases, quotas, certificates) are asked side by side while files are read.
"""

from __future__ import annotations

import glob
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable

SITES, LOGS, HOST_RECORD = "/srv/www", "/var/log/gerbang", "/etc/gerbang/host.json"
FILES = (
    "/etc/apache2/gerbang/*.conf",
    "/etc/apache2/sites-enabled/*.conf",
    "/etc/php/*/fpm/pool.d/*.conf",
    "/etc/apache2/gerbang-traffic/*.conf",
    "/etc/nginx/gerbang-traffic/*.conf",
    "/etc/cron.d/*",
    "/etc/ssh/sshd_config.d/*.conf",
    "/etc/logrotate.d/*",
    "/etc/gerbang/storage/*",
)
LARGEST_FILE_BYTES = 1024 * 1024
SECONDS = 20
Ended = tuple[int, str, str]  # code, output, complaint
ENV = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}

WHOLE = (
    "Select Insert Update Delete Create Drop References Index Alter Create_tmp_table Lock_tables Create_view Show_view "
    "Create_routine Alter_routine Execute Event Trigger Delete_history"
)
# Passwords stand in global_priv's JSON: only four of its values are asked for.
MARIADB = """
SELECT 'databases', SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME, SCHEMA_COMMENT FROM information_schema.SCHEMATA
 WHERE SCHEMA_NAME NOT IN ('information_schema', 'performance_schema', 'mysql', 'sys');
SELECT 'users', User, Host, IFNULL(JSON_VALUE(Priv, '$.max_user_connections'), 0),
  IFNULL(JSON_VALUE(Priv, '$.access'), 0) FROM mysql.global_priv WHERE JSON_VALUE(Priv, '$.is_role') IS NULL;
SELECT 'grants', User, Host, Db,
  CONCAT_WS(' ', IF('N' IN ({whole}), 'partial', NULL), IF(Grant_priv = 'Y', 'grant', NULL)) FROM mysql.db;
SELECT 'grants', User, Host, CONCAT(Db, '.', Table_name), 'table' FROM mysql.tables_priv;
SELECT 'locked', User, Host FROM mysql.global_priv WHERE JSON_VALUE(Priv, '$.account_locked');
SELECT 'sizes', SUBSTRING_INDEX(NAME, '/', 1), SUM(FILE_SIZE) FROM information_schema.INNODB_SYS_TABLESPACES
 WHERE NAME LIKE '%/%' GROUP BY 2;
""".replace("{whole}", ", ".join(f"{name}_priv" for name in WHOLE.split()))

POSTGRESQL = """
SELECT json_build_object(
 'databases', (SELECT coalesce(json_agg(json_build_array(datname, pg_encoding_to_char(encoding),
    pg_get_userbyid(datdba), coalesce(datacl::text, ''),
    coalesce(shobj_description(oid, 'pg_database'), '')) ORDER BY datname), '[]')
   FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'),
 'roles', (SELECT coalesce(json_agg(json_build_array(rolname, rolconnlimit, concat_ws(' ',
    CASE WHEN rolsuper THEN 'SUPERUSER' END, CASE WHEN rolcreatedb THEN 'CREATEDB' END,
    CASE WHEN rolcreaterole THEN 'CREATEROLE' END, CASE WHEN rolreplication THEN 'REPLICATION' END,
    CASE WHEN rolbypassrls THEN 'BYPASSRLS' END, CASE WHEN NOT rolcanlogin THEN 'NOLOGIN' END)) ORDER BY rolname), '[]')
   FROM pg_roles WHERE rolname !~ '^pg_'),
 'sizes', (SELECT coalesce(json_agg(json_build_array(datname, pg_database_size(oid)) ORDER BY datname), '[]')
   FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'))
"""


def main() -> None:
    """Answer one call; the exit code is 0 whenever an answer was printed."""
    if len(sys.argv) != 1:
        sys.exit("usage: gerbang-look")
    print(json.dumps(look()))


def look() -> dict:
    """The whole answer: {"host", "now", "files", "passwd", "group", ...}."""
    record = json.loads(text_of(HOST_RECORD) or "{}")
    asked = {
        "mariadb": ask_mariadb(),
        "postgresql": ask_postgresql(),
        "storage": ask_storage(record),
        "certificates": ask_certificates(),
    }
    passwd, group = text_of("/etc/passwd").splitlines(), text_of("/etc/group").splitlines()
    names = Names(passwd, group)
    answer = {
        "host": os.uname().nodename,
        "now": int(time.time()),
        "files": {
            path: file_at(path, names)
            for pattern in FILES
            for path in sorted(glob.glob(pattern))
            if os.path.isfile(path)
        },
        "passwd": passwd,
        "group": group,
        "locked": locked(),
        "directories": directories(names),
        "logs": {name: owned(f"{LOGS}/{name}", names) for name in listed(LOGS)},
        "measurements": measurements(),
    }
    answer.update({name: finish() for name, finish in asked.items()})
    return answer


class Names:
    """Numbers of users and groups to their names, from the texts that are sent anyway."""

    def __init__(self, passwd: list[str], group: list[str]) -> None:
        self.users = {line.split(":")[2]: line.split(":")[0] for line in passwd if line.count(":") == 6}
        self.groups = {line.split(":")[2]: line.split(":")[0] for line in group if line.count(":") == 3}

    def of(self, status: os.stat_result) -> tuple[str, str]:
        """("root", "www-data") of a stat result; a number that nobody has stays a number."""
        return self.users.get(str(status.st_uid), str(status.st_uid)), self.groups.get(
            str(status.st_gid), str(status.st_gid)
        )


def text_of(path: str) -> str:
    """A file's text, "" where there is none; bytes that are no UTF-8 are shown escaped."""
    try:
        with open(path, "rb") as file:
            return file.read(LARGEST_FILE_BYTES).decode("utf-8", errors="backslashreplace")
    except OSError:
        return ""


def file_at(path: str, names: Names) -> dict:
    """A file's whole text with its owner, group and mode."""
    status = os.stat(path)
    owner, group = names.of(status)
    return {"text": text_of(path), "owner": owner, "group": group, "mode": f"{status.st_mode & 0o7777:04o}"}


def locked() -> list[str]:
    """Users whose account has expired (shadow(5), field 8: days since 1970); nothing else of the file leaves here."""
    found, today = [], int(time.time()) // 86400
    for line in text_of("/etc/shadow").splitlines():
        fields = line.split(":")
        if len(fields) == 9 and fields[7].isdigit() and int(fields[7]) <= today:
            found.append(fields[0])
    return found


def listed(folder: str) -> list[str]:
    """Names in a folder but hidden ones; none where there is no folder."""
    try:
        return sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError:
        return []


def owned(path: str, names: Names) -> str:
    """'root:www-data 2750' of a directory, or what stands there instead."""
    status = os.lstat(path)
    if not os.path.isdir(path) or os.path.islink(path):
        return "not:directory 0000"
    owner, group = names.of(status)
    return f"{owner}:{group} {status.st_mode & 0o7777:04o}"


def directories(names: Names) -> dict:
    """{"g7kq2mx4pd": {".": "root:g7kq2mx4pd 0751", "public": ...}} of every directory below /srv/www."""
    found = {}
    for site in listed(SITES):
        path = f"{SITES}/{site}"
        if os.path.isdir(path) and not os.path.islink(path):
            inner = [name for name in ("public", "private", "tmp", "archive") if os.path.lexists(f"{path}/{name}")]
            found[site] = {name: owned(os.path.normpath(f"{path}/{name}"), names) for name in (".", *inner)}
    return found


def measurements() -> dict:
    """Size and free space where the sites lie, load of one minute as percent of the cores, memory."""
    disk = os.statvfs(SITES if os.path.isdir(SITES) else "/")
    memory = re.search(r"^MemAvailable:\s+(\d+) kB", text_of("/proc/meminfo"), re.MULTILINE)
    return {
        "storage_size_bytes": disk.f_blocks * disk.f_frsize,
        "storage_free_bytes": disk.f_bavail * disk.f_frsize,
        "load_percent": round(100 * os.getloadavg()[0] / (os.cpu_count() or 1)),
        "memory_available_bytes": int(memory[1]) * 1024 if memory else 0,
    }


# -- Questions that take time: started together, finished later -------------------------------------------------------


def start(argv: list[str], question: str = "", user: str | None = None) -> Callable[[], Ended]:
    """Start a program and hand it its question; the returned `finish()` gives (code, output, complaint)."""
    whom = {"user": user, "group": user, "extra_groups": []} if user else {}
    pipe = subprocess.PIPE
    child = subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=pipe, env=ENV, cwd="/", **whom)
    hand_over = threading.Thread(target=handed, args=(child.stdin, question.encode()))
    hand_over.start()
    child.stdin = None

    def finish() -> Ended:
        try:
            output, complaint = child.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            return 124, "", f"{argv[0]}: no end within {SECONDS} s"
        return (
            child.returncode,
            output.decode("utf-8", "backslashreplace"),
            complaint.decode("utf-8", "backslashreplace"),
        )

    return finish


def handed(stdin: object, question: bytes) -> None:
    """Write all of it and close; a program that has ended before cares no more."""
    try:
        with stdin:
            stdin.write(question)
    except BrokenPipeError:
        pass


def ask_mariadb() -> Callable[[], dict]:
    """Databases, users, rights and sizes over the unix socket; rows as the client's batch form gives them."""
    empty = {"databases": [], "users": [], "grants": [], "locked": [], "sizes": []}
    if not os.path.exists("/usr/sbin/mariadbd"):
        return lambda: empty
    client = ["mariadb", "--no-defaults", "--batch", "--skip-column-names", "--user=root", "--protocol=socket"]
    finish = start([*client, "--socket=/run/mysqld/mysqld.sock"], MARIADB)

    def rows() -> dict:
        code, output, complaint = finish()
        if code:
            return {"unreachable": complaint.strip()[-300:] or f"code {code}"}
        found = {name: [] for name in empty}
        for line in output.splitlines():
            table, *row = (unescaped(word) for word in line.split("\t"))
            found[table].append(row)
        return found

    return rows


def unescaped(word: str) -> str:
    """Undo what --batch does to tab, newline, NUL and backslash."""
    return re.sub(r"\\([tn0\\])", lambda found: {"t": "\t", "n": "\n", "0": "\0", "\\": "\\"}[found[1]], word)


def ask_postgresql() -> Callable[[], dict]:
    """The same of PostgreSQL, as its own user over its socket; psql straight, for Debian's wrapper takes 40 ms."""
    clients = sorted(glob.glob("/usr/lib/postgresql/*/bin/psql"), key=lambda path: int(path.split("/")[4]))
    if not glob.glob("/usr/lib/postgresql/*/bin/postgres") or not clients:
        return lambda: {"databases": [], "roles": [], "sizes": []}
    words = [clients[-1], "-XqAt", "-h", "/var/run/postgresql", "-d", "postgres", "-v", "ON_ERROR_STOP=1"]
    finish = start([*words, "-f", "-"], POSTGRESQL + ";", user="postgres")

    def rows() -> dict:
        code, output, complaint = finish()
        return json.loads(output) if code == 0 else {"unreachable": complaint.strip()[-300:] or f"code {code}"}

    return rows


def ask_storage(record: dict) -> Callable[[], dict]:
    """What limits the sites' storage, in that program's own words."""
    driver = record.get("storage_driver", "measured")
    questions = {
        "btrfs_squota": {
            "subvolumes": ["btrfs", "subvolume", "list", SITES],
            "qgroups": ["btrfs", "qgroup", "show", "-re", "--raw", SITES],
        },
        "project_quota": {
            "projects": ["lsattr", "-p", SITES],
            "quotas": ["repquota", "-P", "-n", "-O", "csv", SITES],
        },
        "measured": {"used": ["du", "-s", "-B1", "-x", "--", *(f"{SITES}/{name}" for name in listed(SITES))]},
    }.get(driver, {})
    if not listed(SITES):
        questions.pop("used", None)  # without a name du would count the folder it stands in
    finishing = {name: start(argv) for name, argv in questions.items()}
    return lambda: {"driver": driver} | {name: answered(finish) for name, finish in finishing.items()}


def answered(finish: Callable[[], Ended]) -> str:
    """The output, or an end with the complaint: a limit that cannot be read is never 'no limit'."""
    code, output, complaint = finish()
    if code:
        sys.exit(f"storage cannot be read: {complaint.strip()[-300:]}")
    return output


def ask_certificates() -> Callable[[], dict]:
    """Each renewal file's text, and what openssl reads in the certificate that is live under that name.

    One openssl reads them all in a row; only where it finds more or fewer than there are names is each asked for alone.
    """
    paths = {
        os.path.basename(path)[: -len(".conf")]: path for path in sorted(glob.glob("/etc/letsencrypt/renewal/*.conf"))
    }
    live = {name: text_of(f"/etc/letsencrypt/live/{name}/cert.pem") for name in paths}
    finish = start(["openssl", "storeutl", "-noout", "-text", "-certs", "/dev/stdin"], "\n".join(live.values()))

    def texts() -> dict:
        blocks = re.split(r"^[0-9]+: Certificate$", finish()[1], flags=re.MULTILINE)[1:]
        if len(blocks) != len(live):
            alone = {name: start(["openssl", "x509", "-noout", "-text"], pem) for name, pem in live.items()}
            blocks = [read()[1] for read in alone.values()]
        return {
            name: {"renewal": text_of(paths[name]), "x509": block} for name, block in zip(live, blocks, strict=True)
        }

    return texts


if __name__ == "__main__":
    main()
