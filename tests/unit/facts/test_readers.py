"""Does each reader say what stands on a host, ours and others', and nothing more?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.facts import account, certificate, database_mark, dns, mariadb, postgresql
from provisioner.facts.login_lock import LOCKED, partly_locked
from provisioner.facts.observation import Spot
from provisioner.facts.property import Property, Undo
from provisioner.names import mark
from tests.unit.facts.answer import answer, file
from tests.unit.facts.strategies import ITEMS, LABELS

ITEM = "g7kq2mx4pd"
MARK = mark(ITEM, 1)
SITE = [f"{ITEM}:x:20001:20001:{MARK}:/srv/www/{ITEM}:/usr/sbin/nologin"]
GROUPS = ["gerbang-sftp:x:64000:" + ITEM, f"{ITEM}:x:20001:", "ssl-cert:x:104:postgres,mysql"]
# As btrfs-progs 6.2 (Debian 12) prints it.
QGROUPS = """Qgroupid    Referenced    Exclusive  Max referenced  Max exclusive   Path
--------    ----------    ---------  --------------  -------------   ----
0/5              16384        16384            none           none   <toplevel>
0/256            16384        16384            none           none   s1
0/258            24576        24576            none           none   g7kq2mx4pd
1/258            24576        24576      5368709120           none   <0 member qgroups>
"""
SUBVOLUMES = f"""ID 256 gen 9 top level 5 path s1
ID 258 gen 12 top level 5 path {ITEM}
ID 260 gen 3 top level 258 path {ITEM}/public/x
"""


def at(system: str, name: str, prop: str) -> Spot:
    """A spot of web1."""
    return Spot(system=system, target=f"web1/{name}", property=prop)


def test_an_account_is_read_whole() -> None:
    modes = {".": f"root:{ITEM} 0751", "public": f"{ITEM}:www-data 2750", "private": f"{ITEM}:{ITEM} 0700"}
    raw = answer(
        passwd=SITE,
        group=GROUPS,
        directories={ITEM: {**modes, "tmp": f"{ITEM}:{ITEM} 0700", "archive": "root:root 0755"}},
        logs={ITEM: "root:root 0750"},
        storage={"driver": "btrfs_squota", "subvolumes": SUBVOLUMES, "qgroups": QGROUPS},
    )
    assert account.read(raw, "web1") == {
        at("account", ITEM, "user"): account.user_value(ITEM, 20001, MARK),
        at("account", ITEM, "storage"): account.storage_value("btrfs_squota", 5368709120),
        at("account", ITEM, "directories"): account.directories_value(ITEM),
        at("account", ITEM, "archive"): account.ARCHIVE,
        at("account", ITEM, "logs"): account.LOGS,
    }
    assert account.measure(raw, "web1") == {
        "web1:storage_size_bytes": 100,
        "web1:storage_free_bytes": 90,
        f"web1/{ITEM}:storage_used_bytes": 24576,
    }


def test_a_closed_login_is_seen_in_each_system_beside_what_it_closes() -> None:
    role = [ITEM, 20, "NOLOGIN"]
    users = [[ITEM, "localhost", "20", "0"], [ITEM, "10.0.0.0/255.0.0.0", "20", "0"]]
    raw = answer(
        locked=[ITEM],
        mariadb={"databases": [], "users": users, "grants": [], "locked": [row[:2] for row in users], "sizes": []},
        postgresql={"databases": [], "roles": [role]},
    )
    assert account.read(raw, "web1")[at("account", ITEM, "lock")] == LOCKED
    assert mariadb.read(raw, "web1")[at("mariadb", ITEM, "lock")] == LOCKED
    assert postgresql.read(raw, "web1") == {
        at("postgresql", ITEM, "lock"): LOCKED,
        at("postgresql", ITEM, "user"): {"hosts": [], "privileges": [], "connections": 20},
    }


def test_a_login_that_is_closed_for_one_of_its_hosts_only_is_not_closed() -> None:
    users = [[ITEM, "localhost", "20", "0"], [ITEM, "10.0.0.0/255.0.0.0", "20", "0"]]
    rows = {"databases": [], "users": users, "grants": [], "locked": [[ITEM, "localhost"]], "sizes": []}
    seen = mariadb.read(answer(mariadb=rows), "web1")[at("mariadb", ITEM, "lock")]
    assert seen == partly_locked(["localhost"]) != LOCKED


@pytest.mark.parametrize("table", [account.PROPERTIES, mariadb.PROPERTIES, postgresql.PROPERTIES])
def test_a_lock_is_undone_whichever_way_it_was_turned(table: Mapping[str, Property]) -> None:
    assert (table["lock"].undo_of(None, LOCKED), table["lock"].undo_of(LOCKED, None)) == (Undo.REMOVE, Undo.RESTORE)


def test_a_site_whose_limit_is_missing_is_seen_without_limit() -> None:
    raw = answer(
        passwd=[],
        directories={ITEM: {".": "root:root 0711"}},
        storage={"driver": "btrfs_squota", "subvolumes": "", "qgroups": QGROUPS},
    )
    assert account.read(raw, "web1") == {
        at("account", ITEM, "storage"): {"driver": "btrfs_squota", "limit_bytes": None}
    }


def test_a_host_without_quota_reads_the_limit_that_is_only_measured() -> None:
    raw = answer(
        passwd=[],
        directories={ITEM: {".": "root:root 0711"}},
        files={f"/etc/gerbang/storage/{ITEM}": file("5368709120\n")},
        storage={"driver": "measured", "used": f"98304\t/srv/www/{ITEM}\n"},
    )
    assert account.measure(raw, "web1")[f"web1/{ITEM}:storage_used_bytes"] == 98304
    assert account.read(raw, "web1") == {at("account", ITEM, "storage"): account.storage_value("measured", 5368709120)}


def test_project_quota_is_read_in_kibibytes() -> None:
    heading = "Project,BlockStatus,FileStatus,BlockUsed,BlockSoftLimit,BlockHardLimit"
    quotas = f"{heading}\n#0,ok,ok,20,0,0\n#77,ok,ok,8,0,5242880\n"
    raw = answer(
        passwd=[],
        directories={ITEM: {".": "root:root 0711"}},
        storage={"driver": "project_quota", "projects": f"   77 ----P---- /srv/www/{ITEM}\n", "quotas": quotas},
    )
    assert account.read(raw, "web1") == {
        at("account", ITEM, "storage"): account.storage_value("project_quota", 5368709120)
    }
    assert account.measure(raw, "web1")[f"web1/{ITEM}:storage_used_bytes"] == 8192


def test_rules_of_ssh_and_log_rotation_are_seen_for_the_neighbours_sake() -> None:
    raw = answer(
        passwd=[],
        files={
            "/etc/ssh/sshd_config.d/gerbang.conf": file("Match"),
            "/etc/logrotate.d/apache2": file("daily"),
            "/etc/cron.d/php": file("cron"),
        },
    )
    assert {(spot.object, spot.property) for spot in account.read(raw, "web1")} == {
        ("gerbang", "sshd"),
        ("apache2", "logrotate"),
        ("php", "cron"),
    }


def test_mariadb_is_read_with_what_is_more_or_less_than_ours() -> None:
    raw = answer(
        mariadb={
            "databases": [[ITEM, "utf8mb4", f"{MARK} limit_bytes=1073741824"], ["siakad", "latin1", "punya orang"]],
            "users": [
                [ITEM, "localhost", "20", "0"],
                [ITEM, "10.0.0.0/255.0.0.0", "20", "0"],
                ["siakad", "%", "0", "5"],
            ],
            "grants": [
                [ITEM, "localhost", ITEM, ""],
                ["siakad", "%", "siakad", "partial"],
                ["siakad", "%", "x.y", "table"],
            ],
            "locked": [],
            "sizes": [[ITEM, "98304"]],
        }
    )
    assert mariadb.read(raw, "web1") == {
        at("mariadb", ITEM, "database"): mariadb.wanted_database(MARK, 1073741824, "utf8mb4"),
        at("mariadb", "siakad", "database"): {"mark": "punya orang", "limit_bytes": None, "charset": "latin1"},
        at("mariadb", ITEM, "user"): mariadb.wanted_user(ITEM, ("localhost", "10.0.0.0/255.0.0.0"), 20),
        at("mariadb", "siakad", "user"): {
            "hosts": ["%"],
            "privileges": ["*.* (5)", "siakad (partial)", "x.y (table)"],
            "connections": 0,
        },
    }
    assert mariadb.measure(raw, "web1") == {f"web1/{ITEM}:database_used_bytes": 98304}


@pytest.mark.parametrize(
    ("acl", "is_open"),
    [
        ("{g7kq2mx4pd=CTc/g7kq2mx4pd}", False),
        ("{=T/g7kq2mx4pd,g7kq2mx4pd=CTc/g7kq2mx4pd}", False),
        ("{=Tc/g7kq2mx4pd,g7kq2mx4pd=CTc/g7kq2mx4pd}", True),
        ("", True),
    ],
)
def test_a_database_that_anybody_may_open_is_seen_as_such(acl: str, *, is_open: bool) -> None:
    row = [ITEM, "UTF8", ITEM, acl, f"{MARK} limit_bytes=1073741824"]
    values = postgresql.read(answer(postgresql={"databases": [row], "roles": []}), "web1")
    wanted = postgresql.wanted_database(MARK, 1073741824, "UTF8")
    assert values == {at("postgresql", ITEM, "database"): wanted | ({"open_to_all": True} if is_open else {})}


def test_a_role_is_read_with_every_database_and_power_it_has() -> None:
    databases = [
        [ITEM, "UTF8", ITEM, f"{{{ITEM}=CTc/{ITEM}}}", ""],
        ["lain", "UTF8", "postgres", f"{{postgres=CTc/postgres,{ITEM}=c/postgres}}", ""],
    ]
    raw = answer(postgresql={"databases": databases, "roles": [[ITEM, 20, ""], ["postgres", -1, "SUPERUSER CREATEDB"]]})
    values = postgresql.read(raw, "web1")
    assert values[at("postgresql", ITEM, "user")] == {
        "hosts": [],
        "privileges": [ITEM, "lain (bukan pemilik)"],
        "connections": 20,
    }
    assert values[at("postgresql", "postgres", "user")] == {
        "hosts": [],
        "privileges": ["CREATEDB", "SUPERUSER", "lain"],
        "connections": -1,
    }


def test_a_role_with_its_own_database_only_is_as_wanted() -> None:
    databases = [[ITEM, "UTF8", ITEM, f"{{{ITEM}=CTc/{ITEM}}}", f"{MARK} limit_bytes=5"]]
    raw = answer(postgresql={"databases": databases, "roles": [[ITEM, 20, ""]]})
    assert postgresql.read(raw, "web1") == {
        at("postgresql", ITEM, "database"): postgresql.wanted_database(MARK, 5, "UTF8"),
        at("postgresql", ITEM, "user"): postgresql.wanted_user(ITEM, ("localhost",), 20),
    }


@given(ITEMS, st.integers(min_value=0, max_value=10**15 - 1), st.integers(min_value=1, max_value=999999))
def test_a_databases_comment_read_back_is_the_comment_written(item: str, limit: int, version: int) -> None:
    text = database_mark.comment_text(mark(item, version), limit)
    assert database_mark.read_comment(text, "utf8mb4") == database_mark.database_value(
        mark(item, version), limit, "utf8mb4"
    )


@pytest.mark.parametrize("hostile", ["x", "'; DROP", "gerbang item=g7kq2mx4pd", "gerbang item=g7kq2mx4pd secret=v1 x"])
def test_another_mark_is_no_databases_comment(hostile: str) -> None:
    with pytest.raises(ValueError, match="comment"):
        database_mark.comment_text(hostile, 5)


def test_a_certificate_is_read_with_its_own_names_its_authority_and_its_days() -> None:
    texts = {
        "renewal": "version = 2.1.0\n[renewalparams]\naccount = 7\nserver = https://acme.kota.lab/dir\n",
        "x509": "Issuer: CN = Pebble\n Validity\n  Not After : Feb 19 09:25:06 2027 GMT\n"
        "X509v3 Subject Alternative Name: \n    DNS:www.simpeg.kota.lab, DNS:simpeg.kota.lab\n",
    }
    raw = answer(certificates={ITEM: texts, "torn": {"renewal": "", "x509": ""}})
    assert certificate.read(raw, "web1") == {
        at("certificate", ITEM, "certificate"): certificate.certificate_value(
            ("simpeg.kota.lab", "www.simpeg.kota.lab"), "https://acme.kota.lab/dir"
        ),
        at("certificate", "torn", "certificate"): {"names": [], "authority": ""},
    }
    assert certificate.measure(raw, "web1") == {f"web1/{ITEM}:certificate_days_left": 89}


def zone(*records: list[Any]) -> dict[str, Any]:
    """A zone's records as the transfer shows them."""
    return {"zone": "kota.lab", "records": list(records)}


