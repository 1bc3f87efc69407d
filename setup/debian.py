"""Which Debian packages are missing, and how are they installed so that nothing of them starts by itself?"""

import contextlib
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

POLICY = Path("/usr/sbin/policy-rc.d")  # invoke-rc.d asks it before it starts a service; 101 means no
REFUSE = "#!/bin/sh\n# written by gerbang's setup while it installs packages\nexit 101\n"


def listed(*files: Path) -> list[str]:
    """Package names in the files' order: one a line, `#` begins a comment."""
    lines = [line.partition("#")[0].strip() for file in files for line in file.read_text().splitlines()]
    return [line for line in lines if line]


def missing(packages: list[str]) -> list[str]:
    """The packages that dpkg does not call installed. 30 ms."""
    query = ["dpkg-query", "--show", "--showformat=${Package} ${Status}\\n", *packages]
    answer = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    installed = {line.split()[0] for line in answer.splitlines() if line.endswith(" install ok installed")}
    return [package for package in packages if package not in installed]


def install(packages: list[str]) -> None:
    """apt-get without questions; a second checkout doing the same waits for us.

    Packages such as postgresql start a server when they are installed. The lab and the tests start their own, so a
    service policy refuses that for as long as we install, unless the machine has one of its own.
    """
    if os.geteuid() != 0:
        names = " ".join(packages)
        raise SystemExit(
            f"make setup: these Debian packages are missing: {names}\nRun as root: apt-get install {names}"
        )
    with alone(), no_service_starts():
        apt_get("update")
        apt_get("install", "--no-install-recommends", *packages)


def apt_get(*words: str) -> None:
    """Run it, silent when it works; its whole output is shown when it does not."""
    command = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300", "-o", "Dpkg::Use-Pty=0", *words]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        command,
        check=False,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        sys.stderr.write(done.stdout)
        raise subprocess.CalledProcessError(done.returncode, command)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """One set-up at a time on this machine: apt-get update has no lock that waits."""
    with Path("/run/gerbang-apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def no_service_starts() -> Iterator[None]:
    """Hold a service policy that answers 101; another's policy stays as it is, ours left by a crash goes."""
    ours = not POLICY.exists() or POLICY.read_text() == REFUSE
    if ours:
        POLICY.write_text(REFUSE)
        POLICY.chmod(0o755)
    try:
        yield
    finally:
        if ours:
            POLICY.unlink(missing_ok=True)
