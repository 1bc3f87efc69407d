"""How does a lab test see what the proxy in front of the cloud holds an account to, and disturb that proxy?"""

from __future__ import annotations

import base64
import http.client
import shutil
import socket
import ssl
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import testinfra
from testinfra.host import Host

from lab import cloud, faults, verbs
from lab.instance import Instance
from lab.machine import ssh_argv
from provisioner.facts.traffic import APACHE, FOLDERS, NGINX, SYSTEM, Rate, rate_text, read_rate
from provisioner.names import draw_item_id, mark
from tests.house import PEOPLE
from tests.lab.office_house import OfficeHouse, office_house
from tests.lab.site_part import INVENTORY, ROOT

PROXIES = {"proxy1": APACHE, "proxy2": NGINX}
SERVICES = {APACHE: "apache2", NGINX: "nginx"}
MBIT = 125_000
PASSWORD = "Rahasia-Sekali-1945"
ANSWER_SECONDS = 60
#: the lab's own inventory, with the named proxy in front of the cloud; it stands for what an office writes there
OTHER_PROXY = """#!/usr/bin/python3
import json, subprocess, sys
told = json.loads(subprocess.check_output([{hosts!r}, *sys.argv[1:]]))
told["_meta"]["hostvars"]["cloud1"] |= {{"traffic_driver": {driver!r}, "traffic_proxy": {proxy!r}}}
print(json.dumps(told))
"""


@dataclass(kw_only=True)
class Proxied:
    """An office whose cloud has `proxy` in front. `stand`: every limit that shall stand there, by account."""

    instance: Instance
    house: OfficeHouse
    proxy: str
    stand: dict[str, int] = field(default_factory=dict)

    @property
    def driver(self) -> str:
        """'apache' or 'nginx'."""
        return PROXIES[self.proxy]

    @property
    def host(self) -> Host:
        """The proxy, as root."""
        *options, target = ssh_argv(self.instance, self.proxy)[1:]
        return testinfra.get_host(f"ssh://{target}", ssh_extra_args=" ".join(options))

    def limits(self) -> dict[str, int]:
        """Every limit that is seen at the proxy: {'ujibxkdrt': 1000000}, in bytes a second."""
        return {
            spot.object: read_rate(value["text"]).bytes_per_second  # type: ignore[index,call-overload]
            for spot, value in self.house.look().values.items()
            if spot.system == SYSTEM
        }

    def account(self, run_id: str) -> str:
        """The account that a run is about."""
        return str(self.house.approved(run_id).choices["account"])

    def accounts(self) -> set[str]:
        """Every account of the cloud."""
        return set(cloud.ask(self.instance, do="dump")["accounts"])

    def done(self, run_id: str) -> dict[str, bool]:
        """Carry it out to its end; return its verdicts."""
        state = self.house.carry_out(run_id)
        view = self.house.desk.run(PEOPLE["kabid"], run_id)
        assert (state, view.run.why) == ("done", "")
        return {verdict.name: verdict.holds for verdict in view.verdicts}

    def why(self, run_id: str) -> str:
        """What the run says of how it stands."""
        return self.house.desk.run(PEOPLE["kabid"], run_id).run.why

    def hold(self, account: str, bytes_per_second: int) -> None:
        """Let a neighbour be held there, an account of an item that this house does not know."""
        item = draw_item_id()
        rate = Rate(
            item_id=item, mark=mark(item), account=account, bytes_per_second=bytes_per_second, driver=self.driver
        )
        path = f"{FOLDERS[self.driver]}/{account}.conf"
        self.host.check_output(
            "printf %%s %s > %s && systemctl reload %s", rate_text(rate), path, SERVICES[self.driver]
        )
        self.stand[account] = bytes_per_second

    def lay(self, account: str, size: int, password: str = PASSWORD) -> str:
        """Put a file of that size into the account, past the proxy; return its path."""
        path = f"/remote.php/dav/files/{account}/laju.pdf"
        assert self._call(cloud.address(self.instance), account, password, path, bytes(size))[0] in (201, 204)
        return path

    def rate(self, account: str, path: str, password: str = PASSWORD, *, at_once: int = 2) -> float:
        """Bytes a second that so many downloads at once get together through the proxy."""
        address = self.house.hands.estate().hosts[self.proxy].variables["ansible_host"]
        started = time.monotonic()
        with ThreadPoolExecutor(at_once) as together:
            came = [*together.map(lambda _: self._call(address, account, password, path), range(at_once))]
        assert [status for status, _ in came] == [200] * at_once
        return sum(len(body) for _, body in came) / (time.monotonic() - started)

    def serves(self) -> bool:
        """Whether somebody without an account is answered through the proxy, by the cloud behind it."""
        address = self.house.hands.estate().hosts[self.proxy].variables["ansible_host"]
        return self._call(address, "", "", "/status.php")[0] == 200

    def left_behind(self) -> str:
        """What no duty may leave on the proxy: files half written, a folder that a parser was to see."""
        return str(
            self.host.check_output(f"ls -d {FOLDERS[self.driver]}/.*.gerbang /run/gerbang-try-* 2>/dev/null ||:")
        )

    def is_exact(self) -> None:
        """The limits that stand are those that shall, the neighbours' among them, and the proxy serves."""
        assert self.limits() == self.stand
        assert self.serves()
        assert self.left_behind() == ""

    def _call(
        self, address: str, account: str, password: str, path: str, body: bytes | None = None
    ) -> tuple[int, bytes]:
        """GET, or PUT where there is a body, with TLS for the cloud's name."""
        context = ssl.create_default_context(cafile=str(cloud.ca_path(self.instance)))
        connection = http.client.HTTPSConnection("cloud.kota.lab", cloud.PORT, context=context)
        plain = socket.create_connection((address, cloud.PORT), timeout=ANSWER_SECONDS)
        connection.sock = context.wrap_socket(plain, server_hostname="cloud.kota.lab")
        given = base64.b64encode(f"{account}:{password}".encode()).decode()
        headers = {"Authorization": f"Basic {given}"} if account else {}
        try:
            connection.request("GET" if body is None else "PUT", path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


@contextmanager
def proxied(instance: Instance, proxy: str, folder: Path) -> Iterator[Proxied]:
    """Bring the proxy up in front of the lab's cloud, which knows nobody yet; it is gone at the end.

    Whoever reads the inventory meanwhile sees it there, so that no test of a cloud without a proxy may run beside.
    """
    verbs.up(instance, [cloud.NAME, proxy])
    try:
        cloud.ask(instance, do="reset")
        inventory = INVENTORY if proxy == "proxy1" else other_inventory(folder, proxy)
        with office_house(kind="data_cloud", hosts=(cloud.NAME, proxy), inventory=inventory) as house:
            yield Proxied(instance=instance, house=house, proxy=proxy)
    finally:
        verbs.take_away(instance, proxy)


def other_inventory(folder: Path, proxy: str) -> Path:
    """Write an inventory whose cloud has that proxy in front."""
    shutil.copytree(ROOT / "inventories" / "lab" / "group_vars", folder / "group_vars")
    script = folder / "hosts.py"
    script.write_text(OTHER_PROXY.format(hosts=str(INVENTORY), driver=PROXIES[proxy], proxy=proxy))
    script.chmod(0o755)
    return script


@contextmanager
def fault(at: Proxied, name: str, service: str | None = None) -> Iterator[None]:
    """Let the proxy have that fault of the lab's for the block."""
    faults.switch(at.instance, name, at.proxy, on=True, service=service)
    try:
        yield
    finally:
        faults.switch(at.instance, name, at.proxy, on=False, service=service)
