#!/usr/bin/python3 -I
# ruff: noqa: EXE001, T201 - a program of its own on the host; what it prints is its log
r"""Which mail of a site may leave this host? Only what a granted site hands in, and under the site's own address.

Installed by site.yml as /usr/local/sbin/gerbang-mail, run by systemd as the user gerbang-relay, who alone may open a
connection to an SMTP port (mail-wall.nft). Sites reach it through the socket /run/gerbang-mail.sock, which belongs to
the group gerbang-mail; who speaks is told by the kernel (SO_PEERCRED, unix(7)), never by the client. There is no queue:
the office's relay has one, and the sender hears at once whether that relay took the message. Standard library only.

In:   {"recipients": ["a@contoh.go.id"], "bytes": 412}\n and that many bytes     or   {"ask": "<message id>"}\n
Out:  {"code": 250, "said": "2.0.0 OK: queued as 000001", "sender": "g7kq2mx4pd@kota.lab", "refused": []}\n
"""

from __future__ import annotations

import collections
import grp
import json
import os
import pwd
import re
import secrets
import smtplib
import socket
import ssl
import struct
import sys
import threading
import time
from email.utils import formatdate
from pathlib import Path
from typing import Any

SETTINGS = "/etc/gerbang/mail-relay.json"
GROUP = "gerbang-mail"
SOCKET_OF_SYSTEMD = 3  # sd_listen_fds(3)
ITEM = re.compile(r"g[a-km-np-z2-9]{9}", re.ASCII)
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*", re.ASCII)
MOST_AT_ONCE, MOST_OF_A_SITE = 16, 3
MOST_RECIPIENTS, MOST_BYTES, HEAD_BYTES = 50, 10 * 1024 * 1024, 16_384
HAND_IN_SECONDS, RELAY_SECONDS, PATIENCE_SECONDS = 10.0, 10.0, 4.0
HOUR = 3600.0
REMEMBERED = 50
Answer = dict[str, Any]


class Refusal(Exception):
    """What the sender is told: an SMTP code (RFC 5321, section 4.2) and why."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(code, said)
        self.code, self.said = code, said


class Book:
    """Who is speaking now, how much each site sent within the hour, and what became of its last messages."""

    def __init__(self, per_hour: int) -> None:
        self.lock, self.per_hour = threading.Lock(), per_hour
        self.speaking: collections.Counter[str] = collections.Counter()
        self.sent: dict[str, collections.deque[float]] = {}
        self.fates: dict[str, collections.OrderedDict[str, Answer]] = {}

    def enter(self, site: str) -> None:
        """Count one more that speaks; Refusal where the site, or all together, do so too often already."""
        with self.lock:
            if self.speaking[site] >= MOST_OF_A_SITE or self.speaking.total() >= MOST_AT_ONCE:
                raise Refusal(451, "4.7.0 too many messages at once: come again in a moment")
            self.speaking[site] += 1

    def leave(self, site: str) -> None:
        """One less speaks."""
        with self.lock:
            self.speaking[site] -= 1

    def charge(self, site: str, recipients: int, now: float) -> None:
        """Count the recipients towards the site's hour; Refusal beyond its share, and nothing is counted."""
        with self.lock:
            sent = self.sent.setdefault(site, collections.deque())
            while sent and sent[0] <= now - HOUR:
                sent.popleft()
            if len(sent) + recipients > self.per_hour:
                raise Refusal(452, f"4.7.1 a site may reach {self.per_hour} recipients an hour")
            sent.extend([now] * recipients)

    def remember(self, site: str, message_id: str, answer: Answer) -> None:
        """Keep a message's fate for who handed it in."""
        with self.lock:
            fates = self.fates.setdefault(site, collections.OrderedDict())
            fates[message_id] = answer
            while len(fates) > REMEMBERED:
                fates.popitem(last=False)

    def fate(self, site: str, message_id: str) -> Answer:
        """What became of a message of this very site; code 0 where it is not known."""
        with self.lock:
            return self.fates.get(site, {}).get(message_id, {"code": 0, "said": "not known", "sender": ""})


# -- Who speaks, and what is handed in --------------------------------------------------------------------------------


