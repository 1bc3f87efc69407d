"""What is an office like that has its accounts handed over by a mailed link?"""

from __future__ import annotations

from dataclasses import replace

from provisioner.facts.estate import Estate

WAITING = "tunggu@kota.lab"
BY_LINK = {"nextcloud_handover": "link", "nextcloud_waiting_email": WAITING}


def by_link(estate: Estate) -> Estate:
    """The same office, which has links mailed by cloud1."""
    host = estate.hosts["cloud1"]
    return replace(estate, hosts={**estate.hosts, "cloud1": replace(host, variables={**host.variables, **BY_LINK})})
