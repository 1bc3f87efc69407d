"""Which recordings are covered, and which not, and why? The table in docs/nextcloud.md.

python -m tests.contract.nextcloud_table docs/nextcloud.md     writes it anew between its marks
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

from tests.contract.nextcloud_sequences import LEFT_OUT, SEQUENCES, SERIES, names

DOCUMENT = "docs/nextcloud.md"
BEGIN, END = "<!-- recordings: begin -->", "<!-- recordings: end -->"


def group(name: str) -> str:
    """The group of a name: "v2-user-create", "flow-put", "quota"."""
    words = name.removesuffix(" (2)").split("-")
    return "-".join(
        words[:3]
        if words[:2] in (["v1", "user"], ["v2", "user"])
        else words[:2]
        if words[0] in ("v1", "v2")
        else words[:1]
    )


def table() -> str:
    """The rows, covered ones by the sequence that plays them, then what is left out."""
    rows = ["| played | recordings | by names |", "|---|---|---|"]
    total = len(SERIES)
    for title, sequence in SEQUENCES.items():
        played = names(sequence)
        total += len(played)
        groups = ", ".join(f"{name} {count}" for name, count in sorted(Counter(map(group, played)).items()))
        rows.append(f"| {title} | {len(played)} | {groups} |")
    rows.append(f"| one by one | {len(SERIES)} | {', '.join(SERIES)} |")
    left = sum(count for count, _ in LEFT_OUT.values())
    rows += ["", f"{total} are played, {left} are not:", "", "| not played | recordings | why |", "|---|---|---|"]
    rows += [f"| `{pattern}` | {count} | {why} |" for pattern, (count, why) in LEFT_OUT.items()]
    return "\n".join(rows)


def main(words: list[str]) -> None:
    """Write the table into the document."""
    path = Path(words[0])
    before, after = re.split(f"{BEGIN}.*{END}", path.read_text(), maxsplit=1, flags=re.DOTALL)
    path.write_text(f"{before}{BEGIN}\n{table()}\n{END}{after}")


if __name__ == "__main__":
    main(sys.argv[1:])
