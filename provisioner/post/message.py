"""How does a mail become the bytes of a message? The same mail gives the same bytes (RFC 5322, RFC 2045)."""

from __future__ import annotations

import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from provisioner.errors import Refused
from provisioner.letters.mail import Mail

# What the request's own field table allows; an address is never trusted because it was stored.
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?", re.ASCII
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0080-\u009f\u2028\u2029]+")
_LONGEST_SUBJECT = 200


def message_id_of(mail: Mail, sender: str) -> str:
    """Return the Message-ID, the same at every try: a reader's mailbox can tell a second copy by it."""
    return f"<{mail.id}@{sender.rpartition('@')[2]}>"


def message_of(mail: Mail, sender: str) -> bytes:
    """Return the message; Refused where an address is none, or nobody is there to get it.

    What would end a header line is taken out of the subject: a value of a form makes no header.
    """
    made = EmailMessage(policy=SMTP)
    made["From"] = _address(sender)
    made["To"] = _addresses(mail.to)
    if mail.cc:
        made["Cc"] = _addresses(mail.cc)
    made["Subject"] = one_line(mail.subject)[:_LONGEST_SUBJECT]
    made["Date"] = format_datetime(mail.at)
    made["Message-ID"] = message_id_of(mail, sender)
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers it
    made.set_content(mail.text, cte="quoted-printable")
    if mail.attachment is not None:
        name = one_line(mail.attachment.name)
        made.add_attachment(mail.attachment.pdf, maintype="application", subtype="pdf", filename=name)
        made.set_boundary(f"=_{mail.id}")  # drawn by chance otherwise
    return made.as_bytes()


def one_line(words: str) -> str:
    """Return the words on one line: control characters and line ends of every alphabet become a space."""
    return _CONTROL.sub(" ", words).strip()


def _addresses(given: tuple[str, ...]) -> tuple[Address, ...]:
    if not given:
        raise Refused("surat tidak mempunyai alamat surel", "surel", "Serahkan suratnya langsung, lalu catat.")
    return tuple(_address(one) for one in given)


def _address(given: str) -> Address:
    if not _ADDRESS.fullmatch(given):
        raise Refused("bukan alamat surel", "surel", "Serahkan suratnya langsung, lalu catat.")
    return Address(addr_spec=given)
