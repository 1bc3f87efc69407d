"""How does a site's user bring files? SFTP version 3 (draft-ietf-secsh-filexfer-02) over Debian's ssh, with a password.

Spoken here rather than through the sftp command: its exact status codes tell "refused" from "not there", and one login
serves all trials of a run.
"""

from __future__ import annotations

import contextlib
import os
import select
import struct
import subprocess
import threading
import time
from dataclasses import dataclass

from provisioner.errors import GerbangError, Unreachable
from provisioner.facts.estate import Estate, Host
from provisioner.providers.process import ENVIRONMENT
from provisioner.providers.web_host.connection import CONNECT_SECONDS, address_of, required

ANSWER_SECONDS = 10.0
PACKET_CAP_BYTES = 262_144
BLOCK_BYTES = 32_768
INIT, VERSION, OPEN, CLOSE, READ, WRITE, LSTAT, OPENDIR, READDIR, REMOVE = 1, 2, 3, 4, 5, 6, 7, 11, 12, 13
MKDIR, RMDIR, REALPATH, SYMLINK, STATUS, HANDLE, DATA, NAME, ATTRS = 14, 15, 16, 20, 101, 102, 103, 104, 105
OK, END = 0, 1
FOR_READING, FOR_WRITING = 0x01, 0x02 | 0x08 | 0x10  # write | create | truncate
WHY = {2: "not there", 3: "permission denied", 4: "failure", 8: "not supported"}


class LoginRefused(GerbangError):
    """The server took neither name nor password."""


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
            "LogLevel": "ERROR",
        }
        if self.address != address_of(self.host):
            options["HostKeyAlias"] = address_of(self.host)
        port = str(int(self.host.variables.get("ansible_port", 22)))
        words = ["sshpass", f"-d{password_fd}", "ssh", "-F", "none", "-T", "-l", self.user, "-p", port]
        return [*words, *(f"-o{name}={value}" for name, value in options.items()), "-s", "--", self.address, "sftp"]


