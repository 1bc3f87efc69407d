"""How do provider tests come by a real site? The playbook makes it from a part, as a run would, and takes it away."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import tempfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provisioner.names import draw_item_id
from provisioner.plans.plan import Part
from tests.lab.site_part import INVENTORY, ROOT, Site

PLAYBOOK_SECONDS = 120


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


def stand(engine: str) -> StandingSite:
    """Make a site with PHP on `engine`; AssertionError with what the tasks said where it fails."""
    item = draw_item_id()
    site = Site(item=item, uid=28_000 + zlib.crc32(item.encode()) % 1000, engine=engine)
    words = {name: f'a:b"c\\d-{secrets.token_hex(12)}' for name in ("sftp_password", "database_password")}
    play(site.making(), item, words)
    return StandingSite(site=site, secrets=words)


def take_away(standing: StandingSite) -> None:
    """Remove all of it again."""
    play(standing.site.unmaking(), standing.item, standing.secrets)


def play(part: Part, item: str, words: dict[str, str]) -> None:
    """Run the part's tasks of playbooks/hosting.yml with their changes and secrets on tmpfs."""
    folder = Path(tempfile.mkdtemp(prefix="gerbang-test-", dir="/dev/shm"))
    try:
        (folder / "answers").mkdir()
        (folder / "secrets").write_text(json.dumps(words))
        (folder / "variables.json").write_text(json.dumps({"gerbang": unsafe(told(part, item, folder))}))
        done = ansible(part, folder / "variables.json")
        answers = [path.read_text() for path in sorted((folder / "answers").iterdir())]
        assert done.returncode == 0, "\n".join([*answers, done.stdout[-2000:], done.stderr[-2000:]])
    finally:
        shutil.rmtree(folder)


def told(part: Part, item: str, folder: Path) -> dict[str, Any]:
    """The variable that the action plugins read."""
    return {
        "run_id": "run_providers",
        "item_id": item,
        "changes": {task.name: [change.as_data() for change in task.changes] for task in part.tasks},
        "secrets_file": str(folder / "secrets"),
        "stop_file": str(folder / "stop"),
        "answers": str(folder / "answers"),
    }


def unsafe(value: Any) -> Any:
    """Wrap every string so that Ansible never templates it."""
    if isinstance(value, str):
        return {"__ansible_unsafe": value}
    if isinstance(value, dict):
        return {key: unsafe(inner) for key, inner in value.items()}
    return [unsafe(inner) for inner in value] if isinstance(value, list) else value


def ansible(part: Part, variables: Path) -> subprocess.CompletedProcess[str]:
    """Call ansible-playbook with the part's tags."""
    tags = ",".join(f"{part.play}_{task.name}" for task in part.tasks)
    program = ROOT / "var" / "cache" / "venv" / "bin" / "ansible-playbook"
    return subprocess.run(
        [program, "-i", INVENTORY, "hosting.yml", "--limit", part.limit, "--tags", tags, "-e", f"@{variables}"],
        cwd=ROOT / "playbooks",
        env={**os.environ, "ANSIBLE_CONFIG": str(ROOT / "playbooks" / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        timeout=PLAYBOOK_SECONDS,
        check=False,
    )
