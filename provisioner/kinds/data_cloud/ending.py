"""How does an account end, and what becomes of its files meanwhile?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.kinds.data_cloud import account, traffic
from provisioner.kinds.data_cloud.place import Place, title
from provisioner.kinds.port import Question
from provisioner.plans.compare import Stage, Wanted
from provisioner.requests.field_types import Choice
from provisioner.requests.fields import Field

OWN_DOWNLOAD, NO_ARCHIVE = "own_download", "none"
FIELDS: tuple[Field, ...] = (
    Field(
        name="archive",
        type=Choice,
        label="Arsip",
        required=False,
        default=OWN_DOWNLOAD,
        choices=(OWN_DOWNLOAD, NO_ARCHIVE, "by_office"),
        words={
            OWN_DOWNLOAD: "diunduh sendiri dalam masa tenggang (own_download)",
            NO_ARCHIVE: "tanpa arsip, akun ditutup seketika (none)",
            "by_office": "dibuatkan kantor (by_office)",
        },
        not_yet={"by_office": "server tidak membuka berkas akun bagi siapa pun tanpa kata sandi pemiliknya"},
        default_why="yang dihapus tidak dapat dikembalikan",
    ),
)


def stages(question: Question, at: Place) -> tuple[Stage, ...]:
    """Close the account, wait for the grace's end, then remove its limit of traffic and it.

    An account that is gone already has nothing left but that limit.
    """
    if question.seen.value(at.spot(at.account, "account")) is None:
        return (*traffic.unlimited(at), at.stage("remove", "unmake", account.nothing(at)))
    wants_archive = archive_of(question) == OWN_DOWNLOAD
    waits_for = "grace" if wants_archive else "grace_only"
    return (
        at.stage("close", "unmake", _close(at, wants_archive=wants_archive)),
        *traffic.unlimited(at, waits_for),
        at.stage("remove", "unmake", account.nothing(at), waits_for=waits_for),
    )


def _close(at: Place, *, wants_archive: bool) -> tuple[Wanted, ...]:
    """Whoever fetches the files must still get in, a suspended account's too; nothing more can be put there."""
    if not wants_archive:
        return (account.lock(at, is_locked=True),)
    return (account.quota(at, account.READING_ONLY_BYTES), account.lock(at, is_locked=False))


def archive_of(question: Question) -> str:
    """Return what the OPD wants of the files."""
    return str(question.asked.get("archive", OWN_DOWNLOAD))


def sentence(question: Question, choices: Mapping[str, Any]) -> str:
    """Say what approval ends, when, and what is gone then."""
    if archive_of(question) == OWN_DOWNLOAD:
        closed = "membuat akun {name} hanya dapat dibaca: pemiliknya mengunduh isinya dalam masa tenggang"
    else:
        closed = "menutup akun {name} seketika, tanpa arsip"
    return (
        f"Jika disetujui, Gerbang {closed.format(name=title(choices))}; sesudah masa tenggang, akun dan seluruh "
        "isinya, juga tempat sampah dan versi lamanya, dihapus. Tidak ada akun lain yang diubah."
    )
