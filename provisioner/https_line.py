"""How is one server spoken to over TLS, so that a taken or broken one can neither hold nor flood us?

One connection, kept. Its certificate must be of the given authority and of the URL's host name; redirects are answers
like others here, never followed. A whole exchange has one deadline, which a server
that drips a byte a second does not stretch.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import select
import socket
import ssl
import time
import urllib.parse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provisioner.errors import GerbangError, Unknown, Unreachable

IDLE_SECONDS = (
    4.0  # Apache closes an idle connection after 5 s (KeepAliveTimeout); a call into a closing one is a call lost
)
PIECE_BYTES = 64 * 1024
CAP_BYTES = 16 * 1024 * 1024  # 500 accounts with all their fields are 450 KB
READS = frozenset({"GET", "HEAD", "PROPFIND"})


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What came back: `headers` by lower-case name; `cookies` as they are sent back, 'name=value'."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    cookies: tuple[str, ...] = field(default=(), repr=False)


class HttpsLine:
    """One kept connection to one server. Not for two threads at once.

    `address` '10.1.2.3': connect there, whatever the name resolves to. `ca_file`: its authorities and no other; None:
    the machine's own.
    """

    def __init__(
        self, url: str, *, address: str | None = None, ca_file: str | None = None, seconds: float = 30.0
    ) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme != "https" or not parts.hostname or parts.username or parts.query or parts.fragment:
            raise GerbangError("this is not an address of the form https://name[:port][/path].", ascii(url)[:80])
        self.name, self.base = parts.hostname, parts.path.rstrip("/")
        self.where = parts.netloc
        self._peer = (address or parts.hostname, parts.port or 443)
        self._context = _context(ca_file)
        self._seconds = seconds
        self._held: tuple[http.client.HTTPConnection, _Socket] | None = None
        self._used_at = 0.0
        self.was_answered = False

    def __repr__(self) -> str:
        """Name the server alone."""
        return f"{type(self).__name__}({self.where})"

    def exchange(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes | Iterable[bytes] = b"", length: int = -1
    ) -> Reply:
        """Send one request and return its answer, whatever its status.

        Unreachable where no answer came and nothing can have been done; Unknown where a write was sent and no whole
        answer came. `length`: how many bytes `body` gives, where it is not bytes. A read into a kept connection that
        breaks is sent once more.
        """
        ends_at = time.monotonic() + self._seconds
        self.was_answered = False
        if method in READS and self._held is not None:
            with contextlib.suppress(Unreachable):
                return self._once(method, path, headers, body, length, ends_at)
        return self._once(method, path, headers, body, length, ends_at)

    def _once(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | Iterable[bytes],
        length: int,
        ends_at: float,
    ) -> Reply:
        try:
            connection, watched = self._connected(ends_at)
        except (OSError, ValueError) as off:
            self.close()
            raise Unreachable(f"no connection: {_why(off)}.", self.where, _mend(off)) from None
        try:
            return self._talk(connection, watched, method, self.base + path, headers, body, length)
        except (OSError, http.client.HTTPException, ValueError) as off:
            self.close()
            what = f"no whole answer to {method}: {_why(off)}."
            if method in READS:
                raise Unreachable(what, self.where, "Look whether the server is well.") from None
            raise Unknown(what, self.where, "It may have been done: look before doing it again.") from None

    def close(self) -> None:
        """End the connection; the next exchange opens another."""
        held, self._held = self._held, None
        if held is not None:
            held[1].end()

    def _connected(self, ends_at: float) -> tuple[http.client.HTTPConnection, _Socket]:
        if self._held is not None and (time.monotonic() - self._used_at > IDLE_SECONDS or self._held[1].is_stale()):
            self.close()
        if self._held is None:
            watched = _Socket(_handshaken(self._peer, self._context, self.name, ends_at))
            connection = http.client.HTTPConnection(self.where)
            connection.auto_open = 0  # it would open one without TLS
            connection.sock = watched
            self._held = (connection, watched)
        self._held[1].ends_at = ends_at
        return self._held

    def _talk(
        self,
        connection: http.client.HTTPConnection,
        watched: _Socket,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | Iterable[bytes],
        length: int,
    ) -> Reply:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        pieces: Iterable[bytes] = [body] if isinstance(body, bytes) else body
        size = len(body) if isinstance(body, bytes) else length
        if size or method in {"POST", "PUT"}:
            connection.putheader("Content-Length", str(size))
        connection.endheaders()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):  # its refusal may be there
            for piece in pieces:
                watched.sendall(piece)
        with connection.getresponse() as response:
            content = _capped(response)
            cookies = tuple(one.partition(";")[0] for one in response.headers.get_all("set-cookie", []))
            said = {name.lower(): value for name, value in response.getheaders()}
            reply = Reply(status=response.status, headers=said, body=content, cookies=cookies)
        self._used_at = time.monotonic()
        self.was_answered = True
        if connection.sock is None:
            self.close()
        return reply


class _Socket:
    """The part of a socket that http.client uses, held to one deadline."""

    def __init__(self, sock: ssl.SSLSocket) -> None:
        self._sock = sock
        self.ends_at = 0.0

    def _hurry(self) -> None:
        left = self.ends_at - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)

    def sendall(self, data: Any) -> None:
        view = memoryview(data)
        for start in range(0, len(view), PIECE_BYTES):
            self._hurry()
            self._sock.sendall(view[start : start + PIECE_BYTES])

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Incoming(self))

    def receive(self, buffer: Any) -> int:
        self._hurry()
        return self._sock.recv_into(buffer)

    def is_stale(self) -> bool:
        """Say whether the server closed it, or said something nobody asked for."""
        return bool(self._sock.pending() or _is_ready(self._sock, select.POLLIN, 0))

    def close(self) -> None:
        """Do nothing: http.client calls this at `Connection: close`, before the answer's body is read."""

    def end(self) -> None:
        with contextlib.suppress(OSError):
            self._sock.close()


