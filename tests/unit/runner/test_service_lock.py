"""Does nobody act on a server that is called from here while another does, or while a call of one that died may act?"""

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from provisioner.errors import Unreachable
from provisioner.facts.estate import Estate, Host
from provisioner.runner import service_lock as room
from provisioner.runner.orphan import host_is_free

PLAYBOOKS = Path(__file__).resolve().parents[3] / "playbooks"


@pytest.fixture(autouse=True)
def _errand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PLAYBOOKS))


def estate(folder: Path) -> Estate:
    variables = {"ansible_connection": "local", "service_lock_folder": str(folder)}
    return Estate(hosts={"cloud1": Host(name="cloud1", groups=frozenset(), variables=variables)}, variables={})


@contextmanager
def someone(folder: Path, longest_call_seconds: float, *, answered: bool) -> Iterator[None]:
    """A process that holds the server's lock with a call sent, and is killed when the block ends."""
    from errand.service_lock import locked

    told, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        with locked("cloud1", str(folder), longest_call_seconds) as lock:
            lock.note()
            if answered:
                lock.strike_out()
            os.write(tell, b"!")
            time.sleep(60)
    assert os.read(told, 1) == b"!"
    try:
        yield
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def test_both_sides_mean_the_same_file() -> None:
    from errand import service_lock

    assert (service_lock.LOCK_FOLDER, service_lock.LOCK_SECONDS, service_lock.LONGEST_CALL_SECONDS) == (
        room.LOCK_FOLDER,
        room.WAITING_SECONDS,
        room.LONGEST_CALL_SECONDS,
    )


def test_a_server_that_nobody_ever_acted_on_is_free(tmp_path: Path) -> None:
    assert host_is_free("cloud1", estate(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_the_inventory_does_not_name_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(Unreachable):
        host_is_free("cloud2", estate(tmp_path))


def test_while_another_process_acts_it_is_not_free(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(room, "WAITING_SECONDS", 0.2)
    with someone(tmp_path, 5, answered=True):
        assert not host_is_free("cloud1", estate(tmp_path))
    assert host_is_free("cloud1", estate(tmp_path))


def test_a_call_that_was_answered_is_not_waited_for(tmp_path: Path) -> None:
    with someone(tmp_path, 5, answered=True):
        pass
    begun = time.monotonic()
    assert host_is_free("cloud1", estate(tmp_path))
    assert time.monotonic() - begun < 1


def test_a_call_that_a_killed_process_had_sent_is_waited_out_by_the_look(tmp_path: Path) -> None:
    begun = time.monotonic()
    with someone(tmp_path, 1, answered=False):
        pass
    assert host_is_free("cloud1", estate(tmp_path))
    assert 1 <= time.monotonic() - begun < 3


def test_a_call_that_a_killed_process_had_sent_is_waited_out_by_the_next_duty_once(tmp_path: Path) -> None:
    from errand.service_lock import locked

    begun = time.monotonic()
    with someone(tmp_path, 1, answered=False):
        pass
    with locked("cloud1", str(tmp_path), 1):
        waited = time.monotonic() - begun
    with locked("cloud1", str(tmp_path), 1):
        assert time.monotonic() - begun - waited < 0.5
    assert 1 <= waited < 3


def test_a_note_that_makes_no_sense_is_waited_for_no_longer_than_any_call(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(room, "LONGEST_CALL_SECONDS", 0.1)
    for note in ("9e99", "nan", "-5", "x", f"{time.monotonic() + 1e6}"):
        (tmp_path / "gerbang-service-cloud1.lock").write_text(note)
        begun = time.monotonic()
        assert host_is_free("cloud1", estate(tmp_path))
        assert time.monotonic() - begun < 1


def test_a_lock_that_is_held_too_long_is_an_error_that_names_the_server(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from errand import service_lock

    monkeypatch.setattr(service_lock, "LOCK_SECONDS", 0.1)
    with (tmp_path / "gerbang-service-cloud1.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(TimeoutError, match="cloud1"), service_lock.locked("cloud1", str(tmp_path), 1):
            pytest.fail("two hold one lock")


def test_a_lock_that_somebody_laid_as_a_link_is_followed_by_nobody(tmp_path: Path) -> None:
    from errand.service_lock import locked

    (tmp_path / "his").write_text("his")
    (tmp_path / "gerbang-service-cloud1.lock").symlink_to(tmp_path / "his")
    with pytest.raises(Unreachable, match="cannot be opened"):
        host_is_free("cloud1", estate(tmp_path))
    with pytest.raises(OSError, match=r"gerbang-service-cloud1\.lock"), locked("cloud1", str(tmp_path), 1):
        pytest.fail("it was followed")
    assert (tmp_path / "his").read_text() == "his"
