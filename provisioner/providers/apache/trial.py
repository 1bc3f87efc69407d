"""Does a site answer as it should: page, redirect, absence, speed?"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

from provisioner.digests import Value
from provisioner.errors import Unreachable
from provisioner.providers.web_host.https import HandshakeFailed, Page, PortClosed, Site, page_digest
from provisioner.providers.web_host.visits import Visits
from provisioner.verification.verdict import Trial

FROZEN_STATUS = 503


def https_page(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Fetch each of `names`: {"simpeg.kota.lab": {"status": 200, "marker_found": true}, "seconds": 0.02}."""
    started, marker = time.monotonic(), str(trial.arguments.get("marker", "")).encode()
    pages = {name: _site(trial, name, visits).get(_path(trial)) for name in trial.arguments["names"]}
    seen: dict[str, Value] = {name: _page(page, marker) for name, page in pages.items()}
    return {
        **seen,
        "seconds": round(time.monotonic() - started, 3),
        "digests": [page_digest(p) for p in pages.values()],
    }


def _page(page: Page, marker: bytes) -> Value:
    return {"status": page.status, "marker_found": marker in page.body}


def http_redirects(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Fetch in clear: {"simpeg.kota.lab": {"status": 301, "location": "https://simpeg.kota.lab/"}}."""
    pages = {name: _site(trial, name, visits).get_in_clear(_path(trial)) for name in trial.arguments["names"]}
    return {name: {"status": p.status, "location": p.headers.get("location", "")[:300]} for name, p in pages.items()}


def site_gone(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Visit each of `names`: {"simpeg.kota.lab": "gone"}, or "answers 200" where it is still served.

    Gone is a closed port, or exactly what the host shows for a name that nobody has: the same certificate, status and
    body. A site that forbids (403), has lost its page (404) or whose certificate has run out is still served. A host
    that does not answer at all is Unreachable: that proves nothing.
    """
    return {name: _still(_site(trial, name, visits), visits) for name in trial.arguments["names"]}


def _still(site: Site, visits: Visits) -> str:
    unknown = f"{visits.context.probe_name.replace('_', '-')}.{site.name.partition('.')[2]}"
    try:
        seen = _shown(site)
        return "gone" if seen == _shown(replace(site, name=unknown)) else f"answers {seen[1] or 'no certificate'}"
    except PortClosed:
        return "gone"


def site_served(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Visit each of `names`: {"simpeg.kota.lab": "served"}; "gone" as above, "answers 503" where Apache speaks for it.

    Whatever the site itself says is served, its own errors too: what a tenant put there is no matter of ours.
    """
    seen = {name: _still(_site(trial, name, visits), visits) for name in trial.arguments["names"]}
    return {name: said if said in _NOT_THE_SITE else "served" for name, said in seen.items()}


_NOT_THE_SITE = frozenset({"gone", "answers no certificate", "answers 502", "answers 503", "answers 504"})


def site_frozen(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Visit each of `names`: {"simpeg.kota.lab": "frozen"}, or "answers 200" where anything else comes.

    Frozen: status 503 with the `marker` and no promise when to come again, for the page and for a PHP script alike.
    """
    marker = str(trial.arguments["marker"]).encode()
    return {
        name: _frozen([_site(trial, name, visits).get(path) for path in _paths(visits)], marker)
        for name in _names(trial)
    }


def _paths(visits: Visits) -> tuple[str, str]:
    """The page, and a script that is not there."""
    return "/", f"/{visits.context.probe_name}.php"


def _frozen(pages: list[Page], marker: bytes) -> str:
    for page in pages:
        if page.status != FROZEN_STATUS or marker not in page.body or "retry-after" in page.headers:
            return f"answers {page.status}"
    return "frozen"


def _names(trial: Trial) -> list[str]:
    return [str(name) for name in trial.arguments["names"]]


def _shown(site: Site) -> tuple[bytes, int, bytes]:
    """Return certificate, status and body, without the name where the page repeats it; empty where TLS is refused."""
    try:
        certificate, page = site.shown()
    except HandshakeFailed:
        return b"", 0, b""
    return certificate, page.status, page.body.replace(site.name.encode(), b"")


def bandwidth_limit_bites(trial: Trial, visits: Visits) -> Mapping[str, Value]:
    """Download a probe file for some seconds: {"within": true, "bytes_per_second": 1040000, "seconds": 3.0}.

    The first second is not counted: a limiter may let a burst pass. Within means at most a quarter above the limit.
    """
    limit = int(trial.arguments["limit_bytes_per_second"])
    with visits.site_user(trial).probe_file(".bin", _size_for(limit)) as path:
        rate, seconds = _measure(_site(trial, str(trial.arguments["name"]), visits), f"/{path}")
    return {"within": 0 < rate <= limit * 1.25, "bytes_per_second": rate, "seconds": seconds, "limit": limit}


BURST_SECONDS, MEASURED_SECONDS = 1.0, 2.5
LARGEST_PROBE_BYTES = 48 * 1024 * 1024


def _size_for(limit_bytes_per_second: int) -> int:
    return min(LARGEST_PROBE_BYTES, int(limit_bytes_per_second * (BURST_SECONDS + MEASURED_SECONDS) * 2))


def _measure(site: Site, path: str) -> tuple[int, float]:
    """Return bytes a second and the seconds measured; a file that ends earlier is measured over its whole length."""
    marks: list[tuple[float, int]] = []
    with site.connected() as tls:
        tls.sendall(f"GET {path} HTTP/1.1\r\nHost: {site.name}\r\nConnection: close\r\n\r\n".encode())
        started, received = time.monotonic(), 0
        while block := tls.recv(65_536):
            if not received and b" 200 " not in block[:16]:
                raise Unreachable(f"answers {block[:32]!a} for the probe file.", site.name)
            received += len(block)
            marks.append((time.monotonic() - started, received))
            if marks[-1][0] > BURST_SECONDS + MEASURED_SECONDS:
                break
    if not marks:
        raise Unreachable("the connection ended without a byte.", site.address)
    later = [mark for mark in marks if mark[0] >= BURST_SECONDS]
    first = later[0] if len(later) > 1 else (0.0, 0)
    seconds = max(marks[-1][0] - first[0], 0.001)
    return int((marks[-1][1] - first[1]) / seconds), round(seconds, 3)


def _site(trial: Trial, name: str, visits: Visits) -> Site:
    return Site(name=name, address=str(trial.arguments["address"]), estate=visits.context.estate)


def _path(trial: Trial) -> str:
    return str(trial.arguments.get("path", "/"))
