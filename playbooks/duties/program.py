"""How does a duty run a program on its host? No shell, nothing secret in argv, nothing that blocks."""

from __future__ import annotations

import os
import pwd
import select
import signal

ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/root"}
SHOWN_CHARACTERS = 1500


class Failure(Exception):
    """Why a duty ended before its end: a sentence with the value seen and how to mend it."""


class Ended:
    """How a program ended: `code`, all of `out`, all of `error`."""

    def __init__(self, code: int, out: str, error: str) -> None:
        self.code, self.out, self.error = code, out, error


def run(argv: list[str], text: str = "", accept: tuple[int, ...] = (0,), **how: object) -> str:
    """Run `argv` with `text` on its stdin and return what it printed; Failure where it ends with another code.

    `how` as in `run_to_its_end`.
    """
    ended = run_to_its_end(argv, text, **how)
    if ended.code not in accept:
        said = (ended.error.strip() or ended.out.strip())[-SHOWN_CHARACTERS:]
        raise Failure(f"{' '.join(argv[:2])} ended with {ended.code}: {said}")
    return ended.out


def run_to_its_end(argv: list[str], text: str = "", *, seconds: float = 60, **how: object) -> Ended:
    """Run `argv` and return how it ended, whatever its code; Failure after `seconds`, when it is killed.

    Its three ends are files in memory: neither side waits for the other, and nothing touches a disk. `user` drops root
    for that user, `prepare` is called in the child just before, `output` is a descriptor that takes stdout instead,
    `environment` is added to the minimal one.
    """
    ends = [os.memfd_create(name) for name in ("in", "out", "error")]
    try:
        os.write(ends[0], text.encode("utf-8", "surrogateescape"))
        os.lseek(ends[0], 0, os.SEEK_SET)
        child = os.fork()
        if child == 0:
            become(argv, ends, **how)
        code = wait_for(child, seconds, argv[0])
        return Ended(code, read_whole(ends[1]), read_whole(ends[2]))
    finally:
        for end in ends:
            os.close(end)


def become(
    argv: list[str],
    ends: list[int],
    *,
    user: str = "",
    prepare: object = None,
    output: int = -1,
    environment: dict[str, str] | None = None,
) -> None:
    """In the child: take the three ends and the user, turn into the program. Never returns."""
    try:
        for number, end in enumerate((ends[0], ends[1] if output < 0 else output, ends[2])):
            os.dup2(end, number)
        if callable(prepare):
            prepare()
        if user:
            drop_to(user)
        os.execvpe(argv[0], argv, {**ENVIRONMENT, **(environment or {})})  # noqa: S606 - a fixed program, no shell
    except BaseException as error:  # noqa: BLE001 - a forked child must end here, whatever happened
        os.write(2, f"{argv[0]}: {error}".encode())
    finally:
        os._exit(127)


def drop_to(user: str) -> None:
    """Give up root for that user, for good."""
    entry = pwd.getpwnam(user)
    os.setgroups(os.getgrouplist(user, entry.pw_gid))
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
    os.chdir("/")


def wait_for(child: int, seconds: float, name: str) -> int:
    """Return the child's code; Failure after killing it when it takes longer."""
    poll = select.poll()
    handle = os.pidfd_open(child)
    poll.register(handle, select.POLLIN)
    ended = poll.poll(seconds * 1000)
    os.close(handle)
    if not ended:
        os.kill(child, signal.SIGKILL)
    _, how = os.waitpid(child, 0)
    if not ended:
        raise Failure(f"{name} did not end within {seconds} s and was killed.")
    return os.waitstatus_to_exitcode(how)


def read_whole(handle: int) -> str:
    """Return all that was written into a file in memory."""
    os.lseek(handle, 0, os.SEEK_SET)
    with os.fdopen(os.dup(handle), "rb") as file:
        return file.read().decode("utf-8", "surrogateescape")
