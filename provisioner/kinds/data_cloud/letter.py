"""What does a letter say of a cloud account? Indonesian; asked and granted side by side, and what holds it to that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from provisioner.digests import Value
from provisioner.kinds.data_cloud import handover, traffic
from provisioner.kinds.data_cloud.amounts import exact
from provisioner.kinds.data_cloud.standing import LARGEST_TRUSTS, NOT_COUNTED
from provisioner.kinds.data_cloud.wish import FIELDS
from provisioner.letters.line_report import LineReport, Row
from provisioner.requests.reading import said

_BY_VERB: Mapping[str, str] = {
    "create": "Akun {account} pada {url} telah dibuat dengan keempat batasnya.",
    "change": "Perubahan atas akun {account} pada {url} telah dilaksanakan.",
    "suspend": "Akun {account} pada {url} telah dibekukan: tidak dapat dimasuki, isinya tetap disimpan.",
    "resume": "Akun {account} pada {url} telah diaktifkan kembali seperti sebelum dibekukan.",
    "rotate": "Kata sandi akun {account} pada {url} telah diganti; yang lama tidak berlaku lagi.",
    "appoint": "Penanggung jawab akun {account} pada {url} telah diganti; kata sandinya baru.",
    "terminate": "Akun {account} pada {url} telah dihapus beserta seluruh isinya sesudah masa tenggang.",
}
_OTHERWISE = "Permohonan atas akun {account} pada {url} telah dilaksanakan."
_DEVICES = (
    "Sandi aplikasi dan perangkat yang sudah tersambung tidak berakhir dengan sandi lama: "
    "hapus yang bukan milik Anda di Setelan, Keamanan."
)
_NOTES: Mapping[str, tuple[str, ...]] = {
    "create": (
        f"Pemakaian ruang simpan tidak menghitung {NOT_COUNTED}.",
        "Cadangan (backup) isi akun belum disediakan; simpanlah salinannya sendiri.",
    ),
    "rotate": (_DEVICES,),
    "appoint": (_DEVICES,),
}


def report(verb: str, asked: Mapping[str, Any], granted: Mapping[str, Any], choices: Mapping[str, Value]) -> LineReport:
    """Tell one line: the account, each limit as asked and as granted with what enforces it; never a secret."""
    at: Mapping[str, Any] = choices
    told = _BY_VERB.get(verb, _OTHERWISE)
    return LineReport(
        title=f"Akun data cloud {at['account']}",
        sentences=(told.format(account=at["account"], url=at["url"]), *_handed_over(verb, at)),
        rows=tuple(_ROWS.get(verb, _no_rows)(asked, granted, at)),
        notes=(*_NOTES.get(verb, ()), *_lost(verb, at)),
    )


def _handed_over(verb: str, at: Mapping[str, Any]) -> tuple[str, ...]:
    return (handover.BY_LETTER,) if verb == "create" and handover.is_by_link(at) else ()


def _lost(verb: str, at: Mapping[str, Any]) -> tuple[str, ...]:
    """Say that an account that goes on is held to its traffic by nobody any more, whatever was asked of it."""
    return (f"Traffic akun ini {traffic.said(at)}.",) if traffic.lost(at) and verb != "terminate" else ()


def _made(asked: Mapping[str, Any], granted: Mapping[str, Any], at: Mapping[str, Any]) -> list[Row]:
    return [
        *_rows("diuji", asked, granted, at),
        Row(label="Kelompok", asked="-", granted=at["opd_group"], enforced="-"),
    ]


def _changed(asked: Mapping[str, Any], granted: Mapping[str, Any], at: Mapping[str, Any]) -> list[Row]:
    """One row a field that the change names; its account's password is not here any more to try it with."""
    return _rows("diuji dengan akun uji", asked, granted, at)


def _no_rows(_: Mapping[str, Any], __: Mapping[str, Any], ___: Mapping[str, Any]) -> list[Row]:
    return []


def _rows(proved: str, asked: Mapping[str, Any], granted: Mapping[str, Any], at: Mapping[str, Any]) -> list[Row]:
    enforced = {
        "quota_gb": f"kuota Nextcloud, {proved}; tepatnya {exact(int(at['quota_bytes']))}",
        "largest_file_mb": f"aturan berkas Nextcloud, {proved}; {LARGEST_TRUSTS}",
        "file_types": f"aturan berkas Nextcloud, {proved}" if at["types"] else "-",
        "traffic_mbit": traffic.said(at),
    }
    return [
        Row(
            label=field.label,
            asked=said(field, asked.get(field.name)) or "-",
            granted=said(field, granted[field.name]),
            enforced=enforced.get(field.name, "-"),
        )
        for field in FIELDS
        if granted.get(field.name) is not None
    ]


_ROWS: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]], list[Row]]] = {
    "create": _made,
    "change": _changed,
}