def site_of(stream: socket.socket) -> str:
    """The user at the other end as the kernel knows it; Refusal unless it is a site that was granted mail."""
    _pid, uid, _gid = struct.unpack("3i", stream.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = ""
    if not ITEM.fullmatch(name) or name not in grp.getgrnam(GROUP).gr_mem:
        raise Refusal(550, "5.7.1 this user was not granted outgoing mail")
    return name


def read_head(stream: socket.socket, until: float) -> tuple[dict[str, Any], bytes]:
    """The first line as JSON, and what came with it; Refusal where it is none."""
    data = b""
    while b"\n" not in data:
        data += received(stream, until, HEAD_BYTES)
        if len(data) > HEAD_BYTES and b"\n" not in data[:HEAD_BYTES]:
            raise Refusal(500, "5.5.2 the first line is too long")
    line, _, rest = data.partition(b"\n")
    try:
        head = json.loads(line)
    except (ValueError, RecursionError):
        head = None
    if not isinstance(head, dict):
        raise Refusal(500, "5.5.2 the first line is no JSON object")
    return head, rest


def received(stream: socket.socket, until: float, most: int) -> bytes:
    """Some bytes, before the time is over; Refusal for who is slow or has gone."""
    left = until - time.monotonic()
    if left <= 0:
        raise Refusal(451, f"4.4.2 the message was not handed in within {HAND_IN_SECONDS:.0f} s")
    stream.settimeout(left)
    try:
        data = stream.recv(most)
    except OSError:
        data = b""
    if not data:
        raise Refusal(451, "4.4.2 the message was not handed in whole and in time")
    return data


def recipients_of(head: dict[str, Any]) -> list[str]:
    """The recipients asked for, each an ASCII addr-spec; Refusal naming how many are not."""
    asked = head.get("recipients")
    if not isinstance(asked, list) or not 1 <= len(asked) <= MOST_RECIPIENTS:
        raise Refusal(452, f"4.5.3 a message has 1 to {MOST_RECIPIENTS} recipients")
    if wrong := [one for one in asked if not isinstance(one, str) or len(one) > 254 or not ADDRESS.fullmatch(one)]:
        raise Refusal(553, f"5.1.3 {len(wrong)} of the recipients are no addresses such as nama@contoh.go.id")
    return asked


def read_message(stream: socket.socket, head: dict[str, Any], begun: bytes, until: float) -> bytes:
    """The message's bytes, as many as were announced."""
    size = head.get("bytes")
    if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= MOST_BYTES:
        raise Refusal(552, f"5.3.4 a message has 1 to {MOST_BYTES} bytes")
    parts, count = [begun], len(begun)
    while count < size:
        parts.append(received(stream, until, 65_536))
        count += len(parts[-1])
    return b"".join(parts)[:size]


def lettered(data: bytes, site: str, sender: str, settings: dict[str, Any]) -> tuple[bytes, str]:
    """The message as it leaves, and its id: every line ends in CRLF, a trace line says who handed it in.

    A bare CR or LF never reaches the relay: what one server reads as the end of a message another might not.
    """
    text = re.sub(rb"\r\n|\r|\n", b"\r\n", data)
    head, _, body = text.partition(b"\r\n\r\n")
    names = {line.partition(b":")[0].strip().lower() for line in head.split(b"\r\n") if line[:1] not in (b" ", b"\t")}
    found = re.search(rb"(?im)^Message-ID:[ \t]*(<[!-~]{1,200}>)[ \t]*\r?$", head)
    message_id = found[1].decode("ascii") if found else f"<{secrets.token_hex(12)}.{sender}>"
    trace = f"Received: from {site} by {settings['host']} (gerbang) with local; {formatdate()}\r\n"
    missing = {"Date": formatdate(), "Message-ID": message_id, "From": sender}
    added = "".join(f"{name}: {value}\r\n" for name, value in missing.items() if name.lower().encode() not in names)
    return (trace + added).encode("ascii") + head + b"\r\n\r\n" + body, message_id


# -- To the relay -----------------------------------------------------------------------------------------------------


def hand_over(sender: str, recipients: list[str], data: bytes, settings: dict[str, Any]) -> Answer:
    """Give it to the relay; a relay that does not answer or says 4xx is asked again for a moment."""
    until, pause = time.monotonic() + PATIENCE_SECONDS, 0.5
    while True:
        answer = ask_relay(sender, recipients, data, settings)
        if answer["code"] // 100 != 4 or time.monotonic() + pause > until:
            return answer
        time.sleep(pause)
        pause *= 2


def ask_relay(sender: str, recipients: list[str], data: bytes, settings: dict[str, Any]) -> Answer:
    """One conversation; a relay that cannot be spoken to is a 4xx, for that may be mended."""
    try:
        with smtplib.SMTP(settings["address"], settings["port"], settings["host"], RELAY_SECONDS) as smtp:
            if settings["tls"]:
                smtp.starttls(context=ssl.create_default_context(cafile=settings["ca_file"] or None))
            if settings["user"]:
                smtp.login(settings["user"], Path(settings["password_file"]).read_text(encoding="utf-8").strip())
            return converse(smtp, sender, recipients, data)
    except smtplib.SMTPResponseException as off:
        return {"code": off.smtp_code, "said": spoken(off.smtp_error), "sender": sender, "refused": []}
    except (OSError, smtplib.SMTPException) as off:
        said = f"4.4.1 the relay {settings['address']}:{settings['port']} cannot be spoken to: {type(off).__name__}"
        return {"code": 451, "said": said, "sender": sender, "refused": []}


def converse(smtp: smtplib.SMTP, sender: str, recipients: list[str], data: bytes) -> Answer:
    """Envelope and message; what the relay said last is its word for it: "2.0.0 OK: queued as 000001"."""
    smtp.ehlo_or_helo_if_needed()
    code, said = smtp.mail(sender)
    if code != 250:
        return {"code": code, "said": spoken(said), "sender": sender, "refused": []}
    refused = []
    for recipient in recipients:
        code, said = smtp.rcpt(recipient)
        refused += [] if code in (250, 251) else [recipient]
    if len(refused) < len(recipients):
        code, said = smtp.data(data)
    return {"code": code, "said": spoken(said), "sender": sender, "refused": refused}


def spoken(said: object) -> str:
    """What the relay said, on one line of ASCII."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return " ".join(text.encode("ascii", "replace").decode("ascii").split())[:200]


# -- One visitor after another ----------------------------------------------------------------------------------------


def serve(stream: socket.socket, settings: dict[str, Any], book: Book) -> Answer:
    """Hear one visitor to the end and return what it is told."""
    site = site_of(stream)
    sender = f"{site}@{settings['sender_domain']}"
    book.enter(site)
    try:
        until = time.monotonic() + HAND_IN_SECONDS
        head, begun = read_head(stream, until)
        if "ask" in head:
            return book.fate(site, str(head["ask"]))
        recipients = recipients_of(head)
        data, message_id = lettered(read_message(stream, head, begun, until), site, sender, settings)
        book.charge(site, len(recipients), time.monotonic())
        answer = hand_over(sender, recipients, data, settings)
        book.remember(site, message_id, answer)
        log(site=site, message_id=message_id, recipients=recipients, size=len(data), **answer)
        return answer
    finally:
        book.leave(site)


def visited(stream: socket.socket, settings: dict[str, Any], book: Book) -> None:
    """Serve one visitor and end the conversation, whatever it did."""
    try:
        with stream:
            try:
                answer = serve(stream, settings, book)
            except Refusal as off:
                answer = {"code": off.code, "said": off.said, "sender": "", "refused": []}
                log(**answer)
            stream.settimeout(2)
            stream.sendall(json.dumps(answer).encode() + b"\n")
    except OSError:
        return  # it went away without waiting for the answer


def log(**said: Any) -> None:
    """One line of JSON, read by journalctl --unit gerbang-mail."""
    print(json.dumps(said, sort_keys=True), flush=True)


def main() -> None:
    """Serve the socket that systemd opened until the process is ended."""
    settings = json.loads(Path(SETTINGS).read_text(encoding="utf-8"))
    if os.environ.get("LISTEN_FDS") != "1":
        sys.exit("gerbang-mail: started by its socket unit alone: systemctl start gerbang-mail.socket")
    book = Book(settings["per_hour"])
    with socket.socket(fileno=SOCKET_OF_SYSTEMD) as listening:
        while True:
            stream, _ = listening.accept()
            if threading.active_count() > 2 * MOST_AT_ONCE:
                stream.close()  # whoever storms the door is not even answered
                continue
            threading.Thread(target=visited, args=(stream, settings, book), daemon=True).start()


if __name__ == "__main__":
    main()
