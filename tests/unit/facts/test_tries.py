"""Does what tries on a host touch a site's user alone, and leave nothing of what it was asked to allocate?"""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from provisioner.names import mark

PROGRAM = Path(__file__).resolve().parents[3] / "playbooks" / "duties" / "gerbang_try.py"
ITEM = "g7kq2mx4pd"


@pytest.fixture
def probe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program as a module, its folders below tmp_path."""
    spec = importlib.util.spec_from_file_location("gerbang_try", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "SITES", str(tmp_path / "www"))
    monkeypatch.setattr(module, "HOST_RECORD", str(tmp_path / "host.json"))
    return module


@pytest.mark.parametrize(
    ("item", "size", "run"),
    [
        ("root", "1", "r"),
        ("../../etc", "1", "r"),
        (ITEM + "\n", "1", "r"),
        (ITEM, "-1", "r"),
        (ITEM, "1e9", "r"),
        (ITEM, "٣", "r"),
        (ITEM, "1", "../x"),
        (ITEM, "1", ""),
        (ITEM, "1", "r"),
    ],
)
def test_fill_refuses_what_is_no_site_of_the_host(probe: ModuleType, item: str, size: str, run: str) -> None:
    with pytest.raises(SystemExit, match="fill: "):
        probe.fill(item, size, run)


@pytest.mark.parametrize("item", ["root", "../../etc", ITEM + "\n", "gbbbbbbbbb", "", "-x"])
def test_cron_is_asked_for_no_user_but_a_sites(probe: ModuleType, monkeypatch: pytest.MonkeyPatch, item: str) -> None:
    monkeypatch.setattr(probe, "account_asked", lambda *_: pytest.fail("PAM was asked"))
    with pytest.raises(SystemExit, match="cron: "):
        probe.cron(item)


@pytest.mark.parametrize(
    ("said", "is_there"), [((0, "Success"), True), ((7, "Authentication failure"), True), ((), False)]
)
def test_what_pam_says_to_cron_is_told_and_where_cron_has_no_rules_there_is_no_answer(
    probe: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: tuple[Any, ...], is_there: bool
) -> None:
    line = f"{ITEM}:x:28001:28001:{mark(ITEM, 1)}:{probe.SITES}/{ITEM}:/usr/sbin/nologin"
    monkeypatch.setattr(probe, "text_of", lambda _: line)
    monkeypatch.setattr(probe, "CRON_RULES", str(tmp_path / "cron"))
    monkeypatch.setattr(
        probe, "account_asked", lambda *asked: said if asked == ("cron", ITEM) else pytest.fail(f"{asked}")
    )
    if is_there:
        (tmp_path / "cron").touch()
        assert probe.cron(ITEM) == {"code": said[0], "said": said[1]}
    else:
        with pytest.raises(SystemExit, match=r"no .*cron on this host"):
            probe.cron(ITEM)


def test_fill_allocates_and_leaves_nothing(probe: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "www" / ITEM / "tmp").mkdir(parents=True)
    line = f"{ITEM}:x:{os.getuid()}:{os.getgid()}:{mark(ITEM, 1)}:{probe.SITES}/{ITEM}:/usr/sbin/nologin"
    texts = {"/etc/passwd": line}
    monkeypatch.setattr(probe, "text_of", lambda path: texts.get(path, ""))
    # the program forks as root on a host; here it may be another user, who cannot give groups away
    monkeypatch.setattr(probe.os, "setgroups", lambda _: None)
    assert probe.fill(ITEM, "65536", "run_abc") == {
        "asked": 65536,
        "bytes": 65536,
        "errno": 0,
        "error": "",
        "used_bytes": None,
    }
    assert list((tmp_path / "www" / ITEM / "tmp").iterdir()) == []
