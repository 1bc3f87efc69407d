"""How is a message handed to the office's relay, and what is true when the relay falls silent? (RFC 5321)

SMTP cannot promise exactly once: a relay that took the message and was cut off before its 250 was read has it. So the
same Message-ID goes out again, and a kill or a cut at that moment may mail twice, never zero times.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import aiosmtplib

from provisioner.errors import Refused, Unavailable, Unknown, Unreachable
from provisioner.letters.mail import Mail
from provisioner.post.message import message_id_of, message_of, one_line

_PERMANENT = 500
_FAREWELL_SECONDS = 1.0
_NAMED = re.compile(r"\S+@\S+")
_MEND = "Gerbang mencoba lagi sendiri; periksa relay bila berulang."


@dataclass(frozen=True, kw_only=True)
class Relay:
    """The office's relay. `tls` 'starttls' | 'tls' (from the first byte) | 'none' (a relay on this machine).

    `ca_file` None: the system's authorities. `password_file`: read at each mail, so that a new one needs no restart.
    `sender` is envelope sender and From. `seconds` is the longest wait for any one answer.
    """

    host: str
    port: int
    tls: str
    ca_file: Path | None
    user: str
    password_file: Path | None
    sender: str
    seconds: float = 30.0


def send(relay: Relay, mail: Mail) -> str:
    """Hand the mail over; return its Message-ID once the relay has taken it for its first recipient.

    Unavailable: no relay is set. Unreachable: it does not answer, or says later (4xx). Refused: it says never (5xx).
    Unknown: it fell silent after the whole message was sent, and may have it.
    """
    if not relay.host or not relay.sender:
        raise Unavailable(
            "kantor belum mempunyai relay surel", "surel", "Isi GERBANG_SMTP_HOST dan GERBANG_SMTP_SENDER."
        )
    if relay.tls == "none" and relay.user:
        raise Unavailable("kata sandi relay tidak dikirim tanpa TLS", "surel", "Pakai GERBANG_SMTP_TLS=starttls.")
    message = message_of(mail, relay.sender)
    asyncio.run(_hand_over(relay, mail, message))
    return message_id_of(mail, relay.sender)


async def _hand_over(relay: Relay, mail: Mail, message: bytes) -> None:
    client, where = _client(relay), f"relay {relay.host}:{relay.port}"
    with _answering(where):
        await client.connect()
    transport = client.transport
    try:
        with _answering(where):
            await _name(client, relay, mail)
        with _answering(where, has_message=True):
            await client.data(message)
    finally:
        await _leave(client, transport)


async def _name(client: aiosmtplib.SMTP, relay: Relay, mail: Mail) -> None:
    """Say who sends and who is to get it: until here the relay has nothing."""
    if relay.user:
        await client.login(relay.user, _password(relay))
    await client.mail(relay.sender)
    await client.rcpt(mail.to[0])
    for address in (*mail.to[1:], *mail.cc):
        await _also(client, address)


@contextmanager
def _answering(where: str, *, has_message: bool = False) -> Iterator[None]:
    """Say what a relay's answer, or its silence, means; once it may have the message, silence says nothing of that."""
    try:
        yield
    except aiosmtplib.SMTPResponseException as answer:
        raise _refusal(answer, where) from answer
    except (aiosmtplib.SMTPException, OSError, ValueError) as silence:
        name = type(silence).__name__
        if has_message:
            what = f"terputus sesudah surat dikirim ({name}); mungkin sudah diterima"
            raise Unknown(what, where, "Gerbang mengirim lagi dengan Message-ID yang sama.") from silence
        raise Unreachable(f"tidak menjawab ({name})", where, _MEND) from silence


async def _leave(client: aiosmtplib.SMTP, transport: asyncio.BaseTransport | None) -> None:
    """Say goodbye where the relay still listens; what it says to that changes nothing."""
    with suppress(aiosmtplib.SMTPException, OSError):
        await client.quit(timeout=_FAREWELL_SECONDS)
    client.close()
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()  # TLS would wait for the other side's goodbye
    await asyncio.sleep(0)


async def _also(client: aiosmtplib.SMTP, address: str) -> None:
    """Name one more recipient; that this one is refused must not keep the letter from the first."""
    try:
        await client.rcpt(address)
    except aiosmtplib.SMTPResponseException as answer:
        if answer.code < _PERMANENT:
            raise


def _client(relay: Relay) -> aiosmtplib.SMTP:
    encrypted = relay.tls != "none"
    context = ssl.create_default_context(cafile=str(relay.ca_file) if relay.ca_file else None) if encrypted else None
    return aiosmtplib.SMTP(
        hostname=relay.host,
        port=relay.port,
        use_tls=relay.tls == "tls",
        start_tls=relay.tls == "starttls",
        tls_context=context,
        timeout=relay.seconds,
        local_hostname="gerbang",
    )


def _password(relay: Relay) -> str:
    if relay.password_file is None:
        raise Unavailable("kata sandi relay tidak ada", "surel", "Isi GERBANG_SMTP_PASSWORD_FILE.")
    try:
        return relay.password_file.read_text(encoding="utf-8").strip()
    except OSError as fault:
        raise Unavailable(
            "berkas kata sandi relay tidak terbaca", str(relay.password_file), "Periksa haknya."
        ) from fault


def _refusal(answer: aiosmtplib.SMTPResponseException, where: str) -> Refused | Unreachable:
    # A relay likes to name the address it refuses: a person's datum, and this is kept beside the letter.
    said = _NAMED.sub("(alamat)", one_line(f"{answer.code} {answer.message}"))[:200]
    if answer.code >= _PERMANENT:
        return Refused(
            f"ditolak: {said}", where, "Periksa alamatnya; serahkan suratnya langsung bila perlu, lalu catat."
        )
    return Unreachable(f"menunda: {said}", where, _MEND)
