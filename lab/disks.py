"""What is on a lab host's disks before it boots? An overlay, the sites' btrfs, and what an installer leaves."""

import shutil
import time
from pathlib import Path

from lab.commands import run, succeeds
from lab.hosts import HOSTS, Host
from lab.instance import Instance

DISK_SIZE = "3g"
WWW_SIZE = "20G"
# Data and metadata share their room: a small disk that data once filled would otherwise have none for metadata, and not
# even a file could be made on it until the kernel's cleaner came by.
MKFS_OPTIONS = ("--mixed", "--data", "single", "--metadata", "single")


def folder(instance: Instance, name: str) -> Path:
    """Where a host's parts lie: disk/ (tmpfs: up, work), root/ (overlay), www/ (btrfs), www.img, log, pid, ready."""
    return instance.state / name


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
        run(["mkfs.btrfs", "--quiet", *MKFS_OPTIONS, "--label", "www", file])
    else:
        run(["cp", "--sparse=always", www_image, file])
    run(["mount", "-t", "btrfs", "-o", "loop,noatime", file, place / "www"])


def personalise(instance: Instance, host: Host) -> None:
    """Give the overlay what an installer gives a machine: name, addresses, ids, host keys, the worker's first key."""
    root = folder(instance, host.name) / "root"
    etc = root / "etc"
    (etc / "hostname").write_text(f"{host.name}\n")
    (etc / "hosts").write_text(f"127.0.0.1 localhost\n127.0.1.1 {host.name}.kota.lab {host.name}\n")
    (etc / "resolv.conf").unlink(missing_ok=True)
    if host.needs_internet:
        shutil.copy("/etc/resolv.conf", etc / "resolv.conf")
        trust_the_same(etc)
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


def trust_the_same(etc: Path) -> None:
    """Let apt in the host trust whom this machine trusts: a mirror or proxy may be signed by the office's own."""
    bundle = Path("/etc/ssl/certs/ca-certificates.crt")
    if bundle.exists():
        (etc / "ssl" / "certs").mkdir(parents=True, exist_ok=True)
        shutil.copy(bundle, etc / "ssl" / "certs" / bundle.name)


def admit_worker(instance: Instance, root: Path) -> None:
    """Let the worker's key log in as root, as an installer would; site.yml takes it from there."""
    authorised = root / "root" / ".ssh" / "authorized_keys"
    if not authorised.exists():
        authorised.parent.mkdir(mode=0o700, exist_ok=True)
        shutil.copy(instance.keys / "worker.pub", authorised)
        authorised.chmod(0o600)


def unmount(place: Path) -> None:
    for _ in range(40):
        if not place.is_mount():
            return
        if succeeds(["umount", place]):
            return
        time.sleep(0.05)
    run(["umount", "--lazy", place])
