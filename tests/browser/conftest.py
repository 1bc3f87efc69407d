"""In which browser are the pages tried? Debian's own Chromium, against a gate that serves a real office."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.office import QUIET, ServedOffice


@pytest.fixture
def office(tmp_path: Path) -> Iterator[ServedOffice]:
    """An office behind its gate."""
    office = ServedOffice(tmp_path)
    office.start()
    yield office
    office.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests; each opens its own window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=QUIET)
        yield browser
        browser.close()
