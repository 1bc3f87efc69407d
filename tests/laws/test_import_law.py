"""Does the import law hold, and does it bite? A misspelt contract would be kept by everyone."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.laws.sources import ROOT

TRESPASSES = [
    ("a noun opens a hand", "provisioner/plans/plan.py", "import provisioner.store"),
    ("a noun opens a later noun", "provisioner/facts/__init__.py", "import provisioner.plans"),
    ("a noun opens a kind", "provisioner/plans/__init__.py", "import provisioner.kinds"),
    ("a noun does input", "provisioner/facts/__init__.py", "import subprocess"),
    ("a noun finds files", "provisioner/procedures/__init__.py", "import os"),
    ("a noun opens an unforeseen library", "provisioner/people/__init__.py", "import argon2"),
    ("a type alone is an import too", "provisioner/plans/__init__.py", "if False:\n    from sqlalchemy import Engine"),
    ("a hand opens another hand", "provisioner/runner/__init__.py", "import provisioner.store"),
    ("a hand opens the workflow", "provisioner/jobs/__init__.py", "import provisioner.workflow"),
    ("jobs open the database", "provisioner/jobs/__init__.py", "import sqlalchemy"),
    ("the store opens the queue", "provisioner/store/__init__.py", "import dbos"),
    ("somebody else runs Ansible", "provisioner/providers/__init__.py", "import ansible_runner"),
    ("the engine opens the gate", "provisioner/workflow/__init__.py", "import api"),
    ("the engine speaks HTML", "provisioner/workflow/__init__.py", "import jinja2"),
    ("the engine opens the lab", "provisioner/worker.py", "import lab"),
    ("the gate opens a hand", "api/routes/__init__.py", "import provisioner.runner"),
    ("the gate opens the workflow", "api/__init__.py", "import provisioner.workflow"),
    ("the gate opens the database", "api/pages/__init__.py", "import sqlalchemy"),
    ("the gate opens a kind", "api/routes/__init__.py", "import provisioner.kinds.hosting.plan"),
    ("a route opens a page", "api/routes/__init__.py", "import api.pages"),
    ("a page opens a secret", "api/pages/__init__.py", "import provisioner.sealing"),
    ("a noun names a unit of work", "provisioner/runs/__init__.py", "import provisioner.unit_of_work"),
    ("the gate names a unit of work", "api/routes/__init__.py", "import provisioner.unit_of_work"),
    ("the command opens the store", "provisioner/cli/__init__.py", "import provisioner.store"),
    ("a room without a place", "provisioner/warehouse.py", "import json"),
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run lint-imports there as `make check` does."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rooms and their law, to trespass in."""
    folder = tmp_path_factory.mktemp("house")
    for name in ("api", "provisioner"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_every_room_opens_only_what_it_may() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("place", "line"), [case[1:] for case in TRESPASSES], ids=[case[0] for case in TRESPASSES])
def test_a_trespass_is_refused(copy: Path, place: str, line: str) -> None:
    file = copy / place
    before = file.read_text() if file.exists() else None
    file.write_text(f"{before or ''}\n{line}\n")
    try:
        done = lint(copy)
    finally:
        file.write_text(before) if before is not None else file.unlink()
    assert done.returncode == 1
    assert Path(place).parent.name in done.stdout.partition("Broken contracts")[2], done.stdout + done.stderr


def test_the_copy_itself_is_clean(copy: Path) -> None:
    assert lint(copy).returncode == 0
