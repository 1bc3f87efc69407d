"""What stands on a host under an item's name, and does all else stand as it did? Asked of the host, not of us."""

# ruff: noqa: E501 - programs for the host's shell, a line each

from __future__ import annotations

from testinfra.host import Host

#: every file system that a duty could write to; proc and sys are the kernel's own
PLACES = "/ /srv/www /run /tmp /dev/shm"
NAMED = """
find {places} -xdev -name '*{item}*' -not -path '/proc/*' -printf 'file %p\\n' 2>/dev/null
getent passwd {item} | sed 's/:.*//; s/^/passwd /'
getent group {item} | sed 's/:.*//; s/^/group /'
id -Gn {item} 2>/dev/null | tr ' ' '\\n' | sed 's/^/member /'
mariadb -BNe "SELECT CONCAT('mariadb database ', SCHEMA_NAME) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE '%{item}%'"
mariadb -BNe "SELECT CONCAT('mariadb user ', User, '@', Host) FROM mysql.user WHERE User LIKE '%{item}%'"
runuser -u postgres -- psql -XAtc "SELECT 'postgresql database ' || datname FROM pg_database WHERE datname LIKE '%{item}%'"
runuser -u postgres -- psql -XAtc "SELECT 'postgresql role ' || rolname FROM pg_roles WHERE rolname LIKE '%{item}%'"
btrfs subvolume list /srv/www | sed -n 's/.* path /subvolume /p' | grep '{item}' || true
grep -rls '{item}' /etc | grep -v -- '-$' | sed 's/^/named in /' || true
"""
#: what moves by itself, or is a tool's own back-up, count or lock
RESTLESS = r"/etc/(passwd|group|shadow|gshadow|subuid|subgid)-|/etc/\.pwd\.lock|/\.certbot\.lock|/etc/letsencrypt/(accounts/|csr/|keys/|live/README)|/etc/gerbang/fail_task"
QUIET = """
find /etc -type f -print0 | xargs -0 sha256sum | grep -vE '{restless}'
find /etc -type l -printf 'link %p %l\\n' | grep -vE '{restless}'
find /srv/www /var/log/gerbang -mindepth 1 -printf 'at %p %M %u %g %s\\n' | grep -v '{own}'
find /srv/www -type f -print0 | xargs -0r sha256sum | grep -v '{own}'
find /tmp /var/tmp /dev/shm /root -xdev -mindepth 1 -not -path '*/systemd-private-*' -printf 'left %p\\n' | grep -vE '/\\.ansible|/root/\\.(ssh|bash)|/PostgreSQL\\.' || true
btrfs subvolume list /srv/www | sed -n 's/.* path /subvolume /p'
btrfs qgroup show --raw /srv/www | awk 'NR>2 {{print "qgroup", $1}}' | sort
mariadb -BNe "SELECT User, Host FROM mysql.user; SHOW DATABASES"
runuser -u postgres -- psql -XAtc "SELECT datname FROM pg_database; SELECT rolname FROM pg_roles"
for d in $(mariadb -BNe "SHOW DATABASES LIKE 'g_________'"); do mariadb-dump --skip-dump-date "$d" | sha256sum | sed "s/^/dump $d /"; done
for d in $(runuser -u postgres -- psql -XAtc "SELECT datname FROM pg_database WHERE datname LIKE 'g_________'"); do runuser -u postgres -- pg_dump --no-sync "$d" | grep -vE '^.(un)?restrict ' | sha256sum | sed "s/^/dump $d /"; done
"""
NO_ITEM = "no-item"


def named(host: Host, item_id: str) -> set[str]:
    """Everything that bears the id, with the id written as ITEM: {'file /srv/www/ITEM', 'passwd ITEM', ...}."""
    text = host.check_output(NAMED.format(item=item_id, places=PLACES))
    return {line.replace(item_id, "ITEM") for line in text.splitlines()}


def quiet(host: Host, own: str = NO_ITEM) -> list[str]:
    """Everything that a run of one site could have moved for others, contents of files and databases included.

    `own` leaves out a site's own files. Two of these are equal when nobody's thing was touched.
    """
    return sorted(host.check_output(QUIET.format(restless=RESTLESS, own=own)).splitlines())


def moved(before: list[str], after: list[str]) -> list[str]:
    """What is not as it was: ['- link /etc/x y', '+ ...']; empty when the host is as before."""
    return sorted(
        [f"- {line}" for line in set(before) - set(after)] + [f"+ {line}" for line in set(after) - set(before)]
    )
