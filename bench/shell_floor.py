"""What is the least that makes the same site? One shell script over one warm SSH session, all of it known ahead."""

from __future__ import annotations

import shlex
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from provisioner.digests import Value
from provisioner.facts.estate import Estate
from provisioner.runner.environment import environment
from provisioner.runner.orphan import ssh_argv
from tests.lab.site_part import Site

SECONDS = 300


class WarmShell:
    """One SSH session to the host, kept open by ControlPersist as Ansible's is."""

    def __init__(self, host: str, estate: Estate) -> None:
        self._argv = [*ssh_argv(estate.hosts[host].variables, host), "bash -eu"]
        self.run("true")

    def run(self, script: str) -> float:
        """Run it and return the seconds it took; RuntimeError with what it said."""
        begun = time.perf_counter()
        done = subprocess.run(
            self._argv, input=script, text=True, capture_output=True, env=environment(), timeout=SECONDS, check=False
        )
        seconds = time.perf_counter() - begun
        if done.returncode != 0:
            raise RuntimeError(f"the shell script ended with {done.returncode}: {done.stderr[-1000:]}")
        return seconds


def made_by_shell(site: Site, secrets: Mapping[str, str]) -> str:
    """The script: the same objects, configuration tested and taken up as anyone would, nothing looked at beforehand."""
    item, uid = site.item, site.uid
    values = site.values()
    return f"""
{nsupdate(site, challenge_of(site, "add"))}
groupadd -g {uid} {item}
useradd -M -l -K SUB_UID_COUNT=0 -K SUB_GID_COUNT=0 -u {uid} -g {uid} -d /srv/www/{item} -s /usr/sbin/nologin \
  -G gerbang-sftp -c {shlex.quote(site.secret_mark)} {item}
echo {item}:{secrets["sftp_password"]} | chpasswd
cd /srv/www
btrfs subvolume create {item} >/dev/null
tree=$(btrfs inspect-internal rootid {item})
btrfs qgroup create 1/$tree /srv/www
btrfs qgroup assign 0/$tree 1/$tree /srv/www
btrfs qgroup limit {site.limit_bytes} 1/$tree /srv/www
cd {item}
mkdir public private tmp
echo '<?php echo "ready";' > public/index.php
chown root:{item} . && chmod 751 .
chown -R {item}:www-data public && chmod 2750 public
chown {item}:{item} private tmp && chmod 700 private tmp
install -d -m 750 /var/log/gerbang/{item}
{put(f"/etc/cron.d/gerbang-{item}", values["account", "cron"])}
{database_of(site, secrets["database_password"])}
{put(f"/etc/php/{site.php_version}/fpm/pool.d/{item}.conf", values["php_fpm", "pool"])}
php-fpm{site.php_version} -t 2>/dev/null
systemctl reload php{site.php_version}-fpm
{put(f"/etc/apache2/gerbang/{item}.conf", values["apache", "vhost"])}
apache2ctl configtest 2>/dev/null
systemctl reload apache2
{nsupdate(site, address_of(site, "add"))}
"""


def removed_by_shell(site: Site) -> str:
    """Take all of it away again but the certificate."""
    item = site.item
    return f"""
{nsupdate(site, address_of(site, "delete") + challenge_of(site, "delete"))}
rm /etc/apache2/gerbang/{item}.conf && kill -USR1 $(cat /run/apache2/apache2.pid)
rm /etc/php/{site.php_version}/fpm/pool.d/{item}.conf && kill -USR2 $(cat /run/php/php{site.php_version}-fpm.pid)
mariadb <<'END'
DROP DATABASE {item}; {" ".join(f"DROP USER '{item}'@'{host}';" for host in hosts_of(site))}
END
rm -r /etc/cron.d/gerbang-{item} /var/log/gerbang/{item}
sleep 0.3
tree=$(btrfs inspect-internal rootid /srv/www/{item})
btrfs subvolume delete -c /srv/www/{item} >/dev/null && btrfs subvolume sync /srv/www $tree >/dev/null
btrfs qgroup destroy 0/$tree /srv/www 2>/dev/null || true
btrfs qgroup destroy 1/$tree /srv/www
userdel {item}
"""


def certificate_by_shell(site: Site) -> str:
    """Ask for the certificate: the challenge's name first, certbot, and the name away again."""
    hook = "/usr/local/sbin/gerbang-acme-hook"
    return f"""
{nsupdate(site, challenge_of(site, "add"))}
REQUESTS_CA_BUNDLE=/etc/gerbang/acme-ca.pem certbot certonly -n --agree-tos --register-unsafely-without-email --manual \
  --preferred-challenges dns-01 --server {site.lab["acme_directory_url"]} --manual-auth-hook '{hook} auth' \
  --manual-cleanup-hook '{hook} cleanup' --cert-name {site.item} -d {site.name} >/dev/null
{nsupdate(site, challenge_of(site, "delete"))}
"""


def put(path: str, value: Value) -> str:
    """Write a file by a here-document."""
    return f"cat > {path} <<'END-OF-FILE'\n{text_of(value)}END-OF-FILE"


def text_of(value: Value) -> str:
    """The text of a file's value."""
    assert isinstance(value, dict)
    return str(value["text"])


def database_of(site: Site, password: str) -> str:
    """Database, login and rights by one call of the client."""
    item = site.item
    database = site.values()["mariadb", "database"]
    assert isinstance(database, dict)
    comment = f"{site.secret_mark} limit_bytes={database['limit_bytes']}"
    logins = "\n".join(
        f"CREATE USER '{item}'@'{host}' IDENTIFIED BY '{password}' REQUIRE {'NONE' if host == 'localhost' else 'SSL'}"
        f" WITH MAX_USER_CONNECTIONS 20; GRANT ALL ON {item}.* TO '{item}'@'{host}';"
        for host in hosts_of(site)
    )
    return f"mariadb <<'END'\nCREATE DATABASE {item} CHARACTER SET utf8mb4 COMMENT '{comment}';\n{logins}\nEND"


def hosts_of(site: Site) -> list[str]:
    """From where the login may come."""
    user = site.values()["mariadb", "user"]
    assert isinstance(user, dict)
    hosts = user["hosts"]
    assert isinstance(hosts, list)
    return [str(host) for host in hosts]


def challenge_of(site: Site, verb: str) -> str:
    """Mark and challenge, as nsupdate's words."""
    label, acme = site.item, site.lab["acme_zone"]
    return (
        f'update {verb} _gerbang.{site.name}. 300 TXT "gerbang item={site.item}"\n'
        f"update {verb} _acme-challenge.{site.name}. 300 CNAME {label}.{acme}.\n"
    )


def address_of(site: Site, verb: str) -> str:
    """The address, as nsupdate's words."""
    return f"update {verb} {site.name}. 300 A {site.lab['hosts'][site.host]['address']}\n"


def nsupdate(site: Site, words: str) -> str:
    """One signed update from the host."""
    key: Mapping[str, Any] = site.lab["tsig"]["visitors"]
    secret = Path(key["secret_file"]).read_text().strip()
    where = f"server {site.lab['nameserver_address']}\nzone {site.lab['zone']}.\n"
    return f"nsupdate -v -y {key['algorithm']}:{key['name']}:{secret} <<'END'\n{where}{words}send\nEND"
