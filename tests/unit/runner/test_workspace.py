"""Does a run's folder lie in memory, belong to it alone, and go with it?"""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from provisioner.errors import Unavailable
from provisioner.runner import workspace as room
from provisioner.runner.workspace import filesystem_of, sweep, workspace

ROOT = Path(__file__).resolve().parents[3]
MOUNTS = """/dev/vda / ext4 rw 0 0
tmpfs /dev/shm tmpfs rw 0 0
/dev/vdb /dev/shm/disk ext4 rw 0 0
tmpfs /run/x tmpfs rw 0 0
/dev/vdc /run/x xfs rw 0 0
"""


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder that is taken for memory."""
    monkeypatch.setattr(room, "MEMORY_FILESYSTEMS", (filesystem_of(tmp_path, Path("/proc/self/mounts").read_text()),))
    return tmp_path / "runs"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/srv/a", "ext4"),
        ("/dev/shm", "tmpfs"),
        ("/dev/shm/gerbang/runs", "tmpfs"),
        ("/dev/shmx", "ext4"),
        ("/dev/shm/disk/runs", "ext4"),
        ("/run/x/y", "xfs"),
    ],
)
def test_the_mount_that_holds_a_folder_says_whether_it_is_memory(path: str, kind: str) -> None:
    assert filesystem_of(Path(path), MOUNTS) == kind


def test_a_folder_of_runs_on_a_disk_is_refused_before_a_secret_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(room, "MEMORY_FILESYSTEMS", ("none",))
    with pytest.raises(Unavailable, match="not in memory"), workspace(tmp_path / "runs", "run_x"):
        pytest.fail("a folder was made")
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_runs_folder_is_fresh_private_and_gone_at_the_end(memory: Path) -> None:
    with workspace(memory, "run_x") as first, workspace(memory, "run_x") as second:
        assert first.folder != second.folder
        assert first.folder.stat().st_mode & 0o777 == 0o700
        (first.folder / "inner").mkdir()
    assert list(memory.iterdir()) == []


def test_it_is_gone_when_the_run_raises_too(memory: Path) -> None:
    with pytest.raises(RuntimeError), workspace(memory, "run_x"):
        raise RuntimeError
    assert list(memory.iterdir()) == []


def test_sweeping_takes_what_a_killed_worker_left_and_spares_the_living(memory: Path) -> None:
    memory.mkdir()
    killed = textwrap.dedent(
        f"""
        import os
        from pathlib import Path
        from provisioner.runner import workspace as room
        room.refuse_disk = lambda runtime: None
        with room.workspace(Path({str(memory)!r}), "run_killed") as space:
            (space.folder / "secrets.json").write_text("x")
            os.kill(os.getpid(), 9)
        """
    )
    assert subprocess.run([sys.executable, "-c", killed], cwd=ROOT, check=False).returncode == -9
    (memory / "fresh-without-lock").mkdir()
    with workspace(memory, "run_alive") as alive:
        assert [name.partition("-")[0] for name in sweep(memory)] == ["run_killed"]
        assert sorted(memory.iterdir()) == sorted([alive.folder, memory / "fresh-without-lock"])
