"""What comes of a mail at a real SMTP server: taken, refused, later, silent, cut off?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import aiosmtplib
import pytest

from provisioner.errors import GerbangError, Refused, Unavailable, Unknown, Unreachable
from provisioner.letters.mail import Attachment, Mail
from provisioner.post import smtp
from provisioner.post.fake import FakePost
from provisioner.post.message import message_of
from provisioner.post.smtp import send
from tests.contract.relay import PASSWORD, Server, cut_after_data, free_port, serving

MAIL = Mail(
    id="let_contoh",
    at=datetime(2026, 11, 23, 2, 15, tzinfo=UTC),
    to=("kepala@dincontoh.example",),
    cc=("teknis@dincontoh.example",),
    subject="Pemberitahuan penyelesaian permohonan layanan Aplikasi “Contoh” dan é (2026-0001)",
    text="Yth. Kepala Dinas\n\nTerlampir surat kami.\n.\nHormat kami\n",
    attachment=Attachment(name="surat-2026-0001-delivered.pdf", pdf=b"%PDF-1.7\n\x00\xff"),
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The lab's mail server as a process of its own."""
    with serving(tmp_path_factory.mktemp("relay")) as running:
        yield running


def test_a_mail_arrives_whole_encrypted_and_under_its_deterministic_id(server: Server) -> None:
    before = len(server.taken())
    assert send(server.relay(), MAIL) == "<let_contoh@kota.lab>"
    (message,) = server.taken()[before:]
    parsed = message.parsed
    assert (message.sender, message.recipients, message.encrypted, message.login) == (
        "gerbang@kota.lab",
        ("kepala@dincontoh.example", "teknis@dincontoh.example"),
        True,
        "",
    )
    assert {name: str(parsed[name]) for name in ("From", "To", "Cc", "Subject", "Message-ID", "Date")} == {
        "From": "gerbang@kota.lab",
        "To": "kepala@dincontoh.example",
        "Cc": "teknis@dincontoh.example",
        "Subject": MAIL.subject,
        "Message-ID": "<let_contoh@kota.lab>",
        "Date": "Mon, 23 Nov 2026 02:15:00 +0000",
    }
    body = parsed.get_body()
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == MAIL.text
    (paper,) = parsed.iter_attachments()
    assert (paper.get_filename(), paper.get_content_type(), paper.get_content()) == (
        "surat-2026-0001-delivered.pdf",
        "application/pdf",
        b"%PDF-1.7\n\x00\xff",
    )


def test_the_same_mail_gives_the_same_bytes() -> None:
    assert message_of(MAIL, "a@b.example") == message_of(MAIL, "a@b.example")


def test_a_relay_that_asks_for_a_login_gets_it_over_tls_alone(server: Server, tmp_path: Path) -> None:
    (tmp_path / "sandi").write_text(f"{PASSWORD}\n")
    known = {"user": "gerbang-lab", "password_file": tmp_path / "sandi"}
    send(server.relay(**known), MAIL)
    assert server.taken()[-1].login == "gerbang-lab"
    (tmp_path / "sandi").write_text("salah")
    with pytest.raises(Refused, match="535"):
        send(server.relay(**known), MAIL)
    with pytest.raises(Unavailable, match="tanpa TLS"):
        send(server.relay(**known, tls="none"), MAIL)
    with pytest.raises(Unavailable, match="tidak terbaca"):
        send(server.relay(user="gerbang-lab", password_file=tmp_path / "tidak-ada"), MAIL)


def test_a_server_that_nobody_vouches_for_gets_nothing(server: Server) -> None:
    before = len(server.taken())
    with pytest.raises(Unreachable, match="tidak menjawab"):
        send(server.relay(ca_file=None), MAIL)
    assert len(server.taken()) == before


def test_no_relay_and_no_answer_are_told_apart(server: Server) -> None:
    with pytest.raises(Unavailable, match="belum mempunyai relay"):
        send(server.relay(host=""), MAIL)
    with pytest.raises(Unreachable, match="tidak menjawab"):
        send(server.relay(port=free_port()), MAIL)


