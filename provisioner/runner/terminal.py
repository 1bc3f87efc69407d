"""How does a run's terminal close? At once: its process has ended, yet pexpect would sleep 0.1 s."""

from __future__ import annotations

from typing import Any

from ansible_runner import runner


class Terminal(runner.pexpect.spawn):  # type: ignore[misc]  # it ships no types
    """pexpect's, without its pause after closing; ansible-runner closes only what is no longer alive."""

    def _spawn(self, *words: Any, **named: Any) -> None:
        super()._spawn(*words, **named)
        self.ptyproc.delayafterclose = 0


def close_at_once() -> None:
    """Let ansible-runner open terminals of this kind: it has no setting for it."""
    runner.pexpect.spawn = Terminal
