"""Is the account's id free on that server, and will nobody mistake it for another?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.facts import nextcloud
from provisioner.facts.estate import Host
from provisioner.facts.observation import Spot
from provisioner.kinds.port import Question
from provisioner.plans.plan import Reason
from provisioner.requests.sub_domain import look_alikes

POOL = "nextcloud_account"


def key(host: str, account: str) -> str:
    """Return under which key an account is held: 'cloud1/arsip.disdik'."""
    return f"{host}/{account}"


def refuse_id(question: Question, host: Host) -> tuple[Reason, ...]:
    """Say why the id cannot be had there; empty where it is free, or stands already as this item's own."""
    account = str(question.wish["account_id"])
    held = question.taken.get(POOL, frozenset())
    if key(host.name, account) in held:
        what = f"id {account} di {host.name} sudah terpakai: {_until(question, host, account)}"
        return (Reason(code="name_taken", what=what, mend="pilih id lain"),)
    stands = accounts(question, host.name).get(account)
    if stands is not None and not is_ours(stands):
        return (_foreign(account, host.name, "name_taken"),)
    prefix = key(host.name, "")
    others = {*accounts(question, host.name), *(k.removeprefix(prefix) for k in held if k.startswith(prefix))}
    alike = look_alikes(account, others - {account})
    if not alike:
        return ()
    mend = "pilih id yang tidak dapat tertukar (0/o, 1/l/i, rn/m, vv/w dan tanda hubung dianggap sama)"
    return (Reason(code="look_alike", what=f"id {account} mirip akun {alike[0]} di {host.name}", mend=mend),)


def refuse_standing(question: Question, choices: Mapping[str, Any], *, may_be_gone: bool) -> tuple[Reason, ...]:
    """Say why nothing can be done to the account as it stands: another's under our id, or none at all."""
    host, account = str(choices["host"]), str(choices["account"])
    stands = accounts(question, host).get(account)
    if stands is None:
        what = f"akun {account} tidak ada lagi di {host}"
        gone = Reason(code="account_gone", what=what, mend="ajukan pengakhirannya, lalu akun baru")
        return () if may_be_gone else (gone,)
    return () if is_ours(stands) else (_foreign(account, host, "foreign_object"),)


def accounts(question: Question, host: str) -> dict[str, Any]:
    """Return every account of the server, ours and others', with the value that bears our mark."""
    return {
        spot.object: value
        for spot, value in sorted(question.seen.values.items())
        if (spot.system, spot.host, spot.property) == (nextcloud.SYSTEM, host, "account")
    }


def is_ours(value: Any) -> bool:
    """Tell whether an account bears our mark."""
    return isinstance(value, dict) and value == nextcloud.MARK


def used_bytes(question: Question, spot: Spot) -> int | None:
    """Return what the account at `spot` uses now, None where nobody measured it."""
    return question.seen.measurements.get(f"{spot.target}:storage_used_bytes")


def _foreign(account: str, host: str, code: str) -> Reason:
    what = f"akun {account} di {host} sudah ada dan bukan buatan Gerbang"
    mend = "pilih id lain; bila akun itu memang milik pemohon, pengelola Nextcloud menghapus atau menggantinya dahulu"
    return Reason(code=code, what=what, mend=f"{mend}; Gerbang tidak menyentuhnya")


def _until(question: Question, host: Host, account: str) -> str:
    """Say until when it is held, where that is known; who holds it is not for everybody to know."""
    until = question.free_at.get(f"{POOL}:{key(host.name, account)}")
    if until is None:
        return "dicadangkan permohonan lain, dipakai layanan lain, atau baru dilepas dan masih dikarantina"
    return f"dicadangkan atau dikarantina sampai {until:%d-%m-%Y}, kecuali disetujui lebih dahulu"
