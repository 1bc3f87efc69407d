"""Has this host been prepared before? What site.yml wrote is kept under the hash of all that decides it."""

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from lab.commands import run
from lab.description import describe
from lab.disks import MKFS_OPTIONS, folder
from lab.hosts import Host
from lab.images import recipe_hash
from lab.instance import Instance

REACHED = (
    "playbooks/site.yml",
    "playbooks/ansible.cfg",
    "playbooks/duties/gerbang_look.py",
    "playbooks/duties/gerbang_try.py",
)
REACHED_FOLDERS = ("playbooks/roles", "inventories/lab")


@dataclass(frozen=True, kw_only=True)
class Layer:
    """A prepared host at rest: the overlay's upper folder and, for web hosts, the btrfs with its quotas."""

    place: Path

    @property
    def upper(self) -> Path:
        return self.place / "upper"

    @property
    def www_image(self) -> Path | None:
        image = self.place / "www.img"
        return image if image.exists() else None

    @property
    def is_made(self) -> bool:
        return self.upper.is_dir()


def reached_files(instance: Instance) -> list[Path]:
    """Every file that site.yml can read, sorted."""
    files = [instance.checkout / name for name in REACHED]
    for name in REACHED_FOLDERS:
        files += (instance.checkout / name).rglob("*")
    return sorted(file for file in files if file.is_file() and "__pycache__" not in file.parts)


def layer_of(instance: Instance, host: Host) -> Layer:
    """The layer that belongs to this host, made or not; another address, key or role is another layer."""
    digest = hashlib.sha256()
    description = describe(instance, [host.name]) | {"cloud": None}  # whether it runs just now prepares nobody
    digest.update(
        json.dumps([recipe_hash(host.recipe, host.debian), MKFS_OPTIONS, description], sort_keys=True).encode()
    )
    for file in (*reached_files(instance), *sorted(instance.keys.glob("*.pub")), *sorted(instance.keys.glob("tsig-*"))):
        digest.update(f"\n{file.relative_to(instance.checkout)}\n".encode() + file.read_bytes())
    return Layer(place=instance.cache / "layers" / f"{host.name}-{digest.hexdigest()[:12]}")


def keep(instance: Instance, host: Host, layer: Layer) -> None:
    """Copy a prepared, shut down host into the cache; layers of this host that nothing asks for any more go."""
    place = folder(instance, host.name)
    unfinished = layer.place.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    run(["cp", "--archive", place / "disk" / "up", unfinished / "upper"])
    if host.has_www:
        run(["umount", place / "www"])
        run(["cp", "--sparse=always", place / "www.img", unfinished / "www.img"])
    for old in layer.place.parent.glob(f"{host.name}-*"):
        if old != unfinished:
            shutil.rmtree(old)
    unfinished.rename(layer.place)
