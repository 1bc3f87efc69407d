"""What does a change of a standing site want, when can it not be, and how is it told?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.digests import Value
from provisioner.facts.estate import Host
from provisioner.items.life import changed_fields
from provisioner.kinds.hosting import host as shared_host
from provisioner.kinds.hosting import site
from provisioner.kinds.hosting import wish as asked
from provisioner.kinds.hosting.host import amount
from provisioner.kinds.hosting.name import refuse_names
from provisioner.kinds.hosting.place import Place
from provisioner.kinds.port import Question
from provisioner.plans.compare import Stage
from provisioner.plans.plan import Reason
from provisioner.requests.fields import Field
from provisioner.requests.reading import said


def stages(question: Question, at: Place) -> tuple[Stage, ...]:
    """Visitors' names that go leave first, then all becomes as wanted, and what nothing leads to any more goes last."""
    assert question.item is not None
    gone = tuple(name for name in Place(question.item.choices).names if name not in at.names)
    wanted, pool = site.whole(question.wish, at), site.pool(question.wish, at)
    idle = (pool,) if pool.value is None else ()
    return (
        at.stage("withdraw", "unmake", tuple(at.in_zone("dns", name, "address", None) for name in gone)),
        at.stage("make", "make", tuple(one for one in wanted if one not in idle)),
        at.stage("clear", "unmake", (*idle, *site.forgotten(gone, at))),
    )


def refusals(question: Question, stands: Mapping[str, Value]) -> tuple[Reason, ...]:
    """Say why the site cannot be changed so: it does not move, its host has no more, or that much is used already."""
    host = question.estate.hosts.get(str(stands["host"]))
    wished = (question.wishes or {}).get("host")
    if host is None or wished not in (None, host.name):
        what = f"situs berdiri di {stands['host']} dan perubahan tidak memindahkannya"
        return (Reason(code="stays_on_host", what=what, mend="lihat lagi tanpa menyebut host lain"),)
    zone = str(stands["zone"])
    taken = refuse_names(question, asked.names_of(question.wish, zone), zone)
    return (*taken, *shared_host.refuse(question, host), *_below_use(question, host))


def _below_use(question: Question, host: Host) -> tuple[Reason, ...]:
    """Say where a smaller limit would be below what the site uses now: nothing is cut off from those who filled it."""
    assert question.item is not None
    found = []
    for thing, label, size in (
        ("storage", "ruang simpan", asked.storage_bytes),
        ("database", "basis data", asked.database_bytes),
    ):
        wanted, granted = size(question.wish), size(question.item.wish)
        used = question.seen.measurements.get(f"{host.name}/{question.item_id}:{thing}_used_bytes", 0)
        if wanted < granted and wanted < used:
            what = f"{label} {amount(wanted)} kurang dari yang terpakai sekarang ({amount(used)})"
            mend = f"minta sedikitnya {-(-used // asked.GIB)} GB, atau kosongkan sebagian lebih dahulu, lalu lihat lagi"
            found.append(Reason(code="below_use", what=what, mend=mend))
    return tuple(found)


# -- Said on the plan page --------------------------------------------------------------------------------------------

_SUMS = {
    "storage_gb": "storage_bytes",
    "database_gb": "database_bytes",
    "bandwidth_mbit": "bandwidth_bytes_per_second",
}
NOT_TRIED = (
    "Bandwidth, batas unggahan dan surat keluar: dibaca balik, tidak dicoba; sandi SFTP sudah diserahkan.",
    "Kata sandi yang sudah diserahkan: tidak disentuh, dan versinya tetap sama.",
)


def not_looked(question: Question, choices: Mapping[str, Any]) -> tuple[str, ...]:
    """Say of a name that comes to a standing site that only its own host was asked whether a site bears it."""
    others = question.estate.in_group(shared_host.GROUP)
    has = set() if question.item is None else {*Place(question.item.choices).names}
    if question.item is None or {*choices["names"]} <= has or not any(shared_host.unseen(question, h) for h in others):
        return ()
    return ("Situs di host lain: tidak dilihat; bahwa nama baru itu bebas, dikatakan DNS dan catatan Gerbang.",)


def changes_of(question: Question) -> list[tuple[Field, str, str]]:
    """Return what the wish changes, in the table's order: (field, 'semula', 'menjadi'), each in words."""
    has: Mapping[str, Any] = question.item.wish if question.item else {}
    moved = changed_fields(has, question.wish)
    return [(field, _said(field, has), _said(field, question.wish)) for field in asked.FIELDS if field.name in moved]


def sentence(question: Question, choices: Mapping[str, Any]) -> str:
    """Say in one sentence what approval changes, and what stays."""
    moved = [f"{field.label.lower()} {was} menjadi {now}" for field, was, now in changes_of(question)]
    told = "; ".join(moved) or "yang menyimpang dikembalikan"
    name, host = choices["names"][0], choices["host"]
    return (
        f"Jika disetujui, Gerbang mengubah situs {name} di {host}: {told}. "
        "Berkas, isi basis data dan kata sandinya tetap, dan tidak ada situs lain yang diubah."
    )


def record_only(question: Question, choices: Mapping[str, Any]) -> str:
    """Say what a change comes to that no host hears of; '' where nothing at all changes."""
    moved = [f"{field.label.lower()} {was} menjadi {now}" for field, was, now in changes_of(question)]
    if not moved:
        return ""
    only = f"Jika disetujui, hanya catatan {choices['names'][0]} yang berubah: {'; '.join(moved)}."
    return f"{only} Di host tidak ada yang disentuh."


def columns(question: Question, shares: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return one row a changed field: asked is what the OPD wrote, planned says what was and what shall be.

    `shares`: pool's last word ('storage_bytes') -> what is left of it, and its bar.
    """
    requested = question.requested or question.wish
    return [
        {
            "label": field.label,
            "asked": _said(field, requested),
            "planned": f"semula {was}, menjadi {now}",
            "left": "-",
            **shares.get(_SUMS.get(field.name, ""), {}),
        }
        for field, was, now in changes_of(question)
    ]


def _said(field: Field, wish: Mapping[str, Value]) -> str:
    return said(field, wish.get(field.name)) or "tidak ada"
