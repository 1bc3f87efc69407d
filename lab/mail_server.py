"""What does the lab's mail relay do with a message? Takes it over SMTP, as an office's relay would, and writes it down.

python -m lab.mail_server ADDRESS PORT FOLDER CERTIFICATE KEY PASSWORD_FILE     started by lab/mail.py, in its namespace
"""

import asyncio
import functools
import json
import ssl
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

SLOW_SECONDS = 8.0
SIZE_LIMIT_BYTES = 20 * 1024 * 1024
USER = b"gerbang-lab"
REFUSE = "451 4.3.0 the lab's fault 'refuse' is on: come again later"
REJECT = "550 5.7.1 the lab's fault 'reject' is on: never"


class Mailbox:
    """Takes every message for everybody; one JSON file each, written whole. aiosmtpd calls the handle_* by name."""

    def __init__(self, folder: Path) -> None:
        self.messages, self.faults = folder / "messages", folder / "faults"
        self.messages.mkdir(exist_ok=True)
        self.faults.mkdir(exist_ok=True)
        self.number = len(list(self.messages.glob("*.json")))

    def is_on(self, fault: str) -> bool:
        """Say whether lab/faults.py switched it on: a file of that name."""
        return (self.faults / fault).exists()

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Begin a message, or send it away for now."""
        if self.is_on("refuse"):
            return REFUSE
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Add a recipient, or refuse it for good."""
        if self.is_on("reject"):
            return REJECT
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Write the message down and say under which number."""
        if self.is_on("slow"):
            await asyncio.sleep(SLOW_SECONDS)
        self.number += 1
        name = f"{self.number:06d}"
        unfinished = self.messages / f"{name}.unfinished"
        unfinished.write_text(json.dumps(written(session, envelope), indent=1))
        unfinished.rename(self.messages / f"{name}.json")
        return f"250 2.0.0 OK: queued as {name}"


def written(session: Any, envelope: Envelope) -> dict[str, Any]:
    """What lab.mail.Message reads again; the message's bytes as Latin-1, one character a byte.

    aiosmtpd declares the session's peer a text and its ssl nothing; they are the socket's pair and an object.
    """
    content = envelope.content or b""
    data = content if isinstance(content, bytes) else content.encode()
    return {
        "peer": session.peer[0],
        "encrypted": session.ssl is not None,
        "login": session.auth_data.decode() if isinstance(session.auth_data, bytes) else "",
        "sender": envelope.mail_from or "",
        "recipients": list(envelope.rcpt_tos),
        "data": data.decode("latin-1"),
    }


def opener(password: str) -> Any:
    """Who may log in: one user; nobody has to."""

    def check(_server: SMTP, _session: Session, _envelope: Envelope, mechanism: str, auth_data: object) -> AuthResult:
        known = (
            mechanism in ("LOGIN", "PLAIN")
            and isinstance(auth_data, LoginPassword)
            and (auth_data.login, auth_data.password) == (USER, password.encode())
        )
        return AuthResult(success=known, handled=False, auth_data=USER if known else None)

    return check


async def serve(connection: Callable[[], SMTP], address: str, port: int) -> None:
    """Listen until the process is ended."""
    server = await asyncio.get_running_loop().create_server(connection, address, port)
    await server.serve_forever()


def main(words: list[str]) -> None:
    """Serve what the words name."""
    address, port, folder, certificate, key, password_file = words
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    connection = functools.partial(
        SMTP,
        Mailbox(Path(folder)),
        hostname="mail.kota.lab",
        ident="lab",
        tls_context=tls,
        authenticator=opener(Path(password_file).read_text().strip()),
        data_size_limit=SIZE_LIMIT_BYTES,
        enable_SMTPUTF8=True,
    )
    asyncio.run(serve(connection, address, int(port)))


if __name__ == "__main__":
    main(sys.argv[1:])