def test_a_zone_is_read_by_name_and_its_upkeep_is_left_out() -> None:
    seen = dns.read(
        zone(
            ["kota.lab", 300, "SOA", "ns.kota.lab. hostmaster.kota.lab. 7 1 1 1 1"],
            ["kota.lab", 300, "NS", "ns.kota.lab."],
            ["simpeg.kota.lab", 300, "A", "10.0.0.6"],
            ["simpeg.kota.lab", 300, "A", "10.0.0.5"],
            ["simpeg.kota.lab", 300, "MX", "10 mail.kota.lab."],
            ["_gerbang.simpeg.kota.lab", 300, "TXT", f'"gerbang item={ITEM}"'],
            ["_acme-challenge.simpeg.kota.lab", 300, "CNAME", "simpeg.acme.kota.lab."],
            ["_acme-challenge.lama.kota.lab", 300, "TXT", '"x"'],
            ["lama.kota.lab", 60, "CNAME", "portal.kota.lab."],
        ),
        "kota.lab",
    )
    assert {(spot.target, spot.property): value for spot, value in seen.items()} == {
        ("kota.lab/kota.lab", "foreign"): ["NS ns.kota.lab."],
        ("kota.lab/simpeg.kota.lab", "address"): {"A": ["10.0.0.5", "10.0.0.6"], "AAAA": [], "ttl_seconds": 300},
        ("kota.lab/simpeg.kota.lab", "foreign"): ["MX 10 mail.kota.lab."],
        ("kota.lab/simpeg.kota.lab", "mark"): f"gerbang item={ITEM}",
        ("kota.lab/simpeg.kota.lab", "challenge"): {"cname": "simpeg.acme.kota.lab", "ttl_seconds": 300},
        ("kota.lab/_acme-challenge.lama.kota.lab", "foreign"): ['TXT "x"'],
        ("kota.lab/lama.kota.lab", "foreign"): ["CNAME portal.kota.lab."],
    }


