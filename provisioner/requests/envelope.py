"""Which fields does every request have, whatever is asked for? The tables beside those of the kinds."""

from __future__ import annotations

from provisioner.requests.field_types import Choice, Text
from provisioner.requests.fields import Field
from provisioner.requests.person_types import (
    Email,
    FutureDate,
    LetterNumber,
    Nip,
    PastDate,
    PersonName,
    Phone,
    Subject,
)

OPD = Field(
    name="opd",
    type=Text(pattern=r"[A-Z][A-Z0-9_-]{1,29}", asks="tulis kode OPD dengan huruf besar, misalnya DISDIK", longest=30),
    label="OPD pemohon",
)
APPLICATION_NAME = Field(name="application_name", type=Subject, label="Nama aplikasi")
PROCEDURE = Field(
    name="procedure",
    type=Text(pattern=r"[a-z][a-z0-9_]{1,59}", asks="tulis id prosedur, misalnya tarakan_hosting", longest=60),
    label="Prosedur",
    required=False,
)

LETTER = (
    Field(name="number", type=LetterNumber, label="Nomor surat"),
    Field(name="date", type=PastDate, label="Tanggal surat"),
    Field(name="subject", type=Subject, label="Perihal surat"),
)

EMPLOYMENT_WORDS = {"asn": "ASN", "non_asn": "bukan ASN (kontrak)"}
_CONTACT = (
    Field(name="position", type=Subject, label="Jabatan", personal=True),
    Field(name="email", type=Email, label="Surel", personal=True),
    Field(name="phone", type=Phone, label="Nomor telepon", personal=True),
)

ADMINISTRATIVE = (
    Field(name="name", type=PersonName, label="Nama", personal=True),
    Field(name="nip", type=Nip, label="NIP", personal=True),
    *_CONTACT,
)

TECHNICAL = (
    Field(name="name", type=PersonName, label="Nama", personal=True),
    Field(
        name="employment", type=Choice, label="Status kepegawaian", choices=("asn", "non_asn"), words=EMPLOYMENT_WORDS
    ),
    Field(name="nip", type=Nip, label="NIP", personal=True, needs=("employment", ("asn",))),
    Field(
        name="contract_number",
        type=LetterNumber,
        label="Nomor SK atau kontrak",
        personal=True,
        needs=("employment", ("non_asn",)),
    ),
    Field(
        name="contract_end",
        type=FutureDate,
        label="Akhir kontrak",
        required=False,
        needs=("employment", ("non_asn",)),
        help="bawaan: 31 Desember tahun ini",
    ),
    *_CONTACT,
)
