"""How are dates, durations, sizes and states said on a page? Indonesian, in the office's zone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from provisioner.letters.dates import day_of as day
from provisioner.letters.dates import moment

__all__ = ["day", "duration", "moment", "percent", "size", "state_word", "time_of_day", "value"]

GIB = 1024**3


@dataclass(frozen=True, kw_only=True)
class StateWord:
    """A state as word, icon and colour together; the same everywhere. `tone` is one of the five of pages.md."""

    word: str
    icon: str
    tone: str


def _waiting(word: str) -> StateWord:
    return StateWord(word=word, icon="waiting", tone="waiting")


def _running(word: str) -> StateWord:
    return StateWord(word=word, icon="running", tone="running")


def _done(word: str) -> StateWord:
    return StateWord(word=word, icon="done", tone="done")


def _attention(word: str) -> StateWord:
    return StateWord(word=word, icon="attention", tone="attention")


def _failed(word: str) -> StateWord:
    return StateWord(word=word, icon="failed", tone="failed")


#: by noun, because the same word of the engine can mean two things: a decided line waits, a decided request too
STATES: Mapping[str, Mapping[str, StateWord]] = {
    "request": {
        "draft": _waiting("konsep"),
        "open": _waiting("diproses"),
        "waiting_for_opd": _attention("menunggu OPD"),
        "decided": _waiting("sudah diputuskan"),
        "running": _running("dilaksanakan"),
        "delivered": _done("diserahkan"),
        "closed": _done("selesai"),
        "failed": _failed("gagal"),
        "rejected": _failed("ditolak"),
        "withdrawn": _waiting("ditarik"),
    },
    "line": {
        "open": _waiting("menunggu keputusan"),
        "decided": _waiting("disetujui"),
        "running": _running("dilaksanakan"),
        "delivered": _done("diserahkan"),
        "failed": _failed("gagal"),
        "rejected": _failed("ditolak"),
        "withdrawn": _waiting("ditarik"),
    },
    "plan": {
        "asked": _waiting("menunggu dilihat"),
        "looking": _running("sedang dilihat"),
        "current": _done("siap diputuskan"),
        "impossible": _failed("tidak mungkin"),
        "unreachable": _attention("sistem tidak menjawab"),
        "stale": _attention("sudah berubah"),
        "superseded": _waiting("diganti rencana baru"),
    },
    "decision": {
        "approved": _done("disetujui"),
        "adjusted": _done("disetujui dengan penyesuaian"),
        "rejected": _failed("ditolak"),
        "returned": _attention("dikembalikan"),
    },
    "run": {
        "queued": _waiting("menunggu giliran"),
        "looking": _running("melihat keadaan"),
        "applying": _running("berjalan"),
        "verifying": _running("diuji dari luar"),
        "done": _done("selesai"),
        "stale": _attention("keadaan berubah, tidak ada yang disentuh"),
        "refused": _failed("ditolak sebelum mulai"),
        "undoing": _running("dibatalkan satu per satu"),
        "failed": _failed("gagal, semua dibatalkan"),
        "cancelled": _failed("dihentikan, semua dibatalkan"),
        "needs_attention": _attention("perlu perhatian"),
        "waiting_for_person": _attention("menunggu orang"),
        "waiting_until": _waiting("menunggu tanggal"),
        "unknown": _attention("belum diketahui, akan dilihat lagi"),
    },
    "task": {
        "waiting": _waiting("menunggu"),
        "running": _running("berjalan"),
        "changed": _done("selesai"),
        "same": _done("sudah sesuai"),
        "failed": _failed("gagal"),
        "foreign": _failed("milik pihak lain, tidak disentuh"),
        "cancelled": _attention("dihentikan"),
        "undone": StateWord(word="dibatalkan", icon="undone", tone="attention"),
        "failed_undone": StateWord(word="gagal, lalu dibatalkan", icon="failed", tone="failed"),
        "not_started": _waiting("tidak dimulai"),
    },
    "item": {
        "active": _done("aktif"),
        "suspended": _attention("dibekukan"),
        "ending": _attention("sedang diakhiri"),
        "terminated": _waiting("sudah berakhir"),
    },
    "hold": {
        "held": _waiting("dicadangkan"),
        "committed": _done("dipakai"),
        "quarantined": _attention("ditahan sesudah berakhir"),
    },
    "secret": {
        "made": _waiting("belum dapat diambil"),
        "claimable": _attention("menunggu diambil"),
        "claimed": _done("sudah diambil"),
        "destroyed": _waiting("sudah dihancurkan"),
    },
    "letter": {
        "drafted": _waiting("konsep"),
        "due": _running("sedang dicetak"),
        "filed": _running("sedang dikirim"),
        "stuck": _attention("belum terkirim"),
        "sent": _done("terkirim"),
    },
    "step": {
        "done": _done("selesai"),
        "now": _running("sekarang"),
        "to_come": _waiting("nanti"),
        "dropped": _waiting("tidak dikerjakan"),
    },
}
#: what an OPD can ask of its item: what the button says, and what the verb does
VERBS: Mapping[str, tuple[str, str]] = {
    "change": ("Ubah layanan", "Batas lebih besar atau lebih kecil, dan isian lain yang boleh berubah."),
    "rotate": ("Ganti kata sandi", "Kata sandi lama berhenti berlaku; yang baru diambil sekali di halaman kredensial."),
    "appoint": ("Tunjuk petugas lain", "Orang lain menjadi penanggung jawab; kata sandi lama diganti."),
    "suspend": ("Bekukan layanan", "Tidak dapat dipakai siapa pun sampai dibuka kembali; isi dan batasnya tetap."),
    "resume": ("Buka kembali", "Layanan yang dibekukan berjalan lagi seperti semula."),
    "transfer": ("Pindahkan ke OPD lain", "OPD lain menjadi pemilik layanan ini."),
    "renew": ("Perpanjang", "Masa berlaku layanan ditambah."),
    "repair": ("Perbaiki penyimpangan", "Keadaan di host dikembalikan seperti yang disetujui."),
    "terminate": ("Akhiri layanan", "Layanan ditutup, arsipnya dapat diambil; sesudah masa tenggang isinya dihapus."),
}
#: what a credential is for, by the protocol it is used with
USES = {
    "sftp": "mengunggah berkas situs (SFTP)",
    "mariadb": "basis data MariaDB",
    "postgresql": "basis data PostgreSQL",
    "nextcloud": "masuk ke akun cloud, di peramban dan aplikasi Nextcloud",
}
VERB_LABELS = {"create": "Dibuat", **{verb: label for verb, (label, _) in VERBS.items()}}
SYSTEMS: Mapping[str, str] = {
    "account": "Akun dan kuota",
    "apache": "Apache",
    "php_fpm": "PHP-FPM",
    "mariadb": "MariaDB",
    "postgresql": "PostgreSQL",
    "dns": "DNS",
    "certificate": "Sertifikat",
    "nextcloud": "Nextcloud",
}


def state_word(noun: str, state: str) -> StateWord:
    """Return how a state is said; one that has no words yet is shown as it is, in amber."""
    return STATES[noun].get(state, _attention(state))


def time_of_day(at: datetime, zone: str) -> str:
    """Write the time in the office's zone to the second: '10.15.04'."""
    return f"{at.astimezone(ZoneInfo(zone)):%H.%M.%S}"


