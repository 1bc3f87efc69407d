"""What do all replies share?"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Reply(BaseModel):
    """An answer: frozen, and nothing goes in that its schema does not name."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Envelope(BaseModel):
    """What a caller sends around an act: unknown keys are refused, nothing is guessed."""

    model_config = ConfigDict(extra="forbid", strict=True)
