"""What does the plan page say of a hosting beside its changes? Indonesian; shown, never digested."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from provisioner.digests import Value
from provisioner.facts import apache, storage_limit
from provisioner.facts.estate import Host
from provisioner.facts.property import Undo
from provisioner.kinds.hosting import capacity, change, effect, rotation, suspension
from provisioner.kinds.hosting import host as shared_host
from provisioner.kinds.hosting.stages import PROPERTIES
from provisioner.kinds.port import Question
from provisioner.plans.hold import amounts
from provisioner.plans.plan import Part

_NUMBERS = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam")
_ENGINES = {"mariadb": "MariaDB", "postgresql": "PostgreSQL"}
_ENFORCEMENT: Mapping[str, str] = {
    storage_limit.BTRFS: "Batas ruang simpan ditegakkan kernel (kuota sederhana btrfs, kelompok tingkat 1).",
    storage_limit.PROJECT: "Batas ruang simpan ditegakkan kernel (kuota proyek); belum dibuktikan pada kernel lab.",
    storage_limit.MEASURED: "Batas ruang simpan TIDAK ditegakkan host ini: pemakaian diukur dan diberi peringatan.",
    apache.MOD_BW: "Bandwidth dibatasi mod_bw: satu laju dibagi semua pengunjung situs.",
    apache.MOD_RATELIMIT: "Bandwidth dibatasi mod_ratelimit: laju berlaku untuk tiap jawaban, bukan seluruh situs.",
}
_PATHS: Mapping[str, str] = {
    "direct": "Pengunjung langsung mencapai alamat host.",
    "nat": "Alamat umum diterjemahkan (NAT) ke alamat dalam host.",
    "proxy": "Pengunjung lewat proksi terbalik atau WAF pada alamat umum.",
}
NOT_COMPARED = (
    "Kata sandi: hanya versinya yang dibandingkan; masuknya dicoba sesudah pelaksanaan.",
    "Nomor seri dan pembaruan sertifikat: penerbit, nama dan sisa hari diperiksa.",
    "Pemakaian dan ruang kosong: dilihat, tidak mengubah sidik rencana kecuali batas terlampaui.",
    "Apakah batas benar-benar menggigit: setelannya dibandingkan, akibatnya dicoba.",
    "Isi direktori situs dan isi basis data.",
    ".htaccess: hanya arahan dari daftar tertutup; RewriteRule dilewati (pakai FallbackResource).",
    "Ekstensi PHP: terpasang untuk seluruh host, tidak dapat dibatasi per situs; yang diminta harus ada di host.",
)


def page(question: Question, choices: Mapping[str, Value], parts: tuple[Part, ...]) -> Mapping[str, Any]:
    """Return all that `Kind.page` may say, and `path`: how visitors reach the site."""
    host = question.estate.hosts[str(choices["host"])]
    return {
        "sentence": sentence(question, choices, parts),
        "columns": _columns(question, choices, host),
        "neighbours": effect.neighbours(question, choices, host),
        "capacity": capacity.rows(question, host),
        "why_here": _why_here(question, host) if question.item is None else [],
        "path": _path(choices),
        "enforcement": [_ENFORCEMENT[str(choices[key])] for key in ("storage_driver", "bandwidth_driver")],
        "alarms": effect.alarms_of(question, choices),
        "cannot_undo": cannot_undo(parts),
        "not_compared": [*NOT_COMPARED, *_NOT_TRIED.get(question.verb, ()), *change.not_looked(question, choices)],
    }


def sentence(question: Question, choices: Mapping[str, Any], parts: Sequence[Part]) -> str:
    """Say in one sentence what approval does."""
    if not any(part.tasks for part in parts):
        name, host = choices["names"][0], choices["host"]
        recorded = change.record_only(question, choices) if question.item else ""
        return recorded or f"Tidak ada yang perlu diubah: {name} di {host} sudah seperti yang diminta."
    return _SENTENCES[question.verb](question, choices)


def _of_create(_: Question, choices: Mapping[str, Any]) -> str:
    names = _NUMBERS[len(choices["names"])]
    engine = _ENGINES.get(choices["database"])
    database = f", satu basis data {engine}" if engine else ""
    made = f"Gerbang membuat situs {choices['names'][0]} di {choices['host']}{database} dan {names} nama DNS"
    return f"Jika disetujui, {made}. Tidak ada situs lain yang diubah."


def _of_terminate(_: Question, choices: Mapping[str, Any]) -> str:
    return (
        f"Jika disetujui, Gerbang menutup situs {choices['names'][0]} di {choices['host']} dan menyimpan arsipnya; "
        "sesudah masa tenggang, akun, berkas dan basis datanya dihapus. Tidak ada situs lain yang diubah."
    )


_SENTENCES: Mapping[str, Callable[[Question, Mapping[str, Any]], str]] = {
    "create": _of_create,
    "change": change.sentence,
    "suspend": suspension.suspend_sentence,
    "resume": suspension.resume_sentence,
    "rotate": rotation.sentence,
    "appoint": rotation.appoint_sentence,
    "terminate": _of_terminate,
}
_NOT_TRIED: Mapping[str, tuple[str, ...]] = {
    "change": change.NOT_TRIED,
    "suspend": suspension.SUSPEND_NOT_TRIED,
    "resume": suspension.RESUME_NOT_TRIED,
    "rotate": rotation.NOT_TRIED,
    "appoint": (*rotation.NOT_TRIED, *rotation.APPOINT_NOT_TRIED),
}


def _columns(question: Question, choices: Mapping[str, Any], host: Host) -> list[dict[str, Any]]:
    """Diminta, direncanakan, sisa setelahnya: of a new site every field and sum, of a change what it changes."""
    if not shared_host.takes_shares(question):
        return []
    shares = _shares(question, host)
    if question.item is None:
        return [*_asked(question, choices), *shares.values()]
    return change.columns(question, {sum_: {k: row[k] for k in ("left", "bar")} for sum_, row in shares.items()})


def _asked(question: Question, choices: Mapping[str, Any]) -> list[dict[str, Any]]:
    wish, asked_for = question.wish, question.requested or question.wish
    address = ", ".join([*choices["address"]["A"], *choices["address"]["AAAA"]])
    php = f"PHP {choices['php_version']}" if choices["php_version"] else "halaman statis"
    return [
        _row("Nama", asked_for["sub_domain"], ", ".join(choices["names"])),
        _row("Alamat IP", "-", f"{address} (dipakai bersama)"),
        _row("Bahasa", asked_for["runtime"], php),
        _row("Ekstensi PHP", ", ".join(asked_for["extensions"]) or "-", ", ".join(wish["extensions"]) or "tidak ada"),
        _row(
            ".htaccess", _yes(asked_for["htaccess"]), "daftar arahan tertutup" if wish["htaccess"] else "tidak dibaca"
        ),
        _row("Tugas terjadwal", asked_for["cron"], "private/cron.php" if wish["cron"] != "none" else "tidak ada"),
        _row("Surat keluar", _yes(asked_for["outgoing_mail"]), _yes(wish["outgoing_mail"])),
        _row("Basis data", asked_for["database"], _ENGINES.get(wish["database"], "tidak ada")),
    ]


def _shares(question: Question, host: Host) -> dict[str, dict[str, Any]]:
    """Each sum of the host, by its pool's last word: what is left afterwards, and a bar of what is promised of it."""
    rows, kept = {}, amounts(question.kept)
    was_asked = shared_host.shares(replace(question, wish=question.requested or question.wish), host)
    for share, of_opd in zip(shared_host.shares(question, host), was_asked, strict=True):
        written = shared_host.written(share.pool)
        left = f"{written(share.left)} dari {written(share.limit)}"
        row = _row(share.label, written(of_opd.asked), written(share.asked), left)
        promised = {"now": share.held + kept[share.pool], "after": share.held + share.asked, "limit": share.limit}
        rows[share.pool.partition(":")[2]] = {**row, "bar": promised}
    return rows


