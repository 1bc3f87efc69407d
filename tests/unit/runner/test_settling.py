"""Does what a duty put come into force once, and again where nobody heard its end, but never what does not stand?

The duties' own programs on folders of the test; what is served on a real host is in tests/lab/test_hosting_in_force.py.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.cloud_errands import PLAYBOOKS

if str(PLAYBOOKS) not in sys.path:
    sys.path.insert(0, str(PLAYBOOKS))
from errand.duty_text import modules_of, text_of

ITEM = "g7kq2mx4pd"
Data = dict[str, Any]
FILE: Data = {"text": "# here\n", "owner": "root", "group": "root", "mode": "0644"}
OTHER: Data = {**FILE, "text": "# other\n"}
DAEMON_IS_DOWN = "does not run here"


class Duty:
    """A duty's modules as a host loads them, and what it did to its daemon: ['tried as it will be', 'reload']."""

    def __init__(self, name: str, folder: Path) -> None:
        before = dict(sys.modules)
        exec(compile(text_of(name), name, "exec"), {})  # noqa: S102 - as the host's Python does with it
        self.modules = {inner: sys.modules[inner] for inner in modules_of(name)}
        for inner in self.modules:
            sys.modules.pop(inner)
        sys.modules.update(before)
        self.name, self.folder, self.did, self.runs, self.refuses = name, folder, [], True, False
        self.modules["duty"].lock_host = lambda: None  # type: ignore[attr-defined]  # its process would end with it

    did: list[str]

    def stand_in(self, module: ModuleType) -> None:
        """Let a daemon that writes down what it is asked be there in place of the real one."""
        known: dict[str, Callable[..., Any]] = {
            "master": lambda *_: 7 if self.runs else 0,
            "try_folder": lambda *_: self.asked("tried as it will be"),
            "run": lambda *_: self.asked("tried as it is"),
            "signal_master": lambda *_: self.asked("reload"),
        }
        for name, does in known.items():
            setattr(module, name, does)

    def asked(self, what: str) -> None:
        """Write it down; a parser may refuse."""
        self.did.append(what)
        if self.refuses and what.startswith("tried"):
            raise self.modules["program"].Failure("refused")

    def do(self, prop: str, before: Data | None, after: Data | None) -> tuple[Data, list[str]]:
        """Do one change; return the answer and what the daemon was asked meanwhile."""
        change = {"system": self.name, "target": f"web1/{ITEM}", "property": prop, "before": before, "after": after}
        self.did = []
        given = {"secrets": {}, "php": True}
        frame: Any = self.modules["duty"]
        for module in self.modules.values():  # each call is a process of its own
            for noted in ("tried", "deployed"):
                if hasattr(module, noted):
                    getattr(module, noted).clear()
        (answer,) = frame.answers_of(self.modules[self.name], [[change]], given, check=False, in_lab=False)
        return answer, self.did


@pytest.fixture(params=["apache", "php_fpm"])
def duty(request: pytest.FixtureRequest, tmp_path: Path) -> Duty:
    """The duty of a file that a daemon reads."""
    duty = Duty(request.param, tmp_path)
    module: Any = duty.modules[request.param]
    duty.stand_in(module)
    if request.param == "apache":
        module.FOLDER = str(tmp_path)
    else:
        (tmp_path / "8.2/fpm/pool.d").mkdir(parents=True)
        module.ROOT = str(tmp_path)
    return duty


def lies(duty: Duty) -> list[str]:
    """The text of each file that lies there."""
    return [path.read_text() for path in duty.folder.rglob("*.conf")]


@pytest.mark.parametrize(("before", "after"), [(None, FILE), (FILE, OTHER), (FILE, None)])
def test_a_file_is_tried_once_and_reloaded_once(duty: Duty, before: Data | None, after: Data | None) -> None:
    if before:
        duty.do("file", None, before)
    answer, did = duty.do("file", before, after)
    assert (answer["msg"], answer["changed"], did) == ("", True, ["tried as it will be", "reload"])
    assert lies(duty) == ([after["text"]] if after else [])


@pytest.mark.parametrize("after", [FILE, None])
def test_a_file_that_stands_is_tried_as_it_is_and_reloaded(duty: Duty, after: Data | None) -> None:
    if after:
        duty.do("file", None, after)
    answer, did = duty.do("file", None if after else FILE, after)
    assert (answer["msg"], answer["changed"], did) == ("", False, ["tried as it is", "reload"])


def test_a_configuration_that_is_broken_by_now_is_not_reloaded(duty: Duty) -> None:
    duty.do("file", None, FILE)
    duty.refuses = True
    answer, did = duty.do("file", None, FILE)
    assert (answer["msg"], answer["failed"], did) == ("refused", True, ["tried as it is"])


def test_a_file_that_is_refused_is_not_put_and_nothing_is_reloaded(duty: Duty) -> None:
    duty.refuses = True
    answer, did = duty.do("file", None, FILE)
    assert (answer["msg"], did, lies(duty)) == ("refused", ["tried as it will be"], [])


def test_of_a_daemon_that_is_down_a_file_is_taken_away_and_none_is_promised(duty: Duty) -> None:
    duty.do("file", None, FILE)
    duty.runs = False
    answer, did = duty.do("file", None, FILE)
    assert answer["failed"]
    assert (DAEMON_IS_DOWN in answer["msg"], did) == (True, [])
    answer, did = duty.do("file", FILE, None)
    assert (answer["msg"], did, lies(duty)) == ("", ["tried as it will be"], [])


# -- A certificate: certbot's own hook has Apache take it up -----------------------------------------------------------

OF_ONE, OF_TWO = ({"names": names, "authority": "https://ca"} for names in (["a.kota.lab"], ["a.kota.lab", "b.lab"]))


@pytest.fixture
def certificate(tmp_path: Path) -> Duty:
    """The duty, with an openssl and a certbot that say and do what is wanted."""
    duty = Duty("certificate", tmp_path)
    duty.stand_in(duty.modules["apache"])
    module: Any = duty.modules["certificate"]
    duty.modules["apache"].FOLDER = module.FOLDER = str(tmp_path)  # type: ignore[attr-defined]
    seen: list[Data | None] = [None]
    module.look = lambda _change: seen[0]

    def certbot(words: list[str]) -> None:
        names = [word for word in words if word.endswith(".lab")]
        seen[0] = {"names": names, "authority": "https://ca"} if words[0] == "certonly" else None
        duty.did.append(f"certbot {words[0]}")

    module.certbot = certbot
    return duty


def test_another_certificate_whose_hook_nobody_heard_is_taken_up_and_no_other(certificate: Duty) -> None:
    assert certificate.do("certificate", None, OF_ONE)[1] == ["certbot certonly"]
    assert certificate.do("certificate", None, OF_ONE)[1] == []
    assert certificate.do("certificate", OF_ONE, OF_TWO)[1] == ["certbot certonly"]
    assert certificate.do("certificate", OF_ONE, OF_TWO)[1] == ["tried as it is", "reload"]
    assert certificate.do("certificate", OF_TWO, None)[1] == ["certbot delete"]
    assert certificate.do("certificate", OF_TWO, None)[1] == []
