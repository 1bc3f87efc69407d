"""What holds for every test? Its folder is its marker, the network is off where a room alone is tried."""

import socket
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
#: folders whose tests try one room alone: a connection out of them is a fault of the test
WITHOUT_NETWORK = {"unit", "plans", "laws", "gate"}


def folder_of(item: pytest.Item) -> str:
    """The folder below tests/: `unit` for tests/unit/people/test_person.py."""
    return item.path.relative_to(ROOT / "tests").parts[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test by its folder, so that `-m storage` and tests/storage mean the same."""
    for item in items:
        if (ROOT / "tests") in item.path.parents:
            item.add_marker(folder_of(item))


class NoNetworkError(AssertionError):
    """A test of a room alone opened a connection; hand the answer in, or move the test to contract or lab."""


@pytest.fixture(autouse=True)
def network_is_off(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse connections, UNIX sockets aside, in the folders WITHOUT_NETWORK."""
    if folder_of(request.node) in WITHOUT_NETWORK:
        connect = socket.socket.connect

        def refuse(self: socket.socket, address: object) -> None:
            if self.family != socket.AF_UNIX:
                raise NoNetworkError(f"connection to {address!r}")
            connect(self, address)  # type: ignore[arg-type]  # what connect takes, so does this

        monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests counted: a line for each property `counted` that one recorded."""
    for report in terminalreporter.stats.get("passed", ()):
        for name, value in report.user_properties:
            if name == "counted":
                terminalreporter.write_line(str(value))
