"""Does the fake world keep the contract of all providers? The lab's own keep it in tests/lab/test_providers.py."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from provisioner.digests import Value
from provisioner.facts.estate import Estate, Host
from provisioner.facts.observation import Spot
from provisioner.providers.fake import FakeProviders, World
from tests.contract.provider_suite import Ground, ProviderSuite

ITEM, NAME, ADDRESS, STORAGE_BYTES = "g7kq2mx4pd", "simpeg.kota.lab", "10.0.0.5", 64 << 20
SECRETS = {"sftp_password": "kenari-sftp", "database_password": "kenari-basis-data"}
ESTATE = Estate(hosts={"web1": Host(name="web1", groups=frozenset(), variables={})}, variables={"zone": "kota.lab"})

STANDING: dict[tuple[str, str], Value] = {
    ("account", "user"): {"uid": 20001, "mark": f"gerbang item={ITEM} secret=v1"},
    ("account", "storage"): {"driver": "btrfs_squota", "limit_bytes": STORAGE_BYTES},
    ("apache", "vhost"): {"text": f"<VirtualHost *:443>\n  ServerName {NAME}\n</VirtualHost>\n"},
    ("php_fpm", "pool"): {"text": f"[{ITEM}]\n"},
    ("mariadb", "database"): {"mark": f"gerbang item={ITEM} secret=v1"},
    ("mariadb", "user"): {"hosts": ["localhost"]},
    ("certificate", "certificate"): {"names": [NAME], "authority": "https://acme.example/dir"},
    ("dns", "mark"): f"gerbang item={ITEM}",
    ("dns", "address"): {"A": [ADDRESS], "AAAA": [], "ttl_seconds": 300},
}


class TestFakeProviders(ProviderSuite):
    """The suite on a world in memory."""

    @pytest.fixture
    def ground(self, tmp_path: Path) -> Ground:
        world = World(tmp_path / "world.json")
        for (system, prop), value in STANDING.items():
            target = f"kota.lab/{NAME}" if system == "dns" else f"web1/{ITEM}"
            world.put(Spot(system=system, target=target, property=prop), value)
        world.measure("web1:storage_free_bytes", 10**10)
        with world.changing() as state:
            for name, secret in SECRETS.items():
                state.secret_digests[f"web1/{ITEM}:{name}"] = hashlib.sha256(secret.encode()).hexdigest()

        def silenced(target: str) -> Estate:
            world.silence(target)
            return ESTATE

        return Ground(
            looker=FakeProviders(world),
            estate=ESTATE,
            host="web1",
            item=ITEM,
            name=NAME,
            address=ADDRESS,
            secrets=SECRETS,
            silenced=silenced,
            folder=tmp_path,
            storage_bytes=STORAGE_BYTES,
            upload_bytes=8 << 20,
            bandwidth_bytes_per_second=1 << 20,
        )
