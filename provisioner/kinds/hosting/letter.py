"""What does a letter say of a hosting? Indonesian; asked and granted side by side, and what holds the site to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from provisioner.digests import Value
from provisioner.facts import apache, storage_limit
from provisioner.kinds.hosting.wish import FIELDS
from provisioner.letters.line_report import LineReport, Row
from provisioner.requests.reading import said

NOT_ENFORCED = "tidak ditegakkan: "
_MEASURED = f"{NOT_ENFORCED}diukur harian dan diperingatkan"
_STORAGE: Mapping[str, str] = {
    storage_limit.BTRFS: "kuota btrfs pada host",
    storage_limit.PROJECT: "kuota proyek pada host",
    storage_limit.MEASURED: _MEASURED,
}
_BANDWIDTH: Mapping[str, str] = {
    apache.MOD_BW: "Apache mod_bw, seluruh situs",
    apache.MOD_RATELIMIT: f"Apache mod_ratelimit, tiap jawaban; {NOT_ENFORCED}jumlah seluruh situs",
}
_ENGINES = {"mariadb": "MariaDB", "postgresql": "PostgreSQL", "none": "tidak ada"}
_CRON = {"none": "tidak ada", "every_15_minutes": "tiap 15 menit", "hourly": "tiap jam", "daily": "tiap hari"}
_BY_VERB: Mapping[str, str] = {
    "create": "Situs https://{name}/ telah berdiri pada host bersama {host}.",
    "change": "Perubahan atas situs https://{name}/ telah dilaksanakan.",
    "suspend": "Situs {name} telah dibekukan: pengunjung mendapat keterangan, masuknya ditutup, isinya tetap disimpan.",
    "resume": "Situs https://{name}/ telah diaktifkan kembali seperti sebelum dibekukan.",
    "rotate": "Kata sandi situs {name} telah diganti; yang lama tidak berlaku lagi.",
    "appoint": "Penanggung jawab teknis situs https://{name}/ telah diganti; semua kata sandinya baru.",
    "terminate": "Situs {name} telah ditutup; akun, berkas dan basis datanya dihapus sesudah masa tenggang.",
}
_OTHERWISE = "Permohonan atas situs {name} telah dilaksanakan."
_ADDRESS_NOTE = "Alamat IP dipakai bersama situs lain pada host yang sama; nama di atas hanya menuju situs ini."
_BACKUP_NOTE = "Cadangan (backup) isi situs belum disediakan; simpanlah salinannya sendiri."


def report(verb: str, asked: Mapping[str, Any], granted: Mapping[str, Any], choices: Mapping[str, Value]) -> LineReport:
    """Tell one line: the site, each limit as asked and as granted with what enforces it; never a secret."""
    at: Mapping[str, Any] = choices
    name = str(at["names"][0])
    told = _BY_VERB.get(verb, _OTHERWISE)
    return LineReport(
        title=f"Hosting situs web {name}",
        sentences=(told.format(name=name, host=at["host"]),),
        rows=tuple(_ROWS.get(verb, _no_rows)(asked, granted, at)),
        notes=(_ADDRESS_NOTE, _BACKUP_NOTE) if verb == "create" else (),
    )


def _changed(asked: Mapping[str, Any], granted: Mapping[str, Any], at: Mapping[str, Any]) -> list[Row]:
    """One row a field that the change names, with what enforces it; the others stay as they were told."""
    enforced = {name: by for _, name, _, by in _fields({"runtime": "php", "database": "any", **granted}, at) if by}
    enforced["upload_mb"] = "PHP, dibaca balik"  # a change holds no password to try it with
    return [
        Row(
            label=field.label,
            asked=said(field, asked.get(field.name)),
            granted=said(field, value),
            enforced=enforced.get(field.name, "-"),
        )
        for field in FIELDS
        if (value := granted.get(field.name)) is not None
    ]


def _no_rows(_: Mapping[str, Any], __: Mapping[str, Any], ___: Mapping[str, Any]) -> list[Row]:
    return []


def _rows(asked: Mapping[str, Any], granted: Mapping[str, Any], at: Mapping[str, Any]) -> list[Row]:
    """One row a field that this wish has."""
    address = ", ".join([*at["address"]["A"], *at["address"]["AAAA"]])
    rows = [
        Row(label="Nama", asked=_names(asked), granted=", ".join(at["names"]), enforced="-"),
        Row(label="Alamat IP", asked="-", granted=f"{address} (bersama)", enforced="-"),
    ]
    for label, field, write, enforced in _fields(granted, at):
        if granted.get(field) is not None:
            rows.append(_row(label, asked.get(field), granted[field], write, enforced))
    return rows


def _fields(granted: Mapping[str, Any], at: Mapping[str, Any]) -> list[tuple[str, str, Callable[[Any], str], str]]:
    php, database = granted.get("runtime") == "php", granted.get("database", "none") != "none"
    found: list[tuple[str, str, Callable[[Any], str], str]] = [
        ("Bahasa", "runtime", lambda value: _runtime(value, at), ""),
        ("Ruang simpan", "storage_gb", _gigabytes, _STORAGE[str(at["storage_driver"])]),
        ("Bandwidth", "bandwidth_mbit", lambda value: f"{value} Mbit/s", _BANDWIDTH[str(at["bandwidth_driver"])]),
    ]
    if php:
        extensions = f"{NOT_ENFORCED}ada pada seluruh host"
        found += [
            ("Ekstensi PHP", "extensions", lambda value: ", ".join(value) or "tidak ada", extensions),
            ("Unggahan", "upload_mb", lambda value: f"{value} MB", "PHP, diuji"),
            ("Tugas terjadwal", "cron", lambda value: _CRON.get(str(value), str(value)), "penjadwal host"),
            ("Surat keluar", "outgoing_mail", _yes, ""),
        ]
    found.append(("Basis data", "database", lambda value: _ENGINES.get(str(value), str(value)), ""))
    if database:
        found.append(("Ukuran basis data", "database_gb", _gigabytes, _MEASURED))
    found.append((".htaccess", "htaccess", _yes, "daftar arahan tertutup" if granted.get("htaccess") else ""))
    return found


def _row(label: str, asked: Any, granted: Any, write: Callable[[Any], str], enforced: str) -> Row:
    wished = "-" if asked is None else write(asked)
    return Row(label=label, asked=wished, granted=write(granted), enforced=enforced or "-")


def _runtime(value: Any, at: Mapping[str, Any]) -> str:
    return f"PHP {at['php_version']}" if value == "php" and at.get("php_version") else "halaman statis"


def _names(asked: Mapping[str, Any]) -> str:
    second = asked.get("second_name", "none")
    return f"{asked['sub_domain']}" + ("" if second == "none" else f" dan {second}")


def _gigabytes(value: Any) -> str:
    return f"{value} GB"


def _yes(value: Any) -> str:
    return "ya" if value else "tidak"


_ROWS: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]], list[Row]]] = {
    "create": _rows,
    "change": _changed,
}
