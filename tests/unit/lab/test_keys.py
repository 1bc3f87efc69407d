"""Does a checkout that was moved get certificates for its own addresses, and keep those it has?"""

from __future__ import annotations

from pathlib import Path

from lab.instance import Instance
from lab.keys import is_known_as, make_certificate

OCTET = 4


def test_a_moved_checkout_gets_a_certificate_for_its_new_address_and_keeps_it(tmp_path: Path) -> None:
    (tmp_path / "here" / "var" / "cache" / "lab-keys").mkdir(parents=True)
    made = certificate_of(tmp_path / "here")
    assert certificate_of(tmp_path / "here") == made
    (tmp_path / "here").rename(tmp_path / "there")
    moved = certificate_of(tmp_path / "there")
    assert moved != made
    assert certificate_of(tmp_path / "there") == moved


def certificate_of(checkout: Path) -> bytes:
    """Return the certificate after it was made sure of; it is known by this checkout's address."""
    instance = Instance(checkout=checkout)
    make_certificate(instance, "mail", "mail", OCTET)
    certificate = instance.keys / "mail" / "server.pem"
    assert is_known_as(instance.address(OCTET), certificate)
    return certificate.read_bytes()
