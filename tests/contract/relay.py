"""How does a test get a mail relay of its own? The lab's server as a process on a free port, with a certificate."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lab import mail
from provisioner.post.smtp import Relay

ROOT = Path(__file__).resolve().parents[2]
LOCAL = "127.0.0.1"
PASSWORD = "sandi-relay-rekaan"


@dataclass(kw_only=True)
class Server:
    """The server process: its folder, its port, its certificate."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    faults: list[str] = field(default_factory=list)

    def relay(self, **fields: object) -> Relay:
        """Return the settings that reach it."""
        known = {"host": LOCAL, "port": self.port, "tls": "starttls", "ca_file": self.folder / "server.pem"}
        known |= {"user": "", "password_file": None, "sender": "gerbang@kota.lab", "seconds": 20.0}
        return Relay(**{**known, **fields})  # type: ignore[arg-type]

    def taken(self) -> list[mail.Message]:
        """Return what it took, in order."""
        return [mail.read(path) for path in sorted((self.folder / "messages").glob("*.json"))]

    @contextmanager
    def fault(self, name: str) -> Iterator[None]:
        """Switch one of the lab's faults on for a while."""
        file = self.folder / "faults" / name
        file.touch()
        try:
            yield
        finally:
            file.unlink()


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Start the lab's server on a free port of this machine and end it afterwards."""
    _write_certificate(folder)
    (folder / "password").write_text(PASSWORD)
    port = free_port()
    words = [LOCAL, str(port), str(folder), str(folder / "server.pem"), str(folder / "server.key")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "lab.mail_server", *words, str(folder / "password")],
            cwd=ROOT,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            stderr=log,
        )
    server = Server(folder=folder, port=port, process=process)
    try:
        _wait(server)
        yield server
    finally:
        process.kill()
        process.wait()


@contextmanager
def cut_after_data(server: Server) -> Iterator[int]:
    """Stand between client and server and cut the line once the whole message has gone through, before the answer.

    Plain SMTP alone passes through it. Yields the port to speak to.
    """
    listener = socket.create_server((LOCAL, 0))
    thread = threading.Thread(target=_relay_and_cut, args=(listener, server.port), daemon=True)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        listener.close()
        thread.join(5)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server((LOCAL, 0)) as one:
        return int(one.getsockname()[1])


def _relay_and_cut(listener: socket.socket, port: int) -> None:
    with suppress(OSError):
        client, _ = listener.accept()
        whole = threading.Event()
        with client, socket.create_connection((LOCAL, port)) as server:
            back = threading.Thread(target=_answer, args=(server, client, whole), daemon=True)
            back.start()
            tail = b""
            while chunk := client.recv(1 << 16):
                tail = (tail + chunk)[-5:]
                if tail == b"\r\n.\r\n":
                    whole.set()
                server.sendall(chunk)
                if whole.is_set():
                    back.join(10)
                    return


def _answer(server: socket.socket, client: socket.socket, whole: threading.Event) -> None:
    """Pass the server's words on, but not those about the whole message: the client will not hear that it was taken."""
    with suppress(OSError):
        while words := server.recv(4096):
            if whole.is_set():
                return
            client.sendall(words)


def _wait(server: Server) -> None:
    begun = time.monotonic()
    while time.monotonic() - begun < 30:
        with suppress(OSError), socket.create_connection((LOCAL, server.port), timeout=1):
            return
        assert server.process.poll() is None, (server.folder / "log").read_text()
        time.sleep(0.05)
    raise TimeoutError((server.folder / "log").read_text())


def _write_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.kota.lab")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(LOCAL))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "server.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "server.key").write_bytes(private)