@given(
    LABELS,
    ITEMS,
    st.lists(st.ip_addresses(v=4).map(str), min_size=1, max_size=3, unique=True),
    st.lists(st.ip_addresses(v=6).map(str), max_size=2, unique=True),
)
def test_records_read_back_are_the_records_written(label: str, item: str, ipv4: list[str], ipv6: list[str]) -> None:
    name = f"{label}.kota.lab"
    values = {
        "mark": mark(item),
        "challenge": dns.challenge_value(name, "kota.lab", "acme.kota.lab"),
        "address": dns.address_value(tuple(ipv4), tuple(ipv6)),
    }
    records = [record for prop, value in values.items() for record in dns.records_of(prop, name, value)]
    seen = dns.read(zone(*records), "kota.lab")
    assert {spot.property: value for spot, value in seen.items()} == values
    assert {spot.target for spot in seen} == {f"kota.lab/{name}"}


def test_what_is_gone_for_good_says_so_in_its_table() -> None:
    gone = {
        (module.SYSTEM, name)
        for module in (account, mariadb, postgresql, certificate, dns)
        for name, row in module.PROPERTIES.items()
        if row.undo_of("x", None) is Undo.NONE
    }
    assert gone == {
        *(("account", name) for name in ("user", "storage", "directories", "logs", "archive")),
        *((engine, name) for engine in ("mariadb", "postgresql") for name in ("database", "user")),
    }
