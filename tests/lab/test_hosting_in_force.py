"""Is what a run brought to the host in force at its end, though a duty was killed there before it was taken up?

The duty is killed between its file and the reload, which no look at files shows (ADR 0033); a visitor says what
is served.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from testinfra.host import Host

from provisioner.workflow.hands import Hands
from tests.house import PEOPLE
from tests.lab.host_objects import named
from tests.lab.office_house import OfficeHouse, office_house
from tests.lab.planted import PATH, failing, planted

pytestmark = pytest.mark.usefixtures("instance")
On = Callable[[str], Host]
SERVED, FROZEN = "PHP 8.2", "Situs ini sedang dibekukan"


@pytest.fixture(scope="module")
def house() -> Iterator[OfficeHouse]:
    """An office whose sites are all gone at the end, and everybody else's as before."""
    with office_house() as house:
        before = house.others()
        yield house
        assert house.others() == before


@contextmanager
def killed(host: Host, duty: str) -> Iterator[None]:
    """Within the block that duty dies once, its file put and not yet taken up."""
    with planted(host, f"after:{duty} killed"):
        yield
        assert not host.file(PATH).exists, "the duty was not killed"


def page(lab: dict[str, Any], name: str) -> str:
    """What a visitor reads who knows the address: SERVED, FROZEN, or "" where no such site is served."""
    trust = ssl.create_default_context(cafile=lab["acme_root"])
    try:
        with (
            socket.create_connection((lab["hosts"]["web1"]["address"], 443), timeout=10) as plain,
            trust.wrap_socket(plain, server_hostname=name) as wire,
        ):
            wire.sendall(f"GET / HTTP/1.0\r\nHost: {name}\r\n\r\n".encode())
            text = b"".join(iter(lambda: wire.recv(65536), b"")).decode()
    except ssl.SSLCertVerificationError:
        return ""
    return next((word for word in (SERVED, FROZEN) if word in text), text)


def test_a_site_is_served_frozen_and_closed_as_its_runs_say(house: OfficeHouse, on: On, lab: dict[str, Any]) -> None:
    web1, run_id = on("web1"), house.to_run(database="none")
    item, (name,) = house.item_of(run_id), house.names_of(run_id)
    with killed(web1, "apache"):
        assert house.carry_out(run_id) == "done"
    assert page(lab, name) == SERVED
    run_id = house.verb("suspend", item)
    with killed(web1, "apache"):
        assert house.carry_out(run_id) == "done"
    assert page(lab, name) == FROZEN
    run_id = house.terminate(item)
    with killed(web1, "apache"):
        assert house.carry_out(run_id) == "waiting_until"
    assert page(lab, name) == ""
    house.desk.record_receipt(PEOPLE["teknis"], item, "a" * 64)
    house.clock.move(days=31)
    assert house.carry_out(run_id) == "done"
    assert named(web1, item) == set()


def test_what_is_taken_back_is_served_to_nobody(house: OfficeHouse, on: On, lab: dict[str, Any]) -> None:
    """The name could not be published, so all is taken back; the duty that does it is killed."""
    web1, run_id = on("web1"), house.to_run(database="none")
    item, (name,), own = house.item_of(run_id), house.names_of(run_id), house.hands
    house.hands = killed_taking_back(failing(web1, "after:dns")(own), web1)
    try:
        assert house.carry_out(run_id) == "failed"
    finally:
        house.hands = own
    assert (page(lab, name), named(web1, item)) == ("", set())
    house.desk.give_up(PEOPLE["pengkaji"], run_id, "selesai dicoba")


def killed_taking_back(hands: Hands, host: Host) -> Hands:
    """Hands whose first part that takes something back has Apache's duty killed."""
    left = ["unmake"]

    def do(part: Any, **more: Any) -> Any:
        if part.play not in left:
            return hands.do(part, **more)
        left.clear()
        with killed(host, "apache"):
            return hands.do(part, **more)

    return replace(hands, do=do)
