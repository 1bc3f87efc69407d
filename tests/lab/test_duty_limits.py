"""Can a site's own user get beyond the storage he was given? Tried by his own hand on the host."""

from __future__ import annotations

import pytest
from testinfra.host import Host

from tests.lab.part_runner import as_user
from tests.lab.site_part import Site

EDQUOT = "Disk quota exceeded"

TRICKS = {
    "one large file": "fallocate -l 70M private/x",
    "many files": "for n in $(seq 9); do fallocate -l 10M private/$n || exit 1; done",
    "a subvolume of his own": "btrfs subvolume create private/sub >/dev/null && fallocate -l 70M private/sub/x",
    "a subvolume in a subvolume": (
        "btrfs subvolume create private/a >/dev/null && btrfs subvolume create private/a/b >/dev/null"
        " && fallocate -l 70M private/a/b/x"
    ),
    "a snapshot, then more": (
        "fallocate -l 60M private/x && btrfs subvolume create private/s >/dev/null"
        " && btrfs subvolume snapshot private/s private/t >/dev/null && fallocate -l 10M private/t/x"
    ),
    "another directory": "fallocate -l 40M public/x && fallocate -l 40M tmp/x",
}


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS)
def test_the_sites_user_cannot_get_beyond_his_limit(small: Site, web1: Host, trick: str) -> None:
    tried = web1.run(as_user(small, trick))
    assert tried.rc != 0
    assert EDQUOT in tried.stderr


def test_the_sites_user_cannot_lift_his_limit_or_leave_his_group(small: Site, web1: Host) -> None:
    tree = web1.check_output(f"btrfs inspect-internal rootid /srv/www/{small.item}")
    for words in (f"limit none 1/{tree}", f"remove 0/{tree} 1/{tree}", f"destroy 1/{tree}", "create 1/77"):
        verb, *rest = words.split()
        assert web1.run(as_user(small, f"btrfs qgroup {verb} {' '.join(rest)} /srv/www")).rc != 0
    assert web1.run(as_user(small, "fallocate -l 70M private/x")).rc != 0


def test_below_his_limit_the_sites_user_may_write(small: Site, web1: Host) -> None:
    assert web1.run(as_user(small, "fallocate -l 50M private/x && rm private/x && fallocate -l 50M public/y")).rc == 0
