"""How does the lab call a program, and what does it say when that fails?"""

import subprocess
import time
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


def start_detached(argv: Sequence[str | Path], *, environment: Mapping[str, str], pid_file: Path, log: Path) -> None:
    """Start a program that outlives us, in a session of its own; its process id is written before it begins."""
    script = 'echo $$ > "$0.new" && mv "$0.new" "$0" && exec "$@"'
    words = ["setsid", "--fork", "/bin/sh", "-c", script, str(pid_file), *(str(word) for word in argv)]
    pid_file.unlink(missing_ok=True)
    with log.open("ab") as output:
        subprocess.run(
            words, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=dict(environment), cwd="/", check=True
        )
    while not pid_file.exists():
        time.sleep(0.005)


def succeeds(argv: Sequence[str | Path]) -> bool:
    """Say whether a program ends with 0; what it prints is dropped."""
    return subprocess.run([str(word) for word in argv], capture_output=True, check=False).returncode == 0