def value(seen: object) -> str:
    """Write a value that a trial wanted or saw: True -> 'ya', [] -> 'tidak ada', {'status': 200} -> 'status 200'."""
    if isinstance(seen, bool):
        return "ya" if seen else "tidak"
    if seen is None or seen in ([], {}, ""):
        return "tidak ada"
    if isinstance(seen, Mapping):
        return ", ".join(f"{name} {value(inner)}" for name, inner in seen.items())
    if isinstance(seen, list | tuple):
        return ", ".join(value(inner) for inner in seen)
    return str(seen)


def duration(seconds: float | None) -> str:
    """Write a duration: 0.4 -> 'kurang dari 1 detik', 12.2 -> '12 detik', 75 -> '1 menit 15 detik'."""
    if seconds is None:
        return ""
    whole = round(seconds)
    if whole < 1:
        return "kurang dari 1 detik"
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    parts = ((hours, "jam"), (minutes, "menit"), (left, "detik"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def size(count: int | None) -> str:
    """Write bytes: 5368709120 -> '5 GB', 73400320 -> '70 MB', None -> 'belum diukur'."""
    if count is None:
        return "belum diukur"
    for unit, factor in (("GB", GIB), ("MB", 1024**2), ("KB", 1024)):
        if count >= factor:
            return f"{count / factor:.1f}".removesuffix(".0").replace(".", ",") + f" {unit}"
    return f"{count} B"


def rate(count: int) -> str:
    """Write bytes a second as people here do: 1250000 -> '10 Mbit/s'."""
    return f"{count / 125_000:.1f}".removesuffix(".0").replace(".", ",") + " Mbit/s"


def amount(count: int | None, unit: str) -> str:
    """Write an amount in its unit, 'bytes', 'bytes_per_second' or 'count'; None: 'belum diukur'."""
    if count is None or unit == "bytes":
        return size(count)
    return rate(count) if unit == "bytes_per_second" else str(count)


def percent(part: float, whole: float) -> str:
    """Write a share: 12.5 of 100 -> '12,5 %'."""
    return f"{100 * part / whole:.1f}".removesuffix(".0").replace(".", ",") + " %" if whole else "tanpa batas"
