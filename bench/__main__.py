"""Measure everything once, in this checkout's lab where hosts are needed: ratios into var/bench.json.

python -m bench [hosting request cloud gate holds lists moments]     all of them unless some are named
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping

from bench import cloud, gate, holds, hosting, lists, moments, request
from bench.row import Row, show, write
from lab import verbs
from lab.instance import this_instance

GROUPS: Mapping[str, Callable[[], list[Row]]] = {
    "hosting": hosting.measure,
    "request": request.measure,
    "cloud": cloud.measure,
    "gate": gate.measure,
    "holds": holds.measure,
    "lists": lists.measure,
    "moments": moments.measure,
}
ON_HOSTS = {"hosting", "request"}


def main(words: list[str]) -> int:
    """Print each row as it is known."""
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("groups", nargs="*", choices=[*GROUPS, []])
    names = parser.parse_args(words).groups or list(GROUPS)
    if "cloud" in names:
        verbs.up(this_instance(), ["cloud1"])
    if ON_HOSTS & set(names):
        verbs.up(this_instance(), ["web1", "ns1", "acme", "mail"])
    for name in names:
        print(f"{name}:")
        rows = GROUPS[name]()
        write(rows)
        print("\n".join(show(row) for row in rows), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
