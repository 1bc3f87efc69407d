"""Does a hostile host's answer end as Unreachable, saying where, and never as a crash or as facts?"""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from provisioner.errors import Unreachable
from provisioner.providers.web_host.answer import read_answer, shown
from provisioner.providers.web_host.look import READERS, measure_system, read_system

ITEM = "g7kq2mx4pd"
GOOD: dict[str, Any] = {
    "host": "web1",
    "now": 1_795_000_000,
    "files": {
        f"/etc/apache2/gerbang/{ITEM}.conf": {"text": "# x\n", "owner": "root", "group": "root", "mode": "0644"},
        f"/etc/php/8.2/fpm/pool.d/{ITEM}.conf": {"text": "; x\n", "owner": "root", "group": "root", "mode": "0644"},
    },
    "passwd": [f"{ITEM}:x:20001:20001:gerbang item={ITEM} secret=v1:/srv/www/{ITEM}:/usr/sbin/nologin"],
    "group": [f"gerbang-sftp:x:64000:{ITEM}"],
    "locked": [],
    "mariadb": {
        "databases": [[ITEM, "utf8mb4", ""]],
        "users": [[ITEM, "localhost", 20, 0]],
        "grants": [],
        "locked": [],
        "sizes": [],
    },
    "postgresql": {"databases": [], "roles": [], "sizes": []},
    "storage": {"driver": "btrfs_squota", "qgroups": "", "subvolumes": ""},
    "directories": {ITEM: {".": "root:root 0711", "public": f"{ITEM}:www-data 2750"}},
    "logs": {ITEM: "root:root 0750"},
    "certificates": {ITEM: {"renewal": "server = https://acme.example/dir\n", "x509": "DNS:a.kota.lab"}},
    "measurements": {"storage_free_bytes": 1},
}


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    answer = copy.deepcopy(GOOD)
    change(answer)
    return json.dumps(answer).encode()


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


FILE = f"/etc/apache2/gerbang/{ITEM}.conf"
HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"Last login: today",
    "not UTF-8": b'{"host": "\xff"}',
    "a list": b"[]",
    "null": b"null",
    "a number that is none": b'{"host": NaN}',
    "infinity": b'{"host": 1e999, "files": Infinity}',
    "a number of 5000 digits": b'{"host": ' + b"9" * 5000 + b"}",
    "nested ten thousand deep": b"[" * 10_000 + b"]" * 10_000,
    "files are missing": changed(lambda a: a.pop("files")),
    "host is a list": changed(lambda a: a.update(host=["web1"])),
    "files are a list": changed(lambda a: a.update(files=[])),
    "a file is text": changed(lambda a: a["files"].update({FILE: "x"})),
    "a file without text": changed(lambda a: a["files"][FILE].pop("text")),
    "a file's text is null": changed(lambda a: a["files"][FILE].update(text=None)),
    "a mode is a number": changed(lambda a: a["files"][FILE].update(mode=0o644)),
    "a mode is words": changed(lambda a: a["files"][FILE].update(mode="rwxrwxrwx")),
    "a mode in Arabic digits": changed(lambda a: a["files"][FILE].update(mode="\u0660\u0666\u0664\u0664")),
    "a lone surrogate": changed(lambda a: a["files"][FILE].update(text="\ud800")),
    "a surrogate in a key": changed(lambda a: a["directories"].update({"\ud800": {}})),
    "a passwd line is a number": changed(lambda a: a["passwd"].append(7)),
    "passwd is a text": changed(lambda a: a.update(passwd="root:x:0:0")),
    "rows nested too deep": changed(lambda a: a["mariadb"].update(databases=nested(20))),
    "a number of 64 bits": changed(lambda a: a["measurements"].update(storage_free_bytes=2**64)),
    "measurements are a list": changed(lambda a: a.update(measurements=[1])),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_an_answer_of_the_wrong_shape_is_unreachable_and_says_where(name: str) -> None:
    with pytest.raises(Unreachable) as refused:
        read_answer(HOSTILE[name], "web1")
    assert refused.value.where == "web1"
    assert str(refused.value).isascii()
    assert len(str(refused.value)) < 500


def read_everything(data: bytes) -> dict[str, Any]:
    answer = read_answer(data, "web1")
    values: dict[str, Any] = {}
    for system in READERS:
        values |= {f"{s.system} {s.target} {s.property}": v for s, v in read_system(system, answer, "web1").items()}
        values |= measure_system(system, answer, "web1")
    return values


def test_a_good_answer_is_read_whole() -> None:
    assert set(read_everything(json.dumps(GOOD).encode())) == {
        f"account web1/{ITEM} user",
        f"account web1/{ITEM} directories",
        f"account web1/{ITEM} storage",
        f"account web1/{ITEM} logs",
        f"apache web1/{ITEM} vhost",
        f"php_fpm web1/{ITEM} pool",
        f"mariadb web1/{ITEM} database",
        f"mariadb web1/{ITEM} user",
        f"certificate web1/{ITEM} certificate",
        "web1:storage_free_bytes",
    }


MISREAD: dict[str, bytes] = {
    "a passwd line of two fields": changed(lambda a: a["passwd"].append("root:x")),
    "a uid of words": changed(lambda a: a["passwd"].append("a:x:many:1:::")),
    "a group line of one field": changed(lambda a: a["group"].append("x")),
    "rows that are no rows": changed(lambda a: a["mariadb"].update(databases=[1])),
    "rows of the wrong length": changed(lambda a: a["mariadb"].update(databases=[["a"]])),
    "rows without databases": changed(lambda a: a["postgresql"].pop("databases")),
    "a name that is a list": changed(lambda a: a["mariadb"].update(users=[[["a"], "localhost", 1, 0]])),
    "storage without a driver": changed(lambda a: a["storage"].pop("driver")),
    "a certificate of text": changed(lambda a: a["certificates"].update({ITEM: "x"})),
    "directories that are a number": changed(lambda a: a["directories"].update({ITEM: 7})),
    "a log folder of one word": changed(lambda a: a["logs"].update({ITEM: "x"})),
    "free space in words": changed(lambda a: a["measurements"].update(storage_free_bytes="much")),
    "a year beyond all clocks": changed(lambda a: a.update(now=2**62)),
}


@pytest.mark.parametrize("name", MISREAD)
def test_an_answer_that_a_reader_cannot_read_is_unreachable(name: str) -> None:
    with pytest.raises(Unreachable) as refused:
        read_everything(MISREAD[name])
    assert refused.value.where == "web1"


def test_no_host_speaks_for_another() -> None:
    """A slash in a name stays in the object's half: what web1 says of 'web2/...' is web1's."""
    answer = changed(lambda a: a["directories"].update({"../web2/gother": {"public": "root:root 0711"}}))
    assert {name.split()[1].split("/")[0] for name in read_everything(answer) if " " in name} == {"web1"}


def test_a_value_of_a_host_is_shown_short_and_in_ascii() -> None:
    assert shown("ä\n\x1b[31m") == r"'\xe4\n\x1b[31m'"
    assert len(shown("x" * 10_000)) == 80
