"""What does site.yml promise of a shared web host? Asked of the host itself, not of Ansible."""

import json
import re
from typing import Any

import pytest
from testinfra.host import Host

#: what differs from host to host: Debian 12 (web1, bare) and 13 (web2)
PHP = {"web1": "8.2", "web2": "8.4", "bare": "8.2"}
POSTGRESQL = {"web1": 15, "web2": 17, "bare": 15}
BANDWIDTH = {"web1": "mod_bw", "web2": "mod_ratelimit", "bare": "mod_bw"}


def words(host: Host, command: str) -> set[str]:
    """What a command printed, word by word."""
    return set(host.check_output(command).split())


def listening(host: Host) -> set[str]:
    """What listens on TCP: {"*:80", "10.1.2.11:3306"}; link-local addresses are chance and left out."""
    lines = host.check_output("ss --tcp --listening --numeric --no-header").splitlines()
    return {line.split()[3] for line in lines if "fe80" not in line}


class WebHostPromises:
    """One test a promise; a class of tests adds the fixtures `name` and `host`."""

    def test_every_unit_runs(self, host: Host) -> None:
        assert host.check_output("systemctl is-system-running --wait") == "running"

    def test_nothing_listens_but_web_databases_and_ssh(self, host: Host, lab: dict[str, Any], name: str) -> None:
        address = lab["hosts"][name]["address"]
        assert listening(host) == {
            "*:80",
            "*:443",
            "0.0.0.0:22",
            "[::]:22",
            "127.0.0.1:3306",
            f"{address}:3306",
            "127.0.0.1:5432",
            f"{address}:5432",
        }

    def test_apache_enables_our_configuration_and_no_site_of_debian(self, host: Host) -> None:
        assert words(host, "ls /etc/apache2/sites-enabled") == set()
        assert words(host, "ls /etc/apache2/conf-enabled") == {
            "charset.conf",
            "gerbang.conf",
            "localized-error-pages.conf",
            "other-vhosts-access-log.conf",
            "security.conf",
        }

    def test_apache_has_every_module_that_a_vhost_uses(self, host: Host, name: str) -> None:
        wanted = {"mpm_event", "proxy_fcgi", "ssl", "rewrite", "headers", "alias", "dir", "mime", "setenvif"}
        wanted |= {BANDWIDTH[name].removeprefix("mod_")}
        loaded = {line.split("_module")[0].strip() for line in host.check_output("apachectl -M").splitlines()[1:]}
        assert wanted - loaded == set()

    def test_the_folder_of_vhosts_is_roots(self, host: Host) -> None:
        assert host.check_output("stat --format='%U:%G %a' /etc/apache2/gerbang") == "root:root 755"

    @pytest.mark.parametrize("scheme", ["http", "https"])
    def test_a_name_that_nobody_asked_for_is_404(self, host: Host, name: str, scheme: str) -> None:
        command = f'python3 -c \'import ssl, urllib.request as r; r.urlopen(r.Request("{scheme}://127.0.0.1/", headers='
        command += '{"Host": "nobody.kota.lab"}), context=ssl._create_unverified_context())\''
        assert "HTTP Error 404" in host.run(command).stderr

    def test_php_waits_with_an_idle_pool_alone(self, host: Host, name: str) -> None:
        folder = f"/etc/php/{PHP[name]}/fpm"
        pools = host.check_output(
            f"find {folder}/pool.d -type f -name '*.conf' ! -newer {folder}/php-fpm.conf -o -name 'gerbang-idle.conf'"
        )
        assert pools.split() == [f"{folder}/pool.d/gerbang-idle.conf"]

    def test_the_host_records_what_it_can_enforce(self, host: Host, lab: dict[str, Any], name: str) -> None:
        assert json.loads(host.file("/etc/gerbang/host.json").content_string) == {
            "storage_driver": "btrfs_squota",
            "bandwidth_driver": BANDWIDTH[name],
            "php_version": PHP[name],
            "postgresql_folder": f"/etc/postgresql/{POSTGRESQL[name]}/main",
            "database_client_networks": [lab["subnet"]],
        }

    def test_storage_is_counted_by_simple_quotas(self, host: Host) -> None:
        assert host.check_output("findmnt --noheadings --output FSTYPE /srv/www") == "btrfs"
        assert host.run("btrfs qgroup show /srv/www").rc == 0

    def test_the_folder_of_logs_is_closed_to_lists(self, host: Host) -> None:
        assert host.check_output("stat --format='%U:%G %a' /var/log/gerbang") == "root:root 711"
        assert host.run("logrotate --debug /etc/logrotate.d/gerbang").rc == 0

    def test_ssh_takes_keys_and_sites_have_sftp_alone(self, host: Host) -> None:
        def settings(group: str) -> dict[str, str]:
            host.run_test(f"id gerbang-try || useradd --no-create-home --groups {group} gerbang-try")
            text = host.check_output("sshd -T -C user=gerbang-try,host=x,addr=192.0.2.1")
            host.check_output("userdel gerbang-try")
            keys = ("passwordauthentication", "chrootdirectory", "forcecommand", "disableforwarding", "permittty")
            return {key: re.findall(rf"^{key} (.*)$", text, re.MULTILINE)[0] for key in keys}

        assert settings("gerbang-sftp") == {
            "passwordauthentication": "yes",
            "chrootdirectory": "/srv/www/%u",
            "forcecommand": "internal-sftp",
            "disableforwarding": "yes",
            "permittty": "no",
        }
        assert settings("users") == {
            "passwordauthentication": "no",
            "chrootdirectory": "none",
            "forcecommand": "none",
            "disableforwarding": "no",
            "permittty": "yes",
        }

    def test_users_of_sites_get_no_systemd_of_their_own(self, host: Host) -> None:
        lines = host.check_output("grep -A1 pam_succeed_if /etc/pam.d/common-session").splitlines()
        assert [" ".join(line.split()) for line in lines] == [
            "session [success=1 default=ignore] pam_succeed_if.so quiet user ingroup gerbang-sftp:gerbang-look",
            "session optional pam_systemd.so",
        ]

    def test_the_group_of_sites_has_the_same_number_everywhere(self, host: Host) -> None:
        assert host.group("gerbang-sftp").gid == 64000

    def test_postgresql_lets_each_role_reach_its_own_database(self, host: Host, lab: dict[str, Any], name: str) -> None:
        columns = "type, database, user_name, address, netmask, auth_method"
        query = f"SELECT {columns} FROM pg_hba_file_rules ORDER BY line_number"  # noqa: S608 - both parts stand here
        rules = host.check_output(f"runuser -u postgres -- psql -Atc '{query}'")
        network = lab["subnet"].removesuffix("/24")
        assert rules.splitlines() == [
            "local|{all}|{postgres}|||peer",
            "local|{sameuser}|{all}|||scram-sha-256",
            f"hostssl|{{sameuser}}|{{all}}|{network}|255.255.255.0|scram-sha-256",
        ]

    def test_nobody_connects_to_the_common_databases(self, host: Host) -> None:
        query = (
            "SELECT datname FROM pg_database WHERE datallowconn AND coalesce(datacl::text, '=c') ~ '(^|[{,])=[^/]*c'"
        )
        assert words(host, f'runuser -u postgres -- psql -Atc "{query}"') == set()

    def test_mariadb_speaks_tls_and_knows_nobody_but_root(self, host: Host) -> None:
        assert host.check_output("mariadb -BNe \"SHOW VARIABLES LIKE 'have_ssl'\"").split() == ["have_ssl", "YES"]
        users = host.check_output("mariadb -BNe \"SELECT user, host FROM mysql.user WHERE user NOT LIKE 'g_________'\"")
        assert {tuple(line.split()) for line in users.splitlines()} == {
            ("mariadb.sys", "localhost"),
            ("mysql", "localhost"),
            ("root", "localhost"),
        }

    def test_only_root_keeps_a_crontab(self, host: Host) -> None:
        assert host.file("/etc/cron.allow").content_string == "root\n"

    def test_mail_has_one_door_and_a_wall_around_it(self, host: Host) -> None:
        door = "/run/gerbang-mail.sock /usr/sbin/sendmail /usr/local/sbin/gerbang-mail /etc/gerbang/mail-relay-password"
        assert host.check_output(f"stat --format='%n %U:%G %a' {door}").splitlines() == [
            "/run/gerbang-mail.sock root:gerbang-mail 660",
            "/usr/sbin/sendmail root:root 755",
            "/usr/local/sbin/gerbang-mail root:root 755",
            "/etc/gerbang/mail-relay-password gerbang-relay:root 400",
        ]
        assert host.group("gerbang-mail").gid == 64001
        assert host.check_output("id -nG gerbang-relay") == "gerbang-relay"
        wall = host.check_output("nft --stateless --guid list table inet gerbang_mail")
        assert re.findall(r"tcp dport .*", wall) == [
            'tcp dport { 25, 465, 587, 2525 } meta skuid != "gerbang-relay" counter reject with tcp reset'
        ]
        assert host.service("gerbang-mail-wall").is_enabled
        assert host.service("gerbang-mail.socket").is_enabled

    def test_the_probe_may_run_two_programs_as_root(self, host: Host) -> None:
        allowed = host.check_output("sudo -l -U gerbang-look").splitlines()[-1].strip()
        assert allowed == "(root : root) NOPASSWD: /usr/local/sbin/gerbang-look, /usr/local/sbin/gerbang-try"
        modes = host.check_output("stat --format='%n %U:%G %a' /usr/local/sbin/gerbang-{look,try}").splitlines()
        assert modes == [f"/usr/local/sbin/gerbang-{name} root:root 755" for name in ("look", "try")]
        assert host.file("/var/lib/gerbang-look/.ssh/authorized_keys").content_string.startswith(
            "restrict ssh-ed25519 "
        )

    def test_keys_are_roots_alone(self, host: Host) -> None:
        files = "/etc/gerbang/acme-tsig.key /run/lock/gerbang.lock /var/lib/gerbang/frozen /var/lib/gerbang/replaced"
        modes = host.check_output(f"stat --format='%n %U:%G %a' {files}")
        assert modes.splitlines() == [
            "/etc/gerbang/acme-tsig.key root:root 600",
            "/run/lock/gerbang.lock root:root 600",
            "/var/lib/gerbang/frozen root:root 700",
            "/var/lib/gerbang/replaced root:root 700",
        ]

    def test_certificates_renew_by_themselves_and_trust_the_same_authority(self, host: Host) -> None:
        assert host.service("certbot.timer").is_enabled
        environment = host.check_output("systemctl show certbot.service --property=Environment")
        assert environment == "Environment=REQUESTS_CA_BUNDLE=/etc/gerbang/acme-ca.pem"
