"""How are an item's verbs said in a letter?"""

from __future__ import annotations

from collections.abc import Mapping

from provisioner.items.item import Verb

VERBS: Mapping[str, str] = {
    Verb.CREATE: "Pembuatan",
    Verb.CHANGE: "Perubahan",
    Verb.SUSPEND: "Pembekuan",
    Verb.RESUME: "Pengaktifan kembali",
    Verb.ROTATE: "Penggantian kata sandi",
    Verb.TRANSFER: "Pengalihan",
    Verb.APPOINT: "Penunjukan penanggung jawab",
    Verb.RENEW: "Perpanjangan",
    Verb.ADOPT: "Pengambilalihan",
    Verb.REPAIR: "Perbaikan",
    Verb.TERMINATE: "Pengakhiran",
}
