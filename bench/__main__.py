"""Measure everything once, on the lab that is up (or brought up now): ratios into var/bench.json."""

from __future__ import annotations

import sys

from bench import hosting, request
from bench.row import show, write
from lab import verbs
from lab.instance import this_instance


def main() -> int:
    """Print each row as it is known."""
    verbs.up(this_instance(), ["web1", "ns1", "acme"])
    rows = [*hosting.measure(), *request.measure()]
    write(rows)
    print("\n".join(show(row) for row in rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
