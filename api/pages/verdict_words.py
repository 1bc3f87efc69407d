"""How is what a trial wanted and saw said on a page? By what each value means; a name or a path stays as it is."""

from __future__ import annotations

from collections.abc import Mapping

from api.pages.words import value

#: what a trial looks at, by its key; a key that is missing here is a visitor's name
NAMES: Mapping[str, str] = {
    "A": "IPv4",
    "AAAA": "IPv6",
    "allowed": "jenis yang diterima",
    "answers": "PHP menjawab",
    "app_password": "sandi aplikasi",
    "as": "dicoba dengan",
    "by": "cara",
    "bytes_per_second": "byte per detik",
    "changes": "perubahan yang tersisa",
    "databases": "basis data yang terbuka",
    "days_left": "sisa hari",
    "encrypted": "sambungan terenkripsi",
    "escapes": "jalan keluar dari folder situs",
    "folder": "folder",
    "found": "akun ditemukan",
    "free_bytes": "sisa menurut server",
    "issuer": "penerbit",
    "job": "tugas terjadwal",
    "limit": "batas",
    "listing": "folder yang terlihat",
    "location": "dialihkan ke",
    "locked": "terkunci",
    "login": "dapat masuk",
    "long_enough": "masa berlaku cukup",
    "marker_found": "halaman yang dinanti tampil",
    "names": "untuk nama",
    "not_tried": "tidak sempat diuji",
    "open": "jalan lain yang terbuka",
    "other_type": "jenis lain",
    "over": "di atas batas",
    "over_bytes": "bita di atas batas",
    "over_quota": "melebihi ruang simpan",
    "over_size": "melebihi berkas terbesar",
    "php": "versi PHP",
    "readable": "berkas yang terbaca",
    "reason": "alasan",
    "refused": "yang ditolak",
    "relay": "jawaban server surat",
    "round_trip": "berkas naik dan turun utuh",
    "seconds": "detik",
    "sender": "pengirim",
    "sent": "surat terkirim",
    "session": "sesi yang terbuka",
    "status": "jawaban HTTP",
    "tried": "akun lain yang dicoba",
    "trusted": "dipercaya peramban",
    "uid": "nomor pengguna",
    "under": "di bawah batas",
    "under_bytes": "bita di bawah batas",
    "under_quota": "di dalam ruang simpan",
    "under_size": "di bawah berkas terbesar",
    "used_bytes": "byte terpakai",
    "user": "pengguna",
    "webdav": "WebDAV",
    "within": "tidak melebihi batas",
    "writes": "dapat menulis",
}
#: what it saw there, where that is a word of the engine's
VALUES: Mapping[str, str] = {
    "EDQUOT": "ditolak, kuota penuh",
    "accepted": "diterima",
    "bytes sent": "dikirim utuh",
    "declared length": "panjang yang dinyatakan",
    "declared length, the size rule alone refused what fits": "panjang yang dinyatakan; yang masih muat hanya ditolak "
    "aturan berkas terbesar",
    "forbidden": "ditolak aturan",
    "frozen": "halaman pembekuan",
    "full": "ditolak, ruang penuh",
    "gone": "tidak dilayani",
    "made": "dibuat",
    "no answer": "tidak menjawab",
    "no quota": "tanpa batas",
    "not full": "ada ruang",
    "ok": "diterima",
    "probe in the same groups": "akun uji dalam kelompok yang sama",
    "permitted": "diizinkan",
    "refused": "ditolak",
    "served": "dilayani",
}


def in_words(values: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return each value as (what it is, how it stands): {'login': True} -> [('dapat masuk', 'ya')]."""
    return [(NAMES.get(name, name), _said(seen)) for name, seen in values.items()]


def _said(seen: object) -> str:
    if isinstance(seen, Mapping):
        return ", ".join(f"{name}: {text}" for name, text in in_words(seen))
    if isinstance(seen, str) and seen.startswith("answers "):
        return f"menjawab {seen.removeprefix('answers ')}"
    return VALUES.get(seen, seen) or value(seen) if isinstance(seen, str) else value(seen)
