"""What can one do with the lab? Bring it up, take it down, ask how it is, set a host back."""

import os
import shutil
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from lab import acme, description, footprint, machine
from lab.commands import LabError, run, succeeds
from lab.hosts import HOSTS, Host
from lab.images import ensure_image
from lab.instance import Instance
from lab.keys import ensure_keys
from lab.layers import keep, layer_of
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


def up(instance: Instance, names: Iterable[str]) -> None:
    """Bring up the named hosts; those that run already stay untouched."""
    begun = time.monotonic()
    refuse_missing_tools()
    wanted = [HOSTS[name] for name in names if name != acme.NAME]
    ensure_keys(instance)
    ensure_state(instance)
    ensure_network(instance)
    absent = [host for host in wanted if not machine.is_ready(instance, host.name)]
    description.write(instance, sorted({*running(instance), *(host.name for host in absent)}))
    if acme.NAME in names:
        acme.start(instance)
    in_parallel(lambda host: bring_up(instance, host), absent)
    fresh = [host for host in absent if host.prepared and not layer_of(instance, host).is_made]
    if fresh:
        prepare_and_keep(instance, fresh)
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


def bring_up(instance: Instance, host: Host) -> None:
    """Start one host over its prepared layer if there is one, over the plain image otherwise."""
    image = ensure_image(instance, host.recipe, host.debian)
    layer = layer_of(instance, host)
    machine.cut_power(instance, host.name)
    machine.remove(instance, host.name)
    if layer.is_made and host.prepared:
        machine.start(instance, host, [layer.upper, image], layer.www_image)
    else:
        machine.start(instance, host, [image], None)
    machine.wait_for_ssh(instance, host)
    machine.wait_for_duties(instance, host)
    if layer.is_made or not host.prepared:
        machine.mark_ready(instance, host.name)


def prepare_and_keep(instance: Instance, hosts: list[Host]) -> None:
    """Run site.yml, put the result into the cache and start again from there, as every later `up` will."""
    say(f"site.yml prepares {', '.join(host.name for host in hosts)}")
    # Asked before the work: a role edited meanwhile makes another layer, not this one.
    layers = {host.name: layer_of(instance, host) for host in hosts}
    prepare(instance, [host.name for host in hosts])
    end_ssh_masters(instance)

    def keep_one(host: Host) -> None:
        machine.shut_down(instance, host.name)
        keep(instance, host, layers[host.name])
        bring_up(instance, host)

    in_parallel(keep_one, hosts)


def reset(instance: Instance, name: str) -> None:
    """Set one host back to its prepared state, whatever was done to it."""
    end_ssh_masters(instance)
    machine.cut_power(instance, name)
    machine.remove(instance, name)
    up(instance, [name])


def take_away(instance: Instance, name: str) -> None:
    """Remove one host and leave the others as they are."""
    end_ssh_masters(instance)
    machine.cut_power(instance, name)
    machine.remove(instance, name)
    description.write(instance, running(instance))


def end_ssh_masters(instance: Instance) -> None:
    """End the warm SSH connections that Ansible left; they are processes of the lab too."""
    for socket in (instance.state / "ssh").glob("*"):
        succeeds(["ssh", "-F", "none", "-o", f"ControlPath={socket}", "-O", "exit", "lab"])
        socket.unlink(missing_ok=True)


def down(instance: Instance) -> None:
    """Take everything away; only var/cache stays."""
    end_ssh_masters(instance)
    acme.stop(instance)

    def end(host: Host) -> None:
        machine.cut_power(instance, host.name)
        machine.remove(instance, host.name)

    in_parallel(end, list(HOSTS.values()))
    remove_network(instance)
    machine.unmount(instance.state)
    if instance.state.is_dir():
        instance.state.rmdir()
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
    lines += footprint.of_lab(instance)
    return lines
