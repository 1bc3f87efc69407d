"""How does ansible-playbook start and end quickly, and leave nothing behind? Launcher, keeper and spare in one.

    launcher.py KEEPER_PID_FILE ANSIBLE-PLAYBOOK-ARGUMENTS...
    launcher.py --spare SOCKET

The process that starts becomes the keeper: it forks, the child is ansible-playbook, and everything that the child
leaves orphaned comes to the keeper (PR_SET_CHILD_SUBREAPER, prctl(2)). When the child has ended, when the caller has
died (its terminal hangs up) or asks for the end (SIGTERM), the keeper ends all below it: SIGTERM to Ansible first, then
SIGKILL to what is left. The warm SSH connection (ControlPersist) is spared: it does nothing by itself and the next run
wants it. The duty on the host is not reached by this; it holds the host's lock until it ends.

A spare is such a keeper whose child has imported Ansible beforehand and waits at a socket for the one run it serves.
Where GERBANG_SPARE names that socket, a launcher hands its three ends and its arguments over and merely waits; where
nobody answers there, it does the work itself. The socket is code execution as this user: 0600 in a 0700 folder.
"""

# ruff: noqa: INP001, PTH108, PTH109, PTH123, F401 - a program, no package; pathlib and socket would cost each run milliseconds

import os
import select
import signal
import sys
import time

PR_SET_CHILD_SUBREAPER = 36
LONGEST_MESSAGE = 65536
LAST_WORDS_SECONDS = 0.02  # pexpect takes a dead child for a silent one: the kernel must have passed its words on
GRACE_SECONDS = 2.0
END_SECONDS = 10.0
INTERRUPTED = 254


def main() -> None:
    """Serve one run: by a spare, as a spare, or alone."""
    if sys.argv[1] == "--spare":
        sys.exit(serve_as_spare(sys.argv[2]))
    pid_file, arguments = sys.argv[1], sys.argv[2:]
    code = hand_over(os.environ.pop("GERBANG_SPARE", ""), pid_file, arguments)
    if code is None and sys.flags.no_site:
        os.execv(sys.executable, [sys.executable, "-I", *sys.argv])  # noqa: S606 - ourselves, with the libraries
    if code is None:
        code = run_alone(pid_file, arguments)
    sys.exit(code)


def run_alone(pid_file: str, arguments: list[str]) -> int:
    """Fork: the child is Ansible, the parent keeps it."""
    become_subreaper()
    wake = wake_on_signals()
    child = os.fork()
    if child == 0:
        be_ansible(arguments)
    note_pid(pid_file)
    return keep(child, {wake: select.POLLIN, 0: 0})  # 0: only the terminal's hang-up


def become_subreaper() -> None:
    """From now on orphans below come to this process."""
    import ctypes

    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def wake_on_signals() -> int:
    """Return a descriptor that becomes readable at SIGTERM or SIGINT."""
    wake, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    return wake


def note_pid(pid_file: str) -> None:
    """Tell the runner whom to ask for the end."""
    with open(pid_file, "x", encoding="ascii") as file:
        file.write(str(os.getpid()))


# -- The spare ---------------------------------------------------------------------------------------------------------


def hand_over(path: str, pid_file: str, arguments: list[str]) -> int | None:
    """Hand this run to the spare at `path` and wait for its code; None where there is none.

    When this process is asked to end or its terminal hangs up, the connection closes, and the spare ends all below it.
    """
    if not path:
        return None
    import _socket

    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        connection.connect(path)
        ends = b"".join(number.to_bytes(4, sys.byteorder) for number in (0, 1, 2))
        message = repr((arguments, dict(os.environ), os.getcwd())).encode()
        connection.sendmsg([message], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, ends)])
    except OSError:
        return None
    wake = wake_on_signals()
    note_pid(pid_file)
    poll = select.poll()
    for source, events in ((connection.fileno(), select.POLLIN), (wake, select.POLLIN), (0, 0)):
        poll.register(source, events)
    ready = [source for source, _ in poll.poll()]
    if connection.fileno() not in ready:
        connection.shutdown(_socket.SHUT_WR)
    answer = connection.recv(1)
    return answer[0] if answer else INTERRUPTED


