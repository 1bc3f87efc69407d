"""How does one SFTP packet go out and its answer come back (draft-ietf-secsh-filexfer-02), over Debian's ssh?"""

from __future__ import annotations

import contextlib
import os
import select
import struct
import subprocess
import time
from dataclasses import dataclass
from typing import NoReturn

from provisioner.errors import GerbangError, Unreachable
from provisioner.facts.estate import Estate, Host
from provisioner.providers.process import ENVIRONMENT
from provisioner.providers.web_host.connection import CONNECT_SECONDS, address_of, required

ANSWER_SECONDS = 10.0
PACKET_CAP_BYTES = 262_144
INIT, VERSION, STATUS = 1, 2, 101
OK = 0
CLOSED = "account has expired"  # pam_unix(8), once the password was right
WHY = {2: "not there", 3: "permission denied", 4: "failure", 8: "not supported"}


class LoginRefused(GerbangError):
    """The server let nobody in with that name and password."""


class LoginLocked(LoginRefused):
    """The password was right, and the account is closed: only to the right password does the server say so."""


class SftpRefused(GerbangError):
    """The server answered an operation with a status other than OK."""


@dataclass(frozen=True, kw_only=True)
class Login:
    """Whose login, where: user 'g7kq2mx4pd' at `address`, on inventory host `host` (its host key is known)."""

    user: str
    address: str
    host: Host
    estate: Estate

    def argv(self, password_fd: int) -> list[str]:
        """Return the command: the password comes from a descriptor, never from argv or the environment."""
        options = {
            "PreferredAuthentications": "password",
            "PubkeyAuthentication": "no",
            "NumberOfPasswordPrompts": "1",
            "StrictHostKeyChecking": "yes",
            "UserKnownHostsFile": required(self.estate, "known_hosts_file"),
            "GlobalKnownHostsFile": "/dev/null",
            "ConnectTimeout": str(CONNECT_SECONDS),
            "LogLevel": "INFO",  # below it, ssh keeps to itself why an account is closed
        }
        if self.address != address_of(self.host):
            options["HostKeyAlias"] = address_of(self.host)
        port = str(int(self.host.variables.get("ansible_port", 22)))
        words = ["sshpass", f"-d{password_fd}", "ssh", "-F", "none", "-T", "-l", self.user, "-p", port]
        return [*words, *(f"-o{name}={value}" for name, value in options.items()), "-s", "--", self.address, "sftp"]


class Wire:
    """One connection to a site's SFTP server, one question at a time.

    The constructor raises LoginRefused or Unreachable.
    """

    def __init__(self, login: Login, password: str) -> None:
        self.where = f"{login.user}@{login.address}"
        self._number = 0
        self._process = _start(login, password)
        try:
            self._send(struct.pack(">BI", INIT, 3))
            if self._receive()[0] != VERSION:
                raise Unreachable("speaks no SFTP.", self.where)  # noqa: TRY301  the process must end with it
        except BaseException:
            self._process.kill()
            self.close()
            raise

    def close(self) -> None:
        """End it; the process is gone when this returns."""
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(2)

    def ask(self, kind: int, body: bytes, wanted: int, path: str) -> bytes:
        """Ask and return the answer's body; SftpRefused with the server's status where another kind was `wanted`."""
        answer, said = self.ask_any(kind, body)
        if answer == STATUS and wanted != STATUS:
            self.refuse(said, path)
        if answer != wanted:
            raise Unreachable(f"answered packet {answer} where {wanted} was due.", self.where)
        return said

    def do(self, kind: int, body: bytes, path: str) -> None:
        """Ask for an act; SftpRefused unless the server says OK."""
        said = self.ask(kind, body, STATUS, path)
        if said[:4] != struct.pack(">I", OK):
            self.refuse(said, path)

    def ask_any(self, kind: int, body: bytes) -> tuple[int, bytes]:
        """Ask and return the kind of the answer and its body, whatever it is (at least 4 bytes)."""
        self._number += 1
        self._send(struct.pack(">BI", kind, self._number) + body)
        answer, said = self._receive()
        if struct.unpack_from(">I", said)[0] != self._number:
            raise Unreachable("answered another question than was asked.", self.where)
        return answer, said[4:]

    def refuse(self, said: bytes, path: str) -> NoReturn:
        """Raise what a status says."""
        code = struct.unpack_from(">I", said)[0]
        raise SftpRefused(f"{path}: {WHY.get(code, f'status {code}')}.", self.where)

    def _send(self, packet: bytes) -> None:
        """Hand a packet out without waiting for ever on a server that does not read."""
        assert self._process.stdin is not None
        pipe, data = self._process.stdin.fileno(), memoryview(struct.pack(">I", len(packet)) + packet)
        deadline = time.monotonic() + ANSWER_SECONDS
        while data:
            if not select.select([], [pipe], [], max(0.0, deadline - time.monotonic()))[1]:
                raise Unreachable(f"does not listen for {ANSWER_SECONDS:g} s.", self.where)
            try:
                data = data[os.write(pipe, data) :]
            except BrokenPipeError:
                return  # what it said on stderr explains it: _receive asks

    def _receive(self) -> tuple[int, bytes]:
        deadline = time.monotonic() + ANSWER_SECONDS
        length = struct.unpack(">I", self._exactly(4, deadline))[0]
        if not 1 <= length <= PACKET_CAP_BYTES:
            raise Unreachable(f"sends a packet of {length} bytes.", self.where)
        packet = self._exactly(length, deadline)
        if packet[0] != VERSION and length < 9:
            raise Unreachable("sends a packet that ends too early.", self.where)
        return packet[0], packet[1:]

    def _exactly(self, count: int, deadline: float) -> bytes:
        assert self._process.stdout is not None
        pipe, held = self._process.stdout.fileno(), bytearray()
        while len(held) < count:
            if not select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise Unreachable(f"no answer within {ANSWER_SECONDS:g} s.", self.where)
            block = os.read(pipe, count - len(held))
            if not block:
                self._explain_end()
            held += block
        return bytes(held)

    def _explain_end(self) -> NoReturn:
        assert self._process.stderr is not None
        said = os.read(self._process.stderr.fileno(), 4096).decode(errors="backslashreplace")
        if CLOSED in said:
            raise LoginLocked("the account is closed.", self.where)
        if "Permission denied" in said:
            raise LoginRefused("login refused.", self.where)
        raise Unreachable(f"the connection ended: {ascii(' '.join(said.split()))[-120:]}.", self.where)


def _start(login: Login, password: str) -> subprocess.Popen[bytes]:
    reading, writing = os.pipe()
    try:
        os.write(writing, password.encode() + b"\n")
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            login.argv(reading),
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            env=dict(ENVIRONMENT),
            pass_fds=(reading,),
            start_new_session=True,
        )
        assert process.stdin is not None
        os.set_blocking(process.stdin.fileno(), False)
        return process
    finally:
        os.close(reading)
        os.close(writing)
