"""Does the probe answer what the readers read?"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from provisioner.facts import account, apache, certificate, php_fpm
from provisioner.facts.observation import Spot
from provisioner.names import mark

PROGRAM = Path(__file__).resolve().parents[3] / "playbooks" / "duties" / "gerbang_look.py"
ITEM = "g7kq2mx4pd"
ME = f"{os.getuid()}:{os.getgid()}"


@pytest.fixture
def probe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program as a module, its folders below tmp_path."""
    spec = importlib.util.spec_from_file_location("gerbang_look", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "SITES", str(tmp_path / "www"))
    monkeypatch.setattr(module, "LOGS", str(tmp_path / "log"))
    monkeypatch.setattr(module, "HOST_RECORD", str(tmp_path / "host.json"))
    monkeypatch.setattr(module, "FILES", (str(tmp_path / "etc" / "*.conf"),))
    return module


def test_the_whole_program_answers_with_what_every_reader_reads() -> None:
    ended = subprocess.run(
        [sys.executable, "-I", "-S", str(PROGRAM)],
        capture_output=True,
        check=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )
    answer: dict[str, Any] = json.loads(ended.stdout)
    assert set(answer) == {
        "host", "now", "files", "passwd", "group", "locked", "directories", "logs", "measurements", "mariadb",
        "postgresql", "storage", "certificates",
    }  # fmt: skip
    for read in (account.read, apache.read, php_fpm.read, certificate.read):
        assert {spot.host for spot in read(answer, "web1")} <= {"web1"}
    root: Any = account.read(answer, "web1")[Spot(system="account", target="web1/root", property="user")]
    assert (root["uid"], root["home"]) == (0, "/root")
    assert set(account.measure(answer, "web1")) >= {
        "web1:storage_size_bytes",
        "web1:storage_free_bytes",
        "web1:load_percent",
        "web1:memory_available_bytes",
    }


def test_directories_and_files_are_shown_with_owner_group_and_mode(probe: ModuleType, tmp_path: Path) -> None:
    site = tmp_path / "www" / ITEM
    for name, mode in (("public", 0o2750), ("private", 0o700)):
        (site / name).mkdir(parents=True)
        (site / name).chmod(mode)
    site.chmod(0o751)
    (site / "tmp").symlink_to("/etc")
    (tmp_path / "www" / ".g7kq2mx4pd.gerbang").mkdir()
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "a.conf").write_bytes(b"caf\xc3\xa9 \xff")
    (tmp_path / "etc" / "a.conf").chmod(0o640)
    names = probe.Names([f"saya:x:{os.getuid()}:1::/:/bin/sh"], [f"kita:x:{os.getgid()}:"])
    assert probe.directories(names) == {
        ITEM: {
            ".": "saya:kita 0751",
            "public": "saya:kita 2750",
            "private": "saya:kita 0700",
            "tmp": "not:directory 0000",
        }
    }
    assert probe.file_at(str(tmp_path / "etc" / "a.conf"), names) == {
        "text": "café \\xff",
        "owner": "saya",
        "group": "kita",
        "mode": "0640",
    }
    assert probe.owned(str(site / "public"), probe.Names([], [])) == f"{ME} 2750"


def test_a_host_without_folders_answers_with_nothing_in_them(probe: ModuleType) -> None:
    assert probe.directories(probe.Names([], [])) == {}
    assert probe.listed(probe.LOGS) == []
    assert probe.ask_storage({})() == {"driver": "measured"}


def test_of_the_shadow_file_nothing_but_the_names_of_expired_accounts_is_told(
    probe: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [
        f"{ITEM}:$y$j9T$rahasia:20000:0:99999:7::1:",
        "gbbbbbbbbb:$y$j9T$rahasia:20000:0:99999:7:::",
        "kelak:$y$j9T$rahasia:20000:0:99999:7::999999:",
        "terkunci:!:20000::::::",
        "rusak",
    ]
    monkeypatch.setattr(probe, "text_of", lambda path: "\n".join(lines) if path == "/etc/shadow" else "")
    assert probe.locked() == [ITEM]


@pytest.mark.parametrize(
    ("word", "meant"),
    [(r"a\tb", "a\tb"), (r"a\\tb", r"a\tb"), (r"a\nb", "a\nb"), (r"\0", "\0"), ("biasa", "biasa"), (r"\x", r"\x")],
)
def test_what_the_client_escaped_is_read_as_it_was(probe: ModuleType, word: str, meant: str) -> None:
    assert probe.unescaped(word) == meant


def test_a_limit_that_cannot_be_read_is_no_answer_rather_than_no_limit(probe: ModuleType) -> None:
    with pytest.raises(SystemExit, match="storage cannot be read"):
        probe.answered(lambda: (1, "", "not a btrfs filesystem"))


def test_an_installed_database_that_does_not_answer_is_said_to_be_unreachable(
    probe: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probe.os.path, "exists", lambda _: True)
    monkeypatch.setattr(probe, "start", lambda *_, **__: lambda: (1, "", "ERROR 2002: Can't connect\n"))
    assert probe.ask_mariadb()() == {"unreachable": "ERROR 2002: Can't connect"}


def test_rows_of_the_client_are_sorted_into_their_tables(probe: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = f"databases\t{ITEM}\tutf8mb4\t{mark(ITEM, 1)} limit_bytes=5\nusers\t{ITEM}\tlocalhost\t20\t0\n"
    monkeypatch.setattr(probe.os.path, "exists", lambda _: True)
    monkeypatch.setattr(probe, "start", lambda *_, **__: lambda: (0, rows, ""))
    assert probe.ask_mariadb()() == {
        "databases": [[ITEM, "utf8mb4", f"{mark(ITEM, 1)} limit_bytes=5"]],
        "users": [[ITEM, "localhost", "20", "0"]],
        "grants": [],
        "locked": [],
        "sizes": [],
    }
