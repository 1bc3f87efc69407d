"""How does a test get a TLS server that answers whatever the test says? A thread of this process on a free port."""

from __future__ import annotations

import datetime as dt
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

LOCAL, NAME = "127.0.0.1", "cloud.kota.lab"
REASON = "Said"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Said:
    """What goes back: `raw` bytes, a pause before each of its pieces of `piece` bytes, then `hang_up` or not."""

    raw: bytes
    pause_seconds: float = 0.0
    piece: int = 1 << 20
    hang_up: bool = False


def said(status: int, body: bytes | Mapping[str, object], **headers: str) -> Said:
    """Return a whole answer; a mapping goes as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    kind = "text/html" if isinstance(body, bytes) else "application/json"
    lines = {
        "Content-Type": kind,
        "Content-Length": str(len(content)),
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return Said(raw=f"HTTP/1.1 {status} {REASON}\r\n{head}\r\n".encode() + content)


def ocs(code: int, data: object = (), status: int | None = None) -> Said:
    """Return an answer in OCS's envelope, version 2."""
    meta = {"status": "ok" if code == 200 else "failure", "statuscode": code, "message": ""}
    return said(status or (code if code in {200, 403, 404} else 400), {"ocs": {"meta": meta, "data": data}})


@dataclass(kw_only=True)
class Server:
    """A running server: where it is, and what it was asked."""

    port: int
    ca_file: Path
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        """Its address by the name in its certificate."""
        return f"https://{NAME}:{self.port}"


@contextmanager
def serving(folder: Path, answer: Callable[[Asked], Said], name: str = NAME) -> Iterator[Server]:
    """Serve `answer` with a fresh certificate for `name` until the block ends."""
    context = _context(folder, name)
    listener = socket.create_server((LOCAL, 0))
    server = Server(port=int(listener.getsockname()[1]), ca_file=folder / f"{name}.ca.pem")
    ending = threading.Event()
    threading.Thread(target=_accept, args=(listener, context, server, answer, ending), daemon=True).start()
    try:
        yield server
    finally:
        ending.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def _accept(
    listener: socket.socket,
    context: ssl.SSLContext,
    server: Server,
    answer: Callable[[Asked], Said],
    ending: threading.Event,
) -> None:
    while not ending.is_set():
        try:
            plain, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_talk, args=(plain, context, server, answer, ending), daemon=True).start()


def _talk(
    plain: socket.socket,
    context: ssl.SSLContext,
    server: Server,
    answer: Callable[[Asked], Said],
    ending: threading.Event,
) -> None:
    with suppress(OSError, ValueError), context.wrap_socket(plain, server_side=True) as sock:
        server.connections += 1
        incoming = sock.makefile("rb")
        while (line := incoming.readline()) and not ending.is_set():
            method, path, _ = line.decode().split()
            headers = {}
            while one := incoming.readline().strip():
                key, _, value = one.decode().partition(":")
                headers[key.strip().lower()] = value.strip()
            body = incoming.read(int(headers.get("content-length", 0)))
            server.asked.append(Asked(method=method, path=path, headers=headers, body=body))
            back = answer(server.asked[-1])
            for start in range(0, len(back.raw), back.piece):
                time.sleep(back.pause_seconds)
                sock.sendall(back.raw[start : start + back.piece])
            if back.hang_up:
                return


def _context(folder: Path, name: str) -> ssl.SSLContext:
    now = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority, subject = _name(f"authority of {name}"), _name(name)
    until = now + dt.timedelta(days=1)
    ca = (
        x509.CertificateBuilder(authority, authority, ca_key.public_key(), x509.random_serial_number(), now, until)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    own = (
        x509.CertificateBuilder(authority, subject, key.public_key(), x509.random_serial_number(), now, until)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    (folder / f"{name}.ca.pem").write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / f"{name}.pem").write_bytes(private + own.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{name}.pem")
    return context


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])
