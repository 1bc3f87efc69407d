"""What does a change of a standing account want, when can it not be, and how is it told?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.facts import nextcloud
from provisioner.items.life import changed_fields
from provisioner.kinds.data_cloud import account, server, traffic
from provisioner.kinds.data_cloud import wish as asked
from provisioner.kinds.data_cloud.account_name import used_bytes
from provisioner.kinds.data_cloud.amounts import amount
from provisioner.kinds.data_cloud.class_rules import refuse_changed
from provisioner.kinds.data_cloud.place import Place, title
from provisioner.kinds.port import Question
from provisioner.plans.compare import Stage, Wanted
from provisioner.plans.plan import Reason
from provisioner.requests.fields import Field
from provisioner.requests.reading import said


def stages(question: Question, at: Place) -> tuple[Stage, ...]:
    """The class it goes to is ensured before it goes there; who stays in it asks for it only where a rule is gone."""
    wanted = (*_limit_class(question, at), *account.account(question.wish, at, account.own_email(question.wish)))
    return (*traffic.limited(question.wish, at), at.stage("make", "make", wanted))


def _limit_class(question: Question, at: Place) -> tuple[Wanted, ...]:
    assert question.item is not None
    is_new = question.item.choices["limit_group"] != at.limit_group
    return tuple(
        one
        for one in account.limit_class(at)
        if (is_new and one.spot.object == at.limit_group) or question.seen.value(one.spot) != one.value
    )


def refusals(question: Question, choices: Mapping[str, Any]) -> tuple[Reason, ...]:
    """Say why the account cannot be changed so: it does not move, its server has no more, or that much is used.

    Or somebody has changed the rules of the class it is to be held by.
    """
    host = question.estate.hosts.get(str(choices["host"]))
    if host is None or (question.wishes or {}).get("host") not in (None, host.name):
        what = f"akun berdiri di {choices['host']} dan perubahan tidak memindahkannya"
        return (Reason(code="stays_on_host", what=what, mend="lihat lagi tanpa menyebut server lain"),)
    return (
        *server.lacking(question, host),
        *server.too_much(question, host),
        *server.full(question, host),
        *_below_use(question, choices),
        *refuse_changed(question, host),
    )


def _below_use(question: Question, choices: Mapping[str, Any]) -> tuple[Reason, ...]:
    """Say where a smaller quota would be below what is used now: nobody could put anything there any more.

    Where nobody knows what is used, it may be.
    """
    assert question.item is not None
    wanted = nextcloud.kept_bytes(asked.quota_bytes(question.wish))
    if wanted >= nextcloud.kept_bytes(asked.quota_bytes(question.item.wish)):
        return ()
    at = Place(choices)
    used = used_bytes(question, at.spot(at.account, "account"))
    if used is None:
        what = (
            f"ruang simpan akun {at.account} hendak diperkecil, tetapi {at.host} tidak menyebut pemakaiannya sekarang"
        )
        mend = "periksa akun itu di Nextcloud, lalu lihat lagi; atau biarkan ruang simpannya"
        return (Reason(code="use_unknown", what=what, mend=mend),)
    if wanted >= used:
        return ()
    what = f"ruang simpan {amount(wanted)} kurang dari yang terpakai sekarang ({amount(used)})"
    mend = f"minta sedikitnya {-(-used // asked.GIB)} GB, atau kosongkan sebagian lebih dahulu, lalu lihat lagi"
    return (Reason(code="below_use", what=what, mend=mend),)


# -- Said on the plan page --------------------------------------------------------------------------------------------

NOT_TRIED = (
    "Batas dicoba dengan akun uji dalam kelompok yang sama: kata sandi akun ini sudah diserahkan, tidak disentuh.",
    "Berkas yang sudah ada dan jenisnya tidak lagi diizinkan: tetap tersimpan, tetapi tidak dapat dibuka.",
)


def changes_of(question: Question) -> list[tuple[Field, str, str]]:
    """Return what the wish changes, in the table's order: (field, 'semula', 'menjadi'), each in words."""
    has: Mapping[str, Any] = question.item.wish if question.item else {}
    moved = changed_fields(has, question.wish)
    return [(field, _said(field, has), _said(field, question.wish)) for field in asked.FIELDS if field.name in moved]


def sentence(question: Question, choices: Mapping[str, Any]) -> str:
    """Say in one sentence what approval changes, and what stays."""
    told = "; ".join(_moved(question)) or "yang menyimpang dikembalikan"
    return (
        f"Jika disetujui, Gerbang mengubah akun {title(choices)}: {told}. "
        "Berkas dan kata sandinya tetap, dan tidak ada akun lain yang diubah."
    )


def record_only(question: Question, choices: Mapping[str, Any]) -> str:
    """Say what a change comes to that no server hears of; '' where nothing at all changes."""
    moved = _moved(question)
    if not moved:
        return ""
    only = f"Jika disetujui, hanya catatan {title(choices)} yang berubah: {'; '.join(moved)}."
    return f"{only} Di server tidak ada yang disentuh."


def columns(question: Question, choices: Mapping[str, Any], quota: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return one row a changed field: asked is what the OPD wrote, planned says what was and what shall be.

    `quota`: what is left of the server's storage, and its bar.
    """
    requested = question.requested or question.wish
    more: Mapping[str, Mapping[str, Any]] = {"quota_gb": quota}
    rows = []
    for field, was, now in changes_of(question):
        told = f"; {traffic.said(choices)}" if field.name == "traffic_mbit" else ""
        row = {"label": field.label, "asked": _said(field, requested), "planned": f"semula {was}, menjadi {now}{told}"}
        rows.append({**row, "left": "-", **more.get(field.name, {})})
    return rows


def _moved(question: Question) -> list[str]:
    return [f"{field.label.lower()} {was} menjadi {now}" for field, was, now in changes_of(question)]


def _said(field: Field, wish: Mapping[str, Any]) -> str:
    return said(field, wish.get(field.name)) or "tidak ada"
