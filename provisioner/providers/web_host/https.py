"""How is a site visited from outside: its name, its address, no help from this machine's resolver?"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import socket
import ssl
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from cryptography import x509

from provisioner.errors import Unreachable
from provisioner.facts.estate import Estate

CONNECT_SECONDS = 5.0
PAGE_SECONDS = 15.0
PAGE_CAP_BYTES = 1_048_576
Body = bytes | Iterable[bytes]


class HandshakeFailed(Unreachable):
    """Somebody answered, but not with a certificate that is good for the name."""


class PortClosed(Unreachable):
    """The host answered that nobody listens there."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """What came back: status 200, headers in lower case, at most 1 MiB of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Site:
    """A site as a visitor finds it: by `name`, at `address` (an IPv4 or IPv6 address)."""

    name: str
    address: str
    estate: Estate
    port: int = 443
    port_in_clear: int = 80

    def get(self, path: str) -> Page:
        """Fetch https://name/path at the address; Unreachable where nobody answers or the certificate is not good."""
        return self.ask("GET", path)

    def get_in_clear(self, path: str) -> Page:
        """Fetch http://name/path at the address, without following where it points."""
        with _connection(self.address, self.port_in_clear, PAGE_SECONDS) as plain:
            return self._exchange(plain, "GET", path, b"", {})

    def ask(
        self,
        method: str,
        path: str,
        body: Body = b"",
        headers: Mapping[str, str] | None = None,
        *,
        seconds: float = PAGE_SECONDS,
    ) -> Page:
        """Send one request over TLS, with the name as SNI and Host; all of it may take `seconds`."""
        with self.connected(seconds=seconds) as tls:
            return self._exchange(tls, method, path, body, headers or {})

    @contextmanager
    def connected(self, *, trusting: bool = True, seconds: float = PAGE_SECONDS) -> Iterator[ssl.SSLSocket]:
        """Shake hands; with trusting=False whatever certificate is served is let pass, to look at it."""
        context = trust(self.estate) if trusting else _trust_nobody()
        with (
            _connection(self.address, self.port, seconds) as plain,
            context.wrap_socket(plain, server_hostname=self.name) as tls,
        ):
            yield tls

    def shown(self) -> tuple[bytes, Page]:
        """Return the certificate (DER), good or not, and the page / that are shown for the name.

        HandshakeFailed where no certificate is shown for this name; PortClosed where nobody listens.
        """
        with self.connected(trusting=False) as tls:
            return tls.getpeercert(binary_form=True) or b"", self._exchange(tls, "GET", "/", b"", {})

    def certificate(self) -> x509.Certificate:
        """Return the certificate that is served for the name, good or not."""
        with self.connected(trusting=False) as tls:
            der = tls.getpeercert(binary_form=True)
        try:
            return x509.load_der_x509_certificate(der or b"")
        except ValueError:
            raise Unreachable("serves what is no certificate.", f"{self.address}:{self.port}") from None

    def _exchange(self, stream: socket.socket, method: str, path: str, body: Body, headers: Mapping[str, str]) -> Page:
        connection = http.client.HTTPConnection(self.name)
        connection.sock = stream
        said = {"User-Agent": "gerbang-probe", "Connection": "close", **headers}
        with contextlib.suppress(BrokenPipeError, ConnectionResetError, ssl.SSLEOFError):
            connection.request(method, path, body or None, said)  # a server may answer 413 and stop listening
        response = connection.getresponse()
        received = {key.lower(): value for key, value in response.getheaders()}
        body = response.read(PAGE_CAP_BYTES)
        if len(body) < PAGE_CAP_BYTES and response.length:
            raise http.client.IncompleteRead(body, response.length)
        return Page(status=response.status, headers=received, body=body)


def trust(estate: Estate) -> ssl.SSLContext:
    """Return a context that trusts the inventory's `acme_root_file`, or the system's store where none is named.

    Read anew each time: the lab's authority makes a new root whenever it starts.
    """
    return ssl.create_default_context(cafile=estate.variables.get("acme_root_file") or None)


def _trust_nobody() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@contextmanager
def _patience(address: str, port: int) -> Iterator[None]:
    where = f"{address}:{port}"
    try:
        yield
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
        raise Unreachable("the connection was cut.", where) from None
    except ssl.SSLError as off:
        raise HandshakeFailed(f"no trusted connection: {ascii(str(off))[:120]}.", where) from None
    except ConnectionRefusedError:
        raise PortClosed("nobody listens there.", where, "Check that Apache runs.") from None
    except (OSError, http.client.HTTPException) as off:
        raise Unreachable(f"no answer: {type(off).__name__} {ascii(str(off))[:80]}.", where) from None


@contextmanager
def _connection(address: str, port: int, seconds: float) -> Iterator[socket.socket]:
    """Connect for at most `seconds`: then it is cut wherever we wait, also for one who sends a byte now and then."""
    with _patience(address, port), socket.create_connection((address, port), CONNECT_SECONDS) as plain:
        twin, is_cut = socket.socket(fileno=os.dup(plain.fileno())), threading.Event()
        timer = threading.Timer(seconds, _cut, (twin, is_cut))
        timer.start()
        try:
            yield plain
            if is_cut.is_set():  # half an answer may look whole: http.client takes an end for the end of the headers
                raise TimeoutError(f"not done within {seconds:g} s")
        finally:
            timer.cancel()
            twin.close()


def _cut(stream: socket.socket, is_cut: threading.Event) -> None:
    is_cut.set()
    with contextlib.suppress(OSError):
        stream.shutdown(socket.SHUT_RDWR)


def page_digest(page: Page) -> str:
    """Return the first 16 digits of sha256 of the body: enough to tell one page from another in a record."""
    return hashlib.sha256(page.body).hexdigest()[:16]