def _yes(value: object) -> str:
    return "ya" if value else "tidak"


def _row(label: str, wished: str, planned: str, left: str = "-") -> dict[str, Any]:
    return {"label": label, "asked": wished, "planned": planned, "left": left}


def _why_here(question: Question, chosen: Host) -> list[str]:
    """Say of each host why it was taken or not."""
    lines = []
    for host in question.estate.in_group(shared_host.GROUP):
        reasons = shared_host.refuse(question, host)
        left = shared_host.shares(question, host)[0].left
        if host.name == chosen.name:
            why = "pilihan rencana sebelumnya" if question.previous else "sisa ruang simpan terbanyak, lalu urutan nama"
            lines.append(f"{host.name} dipilih: {why} ({shared_host.amount(left)} setelahnya).")
        elif shared_host.unseen(question, host):
            names = "apakah situs di sana memakai nama yang sama, tidak diketahui"
            lines.append(f"{host.name} tidak menjawab, tidak dipertimbangkan; {names}.")
        elif reasons:
            lines.append(f"{host.name} tidak cocok: {'; '.join(reason.what for reason in reasons)}.")
        else:
            lines.append(f"{host.name} cocok, tetapi tidak dipilih (sisa {shared_host.amount(left)}).")
    return lines


def _path(choices: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kind": choices["path"],
        "public": choices["address"],
        "internal": choices["address_internal"],
        "shared_address": True,
        "sentence": _PATHS[choices["path"]] + " Alamat dipakai bersama situs lain di host ini.",
    }


def cannot_undo(parts: Sequence[Part]) -> list[str]:
    """Name each change that cannot be taken back."""
    return [
        f"{PROPERTIES[change.system][change.property].label} {change.spot.object} di {change.spot.host}"
        for part in parts
        for change in part.changes
        if change.undo is Undo.NONE
    ]