class Sftp:
    """One session. LoginRefused or Unreachable from the constructor; every operation one at a time, from any thread."""

    def __init__(self, login: Login, password: str) -> None:
        self._where = f"{login.user}@{login.address}"
        self._lock = threading.RLock()
        self._number = 0
        self._process = _start(login, password)
        try:
            self._send(struct.pack(">BI", INIT, 3))
            if self._receive()[0] != VERSION:
                raise Unreachable("speaks no SFTP.", self._where)  # noqa: TRY301  the process must end with it
        except BaseException:
            self._process.kill()
            self.close()
            raise

    def close(self) -> None:
        """End the session; the process is gone when this returns."""
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(2)

    def write(self, path: str, data: bytes) -> None:
        """Lay a file; SftpRefused with the server's status."""
        with self._lock:
            handle = self._open(path, FOR_WRITING)
            try:
                for start in range(0, len(data), BLOCK_BYTES):
                    block = data[start : start + BLOCK_BYTES]
                    self._status(WRITE, _string(handle) + struct.pack(">Q", start) + _string(block), path)
            finally:
                self._status(CLOSE, _string(handle), path)

    def read(self, path: str, cap_bytes: int = 65_536) -> bytes:
        """Fetch at most `cap_bytes` of a file; SftpRefused with the server's status."""
        with self._lock:
            handle = self._open(path, FOR_READING)
            try:
                return self._read_all(handle, path, cap_bytes)
            finally:
                self._status(CLOSE, _string(handle), path)

    def names(self, path: str) -> list[str]:
        """List a folder, sorted, without . and .. (at most some thousand entries)."""
        with self._lock:
            handle = self._handle(OPENDIR, _string(path.encode()), path)
            found: list[str] = []
            try:
                while len(found) < 5000 and (more := self._names(READDIR, _string(handle), path)):
                    found += more
            finally:
                self._status(CLOSE, _string(handle), path)
        return sorted(name for name in found if name not in (".", ".."))

    def real_path(self, path: str) -> str:
        """Return where the server says a path leads."""
        with self._lock:
            return self._names(REALPATH, _string(path.encode()), path)[0]

    def owner(self, path: str) -> int:
        """Return the number of the user who owns a file."""
        with self._lock:
            kind, body = self._ask(LSTAT, _string(path.encode()))
            self._expect(ATTRS, kind, body, path)
        if len(body) < 16:
            raise Unreachable("tells no owner.", self._where)
        size_bytes = 8 if body[3] & 1 else 0  # the flags' lowest bit: a size stands before the owner
        return int(struct.unpack_from(">I", body, 4 + size_bytes)[0])

    def remove(self, path: str) -> None:
        """Remove a file or a link."""
        with self._lock:
            self._status(REMOVE, _string(path.encode()), path)

    def make_folder(self, path: str) -> None:
        """Make a folder."""
        with self._lock:
            self._status(MKDIR, _string(path.encode()) + struct.pack(">I", 0), path)

    def remove_folder(self, path: str) -> None:
        """Remove an empty folder."""
        with self._lock:
            self._status(RMDIR, _string(path.encode()), path)

    def link(self, path: str, target: str) -> None:
        """Make a symbolic link at `path` (OpenSSH takes the target first, against the draft)."""
        with self._lock:
            self._status(SYMLINK, _string(target.encode()) + _string(path.encode()), path)

    # -- packets ---------------------------------------------------------------------------------------------------

    def _open(self, path: str, flags: int) -> bytes:
        return self._handle(OPEN, _string(path.encode()) + struct.pack(">II", flags, 0), path)

    def _handle(self, kind: int, body: bytes, path: str) -> bytes:
        answer, said = self._ask(kind, body)
        self._expect(HANDLE, answer, said, path)
        return said[4:]

    def _read_all(self, handle: bytes, path: str, cap_bytes: int) -> bytes:
        data = bytearray()
        while len(data) < cap_bytes:
            kind, said = self._ask(READ, _string(handle) + struct.pack(">QI", len(data), BLOCK_BYTES))
            if kind == STATUS and struct.unpack_from(">I", said)[0] == END:
                break
            self._expect(DATA, kind, said, path)
            data += said[4:]
        return bytes(data[:cap_bytes])

    def _names(self, kind: int, body: bytes, path: str) -> list[str]:
        answer, said = self._ask(kind, body)
        if answer == STATUS and struct.unpack_from(">I", said)[0] == END:
            return []
        self._expect(NAME, answer, said, path)
        try:
            return _listed(said)
        except struct.error:
            raise Unreachable("sends a listing that ends too early.", self._where) from None

    def _status(self, kind: int, body: bytes, path: str) -> None:
        answer, said = self._ask(kind, body)
        self._expect(STATUS, answer, said, path)
        code = struct.unpack_from(">I", said)[0]
        if code != OK:
            raise SftpRefused(f"{path}: {WHY.get(code, f'status {code}')}.", self._where)

    def _expect(self, wanted: int, kind: int, said: bytes, path: str) -> None:
        if kind == STATUS and wanted != STATUS:
            code = struct.unpack_from(">I", said)[0]
            raise SftpRefused(f"{path}: {WHY.get(code, f'status {code}')}.", self._where)
        if kind != wanted:
            raise Unreachable(f"answered packet {kind} where {wanted} was due.", self._where)

    def _ask(self, kind: int, body: bytes) -> tuple[int, bytes]:
        self._number += 1
        self._send(struct.pack(">BI", kind, self._number) + body)
        answer, said = self._receive()
        if struct.unpack_from(">I", said)[0] != self._number:
            raise Unreachable("answered another question than was asked.", self._where)
        return answer, said[4:]

    def _send(self, packet: bytes) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # what it said on stderr explains it: _receive asks
            self._process.stdin.write(struct.pack(">I", len(packet)) + packet)
            self._process.stdin.flush()

    def _receive(self) -> tuple[int, bytes]:
        deadline = time.monotonic() + ANSWER_SECONDS
        length = struct.unpack(">I", self._exactly(4, deadline))[0]
        if not 1 <= length <= PACKET_CAP_BYTES:
            raise Unreachable(f"sends a packet of {length} bytes.", self._where)
        packet = self._exactly(length, deadline)
        if packet[0] != VERSION and length < 9:
            raise Unreachable("sends a packet that ends too early.", self._where)
        return packet[0], packet[1:]

    def _exactly(self, count: int, deadline: float) -> bytes:
        assert self._process.stdout is not None
        held = bytearray()
        while len(held) < count:
            if not select.select([self._process.stdout], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise Unreachable(f"no answer within {ANSWER_SECONDS:g} s.", self._where)
            block = os.read(self._process.stdout.fileno(), count - len(held))
            if not block:
                self._explain_end()
            held += block
        return bytes(held)

    def _explain_end(self) -> None:
        assert self._process.stderr is not None
        said = os.read(self._process.stderr.fileno(), 4096).decode(errors="backslashreplace")
        if "Permission denied" in said:
            raise LoginRefused("login refused.", self._where)
        raise Unreachable(f"the connection ended: {ascii(' '.join(said.split()))[-120:]}.", self._where)


def _start(login: Login, password: str) -> subprocess.Popen[bytes]:
    reading, writing = os.pipe()
    try:
        os.write(writing, password.encode() + b"\n")
        pipe = subprocess.PIPE
        return subprocess.Popen(
            login.argv(reading),
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            env=dict(ENVIRONMENT),
            pass_fds=(reading,),
            start_new_session=True,
        )
    finally:
        os.close(reading)
        os.close(writing)


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _take_string(data: bytes, offset: int) -> tuple[bytes, int]:
    length = struct.unpack_from(">I", data, offset)[0]
    return data[offset + 4 : offset + 4 + length], offset + 4 + length


def _listed(said: bytes) -> list[str]:
    found, offset = [], 4
    for _ in range(struct.unpack_from(">I", said)[0]):
        name, offset = _take_string(said, offset)
        _, offset = _take_string(said, offset)
        offset = _skip_attributes(said, offset)
        found.append(name.decode(errors="backslashreplace"))
    return found


def _skip_attributes(data: bytes, offset: int) -> int:
    flags = struct.unpack_from(">I", data, offset)[0]
    offset += 4 + (8 if flags & 1 else 0) + (8 if flags & 2 else 0) + (4 if flags & 4 else 0) + (8 if flags & 8 else 0)
    if flags & 0x80000000:
        pairs = struct.unpack_from(">I", data, offset)[0]
        offset += 4
        for _ in range(2 * min(pairs, 64)):
            _, offset = _take_string(data, offset)
    return offset
