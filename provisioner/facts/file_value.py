"""What is a file, as a value that can be compared?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from provisioner.digests import Value


def file_value(text: str, *, owner: str = "root", group: str = "root", mode: str = "0644") -> dict[str, Value]:
    """Return {"text": whole text, "owner": "root", "group": "root", "mode": "0644"}."""
    return {"text": text, "owner": owner, "group": group, "mode": mode}


def files_in(raw: Mapping[str, Any], folder: str, ending: str = "") -> Iterator[tuple[str, dict[str, Value]]]:
    """Yield (name without `ending`, value) of the probe's files that lie straight in `folder`, by name."""
    for path, value in sorted(raw["files"].items()):
        pure = PurePosixPath(path)
        if str(pure.parent) == folder and pure.name.endswith(ending):
            name = pure.name.removesuffix(ending)
            yield name, file_value(value["text"], owner=value["owner"], group=value["group"], mode=value["mode"])