def serve_as_spare(path: str) -> int:
    """Import Ansible in a child, wait for the one run, let the child be it; end when who started us is gone (stdin)."""
    import socket

    become_subreaper()
    wake = wake_on_signals()
    above, below_us = socket.socketpair()
    listening = socket.socket(socket.AF_UNIX)
    usual = os.umask(0o177)
    listening.bind(path)
    os.umask(usual)
    child = os.fork()
    if child == 0:
        above.close()
        be_prepared(below_us)
    below_us.close()
    connection = wait_for_run(listening, child, wake)
    os.unlink(path)
    if connection is None:
        end_all_below()
        return INTERRUPTED
    message, ends, _, _ = socket.recv_fds(connection, LONGEST_MESSAGE, 3)
    socket.send_fds(above, [message], ends)
    for end in ends:
        os.close(end)
    code = keep(child, {wake: select.POLLIN, connection.fileno(): select.POLLIN | select.POLLRDHUP})
    connection.sendall(bytes([code & 255]))
    return code


def wait_for_run(listening: object, child: int, wake: int) -> object:
    """Return the connection of the one run; None where the child or whoever started us has gone."""
    listening.listen(1)
    poll = select.poll()
    for source, events in ((listening.fileno(), select.POLLIN), (os.pidfd_open(child), select.POLLIN), (0, 0)):
        poll.register(source, events)
    poll.register(wake, select.POLLIN)
    ready = [source for source, _ in poll.poll()]
    return listening.accept()[0] if listening.fileno() in ready else None


def be_prepared(above: object) -> None:
    """In the spare's child: import what every run needs, wait, then be that run."""
    import ast
    import gc
    import socket

    gc.disable()
    import ansible.cli.playbook

    skip_moved_plugins()
    import ansible.plugins.strategy.linear
    import dns.message
    import dns.tsig
    import dns.update
    from ansible.plugins.loader import become_loader, connection_loader, shell_loader

    for loader in (connection_loader, shell_loader, become_loader):
        list(loader.all(class_only=True))  # what a playbook's start does: read once, kept
    gc.freeze()
    message, ends, _, _ = socket.recv_fds(above, LONGEST_MESSAGE, 3)
    if not message:
        os._exit(0)
    arguments, environment, folder = ast.literal_eval(message.decode())
    for number, end in enumerate(ends):
        os.dup2(end, number)
        os.close(end)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    be_ansible(arguments)


# -- Ansible, and its keeper -------------------------------------------------------------------------------------------


def be_ansible(arguments: list[str]) -> None:
    """Be ansible-playbook: no garbage collection in so short a life, and no slow end."""
    import gc

    gc.disable()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    code = 250
    try:
        from ansible.cli.playbook import PlaybookCLI

        skip_moved_plugins()
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


def skip_moved_plugins() -> None:
    """Spare each run 50 ms of reading 370 kB of YAML: where plugins went that Ansible no longer holds. We name none.

    Ansible lets this reader be replaced (ansible/utils/collection_loader/_collection_meta.py). A file that is laid out
    otherwise is read whole.
    """
    try:
        from ansible.utils.collection_loader import _collection_finder as finder

        read = finder._meta_yml_to_dict  # noqa: SLF001 - its own comment offers it
    except (ImportError, AttributeError):
        return  # slower, not worse

    def without_routes(text: bytes, what: tuple[str, str]) -> object:
        before, _, routes = text.partition(b"\nplugin_routing:\n")
        _, border, after = routes.partition(b"\nimport_redirection:\n")
        is_ansibles_own = what[0] == "ansible.builtin" and border
        return read(before + border + after if is_ansibles_own else text, what)

    if read.__name__ != without_routes.__name__:
        finder._meta_yml_to_dict = without_routes  # noqa: SLF001


def keep(child: int, reasons: dict[int, int]) -> int:
    """Wait for the child's end or for a reason to end it (descriptor -> poll events); return the code to end with."""
    ended = os.pidfd_open(child)
    poll = select.poll()
    for source, events in {ended: select.POLLIN, **reasons}.items():
        poll.register(source, events)
    ready = [source for source, _ in poll.poll()]
    if ended not in ready:
        os.kill(child, signal.SIGTERM)
        select.select([ended], [], [], GRACE_SECONDS)
    statuses = end_all_below()
    time.sleep(LAST_WORDS_SECONDS)
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
