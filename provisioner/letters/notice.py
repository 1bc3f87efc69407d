"""What is a person told by mail, at most once an hour? What waits for them, which passwords can be taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from provisioner.letters.dates import moment
from provisioner.letters.mail import Mail
from provisioner.people.person import Person

ONE_HOUR = timedelta(hours=1)
ENDING_WITHIN = timedelta(hours=24)


class Topic(StrEnum):
    """What a notice is about."""

    WAITING = "waiting"
    ACCESS_READY = "access_ready"
    ACCESS_ENDING = "access_ending"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One thing to tell one person, once. `subject` names it: 'req_x:review:3' (request, step, steps done before it) or
    'g7kq2mx4pd:run_x' (item, and the run that made its passwords).
    """

    person_id: str
    topic: Topic
    subject: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class NoticeMail:
    """One mail that tells a person of several things; tried until a server takes it."""

    id: str
    person_id: str
    written_at: datetime
    sent_at: datetime | None
    attempts: int
    next_try_at: datetime | None
    why: str


@dataclass(frozen=True, kw_only=True)
class Said:
    """One notice in words: '2026-0001 SIMPEG (DISDIK): Disposisi Kepala Dinas', and the moment it is about."""

    topic: Topic
    words: str
    moment: datetime


_HEADS = {
    Topic.WAITING: "Menunggu tindakan Anda",
    Topic.ACCESS_READY: "Kata sandi siap diambil, satu kali, di Gerbang",
    Topic.ACCESS_ENDING: "Kata sandi belum diambil dan segera dimusnahkan",
}
_MOMENTS = {Topic.WAITING: "sejak", Topic.ACCESS_READY: "paling lambat", Topic.ACCESS_ENDING: "paling lambat"}


def notice_mail(mail: NoticeMail, person: Person, said: Sequence[Said], public_url: str, zone: ZoneInfo) -> Mail:
    """Return the mail in Indonesian, plain text, with a link to the gate and never a secret."""
    parts = []
    for topic, head in _HEADS.items():
        lines = [
            f"- {one.words}, {_MOMENTS[topic]} {moment(one.moment, zone.key)}" for one in said if one.topic is topic
        ]
        if lines:
            parts.append("\n".join((f"{head} ({len(lines)}):", *lines)))
    body = "\n\n".join(parts)
    text = (
        f"Yth. {person.name}\n\n{body}\n\nBuka Gerbang: {public_url}/\n\n"
        "Surel ini dikirim oleh aplikasi Gerbang, paling banyak satu dalam satu jam, dan tidak memuat kata sandi.\n"
    )
    return Mail(id=mail.id, at=mail.written_at, to=(person.email,), cc=(), subject=_subject(said), text=text)


def _line(one: Said, zone: ZoneInfo) -> str:
    return f"- {one.words}, {_MOMENTS[one.topic]} {moment(one.moment, zone.key)}"


def _subject(said: Sequence[Said]) -> str:
    waiting = sum(one.topic is Topic.WAITING for one in said)
    access = len(said) - waiting
    parts = [f"{waiting} menunggu Anda"] * bool(waiting) + [f"{access} kata sandi untuk diambil"] * bool(access)
    return f"Gerbang: {', '.join(parts)}"
