"""What can be asked of a cloud account? The field table; form, API, YAML and OpenAPI are made from it.

Who is responsible stands in the letter (technical person), as for every kind: a wish lies in rows that are never
rewritten, a person's data must be erasable.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.kinds.data_cloud import file_types
from provisioner.requests.account_id import AccountId
from provisioner.requests.field_types import GigaBytes, Megabits, MegaBytes, SomeOf
from provisioner.requests.fields import Field
from provisioner.requests.person_types import Email, Prose, Subject

GIB = 1024**3
MIB = 1024**2
BYTES_PER_SECOND_OF_A_MBIT = 125_000
#: what every limit class's group begins with; no other group of ours does
LIMIT_GROUPS = "gerbang-limit-"
#: the four limits of the standard: none of them may ever be missing (R-DC1)
LIMITS = ("quota_gb", "largest_file_mb", "file_types", "traffic_mbit")

FIELDS: tuple[Field, ...] = (
    Field(
        name="account_id",
        type=AccountId,
        label="Id akun",
        sole="id akun",
        help="yang diketik untuk masuk, misalnya arsip.disdik",
        settled="id melekat pada akun dan isinya: ajukan akun baru dengan id lain, pindahkan isinya, lalu akhiri ini",
    ),
    Field(
        name="display_name",
        type=Prose(longest=64),
        label="Nama tampilan",
        help="nama unit, bukan nama orang, misalnya Arsip Dinas Pendidikan",
    ),
    Field(
        name="email",
        type=Email,
        label="Surel akun",
        required=False,
        help="alamat kedinasan unit; tanpa ini sandi yang lupa hanya diganti lewat kantor",
    ),
    Field(
        name="quota_gb",
        type=GigaBytes,
        label="Ruang simpan",
        required=False,
        default=5,
        minimum=1,
        maximum=1000,
        bound="data_cloud.quota_gb",
        default_why="cukup untuk dokumen setahun sebuah unit",
    ),
    Field(
        name="largest_file_mb",
        type=MegaBytes,
        label="Berkas terbesar",
        required=False,
        default=512,
        minimum=1,
        maximum=10240,
        bound="data_cloud.largest_file_mb",
        within=("quota_gb", 1024),
        default_why="pindaian dan foto muat, rekaman rapat panjang tidak",
    ),
    Field(
        name="file_types",
        type=SomeOf(least=1, alone=file_types.ALL),
        label="Jenis berkas",
        required=False,
        default=["dokumen", "gambar"],
        choices=file_types.NAMES,
        bound="data_cloud.file_types",
        words=file_types.WORDS,
        help="yang boleh disimpan; yang lain ditolak saat diunggah",
        default_why="yang dipakai kantor sehari-hari, tanpa program",
    ),
    Field(
        name="traffic_mbit",
        type=Megabits,
        label="Traffic",
        required=False,
        default=10,
        minimum=1,
        maximum=1000,
        bound="data_cloud.traffic_mbit",
        default_why="jalur internet kantor dipakai bersama",
    ),
    Field(name="purpose", type=Subject, label="Keperluan", help="untuk apa akun ini dipakai"),
)


def quota_bytes(wish: Mapping[str, Any]) -> int:
    """Return the storage asked for."""
    return int(wish["quota_gb"]) * GIB


def largest_bytes(wish: Mapping[str, Any]) -> int:
    """Return the largest file that may be sent."""
    return int(wish["largest_file_mb"]) * MIB


def traffic_bytes_per_second(wish: Mapping[str, Any]) -> int:
    """Return the traffic asked for: 10 Mbit/s are 1,250,000 bytes a second."""
    return int(wish["traffic_mbit"]) * BYTES_PER_SECOND_OF_A_MBIT


def limit_group(wish: Mapping[str, Any]) -> str:
    """Return the group of all who have the same size and types: 'gerbang-limit-512mb-dokumen-gambar', 64 at most."""
    edition = f"-e{file_types.EDITION}" if file_types.EDITION > 1 else ""
    return f"{LIMIT_GROUPS}{int(wish['largest_file_mb'])}mb-{'-'.join(wish['file_types'])}{edition}"


def opd_group(opd: str) -> str:
    """Return the group of the OPD, which carries no limit: opd_group('DISDIK') -> 'opd-disdik'."""
    return f"opd-{opd.lower()}"
