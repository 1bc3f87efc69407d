"""What can be asked of a hosting? The field table; form, API, YAML and OpenAPI are made from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.requests.field_types import Choice, Choices, Flag, GigaBytes, Megabits, MegaBytes
from provisioner.requests.fields import Field
from provisioner.requests.person_types import Date, LetterNumber
from provisioner.requests.sub_domain import SecondSubDomain, SubDomain

GIB = 1024**3
MIB = 1024**2
BYTES_PER_SECOND_OF_A_MBIT = 125_000
_PHP = ("runtime", ("php",))

# Debian's packages php<version>-<name>, and those every PHP of Debian has built in; a host offers its own part of them.
EXTENSIONS = ("bcmath", "curl", "gd", "imagick", "intl", "ldap", "mbstring", "mysql", "pgsql", "soap", "xml", "zip")

FIELDS: tuple[Field, ...] = (
    Field(
        name="placement",
        type=Choice,
        label="Penempatan",
        required=False,
        default="shared",
        choices=("shared", "dedicated"),
        not_yet={"dedicated": "mesin tersendiri menunggu penyedia Proxmox"},
        words={"shared": "host bersama", "dedicated": "mesin tersendiri"},
    ),
    Field(
        name="sub_domain",
        type=SubDomain,
        label="Sub domain",
        sole="nama situs",
        help="nama di bawah zona kantor, misalnya simpeg",
        settled="nama utama melekat pada layanan: ajukan hosting baru untuk nama lain, lalu akhiri yang lama",
    ),
    Field(
        name="second_name",
        type=SecondSubDomain,
        label="Nama kedua",
        sole="nama situs",
        shared=("none", "www"),
        required=False,
        default="none",
        words={"none": "tanpa nama kedua"},
        help="www, satu nama lain di bawah zona kantor, atau tanpa nama kedua",
    ),
    Field(
        name="runtime",
        type=Choice,
        label="Bahasa",
        choices=("static", "php"),
        help="pilih static atau php",
        words={"static": "halaman statis (static)", "php": "PHP (php)"},
    ),
    Field(
        name="extensions",
        type=Choices,
        label="Ekstensi PHP",
        required=False,
        default=[],
        choices=EXTENSIONS,
        needs=_PHP,
        help="yang dipakai aplikasinya saja",
    ),
    Field(
        name="upload_mb",
        type=MegaBytes,
        label="Unggahan terbesar",
        required=False,
        default=32,
        minimum=1,
        maximum=512,
        bound="hosting.upload_mb",
        needs=_PHP,
        default_why="cukup untuk dokumen pindaian dan foto",
    ),
    Field(
        name="htaccess",
        type=Flag,
        label="Berkas .htaccess",
        required=False,
        default=False,
        help="WordPress dan sejenisnya memerlukannya",
        default_why="tanpa berkas itu situs lebih cepat",
    ),
    Field(
        name="cron",
        type=Choice,
        label="Tugas terjadwal",
        required=False,
        default="none",
        choices=("none", "every_15_minutes", "hourly", "daily"),
        words={"none": "tidak ada", "every_15_minutes": "tiap 15 menit", "hourly": "tiap jam", "daily": "tiap hari"},
        needs=_PHP,
    ),
    Field(
        name="outgoing_mail",
        type=Flag,
        label="Surat keluar",
        required=False,
        default=False,
        needs=_PHP,
        help="aplikasi mengirim surel sendiri",
        default_why="surel dari situs yang diretas merusak nama seluruh kantor",
    ),
    Field(
        name="database",
        settled="isinya akan hilang: ajukan hosting baru dengan basis data lain, pindahkan isinya, lalu akhiri ini",
        type=Choice,
        label="Basis data",
        required=False,
        default="none",
        choices=("none", "mariadb", "postgresql"),
        words={"none": "tanpa basis data", "mariadb": "MariaDB", "postgresql": "PostgreSQL"},
        needs=_PHP,
    ),
    Field(
        name="storage_gb",
        type=GigaBytes,
        label="Ruang simpan",
        required=False,
        default=5,
        minimum=1,
        maximum=100,
        bound="hosting.storage_gb",
        default_why="kuota yang lazim bagi kabupaten dan kota",
    ),
    Field(
        name="database_gb",
        type=GigaBytes,
        label="Ukuran basis data",
        required=False,
        default=1,
        minimum=1,
        maximum=50,
        bound="hosting.database_gb",
        needs=("database", ("mariadb", "postgresql")),
        default_why="cukup untuk aplikasi yang baru dimulai",
    ),
    Field(
        name="bandwidth_mbit",
        type=Megabits,
        label="Bandwidth",
        required=False,
        default=10,
        minimum=1,
        maximum=1000,
        bound="hosting.bandwidth_mbit",
        default_why="jalur internet dipakai bersama situs lain",
    ),
    Field(
        name="electronic_system_category",
        type=Choice,
        label="Kategori sistem elektronik",
        choices=("strategis", "tinggi", "rendah"),
        help="menurut penilaian mandiri sistem elektronik",
    ),
    Field(
        name="security_test",
        type=Choice,
        label="Uji keamanan",
        required=False,
        default="belum",
        choices=("belum", "diajukan", "lulus", "dikecualikan"),
        default_why="uji dapat menyusul sebelum situs dibuka untuk umum",
    ),
    Field(
        name="security_test_report",
        type=LetterNumber,
        label="Nomor laporan uji keamanan",
        needs=("security_test", ("lulus", "dikecualikan")),
    ),
    Field(
        name="security_test_until",
        type=Date,
        label="Uji keamanan berlaku sampai",
        required=False,
        needs=("security_test", ("lulus", "dikecualikan")),
    ),
)


def names_of(wish: Mapping[str, Any], zone: str) -> tuple[str, ...]:
    """Return the site's names: ('simpeg.kota.lab', 'www.simpeg.kota.lab')."""
    first, second = f"{wish['sub_domain']}.{zone}", wish["second_name"]
    if second == "none":
        return (first,)
    return (first, f"www.{first}" if second == "www" else f"{second}.{zone}")


def storage_bytes(wish: Mapping[str, Any]) -> int:
    """Return the storage asked for."""
    return int(wish["storage_gb"]) * GIB


def database_bytes(wish: Mapping[str, Any]) -> int:
    """Return the database size asked for, 0 without a database."""
    return 0 if wish["database"] == "none" else int(wish["database_gb"]) * GIB


def bandwidth_bytes_per_second(wish: Mapping[str, Any]) -> int:
    """Return the bandwidth asked for: 10 Mbit/s are 1,250,000 bytes a second."""
    return int(wish["bandwidth_mbit"]) * BYTES_PER_SECOND_OF_A_MBIT


def upload_bytes(wish: Mapping[str, Any]) -> int:
    """Return the largest file that may be sent."""
    return int(wish["upload_mb"]) * MIB
