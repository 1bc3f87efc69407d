"""What can one do with the lab? Bring it up, take it down, ask how it is, set a host back."""

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from lab import acme, cloud, description, disks, footprint, machine, mail, ssh_masters
from lab.commands import LabError, run
from lab.hosts import HOSTS, Host
from lab.images import ensure_image
from lab.instance import Instance
from lab.keys import ensure_keys
from lab.layers import Layer, keep, layer_of
from lab.network import ensure_network, remove_network
from lab.preparation import prepare

STATE_SIZE = "16g"
DEBIAN_PACKAGES = {
    "mmdebstrap": "mmdebstrap",
    "systemd-nspawn": "systemd-container",
    "mkfs.btrfs": "btrfs-progs",
    "nft": "nftables",
    "pebble": "pebble",
    "ip": "iproute2",
    "ssh-keygen": "openssh-client",
    "openssl": "openssl",
}


def say(text: str) -> None:
    print(f"lab: {text}", flush=True)


def refuse_missing_tools() -> None:
    """Raise LabError naming every missing Debian package at once."""
    if os.geteuid() != 0:
        raise LabError("the lab makes namespaces and mounts: run it as root")
    missing = sorted(package for program, package in DEBIAN_PACKAGES.items() if shutil.which(program) is None)
    if missing:
        raise LabError(f"programs of the lab are missing: apt-get install --no-install-recommends {' '.join(missing)}")


@contextmanager
def alone(instance: Instance) -> Iterator[None]:
    """Let one process at a time change the lab; the others wait for their turn."""
    instance.cache.mkdir(parents=True, exist_ok=True)
    with (instance.cache / "lab.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def up(instance: Instance, names: Iterable[str]) -> None:
    """Bring up the named hosts; those that run already stay untouched."""
    refuse_missing_tools()
    with alone(instance):
        bring_all_up(instance, list(names))


def bring_all_up(instance: Instance, names: list[str]) -> None:
    """Start what is absent, all at once, and prepare what nobody has prepared before."""
    begun = time.monotonic()
    wanted = [HOSTS[name] for name in names if name in HOSTS]
    ensure_keys(instance)
    ensure_state(instance)
    ensure_network(instance)
    layers = {host.name: layer_of(instance, host) for host in wanted}
    if cloud.NAME in names or any("cloud_proxy" in host.groups for host in wanted):
        cloud.start(instance)
    absent = [host for host in wanted if not machine.is_ready(instance, host.name)]
    description.write(instance, sorted({*running(instance), *(host.name for host in absent)}))
    if acme.NAME in names:
        acme.start(instance)
    if mail.NAME in names:
        mail.start(instance)
    in_parallel(lambda host: bring_up(instance, host, layers[host.name]), absent)
    fresh = [host for host in absent if host.prepared and not layers[host.name].is_made]
    if fresh:
        prepare_and_keep(instance, fresh, layers)
    for host in wanted:
        if host.prepared and machine.layer_name(instance, host.name) != layers[host.name].place.name:
            say(f"{host.name} was prepared by other roles than those here now: python3 -m lab reset {host.name}")
    say(f"up after {time.monotonic() - begun:.1f} s: {', '.join(running(instance))}; see {description.path(instance)}")


def ensure_state(instance: Instance) -> None:
    instance.state.mkdir(mode=0o755, exist_ok=True)
    if not instance.state.is_mount():
        run(["mount", "-t", "tmpfs", "-o", f"size={STATE_SIZE},mode=0755", "tmpfs", instance.state])


def running(instance: Instance) -> list[str]:
    return sorted(name for name in HOSTS if machine.is_running(instance, name))


def in_parallel(work: Callable[[Host], None], hosts: list[Host]) -> None:
    with ThreadPoolExecutor(max_workers=max(1, len(hosts))) as pool:
        list(pool.map(work, hosts))


def bring_up(instance: Instance, host: Host, layer: Layer) -> None:
    """Start one host over its prepared layer if there is one, over the plain image otherwise."""
    image = ensure_image(instance, host.recipe, host.debian)
    end(instance, host)
    if layer.is_made and host.prepared:
        machine.start(instance, host, [layer.upper, image], layer.www_image)
    else:
        machine.start(instance, host, [image], None)
    machine.wait_for_ssh(instance, host)
    machine.wait_for_duties(instance, host)
    if layer.is_made or not host.prepared:
        machine.mark_ready(instance, host.name, layer.place.name)


def end(instance: Instance, host: Host) -> None:
    """Cut the host's power and take away all that it was."""
    ssh_masters.end(instance, [host.name])
    machine.cut_power(instance, host.name)
    machine.remove(instance, host.name)


def prepare_and_keep(instance: Instance, hosts: list[Host], layers: dict[str, Layer]) -> None:
    """Run site.yml, put the result into the cache and start again from there, as every later `up` will.

    `layers` were asked for before the work: a role that is edited meanwhile makes another layer, not this one.
    """
    say(f"site.yml prepares {', '.join(host.name for host in hosts)}")
    prepare(instance, [host.name for host in hosts])

    def keep_one(host: Host) -> None:
        ssh_masters.end(instance, [host.name])
        machine.shut_down(instance, host.name)
        keep(instance, host, layers[host.name])
        bring_up(instance, host, layers[host.name])

    in_parallel(keep_one, hosts)


def reset(instance: Instance, name: str) -> None:
    """Set one host back to its prepared state, whatever was done to it."""
    with alone(instance):
        end(instance, HOSTS[name])
        bring_all_up(instance, [name])


def take_away(instance: Instance, name: str) -> None:
    """Remove one host and leave the others as they are."""
    with alone(instance):
        end(instance, HOSTS[name])
        description.write(instance, running(instance))


def down(instance: Instance) -> None:
    """Take everything away; only var/cache stays."""
    with alone(instance):
        ssh_masters.end(instance)
        acme.stop(instance)
        mail.stop(instance)
        cloud.stop(instance)
        in_parallel(lambda host: end(instance, host), list(HOSTS.values()))
        remove_network(instance)
        disks.unmount(instance.state)
        if instance.state.is_dir() and not instance.state.is_mount():
            shutil.rmtree(instance.state)  # a process that outlived an earlier `down` may have written below the mount
        for hierarchy in {group.parent for group in machine.cgroups(instance, "any")}:
            machine.remove_cgroup(hierarchy)
        shutil.rmtree(instance.shown, ignore_errors=True)


def status(instance: Instance) -> list[str]:
    """One line for each part of the lab that is on the machine."""
    lines = [f"instance {instance.id}, subnet {instance.subnet}, state {instance.state}"]
    for name in running(instance):
        host = HOSTS[name]
        lines.append(f"{name}: running, {instance.address(host.octet)}, Debian {host.debian}")
    if acme.is_running(instance):
        lines.append(f"acme: running, {acme.directory_url(instance)}")
    if mail.is_running(instance):
        received = f"{len(mail.messages(instance))} messages in {mail.folder(instance) / 'messages'}"
        lines.append(f"mail: running, {mail.address(instance)}:{mail.PORT}, {received}")
    if cloud.is_running(instance):
        lines.append(f"{cloud.NAME}: running, {cloud.url()} at {cloud.address(instance)}")
    lines += footprint.of_lab(instance)
    return lines
