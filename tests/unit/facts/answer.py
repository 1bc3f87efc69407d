"""What does a probe answer? One of a quiet host, to be added to."""

from __future__ import annotations

from typing import Any


def answer(**more: Any) -> dict[str, Any]:
    """The probe's JSON of a host without sites; `more` replaces sections."""
    quiet: dict[str, Any] = {
        "host": "web1",
        "now": 1795253199,
        "files": {},
        "passwd": ["root:x:0:0:root:/root:/bin/bash"],
        "group": ["root:x:0:"],
        "locked": [],
        "directories": {},
        "logs": {},
        "measurements": {"storage_size_bytes": 100, "storage_free_bytes": 90},
        "mariadb": {"databases": [], "users": [], "grants": [], "locked": [], "sizes": []},
        "postgresql": {"databases": [], "roles": [], "sizes": []},
        "storage": {"driver": "btrfs_squota", "subvolumes": "", "qgroups": ""},
        "certificates": {},
    }
    return quiet | more


def file(text: str) -> dict[str, str]:
    """A file as the probe shows it."""
    return {"text": text, "owner": "root", "group": "root", "mode": "0644"}
