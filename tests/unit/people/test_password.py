"""Which passwords may be chosen, and by which name does a person sign in?"""

from __future__ import annotations

from itertools import islice

import pytest

from provisioner.people.code import MOST_FAILURES, draw_code, read_code
from provisioner.people.password import LONGEST, normal, password_faults
from provisioner.people.username import usernames

NAMES = ("bayu.rekaan", "Bayu Rekaan")


@pytest.mark.parametrize(
    ("password", "said"),
    [
        # any characters, no forced mixture; spaces and other scripts too
        ("benar-kuda-baterai", []),
        ("kopi pagi hujan meja", []),
        ("KudaBateraiBenar", []),
        ("полный путь домой", []),
        ("x7!kQ2#vB9$mZ4w", []),
        # what is expected in its place
        ("passwordpassword1", ["mudah ditebak"]),
        ("P4ssw0rd2026!!!!", ["mudah ditebak"]),
        ("Kominfo@Kota2026!", ["mudah ditebak"]),
        ("bayu.rekaan.2026", ["mudah ditebak"]),
        ("qwertyuiopasdfgh", ["mudah ditebak"]),
        ("198503122010012001", ["mudah ditebak"]),
        ("0812 0000 0001 2345", ["mudah ditebak"]),
        ("aaaaaaaaaaaaaaaaaaa", ["mudah ditebak"]),
        ("abcabcabcabcabcabc", ["mudah ditebak"]),
        ("12345678abcdefgh", ["mudah ditebak"]),
        ("empat belas hrf", []),
        ("empat belas hr", ["terlalu pendek"]),
        ("", ["terlalu pendek"]),
        ("x7!kQ2#vB9$mZ4w" * 9, ["terlalu panjang"]),
        ("kata sandi\nbaris dua", ["berisi tanda yang tidak terlihat"]),
        ("kata sandi\x00dengan nol", ["berisi tanda yang tidak terlihat"]),
    ],
)
def test_a_password_is_long_and_not_what_everybody_tries(password: str, said: list[str]) -> None:
    assert [fault.what for fault in password_faults(password, password, *NAMES)] == said


def test_every_fault_of_a_password_is_told_at_once_and_it_is_never_said_back() -> None:
    faults = password_faults("pendek", "lain", *NAMES)
    assert [(fault.where, fault.what) for fault in faults] == [
        ("password", "terlalu pendek"),
        ("repeated", "tidak sama"),
    ]
    assert all(fault.seen == "" and "pendek" not in fault.mend for fault in faults)


def test_the_longest_is_allowed_and_the_same_letters_are_the_same_password() -> None:
    longest = "kuda baterai 8 meja " * 7
    assert password_faults(longest[:LONGEST], longest[:LONGEST]) == ()
    assert normal("café jalan panjang") == normal("café jalan panjang")


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Bayu Rekaan, S.Kom., M.T.", ["bayu.rekaan", "bayu.rekaan2", "bayu.rekaan3"]),
        ("Drs. H. Ahmad Contoh bin Rekaan", ["ahmad.contoh", "ahmad.contoh2", "ahmad.contoh3"]),
        ("Éva Ñandú", ["eva.nandu", "eva.nandu2", "eva.nandu3"]),
        ("Siti", ["siti", "siti2", "siti3"]),
        ("李明", ["pengguna", "pengguna2", "pengguna3"]),
        ("", ["pengguna", "pengguna2", "pengguna3"]),
        ("../../root -rf $(id)", ["root.rf", "root.rf2", "root.rf3"]),
        ("a" * 80, ["a" * 28, "a" * 28 + "2", "a" * 28 + "3"]),
    ],
)
def test_a_name_to_sign_in_with_is_made_of_the_persons_own(name: str, first: list[str]) -> None:
    assert list(islice(usernames(name), 3)) == first


def test_a_code_is_read_however_it_is_typed() -> None:
    drawn = {draw_code() for _ in range(200)}
    assert len(drawn) == 200
    for code in drawn:
        assert read_code(code) == read_code(f" {code.lower().replace('-', ' ')} ") == code
    assert read_code("") == read_code("0O1lI") == "-"
    assert MOST_FAILURES == 5
