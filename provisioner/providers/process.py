"""How is a program run that may hang, flood us, or need a password?"""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO

from provisioner.errors import Unreachable

ENVIRONMENT: Mapping[str, str] = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"}
STDERR_CAP_BYTES = 65_536


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a program ended: its return code, all of its stdout, the beginning of its stderr."""

    code: int
    stdout: bytes
    stderr: str


@dataclass(kw_only=True)
class _Caught:
    cap_bytes: int
    data: bytearray = field(default_factory=bytearray)

    def take(self, block: bytes, *, drop_rest: bool) -> None:
        """Keep what fits; OverflowError where too much came and nothing may be dropped."""
        room = self.cap_bytes - len(self.data)
        if len(block) > room and not drop_rest:
            raise OverflowError
        self.data += block[:room]


def run(
    argv: list[str],
    *,
    where: str,
    timeout_seconds: float,
    cap_bytes: int,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
) -> Ended:
    """Run `argv` with a minimal environment and return how it ended, whatever its code.

    `stdin` is small (a pipe's 64 KiB). Unreachable, naming `where`, after `timeout_seconds` or when more than
    `cap_bytes` came: a hostile host neither hangs nor floods us.
    """
    with subprocess.Popen(
        argv,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**ENVIRONMENT, **(environment or {})},
        start_new_session=True,
    ) as process:
        try:
            return _listen(process, stdin, time.monotonic() + timeout_seconds, cap_bytes)
        except TimeoutError:
            raise Unreachable(f"no answer within {timeout_seconds:g} s.", where, f"Try `{argv[0]}` by hand.") from None
        except OverflowError:
            raise Unreachable(f"answered more than {cap_bytes} bytes.", where, "Look at the host by hand.") from None
        finally:
            if process.poll() is None:
                process.kill()


def _listen(process: subprocess.Popen[bytes], stdin: bytes, deadline: float, cap_bytes: int) -> Ended:
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    _hand_in(process.stdin, stdin)
    caught = {process.stdout: _Caught(cap_bytes=cap_bytes), process.stderr: _Caught(cap_bytes=STDERR_CAP_BYTES)}
    with selectors.DefaultSelector() as selector:
        for pipe in caught:
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in _ready(selector, deadline):
                block = os.read(key.fd, 262_144)
                if not block:
                    selector.unregister(key.fileobj)
                caught[key.fileobj].take(block, drop_rest=key.fileobj is process.stderr)  # type: ignore[index]
    code = process.wait(max(0.05, deadline - time.monotonic()))
    stderr = caught[process.stderr].data.decode(errors="backslashreplace")
    return Ended(code=code, stdout=bytes(caught[process.stdout].data), stderr=stderr)


def _ready(selector: selectors.BaseSelector, deadline: float) -> list[tuple[selectors.SelectorKey, int]]:
    ready = selector.select(max(0.0, deadline - time.monotonic()))
    if not ready:
        raise TimeoutError
    return ready


def _hand_in(pipe: IO[bytes], data: bytes) -> None:
    try:
        pipe.write(data)
        pipe.close()
    except BrokenPipeError:
        return  # it ended without reading: its code says why
