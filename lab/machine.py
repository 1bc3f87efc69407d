"""How does one lab host start, stop and lose its power?

A host is systemd-nspawn over an overlay: the image and the prepared layer below, a tmpfs of its own on top. It has
its own cgroup before nspawn starts: hosts started from one would share a payload tree and stop each other's services.
"""

import os
import shutil
import signal
import time
from pathlib import Path

from lab.commands import LabError, run, start_detached, succeeds
from lab.disks import folder, mount_disk, mount_www, personalise, unmount
from lab.hosts import HOSTS, Host
from lab.instance import Instance
from lab.network import ensure_port, open_internet, remove_port

REBOOT_ASKED = 133
CGROUPS = Path("/sys/fs/cgroup")
# The loop is there because a reboot ends nspawn with 133; every other end is an end.
BOOT_LOOP = f"""
for group in $GERBANG_CGROUPS; do echo $$ > "$group/cgroup.procs"; done
while :; do
  systemd-nspawn "$@"
  [ $? -eq {REBOOT_ASKED} ] || exit 0
done
"""


def start(instance: Instance, host: Host, lower: list[Path], www_image: Path | None) -> None:
    """Start one host over `lower` (uppermost first); a fresh btrfs is made where `www_image` is None."""
    place = folder(instance, host.name)
    place.mkdir(parents=True, exist_ok=True)
    mount_disk(place, lower)
    if host.has_www:
        mount_www(place, www_image)
    personalise(instance, host)
    namespace = ensure_port(instance, host.name, host.octet)
    if host.needs_internet:
        open_internet(instance)
    boot(instance, host, namespace)


def cgroups(instance: Instance, name: str) -> list[Path]:
    """The host's own cgroups: one in each mounted hierarchy that systemd uses."""
    if (CGROUPS / "cgroup.controllers").exists():
        return [CGROUPS / instance.label / name]
    used = [CGROUPS / controller for controller in ("systemd", "unified", "memory")]
    return [hierarchy / instance.label / name for hierarchy in used if hierarchy.is_dir()]


def boot(instance: Instance, host: Host, namespace: str) -> None:
    """Start systemd-nspawn in the background and remember the process that watches it."""
    place = folder(instance, host.name)
    groups = cgroups(instance, host.name)
    for group in groups:
        group.mkdir(parents=True, exist_ok=True)
    options = ["--quiet", "--register=no", "--keep-unit", "--resolv-conf=off", "--boot", "--console=pipe"]
    options += [f"--directory={place / 'root'}", f"--machine={instance.namespace(host.name)}"]
    # A namespace given from outside drops NET_ADMIN, which nftables and systemd-networkd in the host need.
    options += [f"--network-namespace-path={namespace}", "--capability=CAP_NET_ADMIN"]
    if host.has_www:
        options += [f"--bind={place / 'www'}:/srv/www"]
    environment = {"PATH": os.environ["PATH"], "GERBANG_CGROUPS": " ".join(str(group) for group in groups)}
    start_detached(
        ["/bin/sh", "-c", BOOT_LOOP, f"gerbang-host-{host.name}", *options],
        environment=environment,
        pid_file=place / "pid",
        log=place / "log",
    )


def children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def alive(pid: int) -> bool:
    """Say whether a process runs; one that ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def watcher_pid(instance: Instance, name: str) -> int | None:
    """The process that watches over a running host, or None."""
    file = folder(instance, name) / "pid"
    if not file.exists():
        return None
    pid = int(file.read_text())
    return pid if alive(pid) else None


def init_pid(instance: Instance, name: str) -> int | None:
    """The host's systemd as this machine sees it, or None while the host is off."""
    watcher = watcher_pid(instance, name)
    spawns = children(watcher) if watcher else []
    inits = children(spawns[0]) if spawns else []
    return inits[0] if inits else None


def is_running(instance: Instance, name: str) -> bool:
    return watcher_pid(instance, name) is not None


