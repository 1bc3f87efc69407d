"""Which version has the new password, and what is changed for it?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.digests import Value
from provisioner.facts import nextcloud
from provisioner.kinds.data_cloud import account
from provisioner.kinds.data_cloud.place import PASSWORD, Place, title
from provisioner.kinds.port import Question
from provisioner.plans.compare import Stage


def next_version(question: Question, choices: Mapping[str, Value]) -> Mapping[str, Value]:
    """Return the choices with the password's next version, counted from what the account has."""
    stands: Any = question.item.choices["secret_versions"] if question.item else choices["secret_versions"]
    return {**choices, "secret_versions": {**stands, PASSWORD: int(stands[PASSWORD]) + 1}}


def stages(_: Question, at: Place) -> tuple[Stage, ...]:
    """The group that bears the version is there before the password is; that it has changed is compared by it."""
    wanted = (
        at.of_group(nextcloud.mark_group(at.version), "group", dict(account.THERE)),
        at.of_account("password", {"version": at.version}),
    )
    return (at.stage("rotate", "make", wanted),)


# -- Said on the plan page --------------------------------------------------------------------------------------------

NOT_TRIED = (
    "Sandi aplikasi dan perangkat yang sudah tersambung: tetap berlaku sampai dihapus di Setelan, Keamanan.",
    "Sandi lama yang sudah diserahkan: tidak diketahui di sini, maka yang dicoba dan harus ditolak adalah sandi acak.",
)
APPOINT_NOT_TRIED = ("Berkas yang sudah diunduh orang lama: itu tidak dapat ditarik kembali.",)


def sentence(_: Question, choices: Mapping[str, Any]) -> str:
    """Say what a rotation does, and what it leaves."""
    return (
        f"Jika disetujui, Gerbang mengganti kata sandi akun {title(choices)}; yang lama ditolak. "
        "Berkas dan batasnya tetap, dan tidak ada akun lain yang diubah."
    )


def appoint_sentence(_: Question, choices: Mapping[str, Any]) -> str:
    """Say what an appointment means; who it is stands in the letter, not in a plan that nobody may erase."""
    return (
        f"Jika disetujui, penanggung jawab akun {title(choices)} menjadi orang yang disebut dalam surat: ia yang "
        "melihat dan mengambil kata sandinya, yang diganti. Perangkat orang lama yang masih tersambung harus dihapus "
        "penanggung jawab baru di Setelan, Keamanan. Tidak ada akun lain yang diubah."
    )
