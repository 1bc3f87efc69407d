#!/usr/bin/python3
# ruff: noqa: EXE001 - a program of its own on the host; site.yml gives it its name and mode
"""How does this host answer a dns-01 challenge? Certbot calls it with "auth" or "cleanup"; made by gerbang site.yml.

For dinkes.kota.lab the answer is a TXT at dinkes.acme.kota.lab, to which _acme-challenge.dinkes.kota.lab points.
Certbot hands over CERTBOT_DOMAIN and CERTBOT_VALIDATION (certbot's manual, "Pre and Post Validation Hooks").
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

SETTINGS = Path("/etc/gerbang/acme.json")
KEY = "/etc/gerbang/acme-tsig.key"
LABELS = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})*", re.ASCII)
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def update_text(verb: str, domain: str, token: str, settings: dict[str, Any]) -> str:
    """The words for nsupdate(1); ends the program when a value is not what ACME sends."""
    labels = domain.lower().removesuffix("." + settings["zone"])
    if labels == domain.lower() or not LABELS.fullmatch(labels):
        sys.exit(f"{domain!r} is not a name inside {settings['zone']}: this hook answers for that zone only")
    if not TOKEN.fullmatch(token):
        sys.exit("CERTBOT_VALIDATION is not a base64url SHA-256 (RFC 8555, section 8.4)")
    name = f"{labels}.{settings['acme_zone']}."
    act = f'add {name} 1 TXT "{token}"' if verb == "auth" else f'delete {name} TXT "{token}"'
    return f"server {settings['nameserver']}\nzone {settings['acme_zone']}.\nupdate {act}\nsend\n"


def main(words: list[str]) -> None:
    """Add or remove one answer; the key travels in its file, never in argv."""
    if words not in (["auth"], ["cleanup"]):
        sys.exit("usage: gerbang-acme-hook auth|cleanup")
    settings = json.loads(SETTINGS.read_text(encoding="utf-8"))
    text = update_text(words[0], os.environ["CERTBOT_DOMAIN"], os.environ["CERTBOT_VALIDATION"], settings)
    subprocess.run(["nsupdate", "-v", "-k", KEY], input=text, text=True, check=True, timeout=30)
    if words == ["auth"]:
        time.sleep(settings["propagation_seconds"])


if __name__ == "__main__":
    main(sys.argv[1:])
