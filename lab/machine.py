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
from lab.hosts import HOSTS, Host
from lab.instance import Instance
from lab.network import ensure_port, open_internet, remove_port

DISK_SIZE = "3g"
WWW_SIZE = "20G"
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


def folder(instance: Instance, name: str) -> Path:
    """Where a running host's parts lie: disk/ (tmpfs: up, work), root/ (overlay), www/ (btrfs), www.img, log."""
    return instance.state / name


def root_of(instance: Instance, name: str) -> Path:
    return folder(instance, name) / "root"


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


def mount_disk(place: Path, lower: list[Path]) -> None:
    """Mount the overlay; its upper side is a tmpfs of this host alone, so that its disk can be full by itself."""
    for name in ("disk", "root"):
        (place / name).mkdir(exist_ok=True)
    run(["mount", "-t", "tmpfs", "-o", f"size={DISK_SIZE},mode=0755", "tmpfs", place / "disk"])
    for name in ("up", "work"):
        (place / "disk" / name).mkdir()
    options = f"lowerdir={':'.join(str(layer) for layer in lower)},upperdir={place}/disk/up,workdir={place}/disk/work"
    run(["mount", "-t", "overlay", "-o", options, "overlay", place / "root"])


def mount_www(place: Path, www_image: Path | None) -> None:
    """Mount the btrfs that the host will have at /srv/www: a loop file, because a container has no disk of its own."""
    (place / "www").mkdir(exist_ok=True)
    file = place / "www.img"
    if www_image is None:
        run(["truncate", "-s", WWW_SIZE, file])
        run(["mkfs.btrfs", "--quiet", "--metadata", "single", "--label", "www", file])
    else:
        run(["cp", "--sparse=always", www_image, file])
    run(["mount", "-t", "btrfs", "-o", "loop,noatime", file, place / "www"])


def personalise(instance: Instance, host: Host) -> None:
    """Give the overlay what an installer gives a machine: name, addresses, ids, host keys, the worker's first key."""
    root = root_of(instance, host.name)
    etc = root / "etc"
    (etc / "hostname").write_text(f"{host.name}\n")
    (etc / "hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {host.name}.kota.lab {host.name}\n")
    (etc / "resolv.conf").unlink(missing_ok=True)
    if host.needs_internet:
        shutil.copy("/etc/resolv.conf", etc / "resolv.conf")
    else:
        (etc / "resolv.conf").write_text(f"search kota.lab\nnameserver {instance.address(HOSTS['ns1'].octet)}\n")
    if not (etc / "machine-id").exists() or not (etc / "machine-id").read_text().strip():
        (etc / "machine-id").unlink(missing_ok=True)
        run(["systemd-machine-id-setup", f"--root={root}"])
    for old in (etc / "ssh").glob("ssh_host_*"):
        old.unlink()
    for suffix in ("", ".pub"):
        shutil.copy(instance.keys / f"host-{host.name}{suffix}", etc / "ssh" / f"ssh_host_ed25519_key{suffix}")
    admit_worker(instance, root)


def admit_worker(instance: Instance, root: Path) -> None:
    """Let the worker's key log in as root, as an installer would; site.yml takes it from there."""
    authorised = root / "root" / ".ssh" / "authorized_keys"
    if not authorised.exists():
        authorised.parent.mkdir(mode=0o700, exist_ok=True)
        shutil.copy(instance.keys / "worker.pub", authorised)
        authorised.chmod(0o600)


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


def mark_ready(instance: Instance, name: str) -> None:
    (folder(instance, name) / "ready").touch()


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


def unmount(place: Path) -> None:
    for _ in range(40):
        if not place.is_mount():
            return
        if succeeds(["umount", place]):
            return
        time.sleep(0.05)
    run(["umount", "--lazy", place])


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
