"""What stands on each host, and how much of it is promised?"""

from __future__ import annotations

from api.replies.hosts import HostList, HostReply
from api.routes.envelope import new_router
from api.session import CallerOf, DoorOf

router = new_router("hosts")


@router.get("/hosts")
def list_hosts(who: CallerOf, door: DoorOf) -> HostList:
    """List the hosts, for the providing office's own people."""
    return HostList(hosts=tuple(HostReply.of(host) for host in door.desk.hosts(who.person)))


@router.get("/hosts/{name}")
def show_host(name: str, who: CallerOf, door: DoorOf) -> HostReply:
    """Show one host."""
    return HostReply.of(door.desk.host(who.person, name))
