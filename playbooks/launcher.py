"""How does ansible-playbook start and end quickly, and leave nothing behind? Launcher and keeper in one.

    launcher.py KEEPER_PID_FILE ANSIBLE-PLAYBOOK-ARGUMENTS...

The process that starts becomes the keeper: it forks, the child is ansible-playbook, and everything that the child
leaves orphaned comes to the keeper (PR_SET_CHILD_SUBREAPER, prctl(2)). When the child has ended, when the caller has
died (its terminal hangs up) or asks for the end (SIGTERM), the keeper ends all below it: SIGTERM to Ansible first, then
SIGKILL to what is left. The warm SSH connection (ControlPersist) is spared: it does nothing by itself and the next run
wants it. The duty on the host is not reached by this; it holds the host's lock until it ends.
"""

# ruff: noqa: INP001, PTH123 - a program, no package; pathlib would cost each run some milliseconds

import ctypes
import os
import select
import signal
import sys
import time

PR_SET_CHILD_SUBREAPER = 36
GRACE_SECONDS = 2.0
END_SECONDS = 10.0
INTERRUPTED = 254


def main() -> None:
    """Fork: the child is Ansible, the parent keeps it."""
    pid_file, arguments = sys.argv[1], sys.argv[2:]
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    wake, woken = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(wake)
        os.close(woken)
        be_ansible(arguments)
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, lambda *_: None)
    with open(pid_file, "x", encoding="ascii") as file:
        file.write(str(os.getpid()))
    sys.exit(keep(child, wake))


def be_ansible(arguments: list[str]) -> None:
    """Be ansible-playbook: no garbage collection in so short a life, and no slow end."""
    import gc

    gc.disable()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    code = 250
    try:
        from ansible.cli.playbook import PlaybookCLI

        gc.freeze()
        PlaybookCLI.cli_executor(["ansible-playbook", *arguments])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:  # noqa: BLE001 - said, then the child must end
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def keep(child: int, wake: int) -> int:
    """Wait for the child's end or for a reason to end it; return the code to end with."""
    ended = os.pidfd_open(child)
    poll = select.poll()
    for source, events in ((ended, select.POLLIN), (wake, select.POLLIN), (0, 0)):  # 0: only the terminal's hang-up
        poll.register(source, events)
    ready = [source for source, _ in poll.poll()]
    if ended not in ready:
        os.kill(child, signal.SIGTERM)
        select.select([ended], [], [], GRACE_SECONDS)
    statuses = end_all_below()
    return INTERRUPTED if ended not in ready else os.waitstatus_to_exitcode(statuses.get(child, 0)) & 255


def end_all_below() -> dict[int, int]:
    """Kill and reap until nothing is left below but warm connections; return how each ended."""
    statuses: dict[int, int] = {}
    until = time.monotonic() + END_SECONDS
    while time.monotonic() < until:
        reap(statuses)
        left = [pid for pid in below(os.getpid()) if not is_warm_connection(pid)]
        if not left:
            break
        for pid in left:
            kill(pid)
        time.sleep(0.005)
    return statuses


def reap(statuses: dict[int, int]) -> None:
    """Collect whoever has ended."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        statuses[pid] = status


def below(pid: int) -> list[int]:
    """All processes below this one, at any depth; one that has ended and waits to be reaped is none."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            children = [int(word) for word in file.read().split()]
    except OSError:
        return []
    return [found for child in children for found in (child, *below(child)) if not is_zombie(found)]


def is_zombie(pid: int) -> bool:
    """True when it has ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def is_warm_connection(pid: int) -> bool:
    """True for ssh's own master of a kept connection, which calls itself 'ssh: /path/to/socket [mux]'."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            name = file.read().rstrip(b"\0 ")
    except OSError:
        return False
    return name.startswith(b"ssh: ") and name.endswith(b"[mux]")


def kill(pid: int) -> None:
    """Kill it; it may have ended just now."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    main()
