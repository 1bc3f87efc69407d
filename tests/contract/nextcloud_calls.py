"""Which recordings do calls of ours belong to, and how is each sent by our client? The table in docs/nextcloud.md.

python -m tests.contract.nextcloud_calls docs/nextcloud.md     writes it anew between its marks
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote

from provisioner.ocs import ROOT, Answer, Nextcloud
from tests.contract.nextcloud_replay import Recording, recordings

DOCUMENT = "docs/nextcloud.md"
BEGIN, END = "<!-- calls: begin -->", "<!-- calls: end -->"
RULES = "/apps/workflowengine/api/v1/workflows/global"
CONFIG = "/apps/provisioning_api/api/v1/config/apps/[^/]+/[^/]+"
#: what is called, by a pattern of the path below /ocs/v2.php: who calls it
CALLS = {
    ("GET", "/cloud/users/details"): "look",
    ("GET", "/cloud/users/[^/]+"): "plugin, trials",
    ("GET", "/cloud/user"): "check, trials",
    ("GET", "/cloud/users"): "check",
    ("GET", "/cloud/groups"): "look, plugin",
    ("GET", RULES): "look, plugin",
    ("GET", "/cloud/apps"): "look, check",
    ("GET", "/cloud/capabilities"): "look, check, trials",
    ("GET", "/apps/serverinfo/api/v1/info"): "look",
    ("GET", CONFIG): "look, check, plugin",
    ("GET", "/core/getapppassword"): "trial of a suspension",
    ("POST", "/cloud/users"): "plugin, trials",
    ("PUT", "/cloud/users/[^/]+"): "plugin",
    ("PUT", "/cloud/users/[^/]+/(?:disable|enable)"): "plugin, trial of a suspension",
    ("DELETE", "/cloud/users/[^/]+"): "plugin, trials",
    ("POST", "/cloud/users/[^/]+/groups"): "plugin",
    ("DELETE", "/cloud/users/[^/]+/groups"): "plugin",
    ("POST", "/cloud/users/[^/]+/welcome"): "plugin",
    ("POST", "/cloud/groups"): "plugin",
    ("POST", RULES): "plugin",
}
DAV = re.compile(r"/remote\.php/dav/(?:files|trashbin)/.*")
DAV_METHODS = ("PUT", "MKCOL", "DELETE", "PROPFIND", "GET")


def call_of(one: Recording) -> tuple[str, str] | None:
    """The call of ours that a recording belongs to; None for another's: v1, XML, no header, nobody's."""
    request = one.request
    asked_so = (request.get("query") or {}).get("format") == "json" and bool(one.user)
    has_header = (request.get("headers") or {}).get("OCS-APIRequest") == "true"
    path = str(request.get("path", ""))
    if not asked_so or not has_header or not path.startswith(ROOT) or "Accept-Language" in request["headers"]:
        return None
    below, method = path.removeprefix(ROOT), request["method"]
    if below == "/cloud/users/disabled" or (method != "GET" and len(request["query"]) > 1):
        return None  # a list that we do not ask for; what is changed is never said in a query
    found = [key for key in CALLS if key[0] == method and re.fullmatch(key[1], below)]
    return found[0] if found else None


def ours() -> dict[str, Recording]:
    """The recordings of OCS calls that are ours, by name."""
    return {name: one for name, one in recordings().items() if call_of(one) is not None}


def of_files() -> dict[str, Recording]:
    """The recordings of WebDAV calls as our trials make them."""
    return {
        name: one
        for name, one in recordings().items()
        if DAV.fullmatch(str(one.request.get("path"))) and one.request["method"] in DAV_METHODS
    }


def send(cloud: Nextcloud, one: Recording) -> Answer:
    """Send a recorded call by our client, as we would."""
    request = one.request
    path = quote(request["path"].removeprefix(ROOT), safe="/%")
    query = {key: value for key, value in (request.get("query") or {}).items() if key != "format"}
    body: Any = request.get("body")
    match request["method"]:
        case "GET":
            return cloud.get(path, query)
        case "POST" if request["headers"].get("Content-Type") == "application/json":
            return cloud.post(path, json=body)
        case "POST":
            return cloud.post(path, pairs(body))
        case "PUT" if request["headers"].get("Content-Type") == "application/json":
            return cloud.put(path, json=body)
        case "PUT":
            return cloud.put(path, pairs(body))
        case _:
            return cloud.delete(path, pairs(body))


def pairs(body: Any) -> Any:
    """The fields of a recorded form: a list of pairs, an object, or nothing."""
    return [tuple(pair) for pair in body] if isinstance(body, list) else body


def table() -> str:
    """The rows: each call, who makes it, how many recordings belong to it."""
    counted = Counter(call_of(one) for one in ours().values())
    rows = ["| call | made by | recordings |", "|---|---|---|"]
    for key, who in CALLS.items():
        path = key[1].replace("[^/]+", "{}").replace("(?:disable|enable)", "disable, enable")
        rows.append(f"| `{key[0]} {path}` | {who} | {counted[key] or 'none'} |")
    methods = Counter(one.request["method"] for one in of_files().values())
    named = ", ".join(f"{method} {methods[method]}" for method in DAV_METHODS)
    rows.append(f"| WebDAV below `files/` and `trashbin/` | trials | {sum(methods.values())} ({named}) |")
    return "\n".join(rows)


def main(words: list[str]) -> None:
    """Write the table into the document."""
    path = Path(words[0])
    before, after = re.split(f"{BEGIN}.*{END}", path.read_text(), maxsplit=1, flags=re.DOTALL)
    path.write_text(f"{before}{BEGIN}\n{table()}\n{END}{after}")


if __name__ == "__main__":
    main(sys.argv[1:])
