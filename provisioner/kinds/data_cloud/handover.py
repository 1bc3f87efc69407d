"""How does the person of a new account come by its password: claimed once through the gate, or by a mailed link?

Of a link (ADR 0034): the account is made with an address of the office that waits in the person's place, so that what
the server mails at creation reaches nobody, and is tried with a password of the run. Once all trials have held, the
person's own address takes its place and the server mails a link there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.digests import Value
from provisioner.facts import nextcloud
from provisioner.facts import nextcloud_handover as setting
from provisioner.facts.estate import Host
from provisioner.kinds.data_cloud import account
from provisioner.kinds.data_cloud.place import PASSWORD, Place
from provisioner.kinds.port import Question
from provisioner.plans.compare import Stage, Wanted
from provisioner.plans.plan import VERDICT, Reason

KEYS = frozenset({"handover", "waiting_email"})

# -- Chosen -----------------------------------------------------------------------------------------------------------


def chosen(variables: Mapping[str, Any]) -> dict[str, Value]:
    """Return what the office has set: {"handover": "claim"}, or {"handover": "link", "waiting_email": ...}."""
    if setting.mode_of(variables) != setting.LINK:
        return {"handover": setting.CLAIM}
    return {"handover": setting.LINK, "waiting_email": setting.waiting_email(variables)}


def is_by_link(choices: Mapping[str, Any]) -> bool:
    """Tell whether the account was made, or is to be made, for a link; one of before there were links was not."""
    return choices.get("handover") == setting.LINK


def refuse(question: Question, host: Host) -> tuple[Reason, ...]:
    """Say why the password of an account there could not be handed over."""
    if faults := setting.faults(host.variables):
        return tuple(Reason(code="no_handover", what=f"{host.name}: {one.what}", mend=one.mend) for one in faults)
    if setting.mode_of(host.variables) != setting.LINK:
        return ()
    if not question.wish.get("email"):
        what = f"surel akun tidak disebut, padahal {host.name} menyerahkan kata sandi lewat tautan ke surel itu"
        return (Reason(code="no_email", what=what, mend="sebut surel kedinasan pemegang akun"),)
    if nextcloud.kept_email(question.wish["email"]) == setting.waiting_email(host.variables):
        what = f"surel akun ialah alamat tunggu {host.name}, yang isinya dibuang: tautannya tidak sampai"
        return (Reason(code="waiting_email", what=what, mend="sebut surel kedinasan pemegang akun"),)
    return ()


# -- Wanted -----------------------------------------------------------------------------------------------------------


def is_done(question: Question, at: Place) -> bool:
    """Tell whether the link was mailed already."""
    return question.seen.value(at.spot(at.account, "link")) == nextcloud.LINK_MAILED


def first_email(question: Question, at: Place) -> str | None:
    """Return the address that the account is made with: the person's own only where no link waits for the verdict."""
    if is_by_link(at.choices) and not is_done(question, at):
        return str(at.choices["waiting_email"])
    return account.own_email(question.wish)


def groups(at: Place) -> tuple[Wanted, ...]:
    """The groups that say how far the link is."""
    if not is_by_link(at.choices):
        return ()
    return tuple(at.of_group(group, "group", {"exists": True}) for group in nextcloud.LINK_GROUPS)


def waits(question: Question, at: Place) -> tuple[Wanted, ...]:
    """The account is one whose link waits."""
    if not is_by_link(at.choices) or is_done(question, at):
        return ()
    return (at.of_account("link", dict(nextcloud.LINK_WAITS)),)


def stages(question: Question, at: Place) -> tuple[Stage, ...]:
    """The stage that hands over, once all trials have held; none where a person claims the password."""
    if not is_by_link(at.choices):
        return ()
    wanted = (
        at.of_account("email", nextcloud.kept_email(question.wish["email"])),
        at.of_account("link", dict(nextcloud.LINK_MAILED)),
    )
    return (at.stage("handover", "make", wanted, VERDICT),)


# -- Said -------------------------------------------------------------------------------------------------------------

BY_LETTER = (
    "Kata sandinya dibuat pemegang akun lewat tautan yang dikirim server cloud ke surel akun sesudah semua pemeriksaan "
    "sesuai. Tautan itu berlaku tujuh hari dan sekali pakai; tidak ada yang perlu diambil di Gerbang. "
    "Bila lewat, pakai 'Lupa kata sandi' di halaman masuk."
)
CANNOT_CALL_BACK = ": surel yang sudah dikirim tidak dapat ditarik kembali"
STILL_OPEN = (
    "Tautan kata sandi yang dikirim saat akun dibuat: bila belum dipakai dan belum tujuh hari, tetap berlaku, bagi "
    "siapa pun yang membaca surel akun."
)
VOID = "Tautan kata sandi yang belum dipakai: tidak berlaku lagi begitu surel akun diganti."


def sentence(question: Question, choices: Mapping[str, Any]) -> str:
    """Say on the plan page to whom a link goes, and when; '' where the password is claimed."""
    if not is_by_link(choices):
        return ""
    email = nextcloud.kept_email(question.wish["email"])
    return f" Tautan untuk membuat kata sandi dikirim server ke {email} sesudah semua pemeriksaan sesuai."


def row(question: Question, choices: Mapping[str, Any]) -> dict[str, Any]:
    """Say it in the table of what was asked and is planned."""
    planned = "diambil sekali lewat gerbang oleh penanggung jawab teknis"
    if is_by_link(choices):
        email = nextcloud.kept_email(question.wish["email"])
        until = f"sampai saat itu surel akun {choices['waiting_email']}"
        planned = f"tautan dikirim server ke {email} sesudah pemeriksaan; {until}"
    return {"label": "Penyerahan kata sandi", "asked": "-", "planned": planned, "left": "-"}


def access(choices: Mapping[str, Any]) -> str:
    """Say of a delivered account that there is nothing to claim; '' once its password was given anew."""
    if not is_by_link(choices) or choices["secret_versions"] != {PASSWORD: 1}:
        return ""
    return (
        "Kata sandinya dibuat pemegang akun lewat tautan yang dikirim server ke surel akun saat layanan selesai diuji; "
        "tidak ada yang perlu diambil di Gerbang. Bila tautan itu lewat tujuh hari, pakai 'Lupa kata sandi' di halaman "
        "masuk server."
    )


def not_tried(question: Question, choices: Mapping[str, Any]) -> tuple[str, ...]:
    """Say what becomes of a link that nobody has used yet."""
    if question.item is None or not is_by_link(choices):
        return ()
    if question.verb in {"rotate", "appoint"}:
        return (STILL_OPEN,)
    is_moved = question.verb == "change" and question.wish.get("email") != question.item.wish.get("email")
    return (VOID,) if is_moved else ()
