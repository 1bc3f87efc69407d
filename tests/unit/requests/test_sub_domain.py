"""Which names does an office give away, and which never? (procedures: naming rules; threats T3, T7)"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.requests.fields import Wrong
from provisioner.requests.sub_domain import check_label, look_alikes, skeleton
from tests.unit.requests.known import KNOWN


@pytest.mark.parametrize("label", ["simpeg", "e-office", "abc", "a1b", "x" * 63, "ppdb-2026"])
def test_an_ordinary_name_is_accepted(label: str) -> None:
    assert check_label(label, KNOWN) == label


@pytest.mark.parametrize(
    "label",
    [
        "ab",
        "x" * 64,
        "-abc",
        "abc-",
        "ABC",
        "Simpeg",
        "xn--bcher-kva",
        "ab--cd",
        "123",
        "a_b",
        "a.b",
        "a b",
        "simpeg\n",
        "simpeg\x00",
        "simpeg.",
        "*",
        "@",
        "_acme-challenge",
        "$INCLUDE",
        "simpég",
        "\u0455impeg",
        "simpe\u200bg",
        "\uff11\uff12\uff13",
        "٣abc",
        "../etc",
        "{{ 7*7 }}",
        "",
        None,
        7,
        ["simpeg"],
    ],
)
def test_a_name_that_breaks_a_rule_is_refused(label: object) -> None:
    with pytest.raises(Wrong):
        check_label(label, KNOWN)


@pytest.mark.parametrize("label", ["www", "mail", "ns1", "ns27", "mx2", "admin", "web1", "web9", "login", "vpn"])
def test_a_reserved_name_is_refused(label: str) -> None:
    with pytest.raises(Wrong, match="dicadangkan"):
        check_label(label, KNOWN)


@pytest.mark.parametrize("label", ["adm1n", "l0gin", "web-mail", "vvebmail", "ad-min", "adrnin", "10gin"])
def test_a_name_that_looks_like_a_reserved_one_is_refused(label: str) -> None:
    with pytest.raises(Wrong, match="mirip"):
        check_label(label, KNOWN)


def test_the_code_of_another_opd_is_refused_and_ones_own_is_not() -> None:
    mine = replace(KNOWN, opd="DINCONTOH")
    assert check_label("dincontoh", mine) == "dincontoh"
    with pytest.raises(Wrong, match="OPD lain"):
        check_label("badanreka", mine)
    with pytest.raises(Wrong, match="mirip"):
        check_label("badan-reka", mine)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("simpeg", "s1mpeg"),
        ("simpeg", "slmpeg"),
        ("soal", "s0al"),
        ("modern", "modem"),
        ("wali", "vvali"),
        ("ab-c", "abc"),
    ],
)
def test_what_the_eye_confuses_has_one_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)
    assert look_alikes(one, [other, one, "lain"]) == (other,)


LABELS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=70)


@given(LABELS)
def test_a_skeleton_holds_none_of_what_is_confused(label: str) -> None:
    assert set(skeleton(label)) <= set("abcdefghjklmnopqrstuvwxyz23456789")


@given(st.text(max_size=70))
def test_whatever_is_accepted_is_a_plain_label(text: str) -> None:
    try:
        label = check_label(text, KNOWN)
    except Wrong:
        return
    assert label == text
    assert label.isascii()
    assert 3 <= len(label) <= 63
    assert set(label) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
