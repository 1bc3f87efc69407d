"""Does `make setup` work on a machine with Debian 12, python3, make and git, and nothing else?"""

import shutil
from collections.abc import Iterator

import pytest

from tests.setup.bare_root import CHECKOUT, BareRoot, unpack

pytestmark = pytest.mark.timeout(900)
COMMAND = "/srv/gerbang/var/cache/venv/bin/gerbang"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BareRoot]:
    """A bare root with a clone of this checkout in it, removed at the end."""
    folder = tmp_path_factory.mktemp("bare")
    folder.chmod(0o755)
    root = unpack(folder)
    root.clone(CHECKOUT)
    yield root
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def set_up(bare: BareRoot) -> BareRoot:
    """The root after its first `make setup`."""
    done = bare.run("make", "-C", "/srv/gerbang", "setup")
    assert done.returncode == 0, done.stdout
    return bare


def test_the_root_is_bare_before(bare: BareRoot) -> None:
    absent = ("usr/bin/pip3", "usr/bin/node", "usr/bin/curl", "usr/sbin/nft", "usr/bin/systemd-nspawn", "usr/bin/ssh")
    assert [name for name in absent if (bare.folder / name).exists()] == []


def test_make_alone_prints_help_before_anything_is_installed(bare: BareRoot) -> None:
    done = bare.run("make", "-C", "/srv/gerbang")
    assert done.returncode == 0
    assert "make demo" in done.stdout


def test_the_command_answers_after_make_setup(set_up: BareRoot) -> None:
    done = set_up.run(COMMAND, "--help")
    assert done.returncode == 0, done.stdout
    assert "request" in done.stdout


def test_the_files_a_browser_loads_are_there(set_up: BareRoot) -> None:
    static = set_up.folder / "srv/gerbang/var/cache/static"
    assert len([path for path in static.iterdir() if path.stat().st_size > 1000]) == 4


def test_no_service_policy_of_ours_is_left(set_up: BareRoot) -> None:
    assert not (set_up.folder / "usr/sbin/policy-rc.d").exists()


def test_the_second_time_nothing_is_done(set_up: BareRoot) -> None:
    stamp = set_up.folder / "srv/gerbang/var/cache/setup.sha256"
    before = stamp.stat().st_mtime_ns
    done = set_up.run("make", "-C", "/srv/gerbang", "setup")
    assert done.returncode == 0
    assert [line for line in done.stdout.splitlines() if not line.startswith("make")] == []
    assert stamp.stat().st_mtime_ns == before


def test_the_lab_finds_all_its_programs(set_up: BareRoot) -> None:
    wanted = set_up.run("/srv/gerbang/var/cache/venv/bin/python", "-P", "-m", "lab", "packages")
    assert wanted.returncode == 0, wanted.stdout
    missing = set_up.run("dpkg-query", "--show", *wanted.stdout.split())
    assert missing.returncode == 0, missing.stdout
