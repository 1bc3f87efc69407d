"""Does the inventory say whole how a server's accounts are handed over?"""

from __future__ import annotations

from typing import Any

import pytest

from provisioner.facts.nextcloud_handover import faults, is_mailing, mode_of, waiting_email


@pytest.mark.parametrize(
    ("variables", "mode", "address"),
    [
        ({}, "claim", ""),
        ({"nextcloud_handover": None, "nextcloud_waiting_email": None}, "claim", ""),
        ({"nextcloud_handover": "claim"}, "claim", ""),
        ({"nextcloud_handover": "link", "nextcloud_waiting_email": " Tunggu@Kota.lab "}, "link", "tunggu@kota.lab"),
    ],
)
def test_what_is_whole_is_taken_and_an_address_as_the_server_keeps_it(
    variables: dict[str, Any], mode: str, address: str
) -> None:
    assert (mode_of(variables), waiting_email(variables), faults(variables)) == (mode, address, ())


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"nextcloud_handover": "surel"}, "nextcloud_handover 'surel' tidak dikenal"),
        ({"nextcloud_handover": True}, "nextcloud_handover 'True' tidak dikenal"),
        ({"nextcloud_handover": "link"}, "nextcloud_waiting_email belum ditulis"),
        ({"nextcloud_handover": "link", "nextcloud_waiting_email": "kantor"}, "'kantor' bukan alamat surel"),
        ({"nextcloud_handover": "link", "nextcloud_waiting_email": "a@b"}, "'a@b' bukan alamat surel"),
        ({"nextcloud_handover": "link", "nextcloud_waiting_email": "a@b.c\nd@e.f"}, "bukan alamat surel"),
        ({"nextcloud_handover": "link", "nextcloud_waiting_email": 7}, "'7' bukan alamat surel"),
    ],
)
def test_what_is_not_is_said_with_what_mends_it(variables: dict[str, Any], said: str) -> None:
    (fault,) = faults(variables)
    assert said in fault.what
    assert fault.mend.startswith("tulis ")


@pytest.mark.parametrize(
    ("data", "is_on"),
    [({"data": "yes"}, True), ({"data": ""}, True), ({"data": "no"}, False), ({"data": "1"}, False), ([], False)],
)
def test_whether_the_server_mails_is_read_as_the_server_itself_reads_it(data: Any, is_on: bool) -> None:
    assert is_mailing(data) is is_on
