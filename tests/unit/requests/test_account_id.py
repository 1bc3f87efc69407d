"""Is an account's id one that the server takes, and that nobody mistakes for another?"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.errors import Fault
from provisioner.requests.account_id import RESERVED, AccountId
from provisioner.requests.fields import Field, parse_fields
from tests.unit.requests.known import KNOWN

FIELD = Field(name="account_id", type=AccountId, label="Id akun")
ASKING = replace(KNOWN, opd="DINCONTOH")
#: what Nextcloud itself allows, lib/private/User/Manager.php of version 30 and later
SERVERS_RULE = re.compile(r"[a-zA-Z0-9 _.@\-']+", re.ASCII)


def faults_of(value: object) -> tuple[Fault, ...]:
    return parse_fields([FIELD], {"account_id": value}, "", ASKING)[1]


@pytest.mark.parametrize("kept", ["arsip", "arsip.disdik", "kel-2", "a1b", "dincontoh", "kel_sebengkok.tarakan-barat"])
def test_an_id_of_small_letters_digits_and_marks_between_them_is_kept(kept: str) -> None:
    assert parse_fields([FIELD], {"account_id": kept}, "", ASKING) == ({"account_id": kept}, ())


@pytest.mark.parametrize(
    "wrong",
    [
        *("ab", "a" * 41, "Arsip", "1arsip", ".arsip", "arsip.", "arsip-", "ar..sip", "ar.-sip", "ar sip", "a@b.id"),
        *("arsip\n", "arsip\x00", "ársip", "аrsip", "../arsip", ".htaccess", "__groupfolders", "", "a'b"),  # noqa: RUF001
        *(7, True, None, ["arsip"], {"a": 1}),
    ],
)
def test_whatever_else_is_refused_and_says_how_to_mend_it(wrong: object) -> None:
    assert [fault.where for fault in faults_of(wrong)] == ["account_id"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        *((name, "id dicadangkan") for name in ("admin", "root", "gerbang", "gerbang-probe-1", "opd-disdik", "web1")),
        *((name, "id dicadangkan") for name in ("files_external", "appdata_oc1", "nextcloud.log", "audit.log")),
        ("badanreka", "id OPD lain"),
        ("adm1n", "mirip id yang dicadangkan: admin"),
        ("badan-reka", "mirip id yang dicadangkan: badanreka"),
    ],
)
def test_an_id_that_means_something_already_or_looks_like_it_is_refused(wrong: str, said: str) -> None:
    assert [fault.what for fault in faults_of(wrong)] == [said]


@given(st.from_regex(r"[a-z0-9._-]{1,45}", fullmatch=True))
def test_what_is_kept_the_server_takes_too_and_it_begins_with_no_word_of_ours(text: str) -> None:
    if not faults_of(text):
        assert SERVERS_RULE.fullmatch(text)
        assert text not in RESERVED
        assert not text.startswith(("gerbang", "opd-"))
        assert re.fullmatch(AccountId.schema(FIELD)["pattern"], text)
