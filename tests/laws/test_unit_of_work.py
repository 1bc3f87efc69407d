"""Does anybody but store and jobs look inside a unit of work?"""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAY_LOOK = (ROOT / "provisioner" / "store", ROOT / "provisioner" / "jobs")


def test_nobody_but_store_and_jobs_reads_the_connection_of_a_unit_of_work() -> None:
    """Desk and workflow pass the handle on; whoever reads `.connection` would open the database."""
    places = [path for room in ("api", "provisioner") for path in (ROOT / room).rglob("*.py")]
    looking = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in places
        if not any(path.is_relative_to(allowed) for allowed in MAY_LOOK)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "connection"
    ]
    assert looking == []
