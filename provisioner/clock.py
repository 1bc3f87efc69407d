"""What time is it? The one place that asks; tests hand in another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present instant in UTC with microseconds."""
    return datetime.now(UTC)
