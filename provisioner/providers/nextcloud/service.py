"""How is a registered Nextcloud reached, as the inventory says, and as whom?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from provisioner.errors import GerbangError
from provisioner.facts.estate import Estate, Host
from provisioner.ocs import Nextcloud

GROUP = "nextcloud"
LOOK_SECONDS = 60.0
USER_SECONDS = 120.0
PATIENCE_SECONDS = 30.0


def servers(names: tuple[str, ...], estate: Estate) -> tuple[str, ...]:
    """Return those of `names` that are Nextcloud servers."""
    return tuple(name for name in names if name in estate.hosts and GROUP in estate.hosts[name].groups)


def admin(host: Host) -> Nextcloud:
    """Return a client as the account the office gave us there; GerbangError where the inventory is not whole."""
    return _client(host, required(host, "nextcloud_user"), app_password(host), LOOK_SECONDS)


def as_user(host: Host, account: str, password: str) -> Nextcloud:
    """Return a client as somebody who uses the server."""
    return _client(host, account, password, USER_SECONDS)


def app_password(host: Host) -> str:
    """Read the app password; it stays in this process."""
    place = required(host, "nextcloud_app_password_file")
    try:
        return Path(place).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as off:
        raise GerbangError(
            f"the app password cannot be read: {type(off).__name__}.", place, "Lay it there, 0600, the worker's own."
        ) from None


def required(host: Host, name: str) -> str:
    """Return an inventory variable of the host; GerbangError where it is not set."""
    value: Any = host.variables.get(name)
    if not value:
        raise GerbangError(f"the inventory sets no {name}.", host.name, "See inventories/example/hosts.yml.")
    return str(value)


def _client(host: Host, user: str, password: str, seconds: float) -> Nextcloud:
    optional = {name: host.variables.get(f"nextcloud_{name}") or None for name in ("address", "ca_file")}
    return Nextcloud(
        required(host, "nextcloud_url"),
        user,
        password,
        address=optional["address"],
        ca_file=optional["ca_file"],
        timeout_seconds=seconds,
        patience_seconds=PATIENCE_SECONDS,
    )
