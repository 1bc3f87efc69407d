"""How does a site's user bring files? SFTP version 3 (draft-ietf-secsh-filexfer-02), with a password.

Spoken here rather than through the sftp command: its exact status codes tell "refused" from "not there", and one login
serves all trials of a run.
"""

from __future__ import annotations

import struct
import threading

from provisioner.errors import Unreachable
from provisioner.providers.web_host.sftp_wire import STATUS, Login, Wire

BLOCK_BYTES = 32_768
MOST_NAMES = 5000
OPEN, CLOSE, READ, WRITE, LSTAT, OPENDIR, READDIR, REMOVE, MKDIR, RMDIR = 3, 4, 5, 6, 7, 11, 12, 13, 14, 15
REALPATH, SYMLINK, HANDLE, DATA, NAME, ATTRS = 16, 20, 102, 103, 104, 105
END = struct.pack(">I", 1)
FOR_READING, FOR_WRITING = 0x01, 0x02 | 0x08 | 0x10  # write | create | truncate


class Sftp:
    """One session. LoginRefused or Unreachable from the constructor; every operation one at a time, from any thread."""

    def __init__(self, login: Login, password: str) -> None:
        self._lock = threading.RLock()
        self._wire = Wire(login, password)

    def close(self) -> None:
        """End the session; the process is gone when this returns."""
        self._wire.close()

    def write(self, path: str, data: bytes) -> None:
        """Lay a file; SftpRefused with the server's status."""
        with self._lock:
            handle = self._open(path, FOR_WRITING)
            try:
                for start in range(0, len(data), BLOCK_BYTES):
                    block = data[start : start + BLOCK_BYTES]
                    self._wire.do(WRITE, _string(handle) + struct.pack(">Q", start) + _string(block), path)
            finally:
                self._wire.do(CLOSE, _string(handle), path)

    def read(self, path: str, cap_bytes: int = 65_536) -> bytes:
        """Fetch at most `cap_bytes` of a file; SftpRefused with the server's status."""
        with self._lock:
            handle = self._open(path, FOR_READING)
            try:
                return self._read_all(handle, path, cap_bytes)
            finally:
                self._wire.do(CLOSE, _string(handle), path)

    def names(self, path: str) -> list[str]:
        """List a folder, sorted, without . and .. (at most some thousand entries)."""
        with self._lock:
            handle = self._wire.ask(OPENDIR, _path(path), HANDLE, path)[4:]
            found: list[str] = []
            try:
                while len(found) < MOST_NAMES and (more := self._names(READDIR, _string(handle), path)):
                    found += more
            finally:
                self._wire.do(CLOSE, _string(handle), path)
        return sorted(name for name in found if name not in (".", ".."))

    def real_path(self, path: str) -> str:
        """Return where the server says a path leads; '' where it says nothing."""
        with self._lock:
            return next(iter(self._names(REALPATH, _path(path), path)), "")

    def owner(self, path: str) -> int:
        """Return the number of the user who owns a file."""
        with self._lock:
            body = self._wire.ask(LSTAT, _path(path), ATTRS, path)
        if len(body) < 16:
            raise Unreachable("tells no owner.", self._wire.where)
        size_bytes = 8 if body[3] & 1 else 0  # the flags' lowest bit: a size stands before the owner
        return int(struct.unpack_from(">I", body, 4 + size_bytes)[0])

    def remove(self, path: str) -> None:
        """Remove a file or a link."""
        with self._lock:
            self._wire.do(REMOVE, _path(path), path)

    def make_folder(self, path: str) -> None:
        """Make a folder."""
        with self._lock:
            self._wire.do(MKDIR, _path(path) + struct.pack(">I", 0), path)

    def remove_folder(self, path: str) -> None:
        """Remove an empty folder."""
        with self._lock:
            self._wire.do(RMDIR, _path(path), path)

    def link(self, path: str, target: str) -> None:
        """Make a symbolic link at `path` (OpenSSH takes the target first, against the draft)."""
        with self._lock:
            self._wire.do(SYMLINK, _path(target) + _path(path), path)

    def _open(self, path: str, flags: int) -> bytes:
        return self._wire.ask(OPEN, _path(path) + struct.pack(">II", flags, 0), HANDLE, path)[4:]

    def _read_all(self, handle: bytes, path: str, cap_bytes: int) -> bytes:
        data = bytearray()
        while len(data) < cap_bytes:
            kind, said = self._wire.ask_any(READ, _string(handle) + struct.pack(">QI", len(data), BLOCK_BYTES))
            if kind == STATUS and said[:4] != END:
                self._wire.refuse(said, path)
            if kind != DATA:
                break
            data += said[4:]
        return bytes(data[:cap_bytes])

    def _names(self, kind: int, body: bytes, path: str) -> list[str]:
        answer, said = self._wire.ask_any(kind, body)
        if answer == STATUS and said[:4] != END:
            self._wire.refuse(said, path)
        if answer != NAME:
            return []
        try:
            return _listed(said)
        except struct.error:
            raise Unreachable("sends a listing that ends too early.", self._wire.where) from None


def _path(path: str) -> bytes:
    return _string(path.encode())


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
