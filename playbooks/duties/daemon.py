"""Does the real parser accept a file before it is live, and how does its daemon take it up? Standard library only."""

from __future__ import annotations

import os

from file import remove_unfinished
from program import Failure, run

RUN, TRYING = "/run", "gerbang-try-"


def try_folder(folder: str, name: str, value: dict[str, str] | None, argv: list[str]) -> None:
    """Let `argv`, a parser of its own real configuration, see `folder` as it will be with the file `name` changed.

    The child gets a mount namespace of its own in which a copy with the new file lies over the folder; nobody else sees
    it. Failure with what the parser said. Needs CAP_SYS_ADMIN, which root has on a machine and in systemd-nspawn. What
    a killed duty left half written goes first: whoever is here holds the host's lock.
    """
    remove_unfinished(folder)
    for left in (entry for entry in os.listdir(RUN) if entry.startswith(TRYING)):
        remove_folder(os.path.join(RUN, left))
    copy = os.path.join(RUN, f"{TRYING}{os.getpid()}")
    os.mkdir(copy, 0o700)
    try:
        for entry in os.listdir(folder):
            if entry != name and not entry.startswith(".") and os.path.isfile(os.path.join(folder, entry)):
                copy_bytes(os.path.join(folder, entry), os.path.join(copy, entry))
        if value is not None:
            with open(os.path.join(copy, name), "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
                file.write(value["text"])
        run(argv, prepare=lambda: lay_over(copy, folder))
    finally:
        remove_folder(copy)


def remove_folder(path: str) -> None:
    """Remove a folder of files."""
    for entry in os.listdir(path):
        os.unlink(os.path.join(path, entry))
    os.rmdir(path)


def copy_bytes(source: str, target: str) -> None:
    """Copy one file's bytes."""
    with open(source, "rb") as reading, open(target, "wb") as writing:
        writing.write(reading.read())


def lay_over(copy: str, folder: str) -> None:
    """In a child: a mount namespace of its own, nothing of it seen outside, `copy` bound over `folder` (mount(2))."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    new_mount_namespace, bind, private, recursive = 0x00020000, 4096, 1 << 18, 16384
    steps = (
        lambda: libc.unshare(new_mount_namespace),
        lambda: libc.mount(None, b"/", None, private | recursive, None),
        lambda: libc.mount(copy.encode(), folder.encode(), None, bind, None),
    )
    for step in steps:
        if step() != 0:
            raise OSError(ctypes.get_errno(), "no mount namespace of its own for the parser: is CAP_SYS_ADMIN missing?")


def signal_master(pid_file: str, program: str, number: int) -> None:
    """Send a signal to the daemon named in its pid file; Failure where it does not run."""
    pid = master(pid_file, program)
    if not pid:
        raise Failure(f"{program} does not run here ({pid_file}). Start it, then retry.")
    os.kill(pid, number)


def master(pid_file: str, program: str) -> int:
    """Return the process id in `pid_file` if a process of that name lives there, else 0."""
    try:
        with open(pid_file, encoding="ascii") as file:
            pid = int(file.read())
        with open(f"/proc/{pid}/comm", encoding="ascii") as file:
            return pid if file.read().strip() == program[:15] else 0
    except (OSError, ValueError):
        return 0
