"""How are several targets asked at once, and all that failed named at once?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from provisioner.errors import Unreachable

T = TypeVar("T")
THREADS = 8


def gather(questions: Sequence[Callable[[], T]]) -> list[T]:
    """Return the answers in order; where any was Unreachable, one Unreachable says all of them: 'web1, web2'."""
    if not questions:
        return []
    with ThreadPoolExecutor(max_workers=min(THREADS, len(questions))) as pool:
        asked = [pool.submit(question) for question in questions]
        answers, silent = [], []
        for future in asked:
            try:
                answers.append(future.result())
            except Unreachable as why:
                silent.append(why)
    if len(silent) == 1:
        raise silent[0]
    if silent:
        where = ", ".join(sorted({name for why in silent for name in why.where.split(", ")}))
        raise Unreachable(" | ".join(str(why) for why in silent), where, "Mend each and look again.")
    return answers
