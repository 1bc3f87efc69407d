"""What did the hosts say while a test failed? The end of each journal, for the report."""

import subprocess

from lab.instance import Instance
from lab.machine import ssh_argv
from lab.verbs import running

LINES = 40


def ends_of_journals(instance: Instance) -> list[tuple[str, str]]:
    """One section for each running host: ("journal of web1", "Nov 21 09:41:12 web1 ..."); empty words for no answer."""
    command = f"journalctl --no-pager --priority=notice --lines={LINES} --since=-90s"
    sections = []
    for name in running(instance):
        said = subprocess.run([*ssh_argv(instance, name), command], capture_output=True, text=True, check=False)
        sections.append((f"journal of {name}", said.stdout or said.stderr))
    return sections
