"""Is a site that hangs, trickles, floods or lies met as what it is, by real sockets on loopback?"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from provisioner.errors import Unreachable
from provisioner.facts.estate import Estate
from provisioner.providers.web_host import https
from provisioner.providers.web_host.https import HandshakeFailed, PortClosed, Site

Serve = Callable[[socket.socket], None]


@contextlib.contextmanager
def serving(serve: Serve) -> Iterator[Site]:
    """A server on loopback that gives its first connection to `serve`."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            with contextlib.suppress(OSError):
                stream, _ = listening.accept()
                with stream:
                    serve(stream)

        thread = threading.Thread(target=answer)
        thread.start()
        port = listening.getsockname()[1]
        estate = Estate(hosts={}, variables={})
        try:
            yield Site(name="simpeg.kota.lab", address="127.0.0.1", estate=estate, port=port, port_in_clear=port)
        finally:
            listening.shutdown(socket.SHUT_RDWR)  # a thread that still waits in accept() would keep the port open
            thread.join(5)


def trickle(head: bytes) -> Serve:
    """Say `head`, then a letter every 50 ms as long as anyone listens."""

    def serve(stream: socket.socket) -> None:
        stream.sendall(head)
        while True:
            stream.sendall(b"x")
            time.sleep(0.05)

    return serve


def says(data: bytes) -> Serve:
    """Read once, say `data`, end."""

    def serve(stream: socket.socket) -> None:
        stream.recv(65_536)
        stream.sendall(data)

    return serve


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nX-", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"])
def test_a_trickle_is_cut_off_wherever_it_comes(monkeypatch: pytest.MonkeyPatch, head: bytes) -> None:
    monkeypatch.setattr(https, "PAGE_SECONDS", 0.4)
    started = time.monotonic()
    with serving(trickle(head)) as site, pytest.raises(Unreachable):
        site.get_in_clear("/")
    assert time.monotonic() - started < 3


def test_a_silent_server_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(https, "CONNECT_SECONDS", 0.3)
    with serving(lambda _stream: time.sleep(1)) as site:
        for visit in (site.get_in_clear, site.get):
            with pytest.raises(Unreachable):
                visit("/")


def test_a_flood_is_read_up_to_its_cap() -> None:
    flood = b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (3 * https.PAGE_CAP_BYTES)
    with serving(says(flood)) as site:
        assert len(site.get_in_clear("/").body) == https.PAGE_CAP_BYTES


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 999999999999 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    ],
)
def test_what_is_no_http_is_unreachable(answer: bytes) -> None:
    with serving(says(answer)) as site, pytest.raises(Unreachable):
        site.get_in_clear("/")


def test_a_cut_handshake_proves_nothing_and_a_foreign_protocol_is_no_trust() -> None:
    with serving(says(b"")) as site, pytest.raises(Unreachable) as cut:
        site.get("/")
    assert not isinstance(cut.value, HandshakeFailed)
    with serving(says(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as site, pytest.raises(HandshakeFailed):
        site.get("/")


def test_half_a_page_is_no_page() -> None:
    with serving(says(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")) as site, pytest.raises(Unreachable):
        site.get_in_clear("/")


def test_a_closed_port_is_told_from_silence() -> None:
    with serving(says(b"")) as site:
        pass
    with pytest.raises(PortClosed):
        site.get("/")
