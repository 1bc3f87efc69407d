"""Does the door of a web host let out what it should, to a real SMTP server on loopback, and nothing else?"""

from __future__ import annotations

import importlib.util
import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

FILES = Path(__file__).resolve().parents[2] / "playbooks" / "roles" / "mail_relay" / "files"
ITEM, SENDER = "g7kq2mx4pd", "g7kq2mx4pd@kota.lab"


def loaded(name: str) -> ModuleType:
    """A program of the role as a module."""
    spec = importlib.util.spec_from_file_location(name, FILES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


gate, sendmail = loaded("mail_gate"), loaded("sendmail")


class Relay:
    """Takes everything but what `refuses` says of a recipient; keeps what came."""

    def __init__(self) -> None:
        self.got: list[tuple[str, list[str], bytes]] = []
        self.refuses: dict[str, str] = {}
        self.refuses_sender, self.asked = "", 0

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.asked += 1
        envelope.mail_from = address
        return self.refuses_sender or "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.original_content, bytes)
        self.got.append((envelope.mail_from or "", list(envelope.rcpt_tos), envelope.original_content))
        return "250 2.0.0 OK: queued as seven"


@pytest.fixture
def relay() -> Iterator[Relay]:
    relay = Relay()
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    controller = Controller(relay, hostname="127.0.0.1", port=port)
    controller.start()
    relay_settings["port"] = port
    yield relay
    controller.stop()


relay_settings: dict[str, Any] = {
    "host": "web1",
    "address": "127.0.0.1",
    "port": 0,
    "tls": False,
    "ca_file": "",
    "user": "",
    "password_file": "",
    "sender_domain": "kota.lab",
    "per_hour": 5,
}


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], dict[str, Any]]:
    """Speak to the door as a granted site: what is sent -> what it answers."""
    monkeypatch.setattr(gate, "site_of", lambda _stream: ITEM)
    monkeypatch.setattr(gate, "HAND_IN_SECONDS", 1.0)
    monkeypatch.setattr(gate, "PATIENCE_SECONDS", 0.6)
    book = gate.Book(relay_settings["per_hour"])

    def speak(data: bytes) -> dict[str, Any]:
        ours, theirs = socket.socketpair()
        thread = threading.Thread(target=gate.visited, args=(theirs, relay_settings, book))
        thread.start()
        with ours:
            ours.sendall(data)
            answer = b""
            while more := ours.recv(65_536):
                answer += more
        thread.join(20)
        said: dict[str, Any] = json.loads(answer)
        return said

    return speak


def handed_in(data: bytes, *recipients: str) -> bytes:
    return json.dumps({"recipients": recipients, "bytes": len(data)}).encode() + b"\n" + data


def test_a_message_leaves_under_the_sites_address_and_says_who_handed_it_in(
    relay: Relay, door: Callable[[bytes], dict[str, Any]]
) -> None:
    answer = door(handed_in(b"From: wali@kota.lab\nSender: x@y.z\nSubject: Uji\n\nisi\n", "a@contoh.go.id"))
    assert answer == {"code": 250, "said": "2.0.0 OK: queued as seven", "sender": SENDER, "refused": []}
    ((sender, recipients, data),) = relay.got
    assert (sender, recipients) == (SENDER, ["a@contoh.go.id"])
    lines = data.decode().splitlines()
    assert lines[0].startswith(f"Received: from {ITEM} by web1 (gerbang) with local; ")
    assert [line.partition(":")[0] for line in lines[1:3]] == ["Date", "Message-ID"]
    assert lines[3:] == ["From: wali@kota.lab", "Sender: x@y.z", "Subject: Uji", "", "isi"]


@pytest.mark.parametrize("end", [b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r\n.\n", b"\r\n.\r\n", b"\r.\n"])
def test_no_line_end_smuggles_a_second_message(
    relay: Relay, door: Callable[[bytes], dict[str, Any]], end: bytes
) -> None:
    smuggled = b"MAIL FROM:<gaaaaaaaaa@kota.lab>\r\nRCPT TO:<b@contoh.go.id>\r\nDATA\r\nx\r\n.\r\n"
    assert door(handed_in(b"Subject: x\n\nisi" + end + smuggled, "a@contoh.go.id"))["code"] == 250
    assert [sender for sender, _, _ in relay.got] == [SENDER]


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ({"recipients": [], "bytes": 1}, 452),
        ({"recipients": ["a@b.id"] * 51, "bytes": 1}, 452),
        ({"recipients": ["root"], "bytes": 1}, 553),
        ({"recipients": ["a@b.id>\r\nRCPT TO:<c@d.id"], "bytes": 1}, 553),
        ({"recipients": ["a@b.id\n"], "bytes": 1}, 553),
        ({"recipients": ["a@\u0062\u0456.id"], "bytes": 1}, 553),
        ({"recipients": [7], "bytes": 1}, 553),
        ({"recipients": ["a@b.id"], "bytes": 0}, 552),
        ({"recipients": ["a@b.id"], "bytes": 10 * 1024 * 1024 + 1}, 552),
        ({"recipients": ["a@b.id"], "bytes": True}, 552),
        (["a@b.id"], 500),
    ],
)
def test_what_is_no_message_is_refused_with_its_reason(
    relay: Relay, door: Callable[[bytes], dict[str, Any]], head: object, code: int
) -> None:
    answer = door(json.dumps(head).encode() + b"\nx")
    assert (answer["code"], relay.got) == (code, [])


