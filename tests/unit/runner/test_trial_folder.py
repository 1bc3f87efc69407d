"""Is the folder of the trials, which holds passwords, gone with them, whoever ends how?"""

import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from provisioner import providers, worker
from provisioner.digests import Value
from provisioner.facts.estate import Estate
from provisioner.providers.base import Attempt
from provisioner.runner import workspace as room
from provisioner.runner.workspace import filesystem_of, sweep
from provisioner.settings import Settings
from provisioner.verification.verdict import Trial

ROOT = Path(__file__).resolve().parents[3]
NOWHERE = Estate(hosts={}, variables={})


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder that is taken for memory."""
    monkeypatch.setattr(room, "MEMORY_FILESYSTEMS", (filesystem_of(tmp_path, Path("/proc/self/mounts").read_text()),))
    return tmp_path / "runs"


def try_nothing(memory: Path) -> Mapping[str, Mapping[str, Value]]:
    settings = Settings(key_file=memory.parent / "no.key")
    return worker.try_all(lambda: NOWHERE, settings, memory, (), "run_h3k8", ())


def test_it_is_private_spared_by_a_sweep_while_the_trials_last_and_gone_after_them(
    monkeypatch: pytest.MonkeyPatch, memory: Path
) -> None:
    met: list[tuple[int, tuple[str, ...], bool]] = []

    def trying(_trials: tuple[Trial, ...], context: Attempt) -> Mapping[str, Mapping[str, Value]]:
        (context.folder / "password").write_text("x")
        swept_elsewhere = swept_by_another_process(memory)
        met.append((context.folder.stat().st_mode & 0o777, swept_elsewhere, (context.folder / "password").exists()))
        return {}

    monkeypatch.setattr(providers, "try_all", trying)
    assert try_nothing(memory) == {}
    assert met == [(0o700, (), True)]
    assert list(memory.iterdir()) == []


def test_it_is_gone_when_a_trial_raises(monkeypatch: pytest.MonkeyPatch, memory: Path) -> None:
    def trying(_trials: tuple[Trial, ...], context: Attempt) -> Mapping[str, Mapping[str, Value]]:
        (context.folder / "password").write_text("x")
        raise RuntimeError

    monkeypatch.setattr(providers, "try_all", trying)
    with pytest.raises(RuntimeError):
        try_nothing(memory)
    assert list(memory.iterdir()) == []


def test_a_killed_workers_folder_is_swept_at_the_next_start(memory: Path) -> None:
    killed = f"""
        import os
        from pathlib import Path
        from provisioner import providers, worker
        from provisioner.facts.estate import Estate
        from provisioner.runner import workspace as room
        from provisioner.settings import Settings

        def trying(trials, context):
            (context.folder / "password").write_text("x")
            os.kill(os.getpid(), 9)

        room.refuse_disk = lambda runtime: runtime.mkdir(exist_ok=True)
        providers.try_all = trying
        settings = Settings(key_file=Path("no.key"))
        worker.try_all(lambda: Estate(hosts={{}}, variables={{}}), settings, Path({str(memory)!r}), (), "run_h3k8", ())
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(killed)], cwd=ROOT, check=False)
    assert done.returncode == -9
    assert [path.name for path in memory.glob("*/password")] == ["password"]
    assert [name.rpartition("-")[0] for name in sweep(memory)] == ["run_h3k8-trial"]
    assert list(memory.iterdir()) == []


def swept_by_another_process(memory: Path) -> tuple[str, ...]:
    """What a second worker's sweep takes while ours lives."""
    program = (
        f"from pathlib import Path; from provisioner.runner.workspace import sweep; print(sweep(Path({str(memory)!r})))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(word for word in done.stdout.strip("()\n").split(", ") if word)
