"""How do provider tests come by a real site? The runner carries its part out, as a worker would, and takes it away."""

from __future__ import annotations

import secrets
import zlib
from dataclasses import dataclass, field

from lab.instance import Instance
from provisioner.names import draw_item_id
from provisioner.plans.plan import Part
from provisioner.runs.part_result import PartOutcome
from tests.lab.part_runner import part_runner
from tests.lab.site_part import Site


@dataclass(frozen=True, kw_only=True)
class StandingSite:
    """A site on a lab host with its passwords; quotes, colons and backslashes in them on purpose."""

    site: Site
    secrets: dict[str, str] = field(repr=False)

    @property
    def item(self) -> str:
        return self.site.item

    @property
    def name(self) -> str:
        return self.site.name

    @property
    def address(self) -> str:
        return str(self.site.lab["hosts"][self.site.host]["address"])


def stand(instance: Instance, engine: str) -> StandingSite:
    """Make a site with PHP on `engine`; AssertionError with what the tasks said where it fails."""
    item = draw_item_id()
    site = Site(item=item, uid=28_000 + zlib.crc32(item.encode()) % 1000, engine=engine)
    words = {name: f'a:b"c\\d-{secrets.token_hex(12)}' for name in ("sftp_password", "database_password")}
    carry_out(instance, site.making(), words)
    return StandingSite(site=site, secrets=words)


def take_away(instance: Instance, standing: StandingSite) -> None:
    """Remove all of it again."""
    carry_out(instance, standing.site.unmaking(), standing.secrets)


def carry_out(instance: Instance, part: Part, words: dict[str, str]) -> None:
    """Do the part."""
    with part_runner(instance, words) as runner:
        result = runner.run(part)
    assert result.outcome is PartOutcome.DONE, [(t.task, t.outcome, t.message) for t in result.tasks]