class _Broken(ValueError):
    """An answer that is none; its text is ours."""


class _Incoming(io.RawIOBase):
    def __init__(self, watched: _Socket) -> None:
        self._watched = watched

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._watched.receive(buffer)


def _handshaken(peer: tuple[str, int], context: ssl.SSLContext, name: str, ends_at: float) -> ssl.SSLSocket:
    plain = socket.create_connection(peer, timeout=max(0.001, ends_at - time.monotonic()))
    try:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock = context.wrap_socket(plain, server_hostname=name, do_handshake_on_connect=False)
    except BaseException:
        plain.close()
        raise
    try:
        sock.setblocking(False)
        while not _shaken(sock, ends_at - time.monotonic()):
            pass
    except BaseException:
        sock.close()
        raise
    return sock


def _shaken(sock: ssl.SSLSocket, left: float) -> bool:
    if left <= 0:
        raise TimeoutError("timed out")
    try:
        sock.do_handshake()
    except ssl.SSLWantReadError:
        _is_ready(sock, select.POLLIN, left)
        return False
    except ssl.SSLWantWriteError:
        _is_ready(sock, select.POLLOUT, left)
        return False
    return True


def _is_ready(sock: ssl.SSLSocket, event: int, seconds: float) -> bool:
    """Wait by poll: select knows no file descriptor above 1023, and a worker may have more."""
    poll = select.poll()
    poll.register(sock, event)
    return bool(poll.poll(seconds * 1000))


def _capped(response: http.client.HTTPResponse) -> bytes:
    pieces, size = [], 0
    while piece := response.read(PIECE_BYTES):
        pieces.append(piece)
        size += len(piece)
        if size > CAP_BYTES:
            raise _Broken(f"it has more than {CAP_BYTES} bytes")
    if response.length:
        raise _Broken(f"{response.length} bytes of it are missing")
    return b"".join(pieces)


def _context(ca_file: str | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # certificate and host name are checked by this one
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_file is None:
        context.load_default_certs()
        return context
    try:
        context.load_verify_locations(cadata=Path(ca_file).read_text(encoding="ascii"))
    except (OSError, ValueError) as off:  # SSLError is an OSError
        raise GerbangError(
            f"the authority's certificate cannot be read: {type(off).__name__}.", ca_file, "Lay it there as PEM."
        ) from None
    return context


def _why(off: Exception) -> str:
    """Say the cause without what was sent or received."""
    if isinstance(off, ssl.SSLCertVerificationError):
        return f"its certificate is not the right one ({off.verify_message})"
    if isinstance(off, TimeoutError):
        return "not in time"
    if isinstance(off, http.client.IncompleteRead):
        return "it ends too early"
    if isinstance(off, OSError):
        return off.strerror or type(off).__name__
    if isinstance(off, _Broken):
        return str(off)
    return type(off).__name__


def _mend(off: Exception) -> str:
    if isinstance(off, ssl.SSLCertVerificationError):
        return "Check nextcloud_url, nextcloud_address and nextcloud_ca_file: another server may answer there."
    return "Check that the server runs and that its address is right."
