"""Which lab is this? Names, addresses and places that no other checkout on the machine shares."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lab.commands import LabError, run

CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One checkout's lab.

    `id` is the first six hex digits of sha256(real path of the checkout), as in "a1b2c3"; every global name of the
    machine (namespace, link, nft table, cgroup, folder in /run) carries it. The subnet comes from the same hash.
    """

    checkout: Path

    @cached_property
    def path_hash(self) -> bytes:
        return hashlib.sha256(str(self.checkout).encode()).digest()

    @property
    def id(self) -> str:
        return self.path_hash.hex()[:6]

    @property
    def label(self) -> str:
        """Namespace of the bridge, prefix of the others, nft table and cgroup: "gba1b2c3"."""
        return f"gb{self.id}"

    @property
    def prefix(self) -> str:
        """The first three octets: 10.(64 to 127).(0 to 255)."""
        return f"10.{64 + self.path_hash[0] % 64}.{self.path_hash[1]}"

    @property
    def subnet(self) -> str:
        return f"{self.prefix}.0/24"

    @property
    def reverse_zone(self) -> str:
        first, second, third = self.prefix.split(".")
        return f"{third}.{second}.{first}.in-addr.arpa"

    def address(self, octet: int) -> str:
        return f"{self.prefix}.{octet}"

    def namespace(self, host: str) -> str:
        return f"{self.label}-{host}"

    @property
    def state(self) -> Path:
        """A tmpfs of our own: overlays, process ids, logs of the hosts."""
        return Path(f"/run/gerbang-{self.id}")

    @property
    def cache(self) -> Path:
        """Images, prepared layers and keys: what is left after `down`."""
        return self.checkout / "var" / "cache"

    @property
    def shown(self) -> Path:
        """What the lab tells others (lab.json, the roots to trust); removed by `down`."""
        return self.checkout / "var" / "lab"

    @property
    def keys(self) -> Path:
        return self.cache / "lab-keys"

    def refuse_taken_subnet(self) -> None:
        """Raise LabError if the machine already has a route into our subnet that is not ours."""
        for route in json.loads(run(["ip", "-json", "route", "show", "root", self.subnet]) or "[]"):
            if route.get("dev") != f"{self.label}u":
                raise LabError(
                    f"{self.subnet} is already routed through {route.get('dev')} on this machine. The subnet follows "
                    f"from the checkout's path ({self.checkout}): move the checkout, or end what uses {route['dst']}."
                )


def this_instance() -> Instance:
    """The lab of the checkout that this file lies in."""
    return Instance(checkout=CHECKOUT)
