"""How does the lab call a program, and what does it say when that fails?"""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


class LabError(Exception):
    """What went wrong, where, and how to mend it, in one message for the person at the keyboard."""


def run(
    argv: Sequence[str | Path],
    *,
    stdin_text: str | None = None,
    environment: Mapping[str, str] | None = None,
    timeout_seconds: float | None = None,
) -> str:
    """Run one program to its end and return what it printed.

    Raises LabError with the command, its exit code and its last words.
    """
    words = [str(word) for word in argv]
    done = subprocess.run(
        words, input=stdin_text, env=environment, timeout=timeout_seconds, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        last_words = "\n".join((done.stderr.strip() or done.stdout.strip()).splitlines()[-12:])
        raise LabError(f"{' '.join(words)} ended with {done.returncode}:\n{last_words}")
    return done.stdout


def succeeds(argv: Sequence[str | Path]) -> bool:
    """Say whether a program ends with 0; what it prints is dropped."""
    return subprocess.run([str(word) for word in argv], capture_output=True, check=False).returncode == 0
