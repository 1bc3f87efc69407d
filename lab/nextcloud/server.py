"""How do calls come in? HTTP/1.1 over TLS, one thread a connection, kept open as long as the client wants."""

import socket
import ssl
import sys
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import Any

from lab.nextcloud.answers import Answer
from lab.nextcloud.cloud import Cloud
from lab.nextcloud.faults import CutError
from lab.nextcloud.request import Request

IN_MEMORY_BYTES = 1 << 20
PIECE_BYTES = 1 << 16
IDLE_SECONDS = 300
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "PROPFIND", "MKCOL", "MOVE", "OPTIONS")


def context_of(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


class Listener(ThreadingHTTPServer):
    """Listens; the handshake is each connection's own, so that a slow one keeps nobody waiting."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, cloud: Cloud, address: tuple[str, int], right: ssl.SSLContext, wrong: ssl.SSLContext) -> None:
        self.cloud, self.right, self.wrong = cloud, right, wrong
        super().__init__(address, Handler)

    @property
    def shows_wrong_certificate(self) -> bool:
        return "wrong_certificate" in self.cloud.faults.on

    def server_bind(self) -> None:
        """Bind without asking a name server who we are: HTTPServer does, and waits ten seconds where none is."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that ended is no news; what is wrong in here is written to the log."""
        if not isinstance(sys.exception(), OSError | CutError):
            traceback.print_exc()
        del request, client_address


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    server: Listener

    def setup(self) -> None:
        self.is_shown_wrong = self.server.shows_wrong_certificate
        plain: socket.socket = self.request
        plain.settimeout(IDLE_SECONDS)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        context = self.server.wrong if self.is_shown_wrong else self.server.right
        self.request = context.wrap_socket(plain, server_side=True)
        super().setup()

    def finish(self) -> None:
        try:
            super().finish()
        finally:  # what was not sent yet cannot be sent to a client that is gone
            self.request.close()

    def __getattr__(self, name: str) -> Any:
        if name.removeprefix("do_") in METHODS:
            return self.serve
        raise AttributeError(name)

    def serve(self) -> None:
        """Read one call whole, have it answered, write the answer with one stroke."""
        with self.body() as body:
            # A connection that knew the right certificate ends, so that the client meets the wrong one.
            if self.server.shows_wrong_certificate and not self.is_shown_wrong:
                raise CutError
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(
                method=self.command, target=self.path, headers=headers, address=self.client_address[0], body=body
            )
            try:
                answer = self.server.cloud.answer(request)
            except CutError:
                self.close_connection = True
                return
        self.write(answer)

    def write(self, answer: Answer) -> None:
        lines = [f"HTTP/1.1 {answer.status} {self.responses.get(answer.status, ('', ''))[0]}", "Server: nginx/1.22.1"]
        for name, value in answer.headers.items():
            lines += [f"{name}: {one}" for one in value.split("\n")]
        lines += [f"Content-Length: {len(answer.body)}", "", ""]
        self.wfile.write("\r\n".join(lines).encode("latin-1", "replace"))
        if self.command != "HEAD":
            self.wfile.write(answer.body)
        self.wfile.flush()

    @contextmanager
    def body(self) -> Iterator[bytes | Path]:
        """The body: in memory where it is small, in a file of the state's folder where it is large."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            yield b"".join(self.chunks())
            return
        length = int(self.headers.get("Content-Length") or 0)
        if length <= IN_MEMORY_BYTES:
            yield self.rfile.read(length) if length else b""
            return
        with tempfile.NamedTemporaryFile(dir=self.server.cloud.state.folder / "blobs", delete=False) as file:
            while length and (piece := self.rfile.read(min(length, PIECE_BYTES))):
                length -= len(piece)
                file.write(piece)
        path = Path(file.name)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the library's own name
        """Say nothing: the journal knows."""
