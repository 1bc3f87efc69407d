"""What would a plan hand the runner for one whole site? Built by the facts' own writers, as the kind builds it."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provisioner.digests import Value
from provisioner.facts import account, apache, certificate, dns, mariadb, php_fpm, postgresql
from provisioner.facts.property import Undo
from provisioner.names import draw_item_id, mark
from provisioner.plans.change import Change
from provisioner.plans.plan import Part, Task

ROOT = Path(__file__).resolve().parents[2]
LAB_JSON = ROOT / "var" / "lab" / "lab.json"
INVENTORY = ROOT / "inventories" / "lab" / "hosts.py"
MIB = 1 << 20
ENGINES = ("mariadb", "postgresql")


def read_lab() -> dict[str, Any]:
    """What the lab wrote about itself."""
    lab: dict[str, Any] = json.loads(LAB_JSON.read_text())
    return lab


@dataclass(frozen=True, kw_only=True)
class Site:
    """One wanted site on a lab host."""

    uid: int
    host: str = "web1"
    engine: str = "mariadb"
    php: bool = True
    mail: bool = False
    item: str = field(default_factory=draw_item_id)
    limit_bytes: int = 64 * MIB
    lab: dict[str, Any] = field(default_factory=read_lab)

    @property
    def name(self) -> str:
        """Its FQDN: the item id as label, so that tests never meet."""
        return f"{self.item}.{self.lab['zone']}"

    @property
    def mark(self) -> str:
        return mark(self.item)

    @property
    def secret_mark(self) -> str:
        return mark(self.item, 1)

    @property
    def php_version(self) -> str:
        return str(self.lab["hosts"][self.host]["php_version"])

    def wanted(self) -> dict[str, list[tuple[str, str, Value]]]:
        """Task -> (system, property, value) in the order of play `make`."""
        address = self.lab["hosts"][self.host]["address"]
        engine = {"mariadb": mariadb, "postgresql": postgresql}[self.engine]
        hosts = ("localhost", self.lab["subnet"].replace("0/24", "0/255.255.255.0"))
        return {
            "challenge": [
                ("dns", "mark", mark(self.item)),
                ("dns", "challenge", dns.challenge_value(self.name, self.lab["zone"], self.lab["acme_zone"])),
            ],
            "account": [
                ("account", "user", account.user_value(self.item, self.uid, self.secret_mark, mail=self.mail)),
                ("account", "storage", account.storage_value("btrfs_squota", self.limit_bytes)),
                ("account", "directories", account.directories_value(self.item)),
                ("account", "logs", account.LOGS),
                ("account", "cron", self.cron()),
            ],
            "database": [
                (self.engine, "database", engine.wanted_database(self.secret_mark, 100 * MIB, engine.CHARSET)),
                (self.engine, "user", engine.wanted_user(self.item, hosts, 20)),
            ],
            "certificate": [
                (
                    "certificate",
                    "certificate",
                    certificate.certificate_value((self.name,), self.lab["acme_directory_url"]),
                )
            ],
            "php_fpm": [("php_fpm", "pool", self.pool())] if self.php else [],
            "apache": [("apache", "vhost", self.vhost())],
            "dns": [("dns", "address", dns.address_value((address,), ()))],
        }

    def values(self) -> dict[tuple[str, str], Value]:
        """(system, property) -> value, of the whole site."""
        return {(system, prop): value for rows in self.wanted().values() for system, prop, value in rows}

    def cron(self) -> dict[str, Value]:
        return account.cron_value(
            account.Cron(item_id=self.item, mark=self.mark, rhythm="daily", php_version=self.php_version)
        )

    def pool(self) -> dict[str, Value]:
        return php_fpm.pool_value(
            php_fpm.Pool(
                item_id=self.item,
                mark=self.mark,
                php_version=self.php_version,
                upload_mb=8,
                max_children=5,
                mail=self.mail,
            )
        )

    def vhost(self, bandwidth: int = MIB) -> dict[str, Value]:
        driver = apache.MOD_BW if self.lab["hosts"][self.host]["debian"] == 12 else apache.MOD_RATELIMIT
        return apache.vhost_value(
            apache.Vhost(
                item_id=self.item,
                mark=self.mark,
                names=(self.name,),
                php=self.php,
                htaccess=False,
                upload_bytes=8 * MIB,
                bandwidth_bytes_per_second=bandwidth,
                bandwidth_driver=driver,
            )
        )

    def change(self, system: str, prop: str, before: Value, after: Value) -> Change:
        """One change of this site."""
        target = f"{self.lab['zone']}/{self.name}" if system == "dns" else f"{self.host}/{self.item}"
        undo = Undo.REMOVE if before is None else Undo.NONE if after is None else Undo.RESTORE
        return Change(system=system, target=target, property=prop, before=before, after=after, undo=undo)

    def part(self, tasks: dict[str, list[Change]], play: str = "make") -> Part:
        """A part of these tasks."""
        return Part(
            playbook="hosting",
            play=play,
            limit=self.host,
            stage=play,
            waits_for="",
            tasks=tuple(Task(name=name, changes=tuple(changes)) for name, changes in tasks.items() if changes),
        )

    def making(self, *only: str) -> Part:
        """The part that makes the site from nothing, or some tasks of it."""
        return self.part(
            {
                task: [self.change(system, prop, None, value) for system, prop, value in rows]
                for task, rows in self.wanted().items()
                if not only or task in only
            }
        )

    def unmaking(self, *only: str) -> Part:
        """The part that takes all of it away, the last first."""
        made = self.making(*only).tasks
        return self.part(
            {task.name: [change.reversed() for change in reversed(task.changes)] for task in reversed(made)}, "unmake"
        )


def new_site(**words: Any) -> Site:
    """A site that no other test has: the uid follows from its id."""
    item = draw_item_id()
    return Site(item=item, uid=24_000 + zlib.crc32(item.encode()) % 4000, **words)
