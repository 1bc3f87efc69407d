"""What is closed when a site is suspended, what is opened when it comes back, and how is either proved?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.facts.login_lock import LOCKED
from provisioner.kinds.hosting import site
from provisioner.kinds.hosting.place import Place
from provisioner.kinds.port import Question
from provisioner.plans.compare import Stage, Wanted

# What is put in the place of a password nobody here knows, so that a refusal can be tried with the right one.
PROBES: Mapping[str, str] = {"sftp_password": "sftp_probe", "database_password": "database_probe"}


def suspend(question: Question, at: Place) -> tuple[Stage, ...]:
    """Visitors see the plain page first; the account is closed last, and all that it still runs ends with it."""
    wish = question.wish
    wanted = (
        site.frozen_vhost(wish, at),
        at.on_host("php_fpm", "php_fpm", "pool", None),
        *_database_lock(at, is_locked=True),
        at.on_host("account", "account", "cron", None),
        sftp_lock(at, is_locked=True),
    )
    return (at.stage("suspend", "unmake", wanted),)


def resume(question: Question, at: Place) -> tuple[Stage, ...]:
    """What the site needs is opened first, visitors come last."""
    wish = question.wish
    wanted = (
        sftp_lock(at, is_locked=False),
        site.cron(wish, at),
        *_database_lock(at, is_locked=False),
        site.pool(wish, at),
        site.vhost(wish, at),
    )
    return (at.stage("resume", "make", wanted),)


def sftp_lock(at: Place, *, is_locked: bool) -> Wanted:
    """The SFTP login, closed or open."""
    return at.on_host("account", "account", "lock", dict(LOCKED) if is_locked else None)


def _database_lock(at: Place, *, is_locked: bool) -> tuple[Wanted, ...]:
    """The database login, closed or open, where the site has one."""
    value = dict(LOCKED) if is_locked else None
    return (at.on_host("database", at.database, "lock", value),) if at.database in site.ENGINES else ()


# -- Said on the plan page --------------------------------------------------------------------------------------------

SUSPEND_NOT_TRIED = (
    "Sandi situs tidak diketahui di sini: selama dibekukan hash-nya disimpan hanya untuk root di host.",
    "Penolakan dicoba dengan sandi uji yang menempati tempatnya, lalu dimusnahkan.",
    "Basis data yang tidak dapat dicapai dari luar: kuncinya hanya dibaca balik.",
    "Tugas terjadwal: host ditanya seperti cron bertanya sebelum tiap tugas; tidak ada tugas yang dijalankan.",
)
RESUME_NOT_TRIED = (
    "Masuk dengan sandi: sandinya hanya diketahui penanggung jawab teknis, maka kunci dan hash hanya dibaca balik.",
)


def suspend_sentence(_: Question, choices: Mapping[str, Any]) -> str:
    """Say what a suspension does, and what it leaves."""
    site = f"{choices['names'][0]} di {choices['host']}"
    return (
        f"Jika disetujui, Gerbang membekukan situs {site}: pengunjung melihat halaman 503, "
        "PHP dan tugas terjadwal berhenti, SFTP dan basis data menolak siapa pun. "
        "Berkas, isi basis data, sertifikat dan nama tetap. Tidak ada situs lain yang diubah."
    )


def resume_sentence(_: Question, choices: Mapping[str, Any]) -> str:
    """Say what coming back means."""
    site = f"{choices['names'][0]} di {choices['host']}"
    return (
        f"Jika disetujui, Gerbang membuka kembali situs {site} persis seperti sebelum dibekukan, "
        "dengan sandi yang sama. Tidak ada situs lain yang diubah."
    )
