"""Does a hostile or broken SFTP server end as what it is, never as a hang or a crash?"""

import struct
import sys
from dataclasses import dataclass

import pytest

from provisioner.errors import Unreachable
from provisioner.facts.estate import Estate, Host
from provisioner.providers.web_host import sftp_wire
from provisioner.providers.web_host.sftp import Sftp
from provisioner.providers.web_host.sftp_wire import Login, LoginLocked, LoginRefused, SftpRefused

HOST = Host(name="web1", groups=frozenset(), variables={"ansible_host": "10.0.0.5"})
ESTATE = Estate(hosts={"web1": HOST}, variables={"known_hosts_file": "/nonexistent"})


@dataclass(frozen=True, kw_only=True)
class Scripted(Login):
    """A login whose server is a small program instead of a host."""

    program: str

    def argv(self, password_fd: int) -> list[str]:
        return [sys.executable, "-I", "-S", "-c", self.program]


def session(program: str) -> Sftp:
    return Sftp(Scripted(user="g7kq2mx4pd", address="10.0.0.5", host=HOST, estate=ESTATE, program=program), "kenari")


def says(*packets: bytes) -> str:
    """A server that reads nothing and says these packets."""
    data = b"".join(struct.pack(">I", len(packet)) + packet for packet in packets)
    return f"import sys, time; sys.stdout.buffer.write({data!r}); sys.stdout.buffer.flush(); time.sleep(5)"


VERSION = struct.pack(">BI", 2, 3)


def test_the_password_is_neither_in_argv_nor_in_the_environment() -> None:
    login = Login(user="g7kq2mx4pd", address="10.0.0.5", host=HOST, estate=ESTATE)
    assert login.argv(7)[:3] == ["sshpass", "-d7", "ssh"]
    assert not any("kenari" in word for word in login.argv(7))


def test_a_public_address_is_held_to_the_hosts_own_key() -> None:
    inside = Login(user="g7kq2mx4pd", address="10.0.0.5", host=HOST, estate=ESTATE)
    outside = Login(user="g7kq2mx4pd", address="203.0.113.5", host=HOST, estate=ESTATE)
    assert "-oHostKeyAlias=10.0.0.5" in outside.argv(3)
    assert not any("HostKeyAlias" in word for word in inside.argv(3))


def test_a_refused_password_is_a_refused_login() -> None:
    with pytest.raises(LoginRefused):
        session("import sys; sys.exit('g7kq2mx4pd@10.0.0.5: Permission denied (password).')")


def test_a_closed_account_is_told_from_a_wrong_password() -> None:
    said = "Your account has expired; please contact your system administrator.\\nConnection closed by 10.0.0.5"
    with pytest.raises(LoginLocked):
        session(f"import sys; sys.exit('{said}')")


def test_a_connection_that_ends_is_unreachable_with_its_reason() -> None:
    with pytest.raises(Unreachable, match="No route to host"):
        session("import sys; sys.exit('ssh: connect to host 10.0.0.5: No route to host')")


@pytest.mark.parametrize(
    ("program", "why"),
    [
        (says(b"\x05"), "ends too early"),
        (says(struct.pack(">BI", 101, 3) + bytes(8)), "speaks no SFTP"),
        (
            "import sys, time; sys.stdout.buffer.write(b'\\xff' * 8); sys.stdout.flush(); time.sleep(5)",
            "4294967295 bytes",
        ),
        ("print('Welcome to web1!')", "sends a packet of"),
    ],
)
def test_a_server_that_speaks_otherwise_is_unreachable(program: str, why: str) -> None:
    with pytest.raises(Unreachable, match=why):
        session(program)


def test_a_silent_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sftp_wire, "ANSWER_SECONDS", 0.2)
    with pytest.raises(Unreachable, match=r"no answer within 0\.2 s"):
        session("import time; time.sleep(5)")


def test_an_answer_to_another_question_is_unreachable() -> None:
    open_session = session(says(VERSION, struct.pack(">BII", 101, 99, 0) + bytes(8)))
    with pytest.raises(Unreachable, match="another question"):
        open_session.remove("/public/x")
    open_session.close()


def test_a_refused_operation_says_path_and_reason() -> None:
    open_session = session(says(VERSION, struct.pack(">BII", 101, 1, 3) + bytes(8)))
    with pytest.raises(SftpRefused, match=r"/etc/passwd: permission denied\."):
        open_session.read("/etc/passwd")
    open_session.close()


@pytest.mark.parametrize(
    "body",
    [struct.pack(">I", 2**31) + bytes(8), struct.pack(">I", 3) + struct.pack(">I", 2**30) + b"x", struct.pack(">I", 1)],
)
def test_a_listing_that_lies_about_its_length_is_unreachable(body: bytes) -> None:
    open_session = session(says(VERSION, struct.pack(">BI", 104, 1) + body))
    with pytest.raises(Unreachable):
        open_session.real_path("/")
    open_session.close()


def test_a_server_that_answers_without_listening_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    handle = struct.pack(">BII", 102, 1, 1) + b"h"
    said = [struct.pack(">BII", 101, number, 0) + bytes(8) for number in range(2, 99)]
    open_session = session(says(VERSION, handle, *said))
    monkeypatch.setattr(sftp_wire, "ANSWER_SECONDS", 0.3)
    with pytest.raises(Unreachable, match="does not listen"):
        open_session.write("/public/x", bytes(1_000_000))
    open_session.close()
