"""What must a registered Nextcloud have, so that what was approved can be done and holds?

One table of what may be missing, in the office's words, for the start-up check and for a plan that is impossible.
Least rights: the account of `nextcloud_user` is in the group admin, because rules for all are an admin's alone and a
sub admin sees only the accounts of its own groups: an account of others would look like a free name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.digests import Value
from provisioner.errors import Unreachable

OLDEST = 30
ACCESS_CONTROL = "files_accesscontrol"


@dataclass(frozen=True, kw_only=True)
class Lack:
    """One thing that is missing: `what` and how to `mend` it, Indonesian. `is_needed`: nothing can be made without."""

    what: str
    mend: str
    is_needed: bool = True


LACKS: Mapping[str, Lack] = {
    "version": Lack(
        what=f"server lebih tua dari Nextcloud {OLDEST}", mend=f"perbarui ke versi {OLDEST} atau lebih baru"
    ),
    "admin": Lack(
        what="akun Gerbang di server itu bukan anggota kelompok admin",
        mend="masukkan akun nextcloud_user ke kelompok admin, sebab aturan berkas hanya boleh dibuat admin",
    ),
    ACCESS_CONTROL: Lack(
        what="aplikasi Files access control tidak aktif, jadi batas ukuran dan jenis berkas tidak berlaku",
        mend="aktifkan: occ app:enable files_accesscontrol",
    ),
    "max_quota": Lack(
        what="server membatasi kuota terbesar (files max_quota), jadi akun yang lebih besar ditolaknya",
        mend="hapus: occ config:app:delete files max_quota, atau jangan beri lebih dari itu di inventaris",
        is_needed=False,
    ),
    "app_password": Lack(
        what="kata sandi di nextcloud_app_password_file bukan sandi aplikasi, jadi setiap panggilan lambat",
        mend="buat sandi aplikasi di Setelan > Keamanan (72 huruf) dan tulis ke berkas itu",
        is_needed=False,
    ),
    "serverinfo": Lack(
        what="aplikasi Monitoring (serverinfo) tidak aktif, jadi sisa ruang disk tidak diketahui",
        mend="aktifkan: occ app:enable serverinfo",
        is_needed=False,
    ),
    "welcome_mail": Lack(
        what="server mengirim surat sambutan saat akun dibuat, jadi surel akun ditulis dengan satu perubahan lagi",
        mend="matikan: occ config:app:set core newUser.sendEmail --value no",
        is_needed=False,
    ),
    "link_mail": Lack(
        what="server tidak mengirim surel saat akun dibuat, padahal kata sandi diserahkan lewat tautan",
        mend="nyalakan: occ config:app:set core newUser.sendEmail --value yes, atau tulis nextcloud_handover: claim",
    ),
    "trash": Lack(
        what="tempat sampah tidak aktif: berkas yang dihapus pemiliknya langsung hilang",
        mend="aktifkan: occ app:enable files_trashbin",
        is_needed=False,
    ),
    "probes": Lack(
        what="ada akun uji gerbang-probe-… dari pelaksanaan yang sedang berjalan atau yang terputus",
        mend="bila tidak ada pelaksanaan yang berjalan, hapus: occ user:delete <akun>",
        is_needed=False,
    ),
    "slowed": Lack(
        what="server sedang memperlambat alamat Gerbang karena ada kata sandi salah dari sana",
        mend="tunggu 30 menit, atau: occ security:bruteforce:reset <alamat>",
        is_needed=False,
    ),
}


def missing(apps: Any, version: Any) -> list[str]:
    """Return the codes of what a look can see: of the enabled apps' names and the version's first number."""
    if not isinstance(apps, list) or not all(isinstance(app, str) for app in apps) or type(version) is not int:
        raise Unreachable("its apps or its version cannot be read.", "nextcloud", "Check that it is a Nextcloud 30+.")
    found = {"version": version < OLDEST, **{app: app not in apps for app in (ACCESS_CONTROL, "serverinfo")}}
    found["trash"] = "files_trashbin" not in apps
    return [code for code, is_missing in found.items() if is_missing]


def server_value(codes: list[str]) -> dict[str, Value]:
    """Return the value of the spot cloud1/ `server`: what a plan needs and does not find there."""
    return {"missing": [code for code in codes if LACKS[code].is_needed]}
