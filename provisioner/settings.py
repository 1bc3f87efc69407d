"""Where does this installation keep its things? From the environment, prefix GERBANG_."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[1]
#: by which procedure a request for each kind walks, where the office sets no other
PROCEDURE_OF_KIND = {"hosting": "tarakan_hosting", "data_cloud": "tarakan_data_cloud"}


def _with_defaults(set_by_office: dict[str, str]) -> dict[str, str]:
    """Let the office name the procedure of one kind without naming all."""
    return PROCEDURE_OF_KIND | set_by_office


class Settings(BaseSettings):
    """All settings, with the defaults of a trial on one machine.

    `database_url` 'sqlite:////path/gerbang.db' or 'postgresql+psycopg://...'. `inventory` is what Ansible reads.
    `public_url` is fixed, never taken from a request's Host header; `proxy_address` is that of the TLS proxy before
    the gate, the only peer whose X-Forwarded-For is read. `poll_seconds` is the queue's polling interval.
    `procedure_of_kind` '{"data_cloud": "purbalingga_data_cloud"}': by which procedure requests of a kind walk,
    where the office has another than ours. `font_directory` holds the letters' font (Debian: fonts-liberation).
    `watch_hours`: how often standing items are measured; `usage_period`: one point of usage is kept for each, the last
    measured within it; `usage_days`: for so long.
    `smtp_host` takes the office's own mail; "" where the office has no relay. `smtp_tls`: 'none' only for a relay on
    this machine. `smtp_ca_file`: who vouches for it, the system's own authorities where it is not set. `smtp_user`
    logs in with what `smtp_password_file` holds; "" where nobody need. `smtp_sender`: the office's envelope sender.
    """

    model_config = SettingsConfigDict(env_prefix="GERBANG_", extra="ignore", frozen=True)

    database_url: SecretStr = SecretStr(f"sqlite:///{ROOT / 'var' / 'gerbang.db'}")
    state_directory: Path = ROOT / "var"
    runtime_directory: Path = Path("/run/gerbang")
    inventory: Path = ROOT / "inventories" / "lab" / "hosts.py"
    playbooks: Path = ROOT / "playbooks"
    key_file: Path = ROOT / "var" / "keys" / "sealing.json"
    static_directory: Path = ROOT / "var" / "cache" / "static"
    procedures_file: Path = ROOT / "provisioner" / "procedures" / "data" / "procedures.yaml"
    font_directory: Path = Path("/usr/share/fonts/truetype/liberation")
    gate_host: str = "127.0.0.1"
    gate_port: int = 8420
    public_url: str = "http://127.0.0.1:8420"
    proxy_address: str = ""
    poll_seconds: float = 0.1
    timezone: str = "Asia/Makassar"
    procedure_of_kind: Annotated[dict[str, str], AfterValidator(_with_defaults)] = PROCEDURE_OF_KIND
    heartbeat_seconds: float = 2.0
    watch_hours: float = 24.0
    usage_period: Literal["day", "hour", "minute"] = "day"
    usage_days: int = Field(default=1096, ge=1)
    smtp_host: str = ""
    smtp_port: int = 25
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    smtp_ca_file: Path | None = None
    smtp_user: str = ""
    smtp_password_file: Path | None = None
    smtp_sender: str = ""
    token: SecretStr = SecretStr("")
