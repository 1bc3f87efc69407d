"""Which faults can the lab have, and how is each switched on and off?"""

import functools
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from lab import cloud, disks, machine, mail
from lab.commands import LabError, run, succeeds
from lab.disks import folder
from lab.hosts import HOSTS
from lab.instance import Instance
from lab.machine import ssh_argv
from lab.network import port

SLOW_RATE = "256kbit"
FILLER = ".gerbang-fault-full-disk"
FIRST_DUTY = {"shared_web": "apache2", "nameserver": "named", "unprepared": "ssh"}
KEY_FILE = "/etc/bind/gerbang.keys"
# Every secret of the file becomes another one of the same length; the right file waits beside it.
SPOIL_KEYS = (
    f"test -e {KEY_FILE}.right || cp -p {KEY_FILE} {KEY_FILE}.right; "
    f"""sed -i 's/secret "[^"]*"/secret "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="/' {KEY_FILE}; rndc reconfig"""
)
MEND_KEYS = f"if [ -e {KEY_FILE}.right ]; then mv {KEY_FILE}.right {KEY_FILE}; fi; rndc reconfig"


def cut_network(instance: Instance, name: str, *, on: bool, service: str | None) -> None:
    """Pull the host's plug out of the switch."""
    del service
    run(["ip", "-n", instance.label, "link", "set", port(name), "down" if on else "up"])


def slow_link(instance: Instance, name: str, *, on: bool, service: str | None) -> None:
    """Let the host receive no more than 256 kbit/s (token bucket; this kernel has no netem)."""
    del service
    tc = ["tc", "-netns", instance.label, "qdisc"]
    if on:
        run([*tc, "replace", "dev", port(name), "root", "tbf", "rate", SLOW_RATE, "burst", "16kb", "latency", "400ms"])
    else:
        succeeds([*tc, "delete", "dev", port(name), "root"])


def full_disk(instance: Instance, name: str, *, on: bool, service: str | None) -> None:
    """Leave no free byte: the root disk is shrunk to what it holds, /srv/www is filled by allocation."""
    del service
    place = folder(instance, name)
    figures = os.statvfs(place / "disk")
    used_bytes = (figures.f_blocks - figures.f_bfree) * figures.f_frsize
    size = f"{used_bytes}" if on else disks.DISK_SIZE
    run(["mount", "-o", f"remount,size={size}", place / "disk"])
    filler = place / "www" / FILLER
    if on and HOSTS[name].has_www:
        fill(filler)
    elif filler.exists():
        filler.unlink()
        # btrfs gives the room back with its next transaction, not before.
        run(["sync", "--file-system", place / "www"])


def fill(filler: Path) -> None:
    """Allocate in halving steps until nothing fits; nothing is written."""
    with filler.open("wb") as file:
        step_bytes = 8 << 30
        while step_bytes >= 4096:
            try:
                os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, step_bytes)
            except OSError:
                step_bytes //= 2


def stopped_service(instance: Instance, name: str, *, on: bool, service: str | None) -> None:
    """Stop a service and keep it from starting."""
    if name in (mail.NAME, cloud.NAME):
        process = mail if name == mail.NAME else cloud
        process.end(instance) if on else process.start(instance)
        return
    unit = service or FIRST_DUTY[HOSTS[name].groups[0]]
    on_host(
        instance,
        name,
        f"systemctl mask --runtime --now {unit}"
        if on
        else f"systemctl unmask --runtime {unit}; systemctl start {unit}",
    )


def wrong_tsig_key(instance: Instance, name: str, *, on: bool, service: str | None) -> None:
    """Give the name server other secrets under the same key names: every update is refused with BADSIG."""
    del service
    if "nameserver" not in HOSTS[name].groups:
        raise LabError(f"{name} checks no TSIG key: the fault is one of ns1")
    on_host(instance, name, SPOIL_KEYS if on else MEND_KEYS)


def lost_power(instance: Instance, name: str, *, on: bool, service: str | None) -> None:
    """End the host at once; off starts it again over the disks as they were left."""
    del service
    if on:
        machine.cut_power(instance, name)
    elif not machine.is_running(instance, name):
        machine.boot(instance, HOSTS[name], f"/run/netns/{instance.namespace(name)}")
        machine.wait_for_ssh(instance, HOSTS[name])


def on_host(instance: Instance, name: str, script: str) -> None:
    done = subprocess.run([*ssh_argv(instance, name), script], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"on {name}, `{script}` ended with {done.returncode}: {done.stderr.strip()}")


def mail_fault(instance: Instance, name: str, *, fault: str, on: bool, service: str | None) -> None:
    """Let the mail relay refuse for now, reject for good, or be slow: lab/mail.py says how."""
    del service
    if name != mail.NAME:
        raise LabError(f"{name} is no mail relay: the fault is one of {mail.NAME}")
    mail.switch(instance, fault, on=on)


def slow(instance: Instance, name: str, *, on: bool, service: str | None, **limits: object) -> None:
    """Let the mail relay take 8 s a message, or the cloud server 3 s a call."""
    kind = cloud_fault if name == cloud.NAME else mail_fault
    kind(instance, name, fault="slow", on=on, service=service, **limits)


def cloud_fault(instance: Instance, name: str, *, fault: str, on: bool, service: str | None, **limits: object) -> None:
    """Let the cloud server fail as lab/nextcloud/faults.py says; `limits` name the calls and how many."""
    del service
    if name != cloud.NAME:
        raise LabError(f"{name} is no cloud server: the fault is one of {cloud.NAME}")
    cloud.fault(instance, fault, on=on, **(limits if on else {}))


FAULTS: dict[str, Callable[..., None]] = {
    fault.__name__: fault for fault in (cut_network, slow_link, full_disk, stopped_service, wrong_tsig_key, lost_power)
} | {fault: functools.partial(mail_fault, fault=fault) for fault in mail.FAULTS}
FAULTS |= {fault: functools.partial(cloud_fault, fault=fault) for fault in cloud.FAULTS if fault not in mail.FAULTS}
FAULTS["slow"] = slow
OF_PROCESS = ("cut_network", "slow_link", "stopped_service")
OF = {mail.NAME: (*mail.FAULTS, *OF_PROCESS), cloud.NAME: (*cloud.FAULTS, *OF_PROCESS)}


def switch(
    instance: Instance, fault: str, host: str, *, on: bool, service: str | None = None, **limits: object
) -> None:
    """Switch one fault on or off; doing it twice is the same as once. `limits` are those of lab/cloud.py."""
    if not folder(instance, host).is_dir():
        raise LabError(f"{host} is not up: python3 -m lab up {host}")
    if host in OF and fault not in OF[host]:
        raise LabError(f"{host} is a process, no host: it can have {', '.join(OF[host])}")
    known = {name: value for name, value in limits.items() if value not in (None, "")}
    if known and host != cloud.NAME:
        raise LabError(f"calls, method and path are said of {cloud.NAME} alone")
    FAULTS[fault](instance, host, on=on, service=service, **known)
