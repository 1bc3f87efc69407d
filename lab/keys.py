"""Which keys does the lab hold? Made once per checkout, kept in var/cache/lab-keys, never committed."""

import base64
import secrets
import shutil
import string
from pathlib import Path

from lab.commands import run
from lab.hosts import ACME_OCTET, CLOUD_OCTET, HOSTS, MAIL_OCTET
from lab.instance import Instance

TSIG_ZONES = ("visitors", "acme", "reverse")
TEN_YEARS_DAYS = "3650"
APP_PASSWORD_LENGTH = 72


def ensure_keys(instance: Instance) -> None:
    """Make what is missing: ssh keys, host keys, TSIG, mail and cloud secrets, the certificates of three servers."""
    keys = instance.keys
    keys.mkdir(parents=True, exist_ok=True)
    keys.chmod(0o700)
    for name in ("worker", "look"):
        make_ssh_key(keys / name, comment=f"gerbang-{name}")
    for host in HOSTS:
        make_ssh_key(keys / f"host-{host}", comment=host)
    for zone in TSIG_ZONES:
        write_once(keys / f"tsig-{zone}", base64.b64encode(secrets.token_bytes(32)).decode() + "\n")
    write_once(keys / "mail-password", secrets.token_hex(16) + "\n")
    make_certificate(instance, "acme-api", "acme", ACME_OCTET)
    make_certificate(instance, "mail", "mail", MAIL_OCTET)
    write_once(keys / "cloud-app-password", app_password() + "\n")
    make_certificate(instance, "cloud", "cloud", CLOUD_OCTET)
    # The same names from an authority that nobody was told of: lab/nextcloud's fault wrong_certificate shows it.
    make_certificate(instance, "cloud-wrong", "cloud", CLOUD_OCTET)
    known = "".join(
        f"{instance.address(host.octet)} {' '.join((keys / f'host-{name}.pub').read_text().split()[:2])}\n"
        for name, host in HOSTS.items()
    )
    (keys / "known_hosts").write_text(known)


def app_password() -> str:
    """72 letters and digits, as Nextcloud draws them."""
    return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(APP_PASSWORD_LENGTH))


def make_ssh_key(path: Path, *, comment: str) -> None:
    if not path.exists():
        run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", path])


def write_once(path: Path, text: str) -> None:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(text)


def make_certificate(instance: Instance, place: str, name: str, octet: int) -> None:
    """Make a small authority of its own and the certificate with which one of the lab's servers is known.

    Addresses follow from the checkout's path: one that was moved, or whose cache came from another, gets a new one.
    """
    issue(instance.keys / place, name, instance.address(octet))


def issue(folder: Path, name: str, address: str) -> None:
    """Write ca.pem, ca.key, server.pem and server.key for <name>.kota.lab at that address, unless they are there."""
    if is_known_as(address, folder / "server.pem"):
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    run([*made, "-days", TEN_YEARS_DAYS, "-subj", f"/CN=gerbang lab {folder.name}", "-keyout", folder / "ca.key",
         "-out", folder / "ca.pem"])  # fmt: skip
    names = f"subjectAltName=IP:{address},DNS:{name}.kota.lab"
    run([*made, "-days", TEN_YEARS_DAYS, "-subj", f"/CN={name}", "-addext", names,
         "-addext", "basicConstraints=critical,CA:FALSE", "-CA", folder / "ca.pem", "-CAkey", folder / "ca.key",
         "-keyout", folder / "server.key", "-out", folder / "server.pem"])  # fmt: skip


def is_known_as(address: str, certificate: Path) -> bool:
    """Tell whether there is a certificate, and for this address."""
    if not certificate.exists():
        return False
    said = run(["openssl", "x509", "-noout", "-checkip", address, "-in", certificate])
    return "does match" in said
