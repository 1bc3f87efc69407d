"""Is a site called gone only where the host shows what it shows for a name that nobody has?"""

import datetime as dt
import http.server
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from provisioner.errors import Unreachable
from provisioner.facts.estate import Estate
from provisioner.providers.apache import trial as apache
from provisioner.providers.base import Attempt
from provisioner.providers.web_host.https import Site
from provisioner.providers.web_host.visits import Visits
from provisioner.verification.verdict import Trial

NAME = "simpeg.kota.lab"
NOT_FOUND = b"<h1>Not Found</h1>"


@dataclass(frozen=True, kw_only=True)
class Served:
    """What stands at the name: its own certificate or the default one, a status and a body."""

    own_certificate: bool
    status: int
    body: bytes


DEFAULT = Served(own_certificate=False, status=404, body=NOT_FOUND)


def context_of(folder: Path, name: str) -> ssl.SSLContext:
    """A context with a fresh self-signed certificate for the name."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    signed = made.not_valid_before(now).not_valid_after(now + dt.timedelta(days=1)).sign(key, hashes.SHA256())
    both = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + signed.public_bytes(serialization.Encoding.PEM)
    path = folder / f"{name}.pem"
    path.write_bytes(both)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def handler_of(at_name: Served) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served = at_name if self.headers["Host"] == NAME else DEFAULT
            self.send_response(served.status)
            self.end_headers()
            self.wfile.write(served.body)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[int]:
    """A TLS server with a default site, and what the test says at the name; its port."""
    at_name: Served = request.param
    default, own = context_of(tmp_path, "unknown.invalid"), context_of(tmp_path, NAME)

    def choose(stream: ssl.SSLSocket | ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
        if name == NAME and at_name.own_certificate:
            stream.context = own

    default.sni_callback = choose
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler_of(at_name))
    server.socket = default.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def seen_at(port: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> object:
    estate = Estate(hosts={}, variables={})
    site = Site(name=NAME, address="127.0.0.1", estate=estate, port=port)
    monkeypatch.setattr(apache, "_site", lambda _trial, _name, _visits: site)
    asked = Trial(name="site_gone", system="apache", label="", wanted={}, arguments={"names": [NAME]})
    with Visits(Attempt(run_id="run_h3k8", estate=estate, folder=tmp_path)) as visits:
        return apache.site_gone(asked, visits)[NAME]


@pytest.mark.parametrize(
    ("served", "seen"),
    [
        (DEFAULT, "gone"),
        (Served(own_certificate=True, status=200, body=b"selamat datang"), "answers 200"),
        (Served(own_certificate=True, status=404, body=NOT_FOUND), "answers 404"),
        (Served(own_certificate=True, status=403, body=b"terlarang"), "answers 403"),
        (Served(own_certificate=True, status=410, body=b"pindah"), "answers 410"),
        (Served(own_certificate=False, status=403, body=b"terlarang"), "answers 403"),
        (Served(own_certificate=False, status=404, body=b"404 milik situs"), "answers 404"),
        (Served(own_certificate=False, status=200, body=b"selamat datang"), "answers 200"),
    ],
    indirect=["served"],
)
def test_gone_is_what_an_unknown_name_gets_and_nothing_else(
    served: int, seen: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert seen_at(served, monkeypatch, tmp_path) == seen


def take_and_hang_up(listening: socket.socket) -> None:
    """Accept one visitor and say nothing."""
    listening.accept()[0].close()


def test_a_closed_port_is_gone_and_one_that_says_nothing_proves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        threading.Thread(target=take_and_hang_up, args=(listening,), daemon=True).start()
        with pytest.raises(Unreachable):
            seen_at(port, monkeypatch, tmp_path)
    assert seen_at(port, monkeypatch, tmp_path) == "gone"
