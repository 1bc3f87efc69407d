"""Where do the gate's tests live? In an office of their own each."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gate.office import Office


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An office opened once and closed again, to be copied: migrating takes longer than most tests."""
    folder = tmp_path_factory.mktemp("opened")
    Office(folder).house.close()
    return folder


@pytest.fixture
def office(tmp_path: Path, opened: Path) -> Iterator[Office]:
    """An open office with nothing in it yet."""
    shutil.copytree(opened, tmp_path, dirs_exist_ok=True)
    office = Office(tmp_path)
    yield office
    office.house.close()