@pytest.mark.parametrize(
    ("fault", "outcome", "said"),
    [("refuse", Unreachable, "menunda: 451"), ("reject", Refused, "ditolak: 550")],
)
def test_later_and_never_are_told_apart(server: Server, fault: str, outcome: type[GerbangError], said: str) -> None:
    before = len(server.taken())
    with server.fault(fault), pytest.raises(outcome, match=said):
        send(server.relay(), MAIL)
    assert len(server.taken()) == before
    send(server.relay(), MAIL)


def test_a_slow_server_is_unknown_since_it_may_have_the_message(server: Server) -> None:
    with server.fault("slow"), pytest.raises(Unknown, match="mungkin sudah diterima"):
        send(server.relay(seconds=0.5), MAIL)


def test_cut_off_after_the_message_is_unknown_and_the_server_has_it(server: Server) -> None:
    before = len(server.taken())
    with cut_after_data(server) as port, pytest.raises(Unknown, match="terputus sesudah surat dikirim"):
        send(server.relay(port=port, tls="none"), MAIL)
    assert send(server.relay(), MAIL) == "<let_contoh@kota.lab>"
    ids = [str(message.parsed["Message-ID"]) for message in server.taken()[before:]]
    assert set(ids) == {"<let_contoh@kota.lab>"}
    assert len(ids) >= 2


def test_why_it_was_refused_names_nobody() -> None:
    """What is kept beside a letter is not erased with its persons: the relay's answer loses the address it names."""
    answer = aiosmtplib.SMTPResponseException(550, "5.1.1 <kepala@dincontoh.example>: no such user")
    assert smtp._refusal(answer, "relay").what == "ditolak: 550 5.1.1 (alamat) no such user"


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_no_value_of_a_form_makes_a_header(server: Server, end: str) -> None:
    before = len(server.taken())
    injected = f"Aplikasi{end}Bcc: curi@luar.example{end}{end}isi"
    mail = replace(MAIL, subject=injected, attachment=Attachment(name=f"a{end}X-Curi: 1.pdf", pdf=b"x"))
    send(server.relay(), mail)
    (message,) = server.taken()[before:]
    assert message.recipients == (*MAIL.to, *MAIL.cc)
    assert sorted(message.parsed.keys()) == sorted(
        ["From", "To", "Cc", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"]
    )
    (paper,) = message.parsed.iter_attachments()
    assert "X-Curi" not in paper


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a@b.example\r\nBcc: curi@luar.example",
        "a@b.example, curi@luar.example",
        "a@b.example> ORCPT=x",
        "<a@b.example>",
        "kepala dinas@b.example",
        "a@b.example\n",
        "é@b.example",
        "-",
    ],
)
def test_what_is_no_address_is_refused_and_nothing_is_sent(server: Server, address: str) -> None:
    before = len(server.taken())
    with pytest.raises(Refused):
        send(server.relay(), replace(MAIL, to=(address,) if address else ()))
    assert len(server.taken()) == before


def test_a_copy_that_is_no_address_is_refused_before_anything_is_sent(server: Server) -> None:
    before = len(server.taken())
    with pytest.raises(Refused, match="bukan alamat surel"):
        send(server.relay(), replace(MAIL, cc=("bukan alamat",)))
    assert len(server.taken()) == before


@pytest.mark.parametrize(("fault", "outcome"), [("down", Unreachable), ("rejects", Refused), ("lost", Unknown)])
def test_the_fake_post_fails_as_the_real_one_does(tmp_path: Path, fault: str, outcome: type[GerbangError]) -> None:
    fake = FakePost(tmp_path)
    assert fake.send(MAIL) == "<let_contoh@kota.lab>"
    fake.fault = fault
    with pytest.raises(outcome):
        fake.send(MAIL)
    assert [mail["id"] for mail in fake.taken()] == ["<let_contoh@kota.lab>"] * (2 if fault == "lost" else 1)
