"""Whom does a site's PHP run as, what can it read, and how much does it take?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from provisioner.digests import Value
from provisioner.providers.web_host.https import PAGE_SECONDS
from provisioner.providers.web_host.site_user import php_answer
from provisioner.providers.web_host.visits import Visits
from provisioner.verification.verdict import Trial

NEVER_READABLE = ("/etc/gerbang/host.json", "/etc/shadow", "/etc/letsencrypt/live", "/etc/passwd", "/srv/www")
OF_A_NEIGHBOUR = ("public/index.html", "public/index.php", "public", "private", "tmp")
BOUNDARY = "gerbang-probe"
SAID_BY_APACHE = frozenset({403, 502, 503, 504})
MARGIN_BYTES = 65_536
BLOCK_BYTES = 65_536
SLOWEST_BYTES_PER_SECOND = 2 * 1024 * 1024


def php_runs_as_site(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Return {"user": "g7kq2mx4pd", "php": "8.2.29", "uid": 20001}: who owns what PHP writes.

    The user is named when that owner is the same as of a file that this user brought by SFTP.
    """
    user = visits.site_user(trial)
    said = user.ask_php(visits.site(trial), {"do": "who"})
    own = user.sftp().owner("/public/" + user.program()[0].removeprefix("/"))
    name = str(trial.arguments["item_id"]) if said.get("uid") == own else f"uid {said.get('uid')}"
    return {"user": name, "php": str(said.get("php", ""))[:40], "uid": own}


def php_answers(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Ask for a script that is not there: {"answers": true} where PHP itself says so, not Apache in its place.

    Needs no password. Apache says 403 where no PHP is granted, 502 to 504 where the pool does not answer.
    """
    page = visits.site(trial).get(f"/{visits.context.probe_name}.php")
    return {"answers": page.status not in SAID_BY_APACHE, "status": page.status}


def php_cannot_read_neighbour(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Return {"readable": [], "refused": ["/etc/shadow", "/srv/www/gother/private", ...]} as PHP found it."""
    paths = [*NEVER_READABLE]
    for neighbour in trial.arguments.get("neighbours", []):
        paths += [f"/srv/www/{neighbour}/{name}" for name in OF_A_NEIGHBOUR]
    said = visits.site_user(trial).ask_php(visits.site(trial), {"do": "read", "paths": paths})
    readable, refused = (said.get(key, []) for key in ("readable", "refused"))
    if sorted([*readable, *refused]) != sorted(paths):
        return {"readable": readable, "refused": refused, "not_tried": True}
    return {"readable": sorted(readable), "refused": sorted(refused)}


def upload_limit_bites(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Send a file 64 KiB below and one 64 KiB above `limit_bytes`: {"under": "accepted", "over": "refused"}."""
    limit = int(trial.arguments["limit_bytes"])
    return {
        "under": _upload(limit - MARGIN_BYTES, trial, visits),
        "over": _upload(limit + MARGIN_BYTES, trial, visits),
        "limit": limit,
    }


def mail_as_asked(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Return {"sent": true, "sender": "g7kq2mx4pd@kota.lab", "relay": "250 2.0.0 OK: queued as 7", "open": []}.

    One message by PHP's mail() to the office's mailbox `to`; sent: the relay took it. The envelope's sender is what the
    host's door says, "" where the site may not even ask it. Open: the `servers` that PHP itself could connect to.
    """
    question = {"do": "mail", "to": trial.arguments["to"], "servers": trial.arguments["servers"]}
    said = visits.site_user(trial).ask_php(visits.site(trial), question)
    fate = said.get("fate")
    fate = fate if isinstance(fate, dict) else {}
    return {
        "sent": said.get("sent") is True,
        "sender": str(fate.get("sender", ""))[:120],
        "relay": f"{fate.get('code', '')} {fate.get('said', '')}".strip()[:160],
        "open": said.get("open", ["not tried"]),
    }


def _upload(size_bytes: int, trial: Trial, visits: Visits) -> str:
    path, key = visits.site_user(trial).program()
    site = visits.site(trial)
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="probe"; filename="{BOUNDARY}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()
    headers = {
        **key,
        "X-Gerbang-Asks": json.dumps({"do": "upload"}),
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Content-Length": str(len(head) + size_bytes + len(tail)),
    }
    seconds = PAGE_SECONDS + size_bytes / SLOWEST_BYTES_PER_SECOND
    page = site.ask("POST", path, _body(head, size_bytes, tail), headers, seconds=seconds)
    if page.status == 413:
        return "refused"
    answer = php_answer(page, site)
    return "accepted" if answer.get("accepted") is True and answer.get("bytes") == size_bytes else "refused"


def _body(head: bytes, size_bytes: int, tail: bytes) -> Iterator[bytes]:
    yield head
    block = bytes(BLOCK_BYTES)
    for start in range(0, size_bytes, BLOCK_BYTES):
        yield block[: size_bytes - start]
    yield tail
