"""Which credentials get a new password, in which version, and what is changed for it?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.digests import Value
from provisioner.kinds.hosting import site
from provisioner.kinds.hosting.place import Place
from provisioner.kinds.port import Question
from provisioner.plans.compare import Stage, Wanted
from provisioner.plans.plan import Reason
from provisioner.requests.field_types import Choice
from provisioner.requests.fields import Field

SFTP, DATABASE = "sftp_password", "database_password"
FIELDS: tuple[Field, ...] = (
    Field(
        name="credential",
        type=Choice,
        label="Kata sandi yang diganti",
        required=False,
        default="all",
        choices=("all", "sftp", "database"),
        words={
            "all": "SFTP dan basis data (all)",
            "sftp": "SFTP saja (sftp)",
            "database": "basis data saja (database)",
        },
    ),
)
NAMED: Mapping[str, tuple[str, ...]] = {"all": (SFTP, DATABASE), "sftp": (SFTP,), "database": (DATABASE,)}


def rotated(asked: Mapping[str, Any], choices: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the secrets that are replaced, where the site has them: ('sftp_password', 'database_password').

    A line that names none (an appointment) replaces all.
    """
    named = NAMED[asked.get("credential", "all")]
    return tuple(name for name in named if name == SFTP or choices["database"] in site.ENGINES)


def next_versions(question: Question, choices: Mapping[str, Value]) -> Mapping[str, Value] | tuple[Reason, ...]:
    """Return the choices with the next version of each secret that is replaced, counted from what the item has."""
    names = rotated(question.asked, choices)
    if not names:
        what = "situs ini tidak mempunyai basis data"
        return (Reason(code="no_database", what=what, mend="pilih kata sandi SFTP"),)
    stands: Any = question.item.choices["secret_versions"] if question.item else choices["secret_versions"]
    return {**choices, "secret_versions": {**stands, **{name: int(stands[name]) + 1 for name in names}}}


def rotate(question: Question, at: Place) -> tuple[Stage, ...]:
    """One stage, whose changes are the marks: the version in a mark is what is compared, the password follows it."""
    return (at.stage("rotate", "make", new_passwords(question.wish, at, rotated(question.asked, at.choices))),)


def new_passwords(wish: Mapping[str, Any], at: Place, names: tuple[str, ...]) -> tuple[Wanted, ...]:
    """Return what bears each of the secrets `names`, in the version that the choices name."""
    bearers = {SFTP: lambda: site.user(wish, at), DATABASE: lambda: site.database(wish, at)}
    return tuple(bearers[name]() for name in names)


# -- Said on the plan page --------------------------------------------------------------------------------------------

APPOINT_NOT_TRIED = (
    "Berkas dan isi basis data yang sudah diambil yang lama: itu tidak dapat ditarik kembali.",
    "Kunci atau sandi yang dipasang situs sendiri (misalnya di aplikasinya): yang baru harus menggantinya.",
)
NOT_TRIED = (
    "Sandi lama yang sudah diserahkan: tidak diketahui di sini. Satu login punya satu sandi, dan yang baru dicoba.",
    "Basis data yang tidak dapat dicapai dari luar: bila sandi SFTP tidak ikut diganti, sandinya hanya dibaca balik.",
    "Hash sandi lama disimpan hanya untuk root di host, paling lama dua hari, agar kegagalan dapat dikembalikan.",
)
_WORDS: Mapping[tuple[str, ...], str] = {
    (SFTP, DATABASE): "SFTP dan basis data",
    (SFTP,): "SFTP",
    (DATABASE,): "basis data",
}


def sentence(question: Question, choices: Mapping[str, Any]) -> str:
    """Say which passwords are replaced, and what the site itself must be given."""
    names = rotated(question.asked, choices)
    given = " Situs memakai sandi basis data: penanggung jawab teknis harus memasang yang baru." * (DATABASE in names)
    site = f"{choices['names'][0]} di {choices['host']}"
    return (
        f"Jika disetujui, Gerbang mengganti kata sandi {_WORDS[names]} situs {site}; "
        f"yang lama ditolak dan sambungannya diputus.{given} Tidak ada situs lain yang diubah."
    )


def appoint_sentence(question: Question, choices: Mapping[str, Any]) -> str:
    """Say what an appointment means; who it is stands in the letter, not in a plan that nobody may erase."""
    site = f"{choices['names'][0]} di {choices['host']}"
    words = _WORDS[rotated(question.asked, choices)]
    return (
        f"Jika disetujui, penanggung jawab teknis situs {site} menjadi orang yang disebut dalam surat: ia yang melihat "
        f"dan mengambil kredensialnya. Kata sandi {words} diganti: yang dipakai orang lama tidak berlaku lagi. "
        "Tidak ada situs lain yang diubah."
    )
