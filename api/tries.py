"""How often may a name and an address be tried? Counted by `limits` in the store, so that a restart forgets nothing.

Three counts, each of its own fixed window that begins with its first try: a name from one address, an address over all
names, a name over all addresses. From where a person came in before, only the first counts: whoever tries a name from
elsewhere, however often, does not keep its owner out. A try that is turned away lengthens nothing.
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from math import ceil

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from provisioner.clock import Clock
from provisioner.desk import Desk
from provisioner.errors import GerbangError, Refused

TRIES = 5
#: wider counts, as multiples of the first
WIDER = 6
KNOWN = RateLimitItemPerDay(1, 30, namespace="came-in")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """So many tries of a name from one address in five minutes; of one address in fifteen; of one name in an hour."""

    pair: RateLimitItem
    address: RateLimitItem
    name: RateLimitItem

    @classmethod
    def of(cls, tries: int) -> Limits:
        """Return the three for that many tries."""
        return cls(
            pair=RateLimitItemPerMinute(tries, 5, namespace="pair"),
            address=RateLimitItemPerMinute(WIDER * tries, 15, namespace="address"),
            name=RateLimitItemPerHour(WIDER * tries, 1, namespace="name"),
        )


class Tries:
    """The tries of one name from one address, counted where the desk keeps them."""

    def __init__(self, limits: Limits, desk: Desk, clock: Clock, username: str, address: str) -> None:
        self._store = DeskStorage(desk, clock)
        self._limiter, self._clock = FixedWindowRateLimiter(self._store), clock
        name, network = username.casefold(), network_part(address)
        self._pair, self._known = (limits.pair, (name, network)), (KNOWN, (name, network))
        self._wider: tuple[tuple[RateLimitItem, tuple[str, ...]], ...]
        self._wider = ((limits.address, (network,)), (limits.name, (name,)))

    def wait_seconds(self) -> int:
        """Count one try before its password is looked at; return 0, or how long to wait where there were too many."""
        counted = (self._pair,) if self._is_known() else (self._pair, *self._wider)
        full = [(item, words) for item, words in counted if not self._limiter.hit(item, *words)]
        now = self._clock().timestamp()
        return max((ceil(self._limiter.get_window_stats(item, *words)[0] - now) for item, words in full), default=0)

    def came_in(self) -> None:
        """Take the tries back that led here, and remember the address for 30 days."""
        self._limiter.clear(self._pair[0], *self._pair[1])
        if not self._is_known():
            for item, words in self._wider:
                self._store.incr(item.key_for(*words), item.get_expiry(), amount=-1)
        self._limiter.clear(self._known[0], *self._known[1])
        self._limiter.hit(self._known[0], *self._known[1])

    def _is_known(self) -> bool:
        item, words = self._known
        return not self._limiter.test(item, *words)


class DeskStorage(Storage):
    """Where `limits` keeps its counts: in our own database, by the digest of a key. A name typed is not kept."""

    STORAGE_SCHEME = None

    def __init__(self, desk: Desk, clock: Clock) -> None:
        super().__init__()
        self._desk, self._clock = desk, clock

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the store raises where it is not at hand."""
        return GerbangError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a count, begun anew where its window has ended; return it."""
        return self._desk.count_try(_digest(key), expiry, amount)

    def get(self, key: str) -> int:
        """Return a count, 0 where its window has ended."""
        return self._desk.tries(_digest(key))[0]

    def get_expiry(self, key: str) -> float:
        """Return the second at which its window ends."""
        ends_at = self._desk.tries(_digest(key))[1]
        return (ends_at or self._clock()).timestamp()

    def check(self) -> bool:
        """Tell whether the store is at hand."""
        return all(said == "ok" for said in self._desk.ready().values())

    def reset(self) -> int | None:
        """Refuse: nobody forgets all counts at once."""
        raise Refused("hitungan percobaan tidak dihapus sekaligus", "percobaan masuk", "Hapus satu per satu.")

    def clear(self, key: str) -> None:
        """Forget one count."""
        self._desk.forget_tries(_digest(key))


def network_part(address: str) -> str:
    """Return what one subscriber has of an address: an IPv6 one by its /64, any other whole."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "backslashreplace")).hexdigest()
