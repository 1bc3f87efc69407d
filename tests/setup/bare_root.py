"""What does a machine look like that has Debian 12, python3, make and git, and nothing else? A root to run commands in.

Its packages come from where this machine's come, and its pip goes the way this machine's goes: nothing of that is
written down in the project.
"""

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab.images import apt_configuration, write_sources

CHECKOUT = Path(__file__).resolve().parent.parent.parent
CACHE = CHECKOUT / "var" / "cache"
INCLUDED = ("python3", "make", "git")
RESOLVER = Path("/etc/resolv.conf")
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
#: how a machine says where packages come from; nothing else of our environment goes in
PASSED_ON = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PIP_INDEX_URL")
#: mounts of a machine that runs, gone with the namespace; then the command, in the root
ENTER = """set -e
root=$1; shift
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t tmpfs tmpfs "$root/run"
exec chroot "$root" "$@"
"""


@dataclass(frozen=True, kw_only=True)
class BareRoot:
    """An unpacked root. `run` starts a program in it as root, in namespaces of its own, on this machine's network."""

    folder: Path

    def run(self, *command: str, timeout_seconds: int = 600) -> subprocess.CompletedProcess[str]:
        """Run it with nobody at the keyboard; output and errors come back as one text."""
        settings = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
        settings |= {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        if CERTIFICATES.exists():
            settings["PIP_CERT"] = "/etc/outer-certificates.crt"
        apart = ["unshare", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "--propagation", "private"]
        return subprocess.run(
            [*apart, "sh", "-c", ENTER, "enter", str(self.folder), *command],
            check=False,
            env=settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout_seconds,
        )

    def clone(self, checkout: Path) -> str:
        """Clone a checkout into the root, as a new machine would have it; returns its path there."""
        place = "/srv/gerbang"
        clone = ["git", "clone", "--quiet", "--no-hardlinks", str(checkout), f"{self.folder}{place}"]
        subprocess.run(clone, check=True, stdin=subprocess.DEVNULL)
        return place


def archive() -> Path:
    """The packed root, built once (about 20 s) and kept in var/cache under the hash of what it is made of."""
    wanted = hashlib.sha256(" ".join(INCLUDED).encode()).hexdigest()[:12]
    packed = CACHE / f"bare-root-debian12-{wanted}.tar"
    if not packed.exists():
        build(packed)
    return packed


def build(packed: Path) -> None:
    """Build with mmdebstrap beside the wanted place and rename when whole."""
    CACHE.mkdir(parents=True, exist_ok=True)
    work = CACHE / f".bare-root-{os.getpid()}"
    work.mkdir(mode=0o755)
    unfinished = work / "root.tar"
    command = ["mmdebstrap", "--mode=root", "--variant=minbase", "--format=tar", "--quiet"]
    command += [f"--include={','.join(INCLUDED)}", "--dpkgopt=force-unsafe-io"]
    command += [f"--aptopt={file}" for file in apt_configuration()]
    try:
        sources = [str(path) for path in write_sources(work, 12)]
        environment = {**os.environ, "TMPDIR": str(work)}
        subprocess.run([*command, "bookworm", str(unfinished), *sources], check=True, env=environment)
        unfinished.rename(packed)
    finally:
        shutil.rmtree(work)


def unpack(folder: Path) -> BareRoot:
    """A fresh root in `folder`, with the way to this machine's registries and no more."""
    subprocess.run(["tar", "--extract", "--numeric-owner", "-f", archive(), "-C", folder], check=True)
    for file, place in (
        (CERTIFICATES, "etc/outer-certificates.crt"),
        (Path("/etc/pip.conf"), "etc/pip.conf"),
        (RESOLVER, "etc/resolv.conf"),
    ):
        if file.exists():
            shutil.copy(file, folder / place)
    return BareRoot(folder=folder)
