"""Does a terminal close at once, and still tell how its process ended?"""

import time

from ansible_runner import runner

from provisioner.runner.terminal import Terminal, close_at_once


def test_ansible_runner_opens_a_terminal_that_closes_without_a_pause() -> None:
    close_at_once()
    assert runner.pexpect.spawn is Terminal
    child = runner.pexpect.spawn("/bin/sh", ["-c", "echo said; exit 3"], encoding="utf-8", echo=False)
    assert child.read() == "said\r\n"
    while child.isalive():
        time.sleep(0.001)
    begun = time.monotonic()
    child.close()
    assert time.monotonic() - begun < 0.05
    assert child.exitstatus == 3
