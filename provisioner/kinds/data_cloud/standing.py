"""What stands there once an account is delivered: in one sentence, with its address and its limits?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.digests import Value
from provisioner.kinds.data_cloud import file_types, handover, traffic
from provisioner.kinds.data_cloud import wish as asked
from provisioner.kinds.port import Limit, Measure, Standing

NOT_COUNTED = "tempat sampah dan versi lama berkas"
#: what the size rule does not hold: it asks the length that an upload declares, and there are clients that do not
LARGEST_TRUSTS = (
    "server memercayai ukuran yang disebut pengunggah, dan unggahan yang menyebut lain hanya dibatasi ruang simpan"
)
MEASURES = (
    Measure(name="storage_used_bytes", label="Ruang simpan", unit="bytes", not_counted=NOT_COUNTED),
    Measure(
        name="last_login_unix_seconds",
        label="Masuk terakhir",
        unit="unix_seconds",
        not_counted="perangkat yang menyinkronkan tanpa masuk baru",
    ),
)


def standing(wish: Mapping[str, Any], choices: Mapping[str, Value]) -> Standing:
    """Tell it from what was granted and chosen; nothing is looked at."""
    made: Mapping[str, Any] = choices
    types = ", ".join(file_types.WORDS[name] for name in wish["file_types"])
    return Standing(
        sentence=f"Akun cloud {made['account']} ({wish['display_name']}) di server {made['host']}, untuk {types}. "
        f"Traffic {wish['traffic_mbit']} Mbit/s {traffic.said(made)}. Pemakaian tidak menghitung {NOT_COUNTED}.",
        address=str(made["url"]),
        limits=_limits(wish, made),
        ends={},
        access=handover.access(made),
        archive="Isi akun diunduh sendiri oleh pemiliknya di server itu; tidak ada yang dapat ditambahkan lagi.",
        fetches_single_files=True,
    )


def _limits(wish: Mapping[str, Any], made: Mapping[str, Any]) -> tuple[Limit, ...]:
    """Return the limits that are numbers; what is not measured has no `measure`."""
    traffic_rate = asked.traffic_bytes_per_second(wish)
    return (
        Limit(label="Ruang simpan", granted=int(made["quota_bytes"]), unit="bytes", measure="storage_used_bytes"),
        Limit(label="Berkas terbesar", granted=int(made["largest_bytes"]), unit="bytes", measure=""),
        Limit(label="Traffic", granted=traffic_rate, unit="bytes_per_second", measure=""),
    )
