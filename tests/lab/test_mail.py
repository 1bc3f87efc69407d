"""Does the lab's mail server take a message as a relay would, show it whole, and fail as it is told?"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lab import faults, mail
from lab.commands import LabError
from lab.instance import Instance

DATA = "From: kantor@kota.lab\r\nSubject: Percobaan\r\n\r\nIsi: é\r\n.titik\r\n".encode()


@contextmanager
def client(instance: Instance) -> Iterator[smtplib.SMTP]:
    """A client that trusts the lab's authority alone, after STARTTLS."""
    with smtplib.SMTP(mail.address(instance), mail.PORT, timeout=20) as smtp:
        smtp.starttls(context=ssl.create_default_context(cafile=str(mail.ca_path(instance))))
        yield smtp


def send(instance: Instance) -> None:
    with client(instance) as smtp:
        smtp.sendmail("kantor@kota.lab", ["a@contoh.go.id", "b@contoh.go.id"], DATA)


@contextmanager
def fault(instance: Instance, name: str) -> Iterator[None]:
    try:
        faults.switch(instance, name, mail.NAME, on=True)
        yield
    finally:
        faults.switch(instance, name, mail.NAME, on=False)


def test_a_message_is_kept_with_its_envelope_and_to_the_byte(instance: Instance) -> None:
    before = len(mail.messages(instance))
    send(instance)
    with client(instance) as smtp:
        smtp.login(mail.USER, mail.password_path(instance).read_text().strip())
        smtp.sendmail("kantor@kota.lab", ["c@contoh.go.id"], DATA)
    plain, known = mail.messages(instance)[before:]
    assert (plain.sender, plain.recipients) == ("kantor@kota.lab", ("a@contoh.go.id", "b@contoh.go.id"))
    assert (plain.encrypted, plain.login, plain.data) == (True, "", DATA)
    assert plain.parsed["Subject"] == "Percobaan"
    assert (known.login, known.recipients) == (mail.USER, ("c@contoh.go.id",))


def test_a_wrong_password_opens_nothing(instance: Instance) -> None:
    with client(instance) as smtp, pytest.raises(smtplib.SMTPAuthenticationError):
        smtp.login(mail.USER, "salah")


@pytest.mark.parametrize(
    ("name", "raised"),
    [
        ("refuse", smtplib.SMTPSenderRefused),
        ("reject", smtplib.SMTPRecipientsRefused),
        ("stopped_service", ConnectionRefusedError),
    ],
)
def test_a_fault_bites_ends_and_loses_nothing(instance: Instance, name: str, raised: type[Exception]) -> None:
    before = mail.messages(instance)
    with fault(instance, name), pytest.raises(raised):
        send(instance)
    assert mail.messages(instance) == before
    send(instance)
    assert [message.number for message in mail.messages(instance)][len(before) :] == [len(before) + 1]


def test_a_slow_relay_outlasts_an_impatient_client(instance: Instance) -> None:
    with fault(instance, "slow"), client(instance) as smtp:
        assert smtp.sock is not None
        smtp.sock.settimeout(1)
        with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
            smtp.sendmail("kantor@kota.lab", ["a@contoh.go.id"], DATA)


def test_faults_of_hosts_and_of_the_relay_are_kept_apart(instance: Instance) -> None:
    with pytest.raises(LabError, match="ns1 is no mail relay"):
        faults.switch(instance, "refuse", "ns1", on=True)
    with pytest.raises(LabError, match="mail is a process, no host: it can have refuse, reject, slow, cut_network"):
        faults.switch(instance, "full_disk", mail.NAME, on=True)