def mark_ready(instance: Instance, name: str, layer: str) -> None:
    """Note that the host is as its preparation left it, and which layer it stands on: "web1-1c7cfb85c4e9"."""
    (folder(instance, name) / "ready").write_text(layer)


def layer_name(instance: Instance, name: str) -> str:
    """The layer that a running host stands on."""
    return (folder(instance, name) / "ready").read_text()


def is_ready(instance: Instance, name: str) -> bool:
    """Say whether the host runs and was prepared; one whose preparation failed is started anew by the next `up`."""
    return is_running(instance, name) and (folder(instance, name) / "ready").exists()


def shut_down(instance: Instance, name: str, *, timeout_seconds: float = 20) -> None:
    """Ask the host's systemd to power off, so that databases close their files; after the time, pull the plug."""
    init = init_pid(instance, name)
    if init:
        os.kill(init, signal.SIGRTMIN + 4)
    deadline = time.monotonic() + timeout_seconds
    while is_running(instance, name) and time.monotonic() < deadline:
        time.sleep(0.05)
    cut_power(instance, name)


def cut_power(instance: Instance, name: str) -> None:
    """End the host at once, as a lost power supply does; its disks stay as they were."""
    watcher = watcher_pid(instance, name)
    if watcher is None:
        return
    init = init_pid(instance, name)
    if init:
        os.kill(init, signal.SIGKILL)
    for _ in range(100):
        if not alive(watcher):
            return
        time.sleep(0.05)
    for spawn in children(watcher):
        os.kill(spawn, signal.SIGKILL)
    if alive(watcher):
        os.kill(watcher, signal.SIGKILL)


def remove(instance: Instance, name: str) -> None:
    """Take away an ended host: port, mounts, loop device, cgroups and files."""
    place = folder(instance, name)
    remove_port(instance, name)
    for mount in ("root", "www", "disk"):
        unmount(place / mount)
    shutil.rmtree(place, ignore_errors=True)
    for group in cgroups(instance, name):
        remove_cgroup(group)


def remove_cgroup(group: Path) -> None:
    """Remove a cgroup, deepest first; a group that still holds a dying process is tried again."""
    for _ in range(40):
        if not group.is_dir():
            return
        for place, _folders, _files in os.walk(group, topdown=False):
            try:
                Path(place).rmdir()
            except OSError:
                continue
        time.sleep(0.02)


def wait_for_ssh(instance: Instance, host: Host, *, timeout_seconds: float = 30) -> None:
    """Return when the host answers over SSH; raise LabError with the end of its log otherwise."""
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        if succeeds([*ssh_argv(instance, host.name), "true"]):
            return
        if not is_running(instance, host.name):
            break
        time.sleep(0.05)
    log = (folder(instance, host.name) / "log").read_text(errors="replace").splitlines()[-15:]
    raise LabError(f"{host.name} does not answer over SSH. The end of its log:\n" + "\n".join(log))


def wait_for_duties(instance: Instance, host: Host) -> None:
    """Return when systemd says that every unit runs; raise LabError naming those that failed."""
    script = "systemctl is-system-running --wait >/dev/null || systemctl list-units --failed --no-legend --plain"
    failed = run([*ssh_argv(instance, host.name), script], timeout_seconds=60)
    if failed.strip():
        raise LabError(f"units of {host.name} failed: {failed.strip()}. See `journalctl -b` there.")


def ssh_argv(instance: Instance, name: str) -> list[str]:
    """The ssh command line that reaches a host as root, without this user's own settings."""
    keys = instance.keys
    options = ["-F", "none", "-o", f"UserKnownHostsFile={keys / 'known_hosts'}", "-o", "ConnectTimeout=1"]
    options += ["-o", "BatchMode=yes", "-o", "LogLevel=ERROR", "-i", str(keys / "worker")]
    return ["ssh", *options, f"root@{instance.address(HOSTS[name].octet)}"]
