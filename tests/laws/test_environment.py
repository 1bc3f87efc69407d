"""Is the environment the one the engine was measured in?"""

import importlib.metadata
import importlib.util
import re
from pathlib import Path

from tests.laws.sources import ROOT


def locked() -> dict[str, str]:
    """Package to version over all locks that are installed, e.g. {"ansible-core": "2.19.14"}."""
    text = "".join((ROOT / "requirements" / name).read_text() for name in ("runtime.txt", "test.txt"))
    return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))


def test_paramiko_is_absent_because_it_costs_each_ansible_run_half_a_second() -> None:
    assert importlib.util.find_spec("paramiko") is None
    assert "paramiko" not in locked()


def test_what_is_installed_is_what_is_locked() -> None:
    wanted = locked()
    assert {name: importlib.metadata.version(name) for name in wanted} == wanted


def test_ansible_is_compiled_because_each_run_starts_a_second_later_otherwise() -> None:
    spec = importlib.util.find_spec("ansible")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    sources = list(package.joinpath("playbook").glob("*.py"))
    assert sources
    assert [path.name for path in sources if not Path(importlib.util.cache_from_source(str(path))).exists()] == []


def test_the_files_a_browser_loads_are_there() -> None:
    static = ROOT / "var" / "cache" / "static"
    assert {path.name for path in static.iterdir()} == {
        "bootstrap.min.css",
        "bootstrap.min.js",
        "htmx.min.js",
        "htmx-sse.min.js",
    }
