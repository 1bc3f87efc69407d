"""How fast could it be? FastAPI and SQLAlchemy with nothing of ours: the same SQL, no rights, no models, no headers.

python -m bench.bare FOLDER PORT     FOLDER: gerbang.db, and recorded.json that bench/gate.py wrote
"""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import sqlalchemy as sa
import uvicorn
from fastapi import Body, FastAPI

from provisioner.plans.hold import Thing
from provisioner.store import holds
from provisioner.store.database import Database

Sent = tuple[str, list[Any]]


def build(folder: Path) -> FastAPI:
    """Two routes that send what the gate's routes sent, and two for a hold: ours, and one INSERT."""
    database = Database(f"sqlite:///{folder / 'gerbang.db'}")
    recorded = json.loads((folder / "recorded.json").read_text()) if (folder / "recorded.json").exists() else {}
    app = FastAPI(docs_url=None, openapi_url=None)

    @app.get("/api/v1/requests")
    def read() -> list[dict[str, Any]]:
        reading = database.engine.execution_options(gerbang_begin="BEGIN DEFERRED")
        with reading.begin() as connection:
            return [one for sent in recorded["read"] for one in answered(connection, sent)]

    @app.post("/api/v1/requests/{request_id}/steps/register")
    def write(request_id: str, _body: Annotated[dict[str, Any], Body()]) -> list[dict[str, Any]]:
        with database.engine.begin() as connection:
            rows: list[Any] = []
            for statement, parameters in recorded["write"]:
                mine = [request_id if value == recorded["request_id"] else value for value in parameters]
                if statement.startswith("INSERT INTO audit"):
                    mine = in_chain(connection, statement, mine)
                rows += answered(connection, (statement, mine))
        return rows

    @app.post("/hold")
    def hold(sent: Annotated[dict[str, str], Body()]) -> dict[str, str]:
        """One name, as a look takes it: the line's rows read, released, taken; unique index and trigger at work."""
        thing = Thing(pool="fqdn", key=sent["name"], amount=1, label="nama")
        until = datetime.now(UTC) + timedelta(days=10)
        with database.transaction() as uow:
            holds.take(uow, line_id=sent["line"], item_id="g7kq2mx4pd", things=(thing,), expires_at=until)
        return {"held": sent["name"]}

    @app.post("/insert")
    def insert(sent: Annotated[dict[str, str], Body()]) -> dict[str, str]:
        with database.engine.begin() as connection:
            connection.exec_driver_sql(
                "INSERT INTO bench_names (name, line) VALUES (?, ?)", (sent["name"], sent["line"])
            )
        return {"held": sent["name"]}

    return app


def answered(connection: sa.Connection, sent: Sequence[Any]) -> list[dict[str, Any]]:
    """Send one statement and take all its rows; a column of JSON is told as what it says."""
    statement, parameters = sent
    result = connection.exec_driver_sql(statement, tuple(parameters))
    if not result.returns_rows:
        return []
    return [{name: told(value) for name, value in row.items()} for row in result.mappings()]


def told(value: Any) -> Any:
    """An object for its text."""
    return json.loads(value) if isinstance(value, str) and value.startswith("{") else value


def in_chain(connection: sa.Connection, statement: str, parameters: list[Any]) -> list[Any]:
    """Give an audit row its place: the law in the database refuses any other. Its digest is drawn, not computed."""
    names = statement.partition("(")[2].partition(")")[0].split(", ")
    head = connection.exec_driver_sql("SELECT sequence, digest FROM audit ORDER BY sequence DESC LIMIT 1").one()
    place = {"sequence": head.sequence + 1, "previous": head.digest, "digest": secrets.token_hex(32)}
    return [place.get(name.strip('"'), value) for name, value in zip(names, parameters, strict=True)]


if __name__ == "__main__":
    uvicorn.run(build(Path(sys.argv[1])), host="127.0.0.1", port=int(sys.argv[2]), log_config=None, access_log=False)
