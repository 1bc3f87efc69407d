"""How does a test make a duty fail or slow on a host of the lab? By a file that duties read in a lab alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from testinfra.host import Host

from provisioner.workflow.hands import Hands

PATH = "/etc/gerbang/fail_task"


@contextmanager
def planted(host: Host, fault: str) -> Iterator[None]:
    """Plant 'before:account', 'midway:account', 'after:account', or one with ' slowly' or ' killed' behind it."""
    host.check_output("echo %s > %s", fault, PATH)
    try:
        yield
    finally:
        host.check_output("rm -f %s", PATH)


def failing(host: Host, fault: str, play: str = "make") -> Callable[[Hands], Hands]:
    """Hands with the fault planted while a part of `play` runs: what undoes it is not disturbed."""

    def arm(hands: Hands) -> Hands:
        def do(part: Any, **more: Any) -> Any:
            if part.play != play:
                return hands.do(part, **more)
            with planted(host, fault):
                return hands.do(part, **more)

        return replace(hands, do=do)

    return arm
