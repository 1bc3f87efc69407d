"""How do the lab's hosts reach each other and this machine?

The bridge lives in a namespace of its own; one veth pair leads from it to the machine's root namespace (address .254).
So two labs never meet, and gate, worker and tests reach every host without entering a namespace.
"""

from pathlib import Path

from lab.commands import run, succeeds
from lab.hosts import GATEWAY_OCTET
from lab.instance import Instance

FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")


def ensure_network(instance: Instance) -> None:
    """Make namespace, bridge and uplink, if they are not there yet."""
    if succeeds(["ip", "link", "show", uplink(instance)]):
        return
    instance.refuse_taken_subnet()
    lab = instance.label
    if not Path(f"/run/netns/{lab}").exists():
        run(["ip", "netns", "add", lab])
    for words in ("link add br0 type bridge", "link set br0 up", "link set lo up"):
        succeeds(["ip", "-n", lab, *words.split()])
    run(["ip", "link", "add", uplink(instance), "type", "veth", "peer", "name", "uplink", "netns", lab])
    run(["ip", "-n", lab, "link", "set", "uplink", "master", "br0", "up"])
    run(["ip", "address", "add", f"{instance.address(GATEWAY_OCTET)}/24", "dev", uplink(instance)])
    run(["ip", "link", "set", uplink(instance), "up"])


def uplink(instance: Instance) -> str:
    return f"{instance.label}u"


def ensure_port(instance: Instance, name: str, octet: int) -> str:
    """Give one host its namespace, its address and its port on the bridge; return the namespace's path."""
    namespace = instance.namespace(name)
    path = f"/run/netns/{namespace}"
    if Path(path).exists():
        return path
    run(["ip", "netns", "add", namespace])
    # A card keeps its number over a reset: the neighbours' ARP tables would point to the old one for half a minute.
    card = f"02:67:62:{instance.path_hash[0]:02x}:{instance.path_hash[1]:02x}:{octet:02x}"
    run(["ip", "link", "add", port(name), "netns", instance.label, "type", "veth", "peer", "name", "host0",
         "address", card, "netns", namespace])  # fmt: skip
    run(["ip", "-n", instance.label, "link", "set", port(name), "master", "br0", "up"])
    run(["ip", "-n", namespace, "address", "add", f"{instance.address(octet)}/24", "dev", "host0"])
    for link in ("host0", "lo"):
        run(["ip", "-n", namespace, "link", "set", link, "up"])
    run(["ip", "-n", namespace, "route", "add", "default", "via", instance.address(GATEWAY_OCTET)])
    return path


def port(name: str) -> str:
    """The host's port on the bridge, as in "p-web1"."""
    return f"p-{name}"


def remove_port(instance: Instance, name: str) -> None:
    succeeds(["ip", "-n", instance.label, "link", "delete", port(name)])
    succeeds(["ip", "netns", "delete", instance.namespace(name)])


def open_internet(instance: Instance) -> None:
    """Let hosts fetch packages: forwarding, and one masquerade table under the lab's name."""
    remembered = instance.state / "ip_forward"
    if not remembered.exists():
        remembered.write_text(FORWARDING.read_text())
    FORWARDING.write_text("1\n")
    ruleset = (
        f"table ip {instance.label} {{\n chain out {{\n  type nat hook postrouting priority srcnat;\n"
        f'  ip saddr {instance.subnet} oifname != "{uplink(instance)}" masquerade\n }}\n}}\n'
    )
    if not succeeds(["nft", "list", "table", "ip", instance.label]):
        run(["nft", "-f", "-"], stdin_text=ruleset)


def remove_network(instance: Instance) -> None:
    """Undo everything above but the hosts' ports, which go with their hosts."""
    succeeds(["nft", "delete", "table", "ip", instance.label])
    remembered = instance.state / "ip_forward"
    if remembered.exists():
        FORWARDING.write_text(remembered.read_text())
        remembered.unlink()
    succeeds(["ip", "link", "delete", uplink(instance)])
    succeeds(["ip", "netns", "delete", instance.label])
