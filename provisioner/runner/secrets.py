"""How are a run's secrets made, and opened again for the run alone?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from provisioner.digests import Value
from provisioner.items.sealed_secret import SealedSecret, SecretState
from provisioner.names import draw_id
from provisioner.sealing import make_secret, read_keys


class WantedSecret(Protocol):
    """What a kind says of a secret (kinds.port.Secret)."""

    @property
    def name(self) -> str:
        """'sftp_password'."""

    @property
    def label(self) -> str:
        """Indonesian."""

    @property
    def user(self) -> str:
        """The login it belongs to."""

    @property
    def use(self) -> Mapping[str, Value]:
        """Where it is used: {"host": ..., "port": 22}."""

    @property
    def version(self) -> int:
        """1, and one more at each rotation."""


def make_secrets(
    key_file: Path, wanted: tuple[WantedSecret, ...], run_id: str, item_id: str
) -> tuple[SealedSecret, ...]:
    """Draw and seal each; nothing is kept in clear. Unavailable where the key file cannot be read."""
    if not wanted:
        return ()
    keys = read_keys(key_file)
    made = []
    for secret in wanted:
        row_id = draw_id("sec")
        key_id, sealed = keys.seal(make_secret(), row_id)
        made.append(
            SealedSecret(
                id=row_id,
                item_id=item_id,
                run_id=run_id,
                name=secret.name,
                label=secret.label,
                user=secret.user,
                use=secret.use,
                version=secret.version,
                key_id=key_id,
                sealed=sealed,
                state=SecretState.MADE,
                claimable_at=None,
                claimed_at=None,
                claimed_by=None,
                expires_at=None,
            )
        )
    return tuple(made)


def open_secrets(key_file: Path, sealed: tuple[SealedSecret, ...]) -> dict[str, str]:
    """Return name -> secret of those that are not destroyed; Unavailable where a key is missing."""
    kept = [secret for secret in sealed if secret.sealed]
    if not kept:
        return {}
    keys = read_keys(key_file)
    return {secret.name: keys.open(secret.sealed, secret.key_id, secret.id) for secret in kept}