@pytest.mark.parametrize("data", [b"", b"{", b'{"recipients": ["a@b.id"], "bytes": 9}\nhalf', b"x" * 20_000])
def test_who_hands_in_half_waits_for_nobody(relay: Relay, door: Callable[[bytes], dict[str, Any]], data: bytes) -> None:
    assert door(data)["code"] in (451, 500)
    assert relay.got == []


def test_a_refused_recipient_is_named_and_the_others_get_it(
    relay: Relay, door: Callable[[bytes], dict[str, Any]]
) -> None:
    relay.refuses["b@contoh.go.id"] = "550 5.1.1 nobody"
    answer = door(handed_in(b"Subject: x\n\nisi", "a@contoh.go.id", "b@contoh.go.id"))
    assert (answer["code"], answer["refused"]) == (250, ["b@contoh.go.id"])
    assert [recipients for _, recipients, _ in relay.got] == [["a@contoh.go.id"]]
    assert door(handed_in(b"Subject: x\n\nisi", "b@contoh.go.id"))["code"] == 550


@pytest.mark.parametrize(("word", "conversations"), [("451 4.3.0 not now", 2), ("554 5.7.1 never", 1)])
def test_a_relay_that_refuses_the_sender_is_asked_again_only_where_it_said_not_now(
    relay: Relay, door: Callable[[bytes], dict[str, Any]], word: str, conversations: int
) -> None:
    relay.refuses_sender = word
    answer = door(handed_in(b"Subject: x\n\nisi", "a@contoh.go.id"))
    assert (f"{answer['code']} {answer['said']}", answer["refused"]) == (word, [])
    assert relay.asked == conversations


def test_a_site_reaches_so_many_an_hour_and_what_it_could_not_send_is_not_counted(
    relay: Relay, door: Callable[[bytes], dict[str, Any]]
) -> None:
    message, others = b"Subject: x\n\nisi", [f"a{number}@contoh.go.id" for number in range(4)]
    assert door(handed_in(message, *others))["code"] == 250
    answer = door(handed_in(message, "b@contoh.go.id", "c@contoh.go.id"))
    assert (answer["code"], answer["said"]) == (452, "4.7.1 a site may reach 5 recipients an hour")
    assert door(handed_in(message, "b@contoh.go.id"))["code"] == 250
    assert len(relay.got) == 2


def test_a_relay_that_is_gone_is_not_now_and_is_said_so(door: Callable[[bytes], dict[str, Any]]) -> None:
    relay_settings["port"] = 9
    answer = door(handed_in(b"Subject: x\n\nisi", "a@contoh.go.id"))
    assert (answer["code"], answer["said"]) == (
        451,
        "4.4.1 the relay 127.0.0.1:9 cannot be spoken to: ConnectionRefusedError",
    )


def test_a_site_hears_the_fate_of_its_own_messages_alone(
    relay: Relay, door: Callable[[bytes], dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    door(handed_in(b"Message-ID: <uji@gerbang.invalid>\nSubject: x\n\nisi", "a@contoh.go.id"))
    asks = json.dumps({"ask": "<uji@gerbang.invalid>"}).encode() + b"\n"
    assert door(asks) == {"code": 250, "said": "2.0.0 OK: queued as seven", "sender": SENDER, "refused": []}
    monkeypatch.setattr(gate, "site_of", lambda _stream: "gaaaaaaaaa")
    assert door(asks)["code"] == 0
    assert len(relay.got) == 1


def test_who_is_no_site_or_was_not_granted_is_told_so_and_nothing_else() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        gate.visited(theirs, relay_settings, gate.Book(5))
        answer = json.loads(ours.recv(65_536))
    assert answer == {"code": 550, "said": "5.7.1 this user was not granted outgoing mail", "sender": "", "refused": []}


def test_a_site_that_keeps_many_lines_open_leaves_room_for_others() -> None:
    book = gate.Book(5)
    for _ in range(gate.MOST_OF_A_SITE):
        book.enter(ITEM)
    with pytest.raises(gate.Refusal, match="too many messages at once"):
        book.enter(ITEM)
    book.enter("gaaaaaaaaa")
    book.leave(ITEM)
    book.enter(ITEM)


@pytest.mark.parametrize(
    ("words", "parsed"),
    [
        (["-t", "-i"], (True, [])),
        (["-t", "-i", "-f", "gaaaaaaaaa@kota.lab"], (True, [])),
        (["-fgaaaaaaaaa@kota.lab", "-oi", "a@b.id", "--", "-c@d.id"], (False, ["a@b.id", "-c@d.id"])),
        (["-F", "Wali Kota", "-t"], (True, [])),
    ],
)
def test_the_words_of_sendmail_are_read_and_a_sender_among_them_means_nothing(
    words: list[str], parsed: tuple[bool, list[str]]
) -> None:
    assert sendmail.parsed(words) == parsed


@pytest.mark.parametrize("word", ["-bd", "-bs", "-bp", "-q30m"])
def test_what_a_server_could_do_this_sendmail_does_not(word: str) -> None:
    with pytest.raises(SystemExit) as ended:
        sendmail.parsed([word])
    assert ended.value.code == 64


def test_recipients_come_from_the_header_and_bcc_stays_behind() -> None:
    data = b"To: Satu <a@b.id>,\n c@d.id\nBcc: e@f.id,\n\tg@h.id\nCc: i@j.id\nSubject: x\n\nBcc: isi\n"
    recipients, left = sendmail.addressed(data)
    assert sorted(recipients) == ["a@b.id", "c@d.id", "e@f.id", "g@h.id", "i@j.id"]
    assert left == b"To: Satu <a@b.id>,\n c@d.id\nCc: i@j.id\nSubject: x\n\nBcc: isi\n"
