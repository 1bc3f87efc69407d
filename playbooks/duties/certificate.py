"""How does a site get its certificate, and lose it? By certbot on this host, dns-01 through the hook of site.yml."""

from __future__ import annotations

import os
import time

import apache
from duty import item_of
from program import Failure, run, run_to_its_end

FOLDER = "/etc/letsencrypt"
HOOK = "/usr/local/sbin/gerbang-acme-hook"
AUTHORITY_BUNDLE = "/etc/gerbang/acme-ca.pem"
DEPLOY = "systemctl reload apache2"
ISSUING_SECONDS = 180
OTHER_CERTBOT = "Another instance of Certbot is already running"
WAITING_SECONDS = 60
deployed: list[str] = []  # items whose certificate of this call certbot's own hook had Apache take up


def look(change: dict) -> dict | None:
    """{"names": sorted names in the certificate, "authority": the ACME directory that certbot renews it at}."""
    item = item_of(change)
    try:
        with open(f"{FOLDER}/renewal/{item}.conf", encoding="utf-8") as file:
            renewal = file.read()
    except FileNotFoundError:
        return None
    chain = f"{FOLDER}/live/{item}/cert.pem"
    printed = (
        run(["openssl", "x509", "-in", chain, "-noout", "-ext", "subjectAltName"]) if os.path.exists(chain) else ""
    )
    names = [word.strip(" ,\n") for word in printed.split("DNS:")[1:]]
    servers = [
        line.partition("=")[2].strip() for line in renewal.splitlines() if line.split("=")[0].strip() == "server"
    ]
    return {"names": sorted(names), "authority": servers[0] if servers else ""}


def apply(change: dict, _given: dict) -> None:
    """Ask for it, for other names, or delete it with its key."""
    item, after = item_of(change), change["after"]
    if after is None:
        certbot(["delete", "--non-interactive", "--cert-name", item])
        return
    if change["before"] is None:
        sweep(item)
    names = [word for name in after["names"] for word in ("-d", checked(name))]
    hooks = ["--manual-auth-hook", f"{HOOK} auth", "--manual-cleanup-hook", f"{HOOK} cleanup", "--deploy-hook", DEPLOY]
    dialogue = ["--non-interactive", "--agree-tos", "--register-unsafely-without-email", "--renew-with-new-domains"]
    challenge = ["--manual", "--preferred-challenges", "dns-01", "--server", after["authority"]]
    certbot(["certonly", *dialogue, *challenge, *hooks, "--cert-name", item, *names])
    deployed.append(item)
    if look(change) != after:
        raise Failure(f"certbot ended well, but the certificate is {look(change)} and not {after}.")


def settle(changes: list) -> None:
    """Let Apache take up another certificate under an old name, where certbot was killed before its hook did.

    A first one needs none: its vhost comes after it.
    """
    others = [change for change in changes if change["before"] and item_of(change) not in deployed]
    if any(change["after"] and look(change) == change["after"] for change in others):
        apache.take_up()


def checked(name: str) -> str:
    """The name, or Failure: it goes into argv, so letters, digits, dots and hyphens only, and no hyphen ahead."""
    if not name or name[0] in "-." or not set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-"):
        raise Failure(f"{name!r} is not a name for a certificate.")
    return name


def certbot(words: list[str]) -> None:
    """Run certbot; where the packaged timer is just renewing, wait for it up to a minute."""
    environment = {"REQUESTS_CA_BUNDLE": AUTHORITY_BUNDLE} if os.path.exists(AUTHORITY_BUNDLE) else {}
    until = time.monotonic() + WAITING_SECONDS
    while True:
        ended = run_to_its_end(["certbot", *words], seconds=ISSUING_SECONDS, environment=environment)
        if ended.code == 0:
            return
        said = (ended.error + ended.out).strip()
        if OTHER_CERTBOT not in said or time.monotonic() > until:
            raise Failure(f"certbot {words[0]} ended with {ended.code}: {said[-1500:]}")
        time.sleep(1)


def sweep(item: str) -> None:
    """Remove what a cut certbot left without a renewal file: it would give the next certificate another name."""
    for folder in ("live", "archive"):
        path = f"{FOLDER}/{folder}/{item}"
        if os.path.lexists(path):
            run(["rm", "-rf", "--", path])
